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

// TestFirstOfAList: who asks a list for its number or its address gets the first one; and a list of
// nothing is copied nowhere.
func TestFirstOfAList(t *testing.T) {
	s, err := New([]Spec{{Name: "a.port", Type: Long}, {Name: "b.port", Type: Long}, {Name: "a.ip", Type: IP}, {Name: "c", Array: true}, {Name: "d"}, {Name: "e", Type: Double}, {Name: "f", Type: Double}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	e.Reset("")
	field := func(name string) Field { f, _ := s.Lookup(name); return f }
	e.SetInt(field("a.port"), 51515)
	e.Add(field("a.port"), "443")
	e.Add(field("b.port"), "22")
	e.Add(field("b.port"), "23")
	e.Add(field("a.ip"), "192.0.2.1")
	e.Add(field("a.ip"), "192.0.2.2")
	if got := e.Get(field("a.port")).Int(); got != 51515 {
		t.Errorf("the first of two ports is %d", got)
	}
	if got := e.Get(field("b.port")).Int(); got != 22 {
		t.Errorf("the first of two ports is %d", got)
	}
	if got := e.Get(field("a.ip")).Addr().String(); got != "192.0.2.1" {
		t.Errorf("the first of two addresses is %s", got)
	}
	e.SetList(field("c"), nil)
	if e.Copy(field("d"), field("c")) || e.Has(field("d")) {
		t.Error("a list of nothing was copied")
	}
	e.SetConstList(field("c"), NewConstList())
	if e.Add(field("c"), "x"); e.Text(field("c")) != "x" {
		t.Errorf("the first of one text is %q", e.Text(field("c")))
	}
	e.SetFloat(field("e"), 1.5)
	if !e.Copy(field("f"), field("e")) || e.Get(field("f")).Float() != 1.5 {
		t.Error("a fraction was not copied")
	}
}

// TestListsThatGrowTogether: lists whose elements are added in turn hold what they were given, and take
// memory in proportion to it, which the next line does not find.
func TestListsThatGrowTogether(t *testing.T) {
	const lists = 20
	var specs []Spec
	for i := range lists {
		specs = append(specs, Spec{Name: "l" + strconv.Itoa(i), Array: true})
	}
	s, err := New(specs)
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	e.Reset("")
	for n := range maxItems {
		for i := range lists {
			if f, _ := s.Lookup("l" + strconv.Itoa(i)); n%(i+1) == 0 && !e.Add(f, strconv.Itoa(n*i)) {
				t.Fatalf("list %d takes no element %d", i, n)
			}
		}
	}
	for i := range lists {
		var want []string
		for n := 0; n < maxItems; n += i + 1 {
			if text := strconv.Itoa(n * i); !slices.Contains(want, text) {
				want = append(want, text)
			}
		}
		if f, _ := s.Lookup("l" + strconv.Itoa(i)); !slices.Equal(e.List(f), want) {
			t.Errorf("list %d has %d elements of %d: %.50q", i, len(e.List(f)), len(want), e.List(f))
		}
	}
	if most := 5 * lists * maxItems; len(e.items) > most {
		t.Errorf("they take %d places, more than %d", len(e.items), most)
	}
	e.Reset("")
	if cap(e.items) > keptItems {
		t.Errorf("%d places are kept", cap(e.items))
	}
}
