package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/console"
	"sluice/console/consoletest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type world struct {
	index *consoletest.Index
	token console.Token
	opt   console.Options
	s     *console.Server
}

func newWorld(t *testing.T, change ...func(*console.Options)) *world {
	t.Helper()
	token, created, err := console.LoadToken(filepath.Join(t.TempDir(), "token"))
	if err != nil || !created {
		t.Fatalf("LoadToken: created %v, %v", created, err)
	}
	x := &consoletest.Index{}
	consoletest.Office(x, noon, 300)
	w := &world{index: x, token: token, opt: console.Options{
		Index: x, Triage: x.Triage, Saved: &savedText{}, Token: token, Now: func() time.Time { return noon }, Version: "test",
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "metrics") }),
	}}
	for _, c := range change {
		c(&w.opt)
	}
	w.s = console.New(w.opt)
	return w
}

// request is an API call with the token; header pairs overwrite.
func (w *world) request(method, target string, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8514"
	r.Header.Set("Authorization", "Bearer "+w.token.Reveal())
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	return rec
}

func (w *world) get(t *testing.T, target string, v any) int {
	t.Helper()
	rec := w.request("GET", target, "")
	if err := json.Unmarshal(rec.Body.Bytes(), v); err != nil {
		t.Fatalf("GET %s: %v in %s", target, err, rec.Body)
	}
	return rec.Code
}

type refusal struct {
	Error, Field, Hint string
	At                 *int
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	var f console.Found
	if code := w.get(t, "/api/v1/search?q=failed+password&from=now-1h", &f); code != 200 {
		t.Fatalf("status %d", code)
	}
	if f.Total != 14 || len(f.Hits) != 14 || f.Next != "" {
		t.Errorf("total %d, %d hits, next %q; want 14, 14, none", f.Total, len(f.Hits), f.Next)
	}
	if f.From != noon.Add(-time.Hour) || f.To != noon {
		t.Errorf("range %v to %v", f.From, f.To)
	}
	if f.Histogram == nil || f.Histogram.Interval != "1m" || len(f.Histogram.Buckets) != 60 {
		t.Fatalf("histogram %+v, want 60 buckets of 1m", f.Histogram)
	}
	var sum int64
	for _, b := range f.Histogram.Buckets {
		sum += b.Count
	}
	if sum != f.Total {
		t.Errorf("the buckets hold %d of %d", sum, f.Total)
	}
}

func TestSearchPages(t *testing.T) {
	w := newWorld(t)
	seen, after, pages := map[string]bool{}, "", 0
	for {
		var f console.Found
		if code := w.get(t, "/api/v1/search?size=40&from=now-2h&after="+after, &f); code != 200 {
			t.Fatalf("status %d", code)
		}
		for _, h := range f.Hits {
			if seen[h.ID] {
				t.Errorf("%s came twice", h.ID)
			}
			seen[h.ID] = true
		}
		if (f.Histogram == nil) != (after != "") {
			t.Errorf("page %d: histogram %v", pages, f.Histogram != nil)
		}
		pages++
		if after = f.Next; after == "" {
			break
		}
	}
	if len(seen) != 314 || pages != 8 {
		t.Errorf("%d events on %d pages, want 314 on 8", len(seen), pages)
	}
}

func TestSearchRefuses(t *testing.T) {
	w := newWorld(t)
	f := func(query, field, word string) {
		t.Helper()
		var e refusal
		code := w.get(t, "/api/v1/search?"+query, &e)
		if code != 400 || e.Field != field || !strings.Contains(e.Error+" "+e.Hint, word) {
			t.Errorf("%s: status %d %+v; want 400, field %s, %q", query, code, e, field, word)
		}
	}
	f("size=0", "size", "1 to 1000")
	f("size=1001", "size", "1 to 1000")
	f("size=ten", "size", "1 to 1000")
	f("sort=message", "sort", "FIELD:asc")
	f("sort=a'b:asc", "sort", "FIELD:asc")
	f("sort=event.original:asc", "sort", "a text")
	f("from=yesterday", "from", "RFC 3339")
	f("from=now&to=now-1h", "from", "not before")
	f("from=2020-01-01T00:00:00Z", "from", "400 days")
	f("from=now-999999w", "from", "400 days")
	f("q="+strings.Repeat("x", 4097), "q", "4096")
	f("q=%ff", "q", "UTF-8")
	f("q=a&q=b", "q", "once")
	f("query=a", "query", "known here")
	f("namespace=Bad/Name", "namespace", "lower-case")
	f("namespace=a-b", "namespace", "digits, '_' and '.'")
	f("after=nonsense", "after", "page token")
	f("after=e30", "after", "page token")
	f("after="+strings.Repeat("A", 16<<10+1), "after", "page token")
	if n := len(w.index.Searches()); n != 0 {
		t.Errorf("%d searches reached the index", n)
	}
}

