package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// sinceRules answers with the moment that it was asked about.
type sinceRules struct{ Rules }

func (sinceRules) Coverage(_ context.Context, since time.Time) (any, error) { return since, nil }
func (sinceRules) List(context.Context) (any, error)                        { return "rules", nil }

// ask is a call of the API by an administrator.
func ask(s *Server, method, target, kind, body string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1"
	r.Header.Set("X-Role", "admin")
	r.Header.Set("Content-Type", kind)
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	return rec.Code, strings.TrimSpace(rec.Body.String())
}

// TestSince: it is written as the other times of the API are.
func TestSince(t *testing.T) {
	now := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	s := New(Options{Auth: headerAuth{}, Rules: sinceRules{}, Now: func() time.Time { return now }})
	f := func(query string, code int, want string) {
		t.Helper()
		if got, text := ask(s, "GET", "/api/v1/rules/coverage?"+query, "", ""); got != code || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s; want %d %s", query, got, text, code, want)
		}
	}
	f("since=now-7d", http.StatusOK, `"2026-03-02T12:00:00Z"`)
	f("since=2026-03-02T13:00:00%2B01:00", http.StatusOK, `"2026-03-02T12:00:00Z"`)
	f("", http.StatusOK, `"0001-01-01T00:00:00Z"`)
	f("since=yesterday", http.StatusBadRequest, "such as now-15m or 2026-03-01T12:00:00Z")
	if code, text := ask(s, "GET", "/api/v1/rules?x=1", "", ""); code != http.StatusBadRequest || !strings.Contains(text, "this address takes none") {
		t.Errorf("%d %s", code, text)
	}
}

// TestBodies: what is wrong with a body is told by its own status, and nothing behind it is passed over.
func TestBodies(t *testing.T) {
	s := New(everything())
	f := func(kind, body string, code int, want string) {
		t.Helper()
		got, text := ask(s, "POST", "/api/v1/reprocess", kind, body)
		var e struct{ Error, Hint string }
		_ = json.Unmarshal([]byte(text), &e)
		if got != code || !strings.Contains(e.Error+" "+e.Hint, want) {
			t.Errorf("%.40q: %d %s; want %d %s", body, got, text, code, want)
		}
	}
	f("application/json", "{}", http.StatusOK, "")
	f("application/json; charset=utf-8", " {\"dry_run\": true}\n", http.StatusOK, "")
	f("text/plain", "{}", http.StatusUnsupportedMediaType, "send application/json")
	f("application/json", "", http.StatusBadRequest, "the body is empty send an object, {} at least")
	f("application/json", "{} {}", http.StatusBadRequest, "something stands behind the object")
	f("application/json", `{"dryrun": true}`, http.StatusBadRequest, `unknown field "dryrun"`)
	f("application/json", `{"query": "`+strings.Repeat("x", maxBody)+`"}`, http.StatusRequestEntityTooLarge, "longer than 16384 bytes")
}

// TestBodiesOfNothing: a namespace that no input can have and a range that ends before it begins are refused, where
// they would find nothing and look like an answer.
func TestBodiesOfNothing(t *testing.T) {
	s := New(everything())
	f := func(path, begin, end string) {
		t.Helper()
		for body, field := range map[string]string{
			`{"namespace":"A-B"}`: "namespace",
			`{"` + begin + `":"2026-03-02T00:00:00Z","` + end + `":"2026-03-01T00:00:00Z"}`: end,
			`{"` + begin + `":"2026-03-02T00:00:00Z","` + end + `":"2026-03-02T00:00:00Z"}`: end,
		} {
			code, text := ask(s, "POST", path, "application/json", body)
			if code != http.StatusBadRequest || !strings.Contains(text, `"field":"`+field+`"`) {
				t.Errorf("%s %s: %d %s", path, body, code, text)
			}
		}
	}
	f("/api/v1/reprocess", "from", "to")
	f("/api/v1/export", "from", "to")
	f("/api/v1/dlq/list", "since", "until")
	f("/api/v1/dlq/replay", "since", "until")
	f("/api/v1/rules/backtest", "since", "until")
}

// TestSearchOf: a command that has the index at hand is refused what the API refuses, and asks what the API asks.
func TestSearchOf(t *testing.T) {
	now := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	f := func(p map[string]string, want string) {
		t.Helper()
		if _, _, err := SearchOf(false, p, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80v: %v, want %s", p, err, want)
		}
	}
	f(map[string]string{"namespace": "A-B"}, "a namespace has lower-case letters")
	f(map[string]string{"from": "2026-03-09T11:59:00.0001Z", "to": "2026-03-09T11:59:00.0009Z"}, "from is not before to; the range ends before it begins")
	f(map[string]string{"from": "now-500d"}, "the range is longer than 400 days; search a part of it")
	f(map[string]string{"q": strings.Repeat("x", 5000)}, "at most 4096")
	indices, body, err := SearchOf(true, map[string]string{"namespace": "one", "q": "x"}, now)
	text, _ := json.Marshal(body)
	if err != nil || len(indices) != 1 || indices[0] != "sluice-alerts-one" || !strings.Contains(string(text), "provisional") || !strings.Contains(string(text), `"lt":"2026-03-09T12:00:00.000Z"`) {
		t.Errorf("%v %s %v", indices, text, err)
	}
}
