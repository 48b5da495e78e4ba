package event

import "testing"

// TestEnforce: a field with few allowed texts may be given another on the way, and holds
// none in the end.
func TestEnforce(t *testing.T) {
	s, err := New([]Spec{{Name: "way", Allowed: "in out"}, {Name: "kind", Array: true, Allowed: "a b"}, {Name: "port", Type: Long}})
	if err != nil {
		t.Fatal(err)
	}
	way, _ := s.Lookup("way")
	kind, _ := s.Lookup("kind")
	port, _ := s.Lookup("port")
	e := NewEvent(s)
	f := func(want string, set func()) {
		t.Helper()
		e.Reset("")
		set()
		n := 0
		if e.Doubted() {
			e.Enforce(nil, func(Field, string) { n++ })
		}
		if got := string(e.AppendJSON(nil)); got != want || e.Doubted() {
			t.Errorf("%s, want %s; %d removed", got, want, n)
		}
	}
	f(`{"way":"in"}`, func() { e.SetText(way, "in") })
	f(`{}`, func() { e.SetText(way, "i") })
	f(`{"way":"out"}`, func() { e.SetText(way, "o"); e.SetText(way, "out") })
	f(`{"kind":["a","b"]}`, func() { e.Add(kind, "a"); e.Add(kind, "x"); e.Add(kind, "b"); e.Add(kind, "y") })
	f(`{"kind":["b"]}`, func() { e.SetText(kind, "x"); e.Add(kind, "b") })
	f(`{"port":[1,22]}`, func() { e.SetInt(port, 1); e.Add(port, "22"); e.Add(port, "x") })
}
