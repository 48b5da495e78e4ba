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
