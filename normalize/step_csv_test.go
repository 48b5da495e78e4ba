package normalize

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestSkip compares what is behind n columns with a reading of one after another.
func TestSkip(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 3))
	s := &csvStep{sep: ','}
	parts := []string{",", ",", ",,,", `"`, `""`, "a", "bcdefgh", `,"`, `",`, "\x2d", "\xac", ",0,0,0,"}
	for range 50_000 {
		text := ""
		kinds := 1 + rnd.IntN(len(parts))
		for range rnd.IntN(30) {
			text += parts[rnd.IntN(kinds)]
		}
		n := rnd.IntN(20)
		want := text
		for i := 0; i < n && want != ""; i++ {
			if want[0] == '"' {
				_, want = s.quoted(want)
			} else {
				_, want, _ = strings.Cut(want, ",")
			}
		}
		if got := s.skip(text, n); got != want {
			t.Fatalf("seed %d: %d columns of %q: %q, want %q", seed, n, text, got, want)
		}
	}
}
