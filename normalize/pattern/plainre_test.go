package pattern

import (
	"regexp"
	"regexp/syntax"
	"testing"
)

// plainSources are expressions as packs have them; false: not told by the next byte.
var plainSources = map[string]bool{
	`\S+`: true, `[^"]*`: true, `\d{1,5}`: true, `(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`: true,
	`\d\d/\d\d/\d\d`: true, `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]+`: true, `"[^"]*"|`: true,
	`(?:\S+, )*\S+`: false, `[\w.-]+(?:\[\d+\])?: `: true, `.*`: true, `.*x`: true, `.*[^.]`: true, `[^|]*[^| ]`: true, `[0-9a-f.:]*[0-9a-f]`: true, `[a-z]+ab`: true, `.+[^.]`: false, `a.* b`: true, `(?s)\[?\s*\{.*\}`: true, `.*x?`: false, `(?:.*x|y)z`: false, `(?:[a-c]*c)+`: false, `[^é]*é`: false, `[a-z]*[A-Z]`: true, `[a-z]*é`: true, `.*é`: false, `(?:ab)*a`: false, `(?:[a-z]*z)$`: false, `.*[^ü]`: false, `[a-z]*?z`: false, `[a-z]*(?i)z`: false, `(?:[a-c]*c)?`: true, `[a-z]+?`: false,
	`(?i)on`: false, `(?:[ \t]+(?:"[^"]*"|[\d.]+|[a-z]+))+(?:\n[\s\S]*)?`: true, `(?:|a)b`: false, `a{2,3}a`: false,
	`OK|FAIL\w*`: true, `ab?$`: true, `(?:ab)*abc`: false, `(?:a,?)+`: true, `[äö]+`: false, `é|e`: false, `ERROR|ERR`: true, `NOTICE|LOG|ERROR|FATAL|NO`: false, `a|[ab]c`: false, `Ju[nl]x|Jan|Jub`: false, `Ju[nl]x|Jan|b`: true, `[^,]{4}`: false,
	`(?:a|bc?)*d`: true, `x{3}`: true, `(?:ab){2,3}`: true, `(?:ab){2,3}c`: true, `(a|b)(c|)d?`: true,
}

func TestPlainIsToldByTheNextByte(t *testing.T) {
	for src, want := range plainSources {
		if got := newPlain(parsed(t, src)) != nil; got != want {
			t.Errorf("%s: plain %v, want %v", src, got, want)
		}
	}
}

func parsed(t *testing.T, src string) *syntax.Regexp {
	t.Helper()
	re, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

// check compares the two matchers at every place of text.
func check(t *testing.T, src, text string) {
	t.Helper()
	re, err := regexp.Compile("^(?:" + src + ")")
	if err != nil {
		return
	}
	e := newPlain(parsed(t, src))
	if e == nil {
		return
	}
	for pos := 0; pos <= len(text); pos++ {
		want := -1
		if at := re.FindStringIndex(text[pos:]); at != nil {
			want = pos + at[1]
		}
		if got := e.match(text, pos); got != want {
			t.Fatalf("%s on %q at %d: ends at %d, regexp says %d", src, text, pos, got, want)
		}
	}
}

var plainTexts = []string{
	"", "a", "ab", "abab", "ababab,", "Jan Feb Jux", `"x" "" 12:3`, "2026-03-02 08:00:09.123 UTC", " 1.2 abc \"q\"\nrest",
	"OK FAIL FAILED", "é\xff\xc3ü,", "sshd[12]: x", "acbcd", "Junx Julx Jan Jub", "ERROR NOTICE", "xxxx", "a,b,,", "a | b  | c", "end... ", "end.\nx", "a\nb", "éa.é.", "1.2.3.4:", "xyzzy.x", "a b a b c", "[{}}]", "é", "\xff.\xff", "azaz", "10/11/26,x",
}

func TestPlainMatchesAsRegexpDoes(t *testing.T) {
	for src := range plainSources {
		for _, text := range plainTexts {
			check(t, src, text)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for src := range plainSources {
		f.Add(src, plainTexts[len(src)%len(plainTexts)])
	}
	f.Fuzz(func(t *testing.T, src, text string) {
		if len(src) < 60 && len(text) < 200 {
			check(t, src, text)
		}
	})
}
