package filetail

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"sluice/ingest"
	"sluice/internal/columns"
)

const (
	// headBytes and tailBytes are what of a file is compared to know it again: its first
	// bytes, and those before the offset.
	headBytes = 1024
	tailBytes = 256
)

// inode is where the file system keeps a file; it is used again once the file is gone.
type inode struct{ device, number uint64 }

// mark is a fingerprint of n bytes.
type mark struct {
	n   int
	sum uint64
}

func markOf(b []byte) mark {
	// 64 bits of SHA-256: who writes a log must not be able to forge another file's.
	sum := sha256.Sum256(b)
	return mark{len(b), binary.BigEndian.Uint64(sum[:])}
}

// fits reports whether b begins with the marked bytes.
func (m mark) fits(b []byte) bool { return len(b) >= m.n && markOf(b[:m.n]) == m }

// file is one file that is read, under its number. Its name may change, and its inode
// may come to hold another file: then that one gets a number of its own.
type file struct {
	number  uint64 // random; durable before the first line is emitted
	id      inode
	offset  int64  // of the first byte not emitted yet
	part    int    // parts already emitted of the line at offset
	history int64  // what lies before it was there when the input ran for the first time
	head    mark   // of the first min(size, 1024) bytes
	tail    mark   // of the min(offset, 256) bytes before offset
	path    string // where it was first seen: names the origin

	f        *os.File
	name     string    // where it is now; "": nowhere under the globs
	size     int64     // when last looked at
	grown    time.Time // when size last changed
	dirty    bool      // there may be more to read
	fresh    bool      // the number is not durable yet: do not read
	flush    bool      // emit a last line without its end
	waits    time.Time // since when the line at offset lacks parts that a container runtime cut it into
	away     time.Time // since when nothing fits its glob; zero: it is there
	origin   string
	columned columns.Head // what names the columns of its lines; known: whether there is something
	known    bool
	trail    []place // where the offset was of late, oldest first
	tailer   *tailer // of follow: tail
	packed   *packed // it is compressed now, and read from there; f is nil
}

// place is an offset that a file was read to, with the bytes before it.
type place struct {
	offset     int64
	head, tail mark // as they were then
	at         time.Time
}

const (
	trailPlaces = 128
	trailEvery  = 250 * time.Millisecond // so the trail reaches back half a minute
)

// walked notes where the offset is now.
func (f *file) walked(now time.Time) {
	if n := len(f.trail); n > 0 && now.Sub(f.trail[n-1].at) < trailEvery {
		return
	}
	if len(f.trail) == trailPlaces {
		f.trail = append(f.trail[:0], f.trail[1:]...)
	}
	f.trail = append(f.trail, place{f.offset, f.head, f.tail, now})
}

// copied reports how far r, a file of size bytes that begins with head, was read under
// f's number; -1: it is no copy of f. A copy that ends before f's offset was made
// earlier, and we read on in the original before that was truncated: the trail knows.
func (f *file) copied(r io.ReaderAt, head []byte, size int64) int64 {
	if size >= f.offset {
		if f.head.n > 0 && f.head.fits(head) && f.intact(r) {
			return f.offset
		}
		return -1
	}
	for i := len(f.trail) - 1; i >= 0; i-- {
		p := f.trail[i]
		if p.offset > size {
			continue
		}
		if p.head.n > 0 && p.head.fits(head) && p.tail.fits(readAt(r, p.offset-int64(p.tail.n), p.tail.n)) {
			return size
		}
		break
	}
	return -1
}

// adopt makes f go on in a copy, at an offset that copied gave.
func (f *file) adopt(id inode, name string, r io.ReaderAt, at int64) {
	f.id, f.name = id, name
	if at != f.offset {
		f.offset, f.part = at, 0
		f.head, f.tail = markOf(readAt(r, 0, headBytes)), markBefore(r, at)
	}
}

// markBefore marks the bytes before an offset.
func markBefore(r io.ReaderAt, at int64) mark {
	return markOf(readAt(r, max(at-tailBytes, 0), int(min(at, tailBytes))))
}

func newFile(id inode, path string) *file {
	return &file{number: ingest.RandomNumber(), id: id, path: path, name: path, head: markOf(nil), tail: markOf(nil), fresh: true, dirty: true}
}

// intact reports whether r still holds what was read: long enough, and equal at both
// marks. It does not change the file.
func (f *file) intact(r io.ReaderAt) bool {
	head := readAt(r, 0, f.head.n)
	tail := readAt(r, f.offset-int64(f.tail.n), f.tail.n)
	return f.head.fits(head) && f.tail.fits(tail)
}

// replaced gives the inode a new number: it holds another file now. What is returned
// is the old one, whose copy may turn up under another name.
func (f *file) replaced() (orphan *file) {
	old := *f
	old.f, old.tailer, old.id, old.name, old.dirty = nil, nil, inode{}, "", false
	path := f.name
	if path == "" {
		path = f.path
	}
	fresh := newFile(f.id, path)
	fresh.f, fresh.name, fresh.size, fresh.grown = f.f, f.name, f.size, time.Now()
	if f.tailer != nil {
		f.tailer.stop()
	}
	*f = *fresh
	return &old
}

// places are the file's path and, where that is a link into another folder, what it leads to now: rotation
// gives its names there, as Kubernetes does below /var/log/pods.
func (f *file) places() []string {
	all := []string{f.path}
	dir, err1 := filepath.EvalSymlinks(filepath.Dir(f.path))
	real, err2 := filepath.EvalSymlinks(f.path)
	if err1 == nil && err2 == nil && filepath.Dir(real) != dir {
		all = append(all, real)
	}
	return all
}

// besides is what names of rotated files have beside the original's: numbers, dates, such words.
var besides = regexp.MustCompile(`^[-._~ ()]*(?:(?:\d+|(?:\d[-.:_\d]*T[-.:_\d]*Z?)|old|bak|backup|copy|orig|prev|save)(?:[-._~ ()]+|$))*$`)

// rotatedName reports whether name is one that rotation gives to the file original: with a number,
// a date or a word like old before or behind it, or before its extension.
func rotatedName(name, original string) bool {
	name, original = filepath.Base(name), filepath.Base(original)
	if before, after, ok := strings.Cut(name, original); ok {
		return before+after != "" && besides.MatchString(before) && besides.MatchString(after)
	}
	ext := filepath.Ext(original)
	stem := strings.TrimSuffix(original, ext)
	before, after, ok := strings.Cut(strings.TrimSuffix(name, ext), stem)
	apart := after == "" || strings.ContainsAny(after[:1], "-._~ (")
	return ok && ext != "" && strings.HasSuffix(name, ext) && apart && before+after != "" && besides.MatchString(before) && besides.MatchString(after)
}

// readAt reads up to n bytes at an offset; fewer come back at the end and on errors.
func readAt(r io.ReaderAt, at int64, n int) []byte {
	b := make([]byte, n)
	got, _ := r.ReadAt(b, max(at, 0))
	return b[:got]
}
