package elasticsearch

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"sluice/event"
)

// TestSupersedeTooLarge: a page of corrected documents that a proxy does not take as a whole is written in
// parts, and one that is too long by itself ends nothing: the old one stays.
func TestSupersedeTooLarge(t *testing.T) {
	fake, c := newCluster(t)
	var batch []event.Document
	for i := range 20 {
		batch = append(batch, event.Document{ID: fmt.Sprint("e", i), Stream: "logs-x-default", JSON: []byte(`{"v":1}`)})
	}
	if refused, err := c.Writer().Write(t.Context(), batch); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	fake.fault = func(w http.ResponseWriter, lines [][]byte) bool {
		if len(bytes.Join(lines, nil)) < 1000 {
			return false
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}
	var docs []Corrected
	for i, d := range batch {
		old := fake.find(d.Stream, d.ID)
		d.JSON = []byte(`{"v":2}`)
		if i == 3 {
			d.JSON = fmt.Appendf(nil, `{"v":"%01000d"}`, 2)
		}
		docs = append(docs, Corrected{Old: Stored{ID: d.ID, Index: d.Stream, SeqNo: old.seq, PrimaryTerm: 1}, New: []event.Document{d}})
	}
	res, err := c.Supersede(t.Context(), docs)
	if err != nil || res.Done != 19 || res.Conflicts != 0 || len(res.Refused) != 1 {
		t.Fatal(res, err)
	}
	for i, d := range batch {
		want := `{"v":2}`
		if i == 3 {
			want = `{"v":1}`
		}
		if got := string(fake.find(d.Stream, d.ID).source); got != want {
			t.Errorf("%s is %s, want %s", d.ID, got, want)
		}
	}
}
