package store

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewerSegment: who goes back to an older version is told so, and no segment is set aside for it.
func TestNewerSegment(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(40))
	put(t, s, 0, 40)
	settle(s)
	closeStore(t, s)
	files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	end := b[len(b)-trailerSize:]
	sum := b[binary.LittleEndian.Uint64(end) : len(b)-trailerSize]
	sum[0] = segVersion + 1
	binary.LittleEndian.PutUint32(end[12:], checksum(sum))
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, options(40)); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("opened: %v", err)
	}
	if _, err := os.Stat(files[0]); err != nil {
		t.Error(err)
	}
}
