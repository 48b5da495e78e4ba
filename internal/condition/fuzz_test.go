package condition

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sluice/event"
)

// FuzzCompile: no text makes the compiler panic, a fault lies within the text, and what
// compiles can be asked.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`user.name == "a" and not (source.port in [1, 2])`, `cidr(source.ip, "10.0.0.0/8")`, `any(tags, # matches "x")`, `$env["@timestamp"] > "x"`,
		`has(`, `((((`, `a.b?.c[0]`, "user.name == `x`", `ilike(user.name, "**?")`, `not not true`, "\xff", `1 == source.port`, `{"a": 1}.a == 1`, `user.name | upper() == "X"`,
	} {
		f.Add(s)
	}
	fs := testFields(f)
	ev := testEvent(f, fs)
	f.Fuzz(func(t *testing.T, src string) {
		ls := NewLeaves()
		n, err := (&Compiler{Fields: fs, Leaves: ls}).Compile(src, From(1, 1, 1))
		if err != nil {
			for _, fault := range err.(Faults) {
				if fault.Line < 1 || fault.Column < 1 || fault.Line > 1+len(src) || fault.Column > 2+utf8.RuneCountInString(src) {
					t.Errorf("%q: a fault at %d:%d", src, fault.Line, fault.Column)
				}
			}
			return
		}
		Names(src)
		m := NewMachine(ls)
		m.Begin(ev)
		yes := m.Eval(n)
		empty := event.NewEvent(fs.schema)
		m.Begin(empty)
		m.Eval(n)
		m.Begin(ev)
		if m.Eval(n) != yes {
			t.Errorf("%q: asked twice, two answers", src)
		}
	})
}

// FuzzWild: a pattern of stars and marks fits as the definition says.
func FuzzWild(f *testing.F) {
	f.Add("a*b?", "axxbc")
	f.Add("*", "")
	f.Add("?*?", "ä")
	f.Add("****?******?0", strings.Repeat("\x00", 44)+"01")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 20 || len(text) > 50 || !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			return
		}
		w := ParseWild(pattern)
		if got, want := w.Match(text), fits([]rune(pattern), []rune(text)); got != want {
			t.Errorf("%q on %q = %v", pattern, text, got)
		}
	})
}

// fits is the definition, a character of the pattern at a time: ends[j] says whether what
// came before fits the first j characters of s.
func fits(p, s []rune) bool {
	ends := make([]bool, len(s)+1)
	ends[0] = true
	for _, c := range p {
		next := make([]bool, len(s)+1)
		for j := range next {
			switch {
			case c == '*':
				next[j] = ends[j] || j > 0 && next[j-1]
			case j > 0 && (c == '?' || c == s[j-1]):
				next[j] = ends[j-1]
			}
		}
		ends = next
	}
	return ends[len(s)]
}
