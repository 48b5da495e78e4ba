package ingest

import (
	"math"
	"testing"
)

// TestShareOfDescriptors: with few of them two inputs leave some for the rest.
func TestShareOfDescriptors(t *testing.T) {
	for _, c := range []struct {
		want  int
		limit uint64
		got   int
	}{{512, 1 << 20, 512}, {512, math.MaxUint64, 512}, {2000, 1024, 330}, {512, 64, 10}, {5, 64, 5}, {512, 33, 1}, {512, 8, 1}} {
		if got := share(c.want, c.limit); got != c.got {
			t.Errorf("%d of %d: %d, want %d", c.want, c.limit, got, c.got)
		}
	}
}
