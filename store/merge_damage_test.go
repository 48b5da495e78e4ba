package store

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
)

// TestMergeAroundDamage: a segment that does not read whole stays as it is, and keeps its neighbours from being
// merged no more than once.
func TestMergeAroundDamage(t *testing.T) {
	dir := filled(t, 9)
	file := segmentFiles(t, dir)[4]
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(segMagic); i < len(b)/2; i++ {
		b[i] ^= 0x55
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	opt := options(1000)
	opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := open(t, dir, opt)
	defer closeStore(t, s)
	for range 5 {
		s.mergeSegments()
	}
	if n := s.Stats().Segments; n != 3 {
		t.Errorf("%d segments, want that one and two of its neighbours", n)
	}
	if n := strings.Count(log.String(), "merge segments"); n > 1 {
		t.Errorf("told %d times", n)
	}
}
