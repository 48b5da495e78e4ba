package console

import (
	"net/http"
	"strings"
	"testing"
)

// TestNoParameterIsPassedOver: dry_run in the address of what takes it in its body would not be one.
func TestNoParameterIsPassedOver(t *testing.T) {
	s := New(everything())
	n := 0
	for _, rt := range s.routes() {
		if !strings.HasPrefix(rt.Path, "/api/") {
			continue
		}
		n++
		body := "{}"
		if strings.HasSuffix(rt.Path, "{id}/triage") {
			body = `{"comment":"x"}`
		}
		path := strings.Replace(rt.Path, "{id}", "x", 1)
		code, text := ask(s, rt.Method, path+"?dry_run=true", "application/json", body)
		if code != http.StatusBadRequest || !strings.Contains(text, "unknown parameter") {
			t.Errorf("%s %s: %d %s", rt.Method, rt.Path, code, text)
		}
	}
	if n < 30 {
		t.Errorf("%d routes", n)
	}
}
