package filetail

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDeviceRenumbered: network, overlay and btrfs file systems may have another device number behind each
// mount. A file under its path, with its inode and what was read of it, is the same.
func TestDeviceRenumbered(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")
	write(t, a, "a 1\na 2\n")
	write(t, b, "b 1\nb 2\n")
	w := start(t, settings(t, filepath.Join(dir, "*.log")))
	w.want(4)
	w.stop()
	files, orphans, err := decode(w.at)
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		f.id.device += 7
	}
	w.at = encode(files, orphans)
	write(t, a, "a 3\n")
	if err := os.WriteFile(b, []byte("another\n"), 0o600); err != nil { // of the same inode
		t.Fatal(err)
	}
	w.run()
	w.exactly("a 1", "a 2", "b 1", "b 2", "a 3", "another")
}