func TestQueryThatIsNotUnderstood(t *testing.T) {
	w := newWorld(t)
	var e refusal
	code := w.get(t, "/api/v1/search?q=user.name:root+AND", &e)
	if code != 400 || e.Field != "q" || e.At == nil || *e.At != len("user.name:root AND") || !strings.Contains(e.Error, "too early") {
		t.Errorf("status %d, %+v", code, e)
	}
}

func TestNamespaceIsTheIndex(t *testing.T) {
	var got []string
	w := newWorld(t, func(o *console.Options) {
		o.Namespaces = func() []string { return []string{"default", "dmz"} }
		o.Index = searchFunc(func(_ context.Context, indices []string, _ []byte) ([]byte, error) {
			got = indices
			return []byte(`{}`), nil
		})
	})
	f := func(target, want string) {
		t.Helper()
		w.request("GET", target, "")
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s searched %q, want %q", target, s, want)
		}
	}
	f("/api/v1/search", "logs-sluice.*-*")
	f("/api/v1/search?namespace=dmz", "logs-sluice.*-dmz")
	f("/api/v1/search?namespace=of.old", "logs-sluice.*-of.old")
	f("/api/v1/alerts?namespace=dmz", "sluice-alerts-dmz")
	f("/api/v1/alerts/abc", "sluice-alerts-*")
	var session struct{ Namespaces []string }
	if w.get(t, "/api/v1/session", &session); !slices.Equal(session.Namespaces, []string{"default", "dmz"}) {
		t.Errorf("the page may offer %q", session.Namespaces)
	}
}

type searchFunc func(ctx context.Context, indices []string, body []byte) ([]byte, error)

func (f searchFunc) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	return f(ctx, indices, body)
}

func TestAlerts(t *testing.T) {
	w := newWorld(t)
	f := func(query string, want ...string) {
		t.Helper()
		var a console.Found
		code := w.get(t, "/api/v1/alerts?"+query, &a)
		var ids []string
		for _, h := range a.Hits {
			ids = append(ids, h.ID)
		}
		if code != 200 || strings.Join(ids, " ") != strings.Join(want, " ") {
			t.Errorf("%s: status %d, %v; want %v", query, code, ids, want)
		}
	}
	f("", "b2e18d66c3", "a1f09c77d2", "c3d27e55b4")
	f("severity=high,medium", "b2e18d66c3", "a1f09c77d2")
	f("status=open", "a1f09c77d2")
	f("status=open,acknowledged", "b2e18d66c3", "a1f09c77d2")
	f("status=closed", "c3d27e55b4")
	f("rule=8e0d6a3b-1c7f-4b55-8a55-2f1f3f8c9d22", "b2e18d66c3")
	f("rule=" + url.QueryEscape(strings.Repeat("ж", 200)))
	f("q=203.0.113.66", "a1f09c77d2")

	var e refusal
	if code := w.get(t, "/api/v1/alerts?severity=awful", &e); code != 400 || e.Field != "severity" {
		t.Errorf("status %d, %+v", code, e)
	}
	if code := w.get(t, "/api/v1/alerts?status=open,"+strings.Repeat("open,", 20), &e); code != 400 || e.Field != "status" {
		t.Errorf("status %d, %+v", code, e)
	}
}

// An early alert stands in the list until it is settled: then another document is in its place.
func TestSettledAlertReplacesTheEarlyOne(t *testing.T) {
	w := newWorld(t)
	early := func(id, state string) consoletest.Doc {
		return consoletest.Alert(id, "low", id, noon.Add(-time.Minute), noon.Add(-time.Minute), nil, map[string]any{
			"rule.id": "early", "sluice.alert.provisional": true, "sluice.alert.state": state,
		})
	}
	w.index.Add(early("announced", "open"), early("settled", "closed"))
	for _, shadow := range []string{"", "&shadow=show"} {
		var a console.Found
		if code := w.get(t, "/api/v1/alerts?rule=early"+shadow, &a); code != 200 || len(a.Hits) != 1 || a.Hits[0].ID != "announced" {
			t.Errorf("shadow %q: status %d, %+v", shadow, code, a.Hits)
		}
	}
	var one console.AlertFound
	if code := w.get(t, "/api/v1/alerts/settled", &one); code != 200 {
		t.Errorf("status %d", code)
	}
}

