package elasticsearch

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/event"
	"sluice/schemas"
)

var update = flag.Bool("update", false, "write the templates under schemas/elasticsearch anew")

// real gives a client of the cluster that SLUICE_TEST_ES names, set up.
func real(t *testing.T) (*Client, Report) {
	t.Helper()
	address := os.Getenv("SLUICE_TEST_ES")
	if address == "" {
		t.Skip("SLUICE_TEST_ES names no Elasticsearch; test/engines/elasticsearch.sh starts one")
	}
	s := defaults()
	s.Addresses = []string{address}
	c, err := Open(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Setup(t.Context(), SetupOptions{Fields: table(), Retention: 30 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

// table is the field table as a program gives it to Setup.
func table() []FieldMapping {
	var out []FieldMapping
	for _, f := range schemas.Fields() {
		if !f.Dev {
			out = append(out, FieldMapping{f.Name, f.Type})
		}
	}
	return out
}

// fresh is a namespace that nobody used before.
func fresh() string { return fmt.Sprintf("t%d", time.Now().UnixNano()) }

func TestSetupTwice(t *testing.T) {
	c, first := real(t)
	ns := fresh()
	for range 2 {
		r, err := c.Setup(t.Context(), SetupOptions{Fields: table(), Namespaces: []string{ns}})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.LeftOut, first.LeftOut) {
			t.Errorf("left out %q, then %q", first.LeftOut, r.LeftOut)
		}
	}
	t.Log(strings.Join(first.Done, "\n"), "\n", strings.Join(first.LeftOut, "\n"))
}

func TestRealWrites(t *testing.T) {
	c, _ := real(t)
	ns := fresh()
	stream := "logs-sluice.test-" + ns
	docs := batch("a", "b", "bad", "c")
	for i := range docs {
		docs[i].Stream = stream
	}
	docs[2].JSON = []byte(`{"@timestamp":"2026-01-02T03:04:05Z","source":{"ip":"no address"}}`)
	refused, err := c.Writer().Write(t.Context(), docs)
	if err != nil || len(refused) != 1 || refused[0].Index != 2 || !refused[0].Final {
		t.Fatalf("refused %v, %v", refused, err)
	}
	count := func(want int64) {
		t.Helper()
		if err := c.Refresh(t.Context(), EventIndex(ns)); err != nil {
			t.Fatal(err)
		}
		answer, err := c.Search(t.Context(), []string{EventIndex(ns)}, []byte(`{"size":0,"track_total_hits":true}`))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Hits struct{ Total struct{ Value int64 } }
		}
		if err := json.Unmarshal(answer, &got); err != nil || got.Hits.Total.Value != want {
			t.Errorf("%s: want %d documents; %v", answer, want, err)
		}
	}
	count(3)
	w := c.Writer()
	w.unsure = 0
	good := append(docs[:2:2], docs[3])
	if refused, err = w.Write(t.Context(), good); err != nil || len(refused) != 0 {
		t.Fatalf("there already: %v, %v", refused, err)
	}
	count(3)
	if _, err := c.do(t.Context(), call{method: http.MethodPost, path: "/" + stream + "/_rollover"}); err != nil {
		t.Fatal(err)
	}
	if refused, err = c.Writer().Write(t.Context(), good); err != nil || len(refused) != 0 {
		t.Fatalf("after a rollover: %v, %v", refused, err)
	}
	count(3)
}

// TestRealSupersede: a corrected document takes the old one's place, in its stream or
// in another, and one that somebody changed meanwhile is left alone.
func TestRealSupersede(t *testing.T) {
	c, _ := real(t)
	ns := fresh()
	docs := batch("stays", "moves", "busy")
	for i := range docs {
		docs[i].Stream = "logs-sluice.test-" + ns
	}
	if refused, err := c.Writer().Write(t.Context(), docs); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	if err := c.Refresh(t.Context(), EventIndex(ns)); err != nil {
		t.Fatal(err)
	}
	search := func() map[string]Stored {
		t.Helper()
		answer, err := c.Search(t.Context(), []string{EventIndex(ns)}, []byte(`{"seq_no_primary_term":true,"size":10}`))
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Hits struct{ Hits []Stored } }
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		out := map[string]Stored{}
		for _, h := range got.Hits.Hits {
			if _, twice := out[h.ID]; twice {
				t.Errorf("%s is there twice", h.ID)
			}
			out[h.ID] = h
		}
		return out
	}
	old := search()
	busy := old["busy"]
	busy.SeqNo += 100
	doc := func(name string) []byte {
		return []byte(`{"@timestamp":"2026-01-02T03:04:05Z","event":{"action":"` + name + `"}}`)
	}
	one := func(id, stream, name string) []event.Document {
		return []event.Document{{ID: id, Stream: stream, JSON: doc(name)}}
	}
	corrected := []Corrected{
		{Old: old["stays"], New: one("stays", docs[0].Stream, "new")},
		{Old: old["moves"], New: one("moves", "logs-sluice.other-"+ns, "new"), Moves: true},
		{Old: busy, New: one("busy", docs[0].Stream, "new")},
	}
	for round, most := range []int{2, 1} { // the second time the first one has another version, and the second is gone
		res, err := c.Supersede(t.Context(), corrected)
		if err != nil || res.Done > most || round == 0 && res.Done < most || res.Done+res.Conflicts != 3 || len(res.Refused) > 0 {
			t.Errorf("round %d: %+v, %v", round, res, err)
		}
	}
	if err := c.Refresh(t.Context(), EventIndex(ns)); err != nil {
		t.Fatal(err)
	}
	now := search()
	for id, want := range map[string]string{"stays": "new", "moves": "new", "busy": ""} {
		if got := strings.Contains(string(now[id].Source), `"action":"new"`); got != (want == "new") {
			t.Errorf("%s: %s", id, now[id].Source)
		}
	}
	if !strings.Contains(now["moves"].Index, "logs-sluice.other-") || len(now) != 3 {
		t.Errorf("%d documents, %+v", len(now), now["moves"])
	}
}

func TestRealAlerts(t *testing.T) {
	c, _ := real(t)
	ns := fresh()
	rev := func(n int) Revision { r := revision("a", n); r.Namespace = ns; return r }
	for _, n := range []int{1, 3, 2} {
		if refused, err := c.WriteAlerts(t.Context(), []Revision{rev(n)}); err != nil || len(refused) != 0 {
			t.Fatal(refused, err)
		}
	}
	edit := func(json.RawMessage) (json.RawMessage, error) { return json.RawMessage(`{"status":"closed"}`), nil }
	if err := c.EditTriage(t.Context(), ns, "a", edit); err != nil {
		t.Fatal(err)
	}
	if err := c.EditTriage(t.Context(), ns, "nobody", edit); !NotFound(err) {
		t.Errorf("an alert that is not there: %v", err)
	}
	if _, err := c.WriteAlerts(t.Context(), []Revision{rev(4)}); err != nil {
		t.Fatal(err)
	}
	got, err := c.current(t.Context(), []Revision{rev(4)}, []int{0})
	if err != nil || !got[0].Found || got[0].Index != AlertIndex(ns)+"-000001" {
		t.Fatalf("%+v, %v", got, err)
	}
	if s := string(got[0].Source); !strings.Contains(s, `"revision":4`) || !strings.Contains(s, `"status":"closed"`) {
		t.Errorf("stored %s", s)
	}
}

// TestRealEdit: a small document is made and changed by several at once, and no change is lost.
func TestRealEdit(t *testing.T) {
	c, _ := real(t)
	index := "sluice-reports-" + fresh()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			err := c.Edit(t.Context(), index, "weekly", func(source json.RawMessage) (json.RawMessage, error) {
				var doc struct {
					N int `json:"n"`
				}
				if source != nil {
					if err := json.Unmarshal(source, &doc); err != nil {
						return nil, err
					}
				}
				doc.N++
				return json.Marshal(doc)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := c.stored(t.Context(), "/"+index+"/_doc/weekly")
	if err != nil || string(got.Source) != `{"n":5}` {
		t.Errorf("stored %s, %v", got.Source, err)
	}
}

// TestKibanaQueries runs the query of each saved search on a real cluster, and each
// kind of clause by itself: keyword, address by CIDR, range, text.
func TestKibanaQueries(t *testing.T) {
	queries := savedQueries(t)
	if len(queries) != 1 {
		t.Fatalf("%d saved searches", len(queries))
	}
	c, _ := real(t)
	ns := fresh()
	write := func(id, fields string) event.Document {
		return event.Document{ID: id, Stream: "logs-sluice.test-" + ns, JSON: []byte(`{"@timestamp":"2026-01-02T03:04:05Z",` + fields + `}`)}
	}
	docs := []event.Document{
		write("hit", `"event":{"type":["denied"],"original":"<166>%ASA-4-106023: Deny tcp src outside:192.0.2.7/4000 dst inside:10.1.2.3/445"},"destination":{"ip":"10.1.2.3","port":445},"message":"Deny tcp src outside"`),
		write("outside", `"event":{"type":["denied"]},"destination":{"ip":"192.0.2.9","port":445},"message":"Deny tcp"`),
		write("high", `"event":{"type":["denied"]},"destination":{"ip":"10.1.2.3","port":50000},"message":"Deny tcp"`),
		write("allowed", `"event":{"type":["allowed"]},"destination":{"ip":"10.1.2.3","port":445},"message":"Built connection"`),
	}
	if refused, err := c.Writer().Write(t.Context(), docs); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	if err := c.Refresh(t.Context(), EventIndex(ns)); err != nil {
		t.Fatal(err)
	}
	f := func(query string, want ...string) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"_source": false, "query": map[string]any{"query_string": map[string]any{"query": query, "analyze_wildcard": true}}})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.Search(t.Context(), []string{EventIndex(ns)}, body)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var a struct {
			Hits struct {
				Hits []struct {
					ID string `json:"_id"`
				} `json:"hits"`
			} `json:"hits"`
		}
		if err := json.Unmarshal(answer, &a); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range a.Hits.Hits {
			got = append(got, h.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	for title, q := range queries {
		t.Log(title)
		f(q, "hit")
	}
	f("event.type:denied", "hit", "outside", "high")
	f(`destination.ip:"10.0.0.0/8"`, "hit", "high", "allowed")
	f("destination.port:[1 TO 1024]", "hit", "outside", "allowed")
	f("message:(deny OR denied)", "hit", "outside", "high")
	f(`"192.0.2.7"`, "hit") // a word of the raw line, without a field name
}

// savedQueries reads the queries of schemas/kibana by title.
func savedQueries(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "schemas", "kibana", "sluice.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	views, out := map[string]string{}, map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var o struct {
			Type       string `json:"type"`
			ID         string `json:"id"`
			Attributes struct {
				Title string `json:"title"`
				Meta  struct {
					Source string `json:"searchSourceJSON"`
				} `json:"kibanaSavedObjectMeta"`
			} `json:"attributes"`
			References []struct {
				ID string `json:"id"`
			} `json:"references"`
		}
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			t.Fatal(err)
		}
		if o.Type == "index-pattern" {
			views[o.ID] = o.Attributes.Title
			continue
		}
		var source struct {
			Query struct {
				Language string `json:"language"`
				Query    string `json:"query"`
			} `json:"query"`
		}
		if err := json.Unmarshal([]byte(o.Attributes.Meta.Source), &source); err != nil || source.Query.Language != "lucene" {
			t.Fatalf("%s: %v, language %s", o.ID, err, source.Query.Language)
		}
		if len(o.References) != 1 || views[o.References[0].ID] == "" {
			t.Errorf("%s refers to no data view of this file", o.ID)
		}
		out[o.Attributes.Title] = source.Query.Query
	}
	if views["sluice-events"] != EventIndex("*") || views["sluice-alerts"] != AlertIndex("*") {
		t.Errorf("data views %v", views)
	}
	return out
}

// TestTemplates: the files that users read and put by hand are what Setup puts into a
// full cluster. -update writes them.
func TestTemplates(t *testing.T) {
	composed := []string{ecsComponent, componentName}
	for name, body := range map[string]any{
		"component-sluice-mappings.json": component(table(), nil),
		"index-template-events.json":     eventsTemplate(composed, policyName),
		"index-template-alerts.json":     alertsTemplate(composed),
	} {
		text, err := json.MarshalIndent(body, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		path := filepath.Join("..", "..", "schemas", "elasticsearch", name)
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil || string(have) != string(text) {
			t.Errorf("%s is not what Setup puts; run go test ./sinks/elasticsearch -update (%v)", path, err)
		}
	}
}
