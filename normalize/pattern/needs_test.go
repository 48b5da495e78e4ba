package pattern

import "testing"

func TestNeeded(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"a {b}: c":                      "a:c",
		"{?x }{a:re(.*[0-9a-f]{2}@)}":   "@",
		"{a:re((?i)k)}{b:re((m\\.n)+)}": ".mn",
		"{a:re(x?y*z{0,3}|q)}":          "",
		"{a} {|OBSERVED|DENIED}":        "DE",
		"{|up {b}|down {b}|}":           "",
	} {
		p, err := Compile(src, Options{Scan: scans})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for c := range 256 {
			if p.needed.has(byte(c)) {
				got += string(rune(c))
			}
		}
		if order(got) != order(want) {
			t.Errorf("%s needs %q, want %q", src, got, want)
		}
	}
}

func order(s string) (set starts) { set.text(s); return set }
