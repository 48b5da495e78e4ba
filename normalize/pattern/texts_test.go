package pattern

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLastIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = " a:"[rng.IntN(3)]
		}
		return string(b)
	}
	for range 20_000 {
		s, lit := text(rng.IntN(12)), text(1+rng.IntN(4))
		if got, want := lastIndex(s, lit), strings.LastIndex(s, lit); got != want {
			t.Fatalf("lastIndex(%q, %q) = %d, want %d", s, lit, got, want)
		}
	}
}
