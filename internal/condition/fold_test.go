package condition

import (
	"regexp"
	"testing"
	"unicode"
)

func TestLowerRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if got, want := lowerRune(r), oneCase(r); got != want {
			t.Errorf("%U becomes %U, want %U", r, got, want)
		}
		if other := unicode.SimpleFold(r); lowerRune(other) != lowerRune(r) {
			t.Errorf("%U and %U differ in case only, but become %U and %U", r, other, lowerRune(r), lowerRune(other))
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

func TestMissing(t *testing.T) {
	f := func(expression, text string, want bool) {
		t.Helper()
		if got := missing(Fold(text), inOrder(expression)); got != want {
			t.Errorf("missing %q in %q: %v", expression, text, got)
		}
	}
	f(`echo.*clip.*&&`, "echo x | clip && y", false)
	f(`echo.*clip.*&&`, "echo x | clip", true)
	f(`echo.*clip.*&&`, "clip && echo", true)
	f(`(?i)ECHO(?:a|b)?.*(?:CLIP|&)+x`, "Echo &x", false)
	f(`(?i)ECHO(?:a|b)?.*(?:CLIP|&)+x`, "Echo x &", true)
	f(`(?i)powershell`, "power\u017fhell", false)
	f(`(?i)ΟΔΟΣ`, "οδος", false)
	f(`(?:abc|b)c`, "abcc", false)
	f(`(?:abc|b)c`, "abc", false)
	f(`\+.*\+.*\+`, "a+b+c", true)
	f(`\+.*\+.*\+`, "a+b++", false)
	f(`(?:ab|.)c`, "xc", false)
	f(`(ab)*c?`, "", false)
	f(`(`, "", false)
	f(`(?i)password`, "paſſword", false)
	f(`(?i)password`, "paſſward", true)
	f(`(?i)ss`, "ſſ", false)
}

// TestMissingFolds: no rune that an expression without case takes for another is missed.
func TestMissingFolds(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			expression, text := "(?i)ab"+regexp.QuoteMeta(string(r)), "ab"+string(other)
			if missing(Fold(text), inOrder(expression)) {
				t.Errorf("%q is missing something of %q, which fits it", text, expression)
			}
		}
	}
}

// TestEnds: a long Prefix or Suffix is looked up by four bytes, and answers like a short one.
func TestEnds(t *testing.T) {
	values := []string{"abc", "d", "value", "a longer value", "\x00\x00\x00\x00", "other", "1234", "xyz!", "é"}
	texts := append([]string{"", "x", "\x00\x00\x00", "xabc", "abcx", "avalue", "valued", "12345", "01234", "otherwise", "éa", "aé", "\x00\x00\x00\x00\x00"}, values...)
	for _, op := range []Op{Prefix, Suffix} {
		l := Leaf{Field: 1, Op: op, Values: values}
		l.prepare()
		if l.ends == nil {
			t.Fatal("the values are not looked up")
		}
		for _, text := range texts {
			if got, want := l.text(text, text), l.is(text, values); got != want {
				t.Errorf("op %d of %q: %v", op, text, got)
			}
		}
	}
}
