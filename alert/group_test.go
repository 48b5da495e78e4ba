package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// TestHeldFitsATopic: what waits is a record of sluice.told. One that the bus does not
// take would be tried for ever, and the channel would tell nothing any more.
func TestHeldFitsATopic(t *testing.T) {
	h := new(held)
	doc := []byte(`{"message":"` + string(bytes.Repeat([]byte("x"), 300<<10)) + `"}`)
	for i := range 60 {
		h.add(&Alert{ID: fmt.Sprint(i), Title: "t", Doc: doc}, 50)
	}
	record, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if len(record) > 3<<20 {
		t.Errorf("a record of %d bytes", len(record))
	}
	if len(h.Alerts) != 50 || h.More != 10 || h.Alerts[0].Doc == nil || h.Alerts[49].Doc != nil {
		t.Errorf("%d alerts and %d more; documents of the first %v, of the last %v", len(h.Alerts), h.More, h.Alerts[0].Doc != nil, h.Alerts[49].Doc != nil)
	}
}

// TestHeldCountsAlerts: an alert for which there is no room is one more, however often it is revised.
func TestHeldCountsAlerts(t *testing.T) {
	p := &Policy{Group: Group{Max: 2}}
	f := func(revision int, ids ...string) (list []Alert) {
		for _, id := range ids {
			list = append(list, Alert{ID: id, Namespace: "default", Revision: revision})
		}
		return list
	}
	_, groups := p.grouped(append(f(1, "a", "b", "c", "d"), f(2, "a", "c", "d")...))
	h := groups["group\x00"]
	if h == nil || len(h.Alerts) != 2 || h.More != 2 || h.Alerts[0].Revision != 2 {
		t.Fatalf("%+v", h)
	}
	tl := NewTeller(Options{Channel: "x", Policy: Policy{Group: Group{Max: 2}}})
	tl.hold("n", h)
	record, err := json.Marshal(tl.held["n"]) // what a restart reads
	if err != nil || json.Unmarshal(record, tl.held["n"]) != nil {
		t.Fatal(err)
	}
	_, groups = p.grouped(f(3, "e", "b", "c", "d"))
	tl.hold("n", groups["group\x00"])
	if h = tl.held["n"]; len(h.Alerts) != 2 || h.More != 3 || h.Alerts[1].Revision != 3 {
		t.Errorf("%d alerts and %d more", len(h.Alerts), h.More)
	}
}
