package store

import (
	"os"
	"path/filepath"
	"testing"
)

// TestVerifyNamesTheLog: what is not in a segment yet is in the log alone.
func TestVerifyNamesTheLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(1000))
	for i := range 20 {
		put(t, s, 10*i, 10*i+10)
	}
	closeStore(t, s)
	files, err := filepath.Glob(filepath.Join(dir, "wal", "*.seg"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, options(1000))
	defer closeStore(t, s)
	named := 0
	err = s.Verify(func(p Problem) {
		if p.File == "wal/"+filepath.Base(files[0]) {
			named++
		}
	})
	if n := count(t, s, nil); err != nil || n == 200 || named != 1 {
		t.Errorf("%v, %d of 200 documents are left and %d damages named, want one", err, n, named)
	}
}

// TestLogLost: a log that is cut, emptied or gone costs what is in no segment yet, and is told. The store opens,
// and gives no number of a segment again.
func TestLogLost(t *testing.T) {
	f := func(damage func(dir, file string) error) {
		t.Helper()
		dir := t.TempDir()
		s := open(t, dir, options(50))
		for i := range 12 {
			put(t, s, 10*i, 10*i+10)
		}
		settle(s)
		before := count(t, s, nil)
		closeStore(t, s)
		files, err := filepath.Glob(filepath.Join(dir, "wal", "*.seg"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			if err := damage(filepath.Join(dir, "wal"), file); err != nil {
				t.Fatal(err)
			}
		}
		s = open(t, dir, options(50))
		if n := len(s.Stats().Problems); n == 0 {
			t.Error("nothing is told")
		}
		left := count(t, s, nil)
		if left >= before || left < before/2 {
			t.Errorf("%d of %d documents are left", left, before)
		}
		put(t, s, 500, 600)
		settle(s)
		closeStore(t, s)
		s = open(t, dir, options(50))
		defer closeStore(t, s)
		if n := count(t, s, nil); n != left+100 {
			t.Errorf("%d documents behind another start, want %d", n, left+100)
		}
	}
	f(func(_, file string) error { return os.Truncate(file, 0) })
	f(func(_, file string) error { return os.Truncate(file, 100) })
	f(func(_, file string) error { return os.Remove(file) })
	f(func(dir, _ string) error { return os.RemoveAll(dir) })
}
