package app

import (
	"os"
	"testing"
)

// The saved searches of the console are a file of the data directory that is replaced whole.
func TestSavedSearchesFile(t *testing.T) {
	s := savedSearches{&dataDir{path: t.TempDir()}}
	if text, err := s.Load(); text != nil || err != nil {
		t.Errorf("at first: %q, %v", text, err)
	}
	for _, want := range []string{"[1, 2]\n", "[]\n"} {
		if err := s.Store([]byte(want)); err != nil {
			t.Fatal(err)
		}
		if text, err := s.Load(); string(text) != want || err != nil {
			t.Errorf("%q, %v; want %q", text, err, want)
		}
	}
	entries, err := os.ReadDir(s.dir.path)
	if err != nil || len(entries) != 1 || entries[0].Name() != "searches.json" {
		t.Errorf("left %v, %v", entries, err)
	}
}
