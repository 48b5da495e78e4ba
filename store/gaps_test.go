package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSegmentGone: a segment that somebody has removed is told at the next start and by Verify, until it is back
// or retention has come to it. What is deleted, merged or removed by retention leaves no gap.
func TestSegmentGone(t *testing.T) {
	dir := t.TempDir()
	begin := func() (s *Store, told []Problem) {
		t.Helper()
		opt := options(50)
		opt.Damaged = func(p Problem) { told = append(told, p) }
		s = open(t, dir, opt)
		return s, told
	}
	check := func(what string, gone ...string) {
		t.Helper()
		s, told := begin()
		defer closeStore(t, s)
		var verified []Problem
		if err := s.Verify(func(p Problem) { verified = append(verified, p) }); err != nil {
			t.Fatal(err)
		}
		for _, list := range [][]Problem{told, verified} {
			var files []string
			for _, p := range list {
				files = append(files, p.File)
			}
			if strings.Join(files, " ") != strings.Join(gone, " ") {
				t.Errorf("%s: %v; want %v", what, list, gone)
			}
		}
	}
	s, _ := begin()
	for i := 0; i < 500; i += 50 {
		put(t, s, i, i+50)
		settle(s)
	}
	s.mergeSegments()
	closeStore(t, s)
	check("whole")
	s, _ = begin()
	if _, err := s.retain(Retention{Bytes: s.Stats().Bytes * 9 / 10}); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	check("after retention")

	files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	remove := func(file string) (back func()) {
		t.Helper()
		kept, err := os.ReadFile(file)
		if err == nil {
			err = os.Remove(file)
		}
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			t.Helper()
			if err := os.WriteFile(file, kept, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	back := remove(files[2])
	name := filepath.Base(files[2])
	check("one is removed", name)
	check("and at the next start", name)
	back()
	check("it is back")
	remove(files[2])
	s, _ = begin()
	if _, err := s.retain(Retention{Bytes: 1}); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	check("retention was there")
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
	if gaps := s.gaps(); len(gaps) > 0 {
		t.Error(gaps)
	}
	closeStore(t, s)
	s = open(t, dir, options(50))
	defer closeStore(t, s)
	if gaps := s.gaps(); len(gaps) > 0 {
		t.Error("at the next start", gaps)
	}
}
