package event

import (
	"slices"
	"strconv"
	"testing"
)

// TestSetListLong: a list of more texts than a value can count keeps its first ones, and leaves the
// other lists of the event alone.
func TestSetListLong(t *testing.T) {
	s, err := New([]Spec{{Name: "a", Array: true}, {Name: "b", Array: true}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	e.Reset("")
	short, _ := s.Lookup("a")
	long, _ := s.Lookup("b")
	texts := make([]string, 1<<16+3)
	for i := range texts {
		texts[i] = strconv.Itoa(i)
	}
	e.SetList(short, []string{"x"})
	e.SetList(long, texts)
	if got := e.List(long); !slices.Equal(got, texts[:maxItems]) {
		t.Errorf("long list = %d texts, from %.20q", len(got), got)
	}
	if got := e.List(short); !slices.Equal(got, []string{"x"}) {
		t.Errorf("short list = %q", got)
	}
}
