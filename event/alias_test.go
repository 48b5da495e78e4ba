package event

import (
	"encoding/json"
	"testing"
	"unsafe"
)

// TestAliasOfAPart: a part of a text that a parser took escapes out of is not taken for what
// stands at its place of the raw line.
func TestAliasOfAPart(t *testing.T) {
	s, err := New([]Spec{{Name: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	f, _ := s.Lookup("a")
	e := NewEvent(s)
	check := func(raw, copied string, from, to int) {
		t.Helper()
		e.Reset(raw)
		b := []byte(copied)
		e.Alias(raw, &b[0])
		e.SetText(f, copied[from:to])
		e.SetText(f, unsafe.String(&b[from], to-from))
		var doc struct{ A string }
		if got := e.AppendJSON(nil); json.Unmarshal(got, &doc) != nil || doc.A != copied[from:to] {
			t.Errorf("%q of %q is written %s", copied[from:to], raw, got)
		}
	}
	check(`{"k":"to \"`+"\x00"+`w\" x"}`, `{"k":"to "`+"\x00"+`w" x   }`, 10, 12)
	check(`{"k":"to \"`+"\x00"+`w\" x"}`, `{"k":"to "`+"\x00"+`w" x   }`, 6, 15)
	check(`{"k":"\\\"`+"\x01"+`\\"}`, `{"k":"\"`+"\x01"+`\    }`, 8, 9)
	check(`{"k":"a`+"\x01"+`"}`, `{"k":"a`+"\x01"+`"}`, 6, 8)
}
