package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// TestExportAll: pages and then the counts, or why it ends; no more at once than others leave room for.
func TestExportAll(t *testing.T) {
	var asked ExportRequest
	s := New(Options{Auth: headerAuth{}, Export: func(_ context.Context, req ExportRequest, fn func([]json.RawMessage, int64) error) (any, error) {
		asked = req
		if err := fn([]json.RawMessage{json.RawMessage(`{"a":"\u001b"}`)}, 2); err != nil {
			return nil, err
		}
		if req.Query == "late" {
			return nil, errors.New("the index had no time")
		}
		return map[string]int{"documents": 1}, nil
	}})
	f := func(body string, code int, want string) {
		t.Helper()
		if got, text := ask(s, "POST", "/api/v1/export", "application/json", body); got != code || !strings.Contains(text, want) {
			t.Errorf("%.40s: %d %s; want %d %s", body, got, text, code, want)
		}
	}
	f(`{"query":"x","alerts":true}`, http.StatusOK, "{\"documents\":[{\"a\":\"\\u001b\"}],\"total\":2}\n{\"done\":{\"documents\":1}}")
	if asked.Query != "x" || !asked.Alerts {
		t.Errorf("%+v", asked)
	}
	f(`{"query":"late"}`, http.StatusOK, `{"error":"the index had no time"}`)
	f(`{"after":{"time":"2026-03-02T08:00:00Z","id":"e1"}}`, http.StatusOK, `"done"`)
	if asked.After.ID != "e1" || asked.After.Time.Hour() != 8 {
		t.Errorf("%+v", asked)
	}
	f(`{"after":{"id":"e1"}}`, http.StatusBadRequest, "both time and id")
	f(`{"namespace":"*"}`, http.StatusBadRequest, "a namespace has")
	f(`{"query":"`+strings.Repeat("x", maxQuery+1)+`"}`, http.StatusBadRequest, "the query has 4097 characters; at most 4096 are taken")
	f(`{"query":"`+strings.Repeat("й", maxQuery)+`"}`, http.StatusOK, `"done"`) // as a search counts them
	for range maxExports {
		s.exports <- struct{}{}
	}
	f(`{}`, http.StatusServiceUnavailable, "other exports run now")
}
