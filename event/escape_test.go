package event

import (
	"encoding/json"
	"strings"
	"testing"
)

// back reads what was written; bytes that are no UTF-8 come back as U+FFFD.
func back(t *testing.T, s string) {
	t.Helper()
	doc := AppendString([]byte(`"x":`), s)[4:]
	var got string
	if err := json.Unmarshal(doc, &got); err != nil || got != string([]rune(s)) {
		t.Fatalf("%q is written %s: %v, %q", s, doc, err, got)
	}
	if strings.ContainsFunc(string(doc), func(r rune) bool { return r < 0x20 || r >= 0x80 && r < 0xa0 }) {
		t.Fatalf("%q is written with a control in it: %q", s, doc)
	}
}

func TestEscapes(t *testing.T) {
	for _, s := range []string{"", `"`, "\x00", "plain", `{"a":"b","c":["d"],"e":{"f":1}}`, "é\xff\"", "1234567\"12345678\"1", "\x7f\x1f", "\x1f\u009b31m", "\u00a0\u0080"} {
		for pad := range 20 {
			back(t, strings.Repeat("p", pad)+s+strings.Repeat(`"`, pad))
			back(t, strings.Repeat(s, pad*10))
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add(`{"a":"b\n"}`)
	f.Add("é\xff\x01" + strings.Repeat(`"x`, 100))
	f.Fuzz(func(t *testing.T, s string) { back(t, s) })
}

// TestSpecials: one look at a line says of each of its parts what a look at the part would.
func TestSpecials(t *testing.T) {
	var x specials
	for _, s := range []string{"", `"`, "\x00", "\x1f \x7f", "\\", "\u00e9", "!#[]^\x20", "\xa2\xdc\x80", "plain text", strings.Repeat("a", 31) + `"`} {
		for pad := range 70 {
			line := strings.Repeat("p", pad) + s + strings.Repeat("q", pad%9) + s + strings.Repeat("r", pad%35)
			x.look(line)
			for from := range len(line) + 1 {
				for to := from; to <= len(line); to++ {
					want := plain(line[from:to])
					if x.in(uint32(from), uint32(to)) != (want < to-from) {
						t.Fatalf("bytes %d to %d of %q", from, to, line)
					}
				}
			}
			if x.some != (plain(line) < len(line)) || x.wide != strings.ContainsFunc(line, func(r rune) bool { return r > 127 }) || x.odd != strings.ContainsFunc(line, func(r rune) bool { return r > 127 || r < ' ' || r == '\\' }) {
				t.Fatalf("%q: %+v", line, x)
			}
		}
	}
}
