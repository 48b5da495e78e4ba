package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sluice/internal/disk"
)

// failing is a folder in which one file does not read.
type failing struct {
	disk.FS
	name *string
}

type failingFile struct{ disk.File }

func (f failing) Open(name string) (disk.File, error) {
	file, err := f.FS.Open(name)
	if err == nil && name == *f.name {
		file = failingFile{file}
	}
	return file, err
}

func (failingFile) ReadAt([]byte, int64) (int, error) {
	return 0, &os.PathError{Op: "read", Path: "x", Err: syscall.EIO}
}

// TestSegmentUnreadable: a file that the disk does not read costs its own events, and no start. When it reads again
// it takes its place.
func TestSegmentUnreadable(t *testing.T) {
	dir := filled(t, 4)
	name := filepath.Base(segmentFiles(t, dir)[1])
	opt := shortLog(50)
	var told []Problem
	opt.Damaged = func(p Problem) { told = append(told, p) }
	opt.Disk = besideSegments(dir, func(fs disk.FS) disk.FS { return failing{fs, &name} })
	s := open(t, dir, opt)
	r, err := s.Search(t.Context(), Request{TrackTotal: -1})
	if err != nil || r.Total != 150 || len(r.Failures) != 1 || r.Failures[0].File != name+badSuffix {
		t.Errorf("%d events, failures %v, %v", r.Total, r.Failures, err)
	}
	if len(told) != 1 || told[0].File != name || !strings.Contains(told[0].Reason, "input/output error") {
		t.Errorf("told of %v", told)
	}
	closeStore(t, s)
	name += badSuffix
	s = open(t, dir, opt)
	if n := len(s.missing(nil)); n != 1 {
		t.Errorf("%d are missing while it does not read, want 1", n)
	}
	closeStore(t, s)
	name = ""
	s = open(t, dir, opt)
	defer closeStore(t, s)
	if n := count(t, s, nil); n != 200 {
		t.Errorf("%d events when it reads again, want 200", n)
	}
}