// TestSettledAlertIsTriaged: the message that people got names the early alert; what they do with it then is done
// with the settled one, which is the one in the list.
func TestSettledAlertIsTriaged(t *testing.T) {
	w := newWorld(t)
	at := noon.Add(-time.Minute)
	w.index.Add(
		consoletest.Alert("announced", "low", "a", at, at, nil, map[string]any{"sluice.alert.provisional": true, "sluice.alert.state": "closed"}),
		consoletest.Alert("final", "low", "a", at, at, nil, map[string]any{"rule.id": "early", "sluice.alert.supersedes": []string{"announced"}}),
	)
	var one console.AlertFound
	if code := w.get(t, "/api/v1/alerts/announced", &one); code != 200 || one.Alert.ID != "final" {
		t.Errorf("status %d, alert %s", code, one.Alert.ID)
	}
	listed := func(status string) bool {
		var a console.Found
		w.get(t, "/api/v1/alerts?rule=early&status="+status, &a)
		return len(a.Hits) == 1 && a.Hits[0].ID == "final"
	}
	if rec := w.request("POST", "/api/v1/alerts/announced/triage", `{"status":"acknowledged"}`, "Content-Type", "application/json"); rec.Code != 200 || !listed("acknowledged") {
		t.Errorf("triage of one: %d %s", rec.Code, rec.Body)
	}
	if rec := w.request("POST", "/api/v1/alerts/triage", `{"ids":["announced"],"status":"closed"}`, "Content-Type", "application/json"); rec.Code != 200 || !listed("closed") {
		t.Errorf("triage of several: %d %s", rec.Code, rec.Body)
	}
}

func TestAlertWithItsEvents(t *testing.T) {
	w := newWorld(t)
	var f console.AlertFound
	if code := w.get(t, "/api/v1/alerts/a1f09c77d2", &f); code != 200 || f.Alert.ID != "a1f09c77d2" || len(f.Events) != 14 || f.Missing != 0 {
		t.Errorf("status %d, alert %s, %d events, %d missing", code, f.Alert.ID, len(f.Events), f.Missing)
	}
	if code := w.get(t, "/api/v1/alerts/b2e18d66c3", &f); code != 200 || len(f.Events) != 0 || f.Missing != 2 {
		t.Errorf("status %d, %d events, %d missing; want none and 2", code, len(f.Events), f.Missing)
	}
	var e refusal
	if code := w.get(t, "/api/v1/alerts/none", &e); code != 404 || e.Error != "no such alert" {
		t.Errorf("status %d, %+v", code, e)
	}
	if code := w.get(t, "/api/v1/alerts/a%20b", &e); code != 404 {
		t.Errorf("status %d, %+v", code, e)
	}
}

// TestLongEvents: where a page is too large, of events that are long, it is a shorter one that others follow.
func TestLongEvents(t *testing.T) {
	w := newWorld(t)
	tooLarge := func(times int) {
		n := 0
		w.index.Fail = func(context.Context) error {
			if n++; n <= times {
				return console.ErrTooLarge
			}
			return nil
		}
	}
	tooLarge(2)
	var f console.Found
	if code := w.get(t, "/api/v1/search?size=40&from=now-1d", &f); code != 200 || len(f.Hits) != 10 || f.Next == "" {
		t.Errorf("status %d, %d events, next %q", code, len(f.Hits), f.Next)
	}
	var alert console.AlertFound
	asks := 0
	w.index.Fail = func(context.Context) error {
		if asks++; asks == 2 { // the first is for the alert
			return console.ErrTooLarge
		}
		return nil
	}
	if code := w.get(t, "/api/v1/alerts/a1f09c77d2", &alert); code != 200 || len(alert.Events) != 7 || alert.Missing != 0 {
		t.Errorf("status %d, %d events, %d missing", code, len(alert.Events), alert.Missing)
	}
}

func TestIndexThatDoesNotAnswer(t *testing.T) {
	f := func(fail error, code int, word string) {
		t.Helper()
		w := newWorld(t)
		w.index.Fail = func(context.Context) error { return fail }
		var e refusal
		if got := w.get(t, "/api/v1/search", &e); got != code || !strings.Contains(e.Error, word) {
			t.Errorf("%v: status %d, %+v; want %d, %q", fail, got, e, code, word)
		}
	}
	f(errors.New("dial tcp 10.0.0.1:9200: secret"), 502, "does not answer")
	f(console.ErrTooLarge, 422, "too large")
	f(&console.IndexError{Status: 429}, 503, "busy")
	f(&console.IndexError{Status: 500, Body: []byte("x")}, 502, "refused")
	f(&console.IndexError{Status: 400, Body: []byte(`{"error":{"reason":"No mapping found for [x]"}}`)}, 400, "No mapping found")
	f(context.DeadlineExceeded, 504, "longer than")
}

