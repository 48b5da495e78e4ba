package event

import (
	"encoding/json"
	"strings"
	"testing"
)

// back reads what was written; bytes that are no UTF-8 come back as U+FFFD.
func back(t *testing.T, s string) {
	t.Helper()
	doc := appendString([]byte(`"x":`), s)[4:]
	var got string
	if err := json.Unmarshal(doc, &got); err != nil || got != string([]rune(s)) {
		t.Fatalf("%q is written %s: %v, %q", s, doc, err, got)
	}
}

func TestEscapes(t *testing.T) {
	for _, s := range []string{"", `"`, "\x00", "plain", `{"a":"b","c":["d"],"e":{"f":1}}`, "é\xff\"", "1234567\"12345678\"1", "\x7f\x1f"} {
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
