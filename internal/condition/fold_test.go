package condition

import (
	"testing"
	"unicode"
)

func TestLowerRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := lowerRune(r), unicode.ToLower(r); got != want {
			t.Errorf("%U becomes %U, want %U", r, got, want)
		}
	}
}

func TestFewest(t *testing.T) {
	f := func(expression string, want int) {
		t.Helper()
		if got := fewest(expression); got != want {
			t.Errorf("fewest(%q) = %d, want %d", expression, got, want)
		}
	}
	f(`^[A-Za-z0-9]{16}$`, 16)
	f(`(?i)abc|de`, 2)
	f(`a(b.+|ccc)\d{2,}x?`, 5)
	f(`(ab)*`, 0)
	f(`é\b`, 1)
	f(`(`, 0)
}
