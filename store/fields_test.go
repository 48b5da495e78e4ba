package store

import (
	"fmt"
	"strings"
	"testing"
)

// TestEveryFieldOfPattern: a pattern of names asks all fields that fit, however many there are.
func TestEveryFieldOfPattern(t *testing.T) {
	s := open(t, t.TempDir(), options(100))
	defer closeStore(t, s)
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `,"f%04d":"x"`, i)
	}
	for _, doc := range []string{`{"@timestamp":"2026-11-23T00:00:00Z"` + b.String() + `}`, `{"@timestamp":"2026-11-23T00:00:00Z","f4999":"y"}`} {
		if _, err := s.Bulk(t.Context(), []Op{{Action: Create, Index: stream, ID: fmt.Sprint(len(doc)), Source: []byte(doc)}}); err != nil {
			t.Fatal(err)
		}
	}
	q := AnyField{Pattern: "f*", Query: func(f string) Query { return Terms{Field: f, Values: []string{"y"}} }}
	if n := count(t, s, q); n != 1 {
		t.Errorf("%d documents found, want 1", n)
	}
}
