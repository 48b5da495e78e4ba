package console

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// searchingRules are asked what they find by searches of the index.
type searchingRules struct{ Rules }

func (searchingRules) Why(context.Context, string, string, time.Time) (any, error) { return "why", nil }

func (searchingRules) Shadow(context.Context, time.Time) (any, error) { return "shadow", nil }

func (searchingRules) Coverage(context.Context, time.Time) (any, error) { return "coverage", nil }

// TestRuleSearches: what rules look up in the index counts among the searches that may run at once.
func TestRuleSearches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Auth: headerAuth{}, Rules: searchingRules{}, Now: time.Now})
		f := func(path string, code int, want string) {
			t.Helper()
			if got, text := ask(s, "GET", path, "", ""); got != code || !strings.Contains(text, want) {
				t.Errorf("%s: %d %s; want %d %s", path, got, text, code, want)
			}
		}
		f("/api/v1/rules/why?rule=r&event=e", http.StatusOK, "why")
		f("/api/v1/rules/shadow", http.StatusOK, "shadow")
		for range maxSearches {
			s.slots <- struct{}{}
		}
		f("/api/v1/rules/why?rule=r&event=e", http.StatusServiceUnavailable, manySearches)
		f("/api/v1/rules/shadow", http.StatusServiceUnavailable, manySearches)
		f("/api/v1/rules/coverage", http.StatusServiceUnavailable, manySearches)
	})
}
