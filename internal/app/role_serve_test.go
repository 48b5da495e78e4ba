package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/console"
	"sluice/event"
	"sluice/sinks/elasticsearch"
	"sluice/store"
	"sluice/store/esapi"
)

// storeClient is the index of a machine of its own.
func storeClient(t *testing.T) *elasticsearch.Client {
	t.Helper()
	st, err := store.Open(t.TempDir(), store.Options{Types: fieldType})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	c, err := elasticsearch.Open(elasticsearch.Settings{Timeout: time.Minute}, elasticsearch.Options{Name: "store", Transport: esapi.New(st)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTriage: what people write about an alert of the built-in store at the same time is all
// there, and later revisions of the alert keep it.
func TestTriage(t *testing.T) {
	c := storeClient(t)
	write := func(revision int) {
		t.Helper()
		doc := fmt.Appendf(nil, `{"@timestamp":"2026-01-02T03:04:05Z","sluice":{"alert":{"id":"a","revision":%d}}}`, revision)
		refused, err := c.WriteAlerts(t.Context(), []elasticsearch.Revision{{ID: "a", Namespace: "default", Revision: revision, Doc: doc}})
		if err != nil || len(refused) != 0 {
			t.Fatal(refused, err)
		}
	}
	write(1)
	const people = 6 // fewer than tries of one change, so that none gives up
	var wg sync.WaitGroup
	for n := range people {
		wg.Go(func() {
			err := searcher{c}.triage(t.Context(), "default", "a", func(now json.RawMessage) (json.RawMessage, error) {
				var list []int
				if now != nil {
					if err := json.Unmarshal(now, &list); err != nil {
						return nil, err
					}
				}
				return json.Marshal(append(list, n))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	write(2)
	out, err := searcher{c}.Search(t.Context(), []string{"sluice-alerts-*"}, []byte(`{"size":10}`))
	if err != nil {
		t.Fatal(err)
	}
	var a struct {
		Hits struct {
			Hits []struct {
				Source struct {
					Sluice struct {
						Alert  struct{ Revision int }
						Triage []int
					}
				} `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal(out, &a); err != nil || len(a.Hits.Hits) != 1 {
		t.Fatalf("%v in %s", err, out)
	}
	if got := a.Hits.Hits[0].Source.Sluice; got.Alert.Revision != 2 || len(got.Triage) != people {
		t.Errorf("stored %+v", got)
	}
	keep := func(now json.RawMessage) (json.RawMessage, error) { return now, nil }
	if err := (searcher{c}).triage(t.Context(), "default", "nobody", keep); !errors.Is(err, console.ErrNoAlert) {
		t.Errorf("an alert that is not there: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := (searcher{c}).triage(ctx, "default", "a", keep); err == nil || strings.Contains(err.Error(), "changed") {
		t.Errorf("after its caller has gone: %v", err)
	}
}

// TestAnswerOfLongEvents: where the built-in store has no memory for an answer, who asked hears that fewer events
// at once are answered, as with an answer of a cluster that is too long.
func TestAnswerOfLongEvents(t *testing.T) {
	c := storeClient(t)
	w := c.Writer()
	long := strings.Repeat("x", 4<<20)
	for i := range 20 {
		d := event.Document{ID: fmt.Sprint(i), Stream: "logs-sluice.x-default", JSON: []byte(`{"event":{"original":"` + long + `"}}`)}
		if refused, err := w.Write(t.Context(), []event.Document{d}); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
	}
	f := func(body string, want error) {
		t.Helper()
		if _, err := (searcher{c}).Search(t.Context(), []string{"logs-sluice.*"}, []byte(body)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
	f(`{"size":20}`, console.ErrTooLarge)
	f(`{"size":10}`, nil)
	f(`{"size":20,"_source":["@timestamp"]}`, nil)
}
