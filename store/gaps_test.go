package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// missedFiles opens the store and names the files that the start and Verify say are damaged or gone; the two
// agree.
func missedFiles(t *testing.T, dir string) string {
	t.Helper()
	var told, verified []string
	opt := options(50)
	opt.Damaged = func(p Problem) { told = append(told, p.File) }
	s := open(t, dir, opt)
	defer closeStore(t, s)
	if err := s.Verify(func(p Problem) { verified = append(verified, p.File) }); err != nil {
		t.Fatal(err)
	}
	if strings.Join(told, " ") != strings.Join(verified, " ") {
		t.Errorf("the start told of %v and Verify of %v", told, verified)
	}
	return strings.Join(verified, " ")
}

// TestSegmentGone: a segment that somebody has removed is told at the next start and by Verify, until it is back
// or retention has come to it. What is merged or removed by retention leaves no gap.
func TestSegmentGone(t *testing.T) {
	dir := t.TempDir()
	check := func(what, gone string) {
		t.Helper()
		if got := missedFiles(t, dir); got != gone {
			t.Errorf("%s: %q are missed, want %q", what, got, gone)
		}
	}
	s := open(t, dir, shortLog(50))
	for i := 0; i < 500; i += 50 {
		put(t, s, i, i+50)
		settle(s)
	}
	s.mergeSegments()
	closeStore(t, s)
	check("whole", "")
	retain := func(r Retention) {
		t.Helper()
		s := open(t, dir, options(50))
		defer closeStore(t, s)
		if _, err := s.retain(r); err != nil {
			t.Fatal(err)
		}
	}
	retain(Retention{Bytes: s.Stats().Bytes * 9 / 10})
	check("after retention", "")
	files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	file, away := files[2], filepath.Join(t.TempDir(), "away")
	if err := os.Rename(file, away); err != nil {
		t.Fatal(err)
	}
	check("one is removed", filepath.Base(file))
	check("and at the next start", filepath.Base(file))
	if err := os.Rename(away, file); err != nil {
		t.Fatal(err)
	}
	check("it is back", "")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	retain(Retention{Bytes: 1})
	check("retention was there", "")
}

// TestDeletedLeavesNoGap: rows that are all deleted before they are in a segment are none that is gone.
func TestDeletedLeavesNoGap(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(50))
	put(t, s, 0, 50)
	settle(s)
	var ops []Op
	for i := 100; i < 150; i++ {
		ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprint(i), Source: []byte(testDoc(i))})
	}
	for i := 100; i < 150; i++ {
		ops = append(ops, Op{Action: Delete, Index: stream, ID: fmt.Sprint(i)})
	}
	if _, err := s.Bulk(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	settle(s)
	if n := s.Stats().Segments; n != 1 {
		t.Fatalf("%d segments, want the first alone: all rows of the second were deleted", n)
	}
	put(t, s, 200, 260)
	settle(s)
	closeStore(t, s)
	if gone := missedFiles(t, dir); gone != "" {
		t.Error(gone, "are missed")
	}
}
