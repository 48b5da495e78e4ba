package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestAnswerHasItsRoom: what the documents of one answer take is bounded by bytes, too, where events are long.
// Fewer of them, parts of them and none are answered.
func TestAnswerHasItsRoom(t *testing.T) {
	s := open(t, t.TempDir(), options(1000))
	defer closeStore(t, s)
	long := strings.Repeat("x", 1<<20)
	for i := range 20 {
		op := Op{Action: Create, Index: stream, ID: fmt.Sprint(i), Source: []byte(`{"n":1,"event":{"original":"` + long + `"}}`)}
		if _, err := s.Bulk(t.Context(), []Op{op}); err != nil {
			t.Fatal(err)
		}
	}
	f := func(q Request, hits int, want error) {
		t.Helper()
		r, err := s.Search(t.Context(), q)
		if !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
		if err == nil && len(r.Hits) != hits {
			t.Errorf("%d documents, want %d", len(r.Hits), hits)
		}
	}
	f(Request{Size: 20}, 0, ErrTooLarge)
	f(Request{Size: 10}, 10, nil)
	f(Request{Size: 20, NoSource: true}, 20, nil)
	f(Request{Size: 20, Part: func([]byte) ([]byte, error) { return []byte(`{"n":1}`), nil }}, 20, nil)
}
