package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"sluice/console"
	"sluice/event"
)

// TestExport: pages of events of the very same time leave none out and repeat none; what has no id to be
// ordered by is counted.
func TestExport(t *testing.T) {
	n, _ := letterNode(t)
	const events = 2*exportPage + 500
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	const milli = "2006-01-02T15:04:05.000Z07:00"
	var docs []event.Document
	for i := range events {
		id := fmt.Sprintf("e%06d", (i*7919)%events) // in no order
		text := fmt.Sprintf(`{"@timestamp":%q,"message":"m","data_stream":{"dataset":"sluice.x","namespace":"default"},"sluice":{"id":%q}}`, at.Add(time.Duration(i/2000)*time.Second).Format(milli), id)
		docs = append(docs, event.Document{ID: id, Stream: "logs-sluice.x-default", JSON: []byte(text)})
	}
	// Within the second of the place where an export goes on, and with the least id.
	docs = append(docs, event.Document{ID: "a", Stream: "logs-sluice.x-default", JSON: fmt.Appendf(nil, `{"@timestamp":%q,"message":"m","data_stream":{"dataset":"sluice.x","namespace":"default"},"sluice":{"id":"a"}}`, at.Add(time.Second/2).Format(milli))})
	docs = append(docs, event.Document{ID: "old", Stream: "logs-sluice.dlq-default", JSON: []byte(`{"@timestamp":"2026-03-02T08:00:00Z","sluice":{"dlq":{"reason":"r"}}}`)})
	for from := 0; from < len(docs); from += 500 {
		if refused, err := n.index.Writer().Write(t.Context(), docs[from:min(from+500, len(docs))]); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
	}
	f := func(req ExportRequest, want, nameless int) {
		t.Helper()
		seen, last := map[string]bool{}, ""
		got, err := n.Export(t.Context(), req, func(page []json.RawMessage, total int64) error {
			if len(page) > exportPage || total != int64(want) {
				t.Errorf("a page of %d, of %d", len(page), total)
			}
			for _, doc := range page {
				var d struct {
					Time   string `json:"@timestamp"`
					Sluice struct{ ID string }
				}
				if err := json.Unmarshal(doc, &d); err != nil {
					return err
				}
				if place := d.Time + d.Sluice.ID; seen[d.Sluice.ID] || place <= last {
					t.Errorf("%s behind %s", place, last)
				} else {
					seen[d.Sluice.ID], last = true, place
				}
			}
			return nil
		})
		if err != nil || got.Documents != want || len(seen) != want || got.Nameless != nameless {
			t.Errorf("%+v: %+v, %v", req, got, err)
		}
	}
	f(ExportRequest{}, events+1, 1)
	f(ExportRequest{Query: "message:m", From: at, To: at.Add(time.Second)}, 2001, 0)
	f(ExportRequest{Namespace: "lab"}, 0, 0)
	f(ExportRequest{Alerts: true}, 0, 0)
	behind := events + 1 - 2000 // those later, and of the first the greater ids
	for _, d := range docs[:2000] {
		if d.ID > "e001500" {
			behind++
		}
	}
	f(ExportRequest{After: console.ExportPlace{Time: at, ID: "e001500"}}, behind, 0)
	f(ExportRequest{After: console.ExportPlace{Time: at.Add(time.Second), ID: "e002499"}}, 0, 0)
	full := errors.New("full")
	if _, err := n.Export(t.Context(), ExportRequest{}, func([]json.RawMessage, int64) error { return full }); !errors.Is(err, full) {
		t.Errorf("a reader that is gone: %v", err)
	}
}
