package ingest

import (
	"bytes"
	"log/slog"
	"math"
	"strings"
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

// TestShortageIsToldOnce: an input that is opened anew says nothing new.
func TestShortageIsToldOnce(t *testing.T) {
	t.Cleanup(shortages.Clear)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	for _, want := range []int{math.MaxInt, math.MaxInt, math.MaxInt - 1, 1, math.MaxInt - 1} {
		Descriptors(log, "shortage", "max_open", want)
	}
	Descriptors(log, "other", "max_open", math.MaxInt)
	if n := strings.Count(out.String(), "\n"); n != 4 {
		t.Errorf("%d warnings, want 4:\n%s", n, out.String())
	}
}