// TestValueThatDoesNotFit: who writes no IP address after source.ip is not told to quote it.
func TestValueThatDoesNotFit(t *testing.T) {
	w := newWorld(t)
	w.index.Fail = func(context.Context) error {
		return &console.IndexError{Status: 400, Body: []byte(`{"error":{"reason":"failed to create query: 'x' is not an IP string literal."}}`)}
	}
	var e refusal
	w.get(t, "/api/v1/search?q=source.ip:x", &e)
	if e.Error != "'x' is not an IP string literal." || !strings.HasPrefix(e.Hint, "a value does not fit its field") {
		t.Errorf("%+v", e)
	}
}

// Four searches may run; a fifth waits 5 s, is told so, and one that takes 15 s ends.
func TestSearchesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		w := newWorld(t, func(o *console.Options) {
			o.Index = searchFunc(func(ctx context.Context, _ []string, _ []byte) ([]byte, error) {
				most.Store(max(most.Load(), running.Add(1))) // one begins at a time
				<-ctx.Done()
				running.Add(-1)
				return nil, ctx.Err()
			})
		})
		codes := make(chan int, 5)
		for range 5 {
			go func() { codes <- w.request("GET", "/api/v1/search", "").Code }()
			synctest.Wait()
		}
		began := time.Now()
		if code := <-codes; code != 503 || time.Since(began) != 5*time.Second {
			t.Errorf("the fifth got %d after %v", code, time.Since(began))
		}
		for range 4 {
			if code := <-codes; code != 504 || time.Since(began) != 15*time.Second {
				t.Errorf("status %d after %v", code, time.Since(began))
			}
		}
		if most.Load() != 4 {
			t.Errorf("%d ran at once", most.Load())
		}
	})
}

func TestHealth(t *testing.T) {
	var problems []console.Problem
	w := newWorld(t, func(o *console.Options) { o.Health = readyFunc(func() []console.Problem { return problems }) })
	f := func(path string, code int, want string) {
		t.Helper()
		rec := w.request("GET", path, "", "Authorization", "")
		if rec.Code != code || strings.TrimSpace(rec.Body.String()) != want {
			t.Errorf("%s: %d %s; want %d %s", path, rec.Code, rec.Body, code, want)
		}
	}
	f("/healthz", 200, `{"status":"ok"}`)
	f("/readyz", 200, `{"ready":true,"problems":[]}`)
	problems = []console.Problem{{Part: "bus", Reason: "lag of 3 h", Warning: true}}
	f("/readyz", 200, `{"ready":true,"problems":[{"part":"bus","reason":"lag of 3 h","warning":true}]}`)
	problems = []console.Problem{{Part: "index", Reason: "no answer since 12:00"}}
	f("/readyz", 503, `{"ready":false,"problems":[{"part":"index","reason":"no answer since 12:00"}]}`)
}

type readyFunc func() []console.Problem

func (f readyFunc) Ready(context.Context) []console.Problem { return f() }

func TestRunEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.s.Run(ctx, ln) }()
	answer, err := http.Get("http://" + ln.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-done; err != nil || answer.StatusCode != 200 {
		t.Errorf("Run: %v, status %d", err, answer.StatusCode)
	}
	if _, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
}

func TestSettings(t *testing.T) {
	f := func(change func(*console.Settings), want string) {
		t.Helper()
		s := console.Defaults()
		change(s)
		err := s.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
	f(func(*console.Settings) {}, "")
	f(func(s *console.Settings) { s.Listen = "[::1]:8514" }, "")
	f(func(s *console.Settings) { s.Listen = "localhost:0" }, "")
	f(func(s *console.Settings) { s.Listen = "8514" }, "not host:port")
	f(func(s *console.Settings) { s.Listen = "127.0.0.1:" }, "not host:port") // any port that is free
	f(func(s *console.Settings) { s.Listen = ":8514" }, "insecure: true")
	f(func(s *console.Settings) { s.Listen = "0.0.0.0:8514" }, "insecure: true")
	f(func(s *console.Settings) { s.Listen, s.Insecure = "0.0.0.0:8514", true }, "")
	f(func(s *console.Settings) { s.Listen, s.TLSCert, s.TLSKey = "0.0.0.0:8514", "c", "k" }, "")
	f(func(s *console.Settings) { s.TLSCert = "c" }, "both or neither")
	f(func(s *console.Settings) { s.Hosts = []string{"https://siem.example"} }, "not a host name")
	s := console.Defaults()
	if u := s.URL(&net.TCPAddr{IP: net.IPv4zero, Port: 8514}); u != "http://127.0.0.1:8514" {
		t.Errorf("URL %s", u)
	}
}

func TestLoadToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	first, created, err := console.LoadToken(path)
	if err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, created, err := console.LoadToken(path)
	if err != nil || created || again.Reveal() != first.Reveal() {
		t.Errorf("second load: created %v, same %v, %v", created, again.Reveal() == first.Reveal(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := console.LoadToken(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others can read: %v", err)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("short"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := console.LoadToken(path); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("a damaged file: %v", err)
	}
}
