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
