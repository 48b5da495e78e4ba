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
