package store

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDamagedIDs: where nobody can read whether a segment has an id, writing goes on: what cannot be read is
// in no answer, and a batch that waited for it would wait for ever.
func TestDamagedIDs(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(40))
	put(t, s, 0, 40)
	settle(s)
	if err := s.parts[0].acquire(); err != nil {
		t.Fatal(err)
	}
	m, err := s.parts[0].meta()
	if err != nil {
		t.Fatal(err)
	}
	s.parts[0].release()
	file, at := filepath.Join(dir, "segments", s.parts[0].file), m.ids.index.off
	closeStore(t, s)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[at] ^= 1
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, options(100))
	put(t, s, 3, 70)
	closeStore(t, s)
	s = open(t, dir, options(100)) // what the log has is read again
	defer closeStore(t, s)
	if len(s.Stats().Problems) == 0 {
		t.Error("nobody was told")
	}
}
