package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRetentionBeyondTheDisk: a bound that the disk cannot hold is told, also of a directory that is yet to be
// made; what the directory has already counts as room.
func TestRetentionBeyondTheDisk(t *testing.T) {
	dir := t.TempDir()
	free, known := (&dataDir{path: dir}).free()
	if !known {
		t.Skip("the disk does not say what it has")
	}
	f := func(setting int64, path string, warns bool) {
		t.Helper()
		if got := tooLarge(setting, path); (got != "") != warns || warns && !strings.Contains(got, path) {
			t.Errorf("%d bytes in %s: %q", setting, path, got)
		}
	}
	f(0, dir, false)
	f(free/2, dir, false)
	f(2*free, dir, true)
	f(2*free, filepath.Join(dir, "new", "data"), true)
	f(free/2, filepath.Join(dir, "new", "data"), false)
	held, err := os.Create(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := held.Truncate(2 * free); err != nil { // takes no room of the disk
		t.Skip(err)
	}
	f(2*free, dir, false)
}
