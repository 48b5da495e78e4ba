package console

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFoundIsSentInParts: it is the same answer as if it were written at once.
func TestFoundIsSentInParts(t *testing.T) {
	hit := func(id string) Hit {
		return Hit{id, "logs-sluice.x-default", json.RawMessage(`{"message":"<b> \"hits\":null"}`)}
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, f := range []*Found{
		{Hits: []Hit{}},
		{Took: 1, From: at, To: at, Total: 3, Hits: []Hit{hit("a")}, Hint: `"hits":null <b>`},
		{Unread: 2, Total: 3, Hits: []Hit{hit("a"), hit("b"), hit("c")}, Histogram: newHistogram(at, at.Add(time.Hour)), Next: "x"},
	} {
		rec := httptest.NewRecorder()
		f.send(rec)
		whole, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, rec.Body)
		}
		if err := json.Unmarshal(whole, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}
