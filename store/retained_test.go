package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func segmentFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// filled has n segments of 50 events each, and a log that keeps no more than it has to.
func filled(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, shortLog(50))
	for i := range n {
		put(t, s, 50*i, 50*i+50)
		settle(s)
	}
	closeStore(t, s)
	return dir
}

// TestOldestSegmentGone: what retention has removed is told from what somebody else has, also of the oldest files
// and of all.
func TestOldestSegmentGone(t *testing.T) {
	dir := filled(t, 8)
	check := func(what, gone string) {
		t.Helper()
		if got := missedFiles(t, dir); got != gone {
			t.Errorf("%s: %q are missed, want %q", what, got, gone)
		}
	}
	s := open(t, dir, shortLog(50))
	if n, err := s.retain(Retention{Bytes: s.Stats().Bytes * 3 / 4}); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	closeStore(t, s)
	check("retention was there", "")
	files := segmentFiles(t, dir)
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	check("the oldest is removed", filepath.Base(files[0]))
	if err := os.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	_, last, _ := parseSegmentName(filepath.Base(files[1]))
	first, _, _ := parseSegmentName(filepath.Base(files[0]))
	check("and the next", segmentName(first, last))
	if err := os.Remove(filepath.Join(dir, "segments", retainedName)); err != nil {
		t.Fatal(err)
	}
	check("who has not noted it yet begins with what is there", "")
	s = open(t, dir, shortLog(50))
	if _, err := s.retain(Retention{Bytes: 1}); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	check("retention again", "")
}

// TestCopyOfAPart: a copy of a segment that is put back has no event twice, of which the log still had the end.
func TestCopyOfAPart(t *testing.T) {
	dir := filled(t, 4)
	s := open(t, dir, shortLog(50))
	files := segmentFiles(t, dir)
	m := newMem(s.fields) // as read again from the log: the end of the last, and what came behind it
	if _, err := s.addTo(m, s.parts[3]); err != nil {
		t.Fatal(err)
	}
	first, last, _ := parseSegmentName(filepath.Base(files[3]))
	m.first, m.last = first+20, last+1
	for row := range uint32(m.n) {
		if m.seqs[row] < m.first {
			m.kill(row)
		}
	}
	b, _ := encodeSegment(m, m.dead)
	if err := writeFile(s.segs, segmentName(m.first, m.last), b); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = open(t, dir, shortLog(50))
	defer closeStore(t, s)
	r, err := s.Search(context.Background(), Request{Size: 1000, TrackTotal: -1})
	if err != nil || r.Total != 200 || len(r.Hits) != 200 {
		t.Errorf("%d events, %d hits, want 200: %v", r.Total, len(r.Hits), err)
	}
	if n := s.Stats().Events; n != 200 {
		t.Errorf("%d events in the store, want 200", n)
	}
}
