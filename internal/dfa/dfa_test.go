package dfa

import (
	"regexp"
	"strings"
	"sync"
	"testing"
)

// cases are expressions, each with texts; package regexp says which of them fit.
var cases = map[string][]string{
	`abc`:                        {"abc", "xabcx", "ab", "", "abac abc"},
	`^abc$`:                      {"abc", "abcd", "xabc", "abc\n", ""},
	`\Aa|b\z`:                    {"a", "xb", "b", "xa", "bx"},
	`(?m)^a$`:                    {"a", "b\na\nc", "b\nac", "\na", "a\n"},
	`(?i)\b(fail(ed|s)?|err)\b`:  {"Failed", "x FAILS.", "xfailed", "failedx", "err", "", "error", "a_err", "ERR"},
	`\Bx\B`:                      {"x", "axa", "ax", " x ", "xx x", "xxx"},
	`a{2,4}b`:                    {"ab", "aab", "aaaaab", "aaaa"},
	`[^ ]+ [0-9]{1,3}\.[0-9]`:    {"a 1.2", "a  1.2", "a 1234.5", "1.2"},
	``:                           {"", "x"},
	`x*`:                         {"", "y"},
	`(a|ab)(c|bcd)(d*)$`:         {"abcd", "acd", "abbcd", "abcde"},
	`(?s).+\.exe.+`:              {"a.exe b", ".exe", "a.exe", "a\n.exe\n", "a.exe.exe"},
	`.+x`:                        {"\nx", "a\nx", "ax"},
	`(?i)k`:                      {"K", "\u212a", "x"},
	`é+$`:                        {"caf\u00e9", "cafe", "\xff"},
	`[[:^alpha:]]`:               {"a", "1", "\x00", "\xe9"},
	`(x+x+)+y`:                   {strings.Repeat("x", 200), strings.Repeat("x", 200) + "y"},
	`(?:[a-z]{1,20}\d){5}[^\n]*`: {"a1b2c3d4e5", "a1b2c3d4", strings.Repeat("abc1", 50)},
	`[01]*1[01]{12}$`:            {strings.Repeat("0110100110010110", 60), strings.Repeat("01", 999), "1"}, // more states than are kept
}

func check(t *testing.T, m *Matcher, text string) {
	t.Helper()
	if got, want := m.MatchString(text), m.re.MatchString(text); got != want {
		t.Errorf("%q on %.100q: %v, regexp says %v", m.re, text, got, want)
	}
}

func TestMatchesAsRegexpDoes(t *testing.T) {
	t.Parallel()
	for src, texts := range cases {
		m := New(regexp.MustCompile(src))
		for range 2 { // with states that are known
			for _, text := range texts {
				check(t, m, text)
			}
		}
		if n := len(*m.auto.table.Load()); n > rows+maxTable {
			t.Errorf("%s has %d transitions", src, n)
		}
	}
}

func TestShared(t *testing.T) {
	t.Parallel()
	for src, texts := range cases {
		m := New(regexp.MustCompile(src))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for _, text := range texts {
					check(t, m, text)
				}
			})
		}
		wg.Wait()
	}
}

func FuzzMatch(f *testing.F) {
	for src, texts := range cases {
		for _, text := range texts {
			f.Add(src, text)
		}
	}
	f.Fuzz(func(t *testing.T, src, text string) {
		re, err := regexp.Compile(src)
		if err != nil || len(src) > 60 || len(text) > 400 {
			return
		}
		m := New(re)
		check(t, m, text)
		check(t, m, text)
	})
}

func BenchmarkMatch(b *testing.B) {
	re := regexp.MustCompile(`(?i)\b(fail(ed|s|ure)?|cannot|unable|rejected|denied|lost|timed out|timeout|invalid|expired|unreachable|dropp?(ed|ing)?)\b`)
	text := "Remote gateway 'gateway.1' with IP 192.0.2.186:500 did not send DPD R_U_THERE_ACK message. 2 retries left"
	m := New(re)
	b.Run("dfa", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.MatchString(text)
		}
	})
	b.Run("regexp", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			re.MatchString(text)
		}
	})
}
