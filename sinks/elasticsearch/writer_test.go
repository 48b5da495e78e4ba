package elasticsearch

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/sinks"
	"sluice/sinks/sinktest"
)

func batch(ids ...string) []event.Document {
	out := make([]event.Document, len(ids))
	for i, id := range ids {
		out[i] = event.Document{ID: id, Stream: "logs-sluice.test-default", JSON: fmt.Appendf(nil, `{"@timestamp":"2026-01-02T03:04:05Z","message":%q}`, id)}
	}
	return out
}

// TestAnswers is N3: each way of a cluster to answer a bulk, and what must follow.
func TestAnswers(t *testing.T) {
	say := func(status int, body string) func(http.ResponseWriter, [][]byte) bool {
		return func(w http.ResponseWriter, _ [][]byte) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	// Whatever was answered, the documents were written: the next attempt must find
	// each one, even behind a rollover, and must not have been told of success.
	again := func(why string, fault func(http.ResponseWriter, [][]byte) bool, rollover bool) {
		t.Helper()
		f, c := newCluster(t)
		w := c.Writer()
		w.unsure = 0 // in the middle of its life
		f.fault, f.late = fault, true
		docs := batch("a", "b", "c")
		if refused, err := w.Write(t.Context(), docs); err == nil {
			t.Errorf("%s: taken for done, refused %v", why, refused)
		}
		f.change(func() {
			if f.fault = nil; rollover {
				f.current++
			}
		})
		refused, err := w.Write(t.Context(), docs)
		if err != nil || len(refused) != 0 || f.count("a") != 1 || f.count("c") != 1 {
			t.Errorf("%s: the second attempt gives %v, %v; a is there %d times", why, refused, err, f.count("a"))
		}
	}
	again("a page of HTML", say(200, "<html><body>Welcome</body></html>"), true)
	again("broken JSON", say(200, `{"items":[{"create":{"status":201,"_id":"a"`), true)
	again("no items", say(200, `{"errors":false}`), true)
	again("too few items", say(200, `{"items":[{"create":{"_id":"a","status":201}}]}`), true)
	again("the items of others", say(200, `{"items":[{"create":{"_id":"x","status":201}},{"create":{"_id":"b","status":201}},{"create":{"_id":"c","status":201}}]}`), true)
	again("items without status", say(200, `{"items":[{"create":{"_id":"a"}},{"create":{"_id":"b"}},{"create":{"_id":"c"}}]}`), true)
	again("an error with status 201", say(200, `{"items":[{"create":{"_id":"a","status":201,"error":{"type":"x"}}},{"create":{"_id":"b","status":201}},{"create":{"_id":"c","status":201}}]}`), true)
	again("an empty body", say(200, ""), true)
	again("null", say(200, "null"), true)
	again("503", say(503, `{"error":{"type":"x","reason":"y"}}`), true)
	again("502 of a proxy", say(502, "<html>"), true)
	again("429", say(429, `{"error":{"type":"es_rejected_execution_exception","reason":"full"}}`), false)
	again("400 of a proxy", say(400, "<html>plain HTTP to an HTTPS port"), false)
	again("a cut body", func(w http.ResponseWriter, _ [][]byte) bool {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"items":[`)
		return true
	}, true)
	again("a closed connection", func(w http.ResponseWriter, _ [][]byte) bool {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.Close()
		}
		return true
	}, true)
}

func TestCredentialsRefused(t *testing.T) {
	f, c := newCluster(t)
	f.fault = func(w http.ResponseWriter, _ [][]byte) bool {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"type":"security_exception","reason":"unable to authenticate user"}}`)
		return true
	}
	_, err := c.Writer().Write(t.Context(), batch("a"))
	var wait sinks.Wait
	if !errors.As(err, &wait) || wait.For < 10*time.Second || !strings.Contains(err.Error(), "credentials") {
		t.Errorf("err %v", err)
	}
}

// TestSplit: a document that makes the whole request fail is found and refused alone.
func TestSplit(t *testing.T) {
	f := func(status int, body string) {
		t.Helper()
		fake, c := newCluster(t)
		fake.fault = func(w http.ResponseWriter, lines [][]byte) bool {
			if !slices.ContainsFunc(lines, func(l []byte) bool { return strings.Contains(string(l), "poison") }) {
				return false
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
		refused, err := c.Writer().Write(t.Context(), batch("a", "b", "poison", "d", "e"))
		if err != nil || len(refused) != 1 || refused[0].Index != 2 || !refused[0].Final {
			t.Errorf("%d: refused %v, %v", status, refused, err)
		}
		if fake.count("a") != 1 || fake.count("e") != 1 || fake.count("poison") != 0 {
			t.Errorf("%d: the others are not there once", status)
		}
	}
	f(400, `{"error":{"type":"illegal_argument_exception","reason":"Malformed action/metadata line [3]"}}`)
	f(413, `<html>Request Entity Too Large</html>`)
}

func TestItems(t *testing.T) {
	fake, c := newCluster(t)
	fake.refuse = func(id string, _ []byte) (int, string) {
		switch id {
		case "date":
			return 400, "document_parsing_exception"
		case "busy":
			return 429, "es_rejected_execution_exception"
		case "shard":
			return 503, "unavailable_shards_exception"
		case "full":
			return 403, "cluster_block_exception"
		case "unset":
			return 404, "index_not_found_exception"
		}
		return 0, ""
	}
	w := c.Writer()
	docs := batch("a", "date", "busy", "shard", "full", "unset", "a")
	refused, err := w.Write(t.Context(), append(docs, event.Document{ID: "nl", Stream: "s", JSON: []byte("{}\n{}")}))
	if err != nil {
		t.Fatal(err)
	}
	var final, later []int
	for _, r := range refused {
		if r.Final {
			final = append(final, r.Index)
		} else {
			later = append(later, r.Index)
		}
	}
	slices.Sort(final)
	if !slices.Equal(final, []int{1, 7}) || !slices.Equal(later, []int{2, 3, 4, 5}) {
		t.Errorf("final %v, later %v", final, later)
	}
	if fake.count("a") != 1 {
		t.Error("a is not there once")
	}
}

// TestRestartAcrossRollover is N4: an earlier life wrote, the index rolled over.
func TestRestartAcrossRollover(t *testing.T) {
	fake, c := newCluster(t)
	if _, err := c.Writer().Write(t.Context(), batch("a", "b")); err != nil {
		t.Fatal(err)
	}
	fake.current++
	w := c.Writer()
	w.unsure = 5 // nearly through with what an earlier life may have written
	docs := batch("a", "b", "c")
	docs[1].Stream = "logs-sluice.renamed-default" // its pack has another name today
	if refused, err := w.Write(t.Context(), docs); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	for _, id := range []string{"a", "b", "c"} {
		if n := fake.count(id); n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	if w.unsure != sureAfter {
		t.Errorf("unsure %d: what it found shows that the past is not over", w.unsure)
	}
	for i := range 12 {
		var ids []string
		for j := range 1000 {
			ids = append(ids, fmt.Sprintf("n%d-%d", i, j))
		}
		if _, err := w.Write(t.Context(), batch(ids...)); err != nil {
			t.Fatal(err)
		}
	}
	if w.unsure != 0 {
		t.Errorf("unsure %d after 12,000 new documents", w.unsure)
	}
}

// TestIndexThatLostItsShards: what holds up all writing is told with what to do.
func TestIndexThatLostItsShards(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/_refresh") {
			fmt.Fprint(w, `{"_shards":{"failed":0}}`)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"error":{"root_cause":[],"type":"search_phase_execution_exception","reason":"Search rejected due to missing shards [[.ds-old][0]]."},"status":503}`)
	}))
	defer srv.Close()
	s := defaults()
	s.Addresses = []string{srv.URL}
	c, err := Open(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Writer().Write(t.Context(), batch("a")); err == nil || !strings.Contains(err.Error(), "[.ds-old]") || !strings.Contains(err.Error(), "restore or delete it") {
		t.Error(err)
	}
}

// TestShardThatDidNotAnswer: an item that ended in 503 may have been written, and the
// index rolls over before it is tried again.
func TestShardThatDidNotAnswer(t *testing.T) {
	fake, c := newCluster(t)
	w := c.Writer()
	w.unsure = 0 // its past is known
	docs := batch("a")
	fake.late, fake.fault = true, func(rw http.ResponseWriter, _ [][]byte) bool {
		fmt.Fprint(rw, `{"errors":true,"items":[{"create":{"_id":"a","status":503,"error":{"type":"unavailable_shards_exception","reason":"timed out"}}}]}`)
		return true
	}
	refused, err := w.Write(t.Context(), docs)
	if err != nil || len(refused) != 1 || refused[0].Final {
		t.Fatal(refused, err)
	}
	fake.change(func() { fake.fault, fake.current = nil, fake.current+1 })
	if refused, err := w.Write(t.Context(), docs); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	if n := fake.count("a"); n != 1 {
		t.Errorf("a is there %d times", n)
	}
}

func TestBounds(t *testing.T) {
	fake, c := newCluster(t)
	c.settings.BulkBytes, c.settings.BulkEvents = 64<<10, 100
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprint(i))
	}
	docs := batch(ids...)
	docs[500].JSON = fmt.Appendf(nil, `{"message":%q}`, strings.Repeat("x", 200<<10))
	if _, err := c.Writer().Write(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if fake.bulks < 10 || fake.largest > 201<<10 || fake.count("500") != 1 || fake.count("999") != 1 {
		t.Errorf("%d requests, the largest of %d bytes", fake.bulks, fake.largest)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"items":[{"create":{"_id":"a","status":201}}]}`))
	f.Add([]byte(`{"items":[{"create":{"_id":"a","status":400,"error":{"type":"t","reason":"r","caused_by":{"reason":"x"}}}}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if items, err := new(answers).parse(answer, 1); err == nil && len(items) != 1 {
			t.Errorf("%d items", len(items))
		}
	})
}

func TestSettingsFaults(t *testing.T) {
	f := func(want string, edit func(*Settings)) {
		t.Helper()
		s := defaults()
		edit(&s)
		err := s.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("", func(*Settings) {})
	f("", func(s *Settings) { s.Addresses = []string{"http://localhost:9200", "https://a.example"} })
	f("no URL", func(s *Settings) { s.Addresses = []string{"x:hunter2@index:9200"} })
	f("no URL", func(s *Settings) { s.Addresses = []string{"https://index.example:99200"} })
	f("in the clear", func(s *Settings) { s.Addresses = []string{"http://index.example:9200"} })
	f("holds a password", func(s *Settings) { s.Addresses = []string{"https://x:hunter2@index.example"} })
	f("go together", func(s *Settings) { s.Username = "x" })
	f("bulk_bytes", func(s *Settings) { s.BulkBytes = 1 })
}

func TestContract(t *testing.T) {
	fake, c := newCluster(t)
	sinktest.Contract(t, sinktest.Kind{
		Open: func(*testing.T) sinks.Sink { return c.Writer() },
		Count: func(_ *testing.T, d event.Document) (n int) {
			fake.mu.Lock()
			defer fake.mu.Unlock()
			for _, have := range fake.docs {
				if have.id == d.ID && string(have.source) == string(d.JSON) {
					n++
				}
			}
			return n
		},
		Once: true,
	})
}
