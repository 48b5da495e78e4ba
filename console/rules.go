package console

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Rules are the tools of those who write rules, over the index and the rules of the
// running program. What they answer becomes JSON. They are called concurrently.
type Rules interface {
	// Why says what a rule makes of an event of the index; since is how far back its
	// windows look, zero: as far as the rule needs.
	Why(ctx context.Context, rule, event string, since time.Time) (any, error)
}

// NotThere is an error of Rules about a rule or an event that is not there: what, in words.
type NotThere string

func (e NotThere) Error() string { return string(e) }

// ruleRoutes are the routes of the tools.
func (s *Server) ruleRoutes() []Route {
	return []Route{
		{"GET", "/api/v1/rules/why", RoleViewer, s.ruleWhy},
	}
}

// ruleWhy answers GET /api/v1/rules/why.
func (s *Server) ruleWhy(w http.ResponseWriter, r *http.Request) {
	p, err := params(r.URL.RawQuery, "event", "rule", "since")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var since time.Time
	if v := p["since"]; v != "" {
		if since, err = time.Parse(time.RFC3339, v); err != nil {
			s.fail(w, r, bad("since", "such as 2026-03-02T08:00:00Z", "since is no time"))
			return
		}
	}
	for _, name := range []string{"rule", "event"} {
		if p[name] == "" || len(p[name]) > 500 {
			s.fail(w, r, bad(name, "the id of one", "%s is missing or too long", name))
			return
		}
	}
	ctx, stop := context.WithTimeout(r.Context(), searchTimeout)
	defer stop()
	answer, err := s.opt.Rules.Why(ctx, p["rule"], p["event"], since)
	s.answerRules(w, r, answer, err)
}

// answerRules writes what a tool has answered.
func (s *Server) answerRules(w http.ResponseWriter, r *http.Request, answer any, err error) {
	var missing NotThere
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, answer)
	case errors.As(err, &missing):
		s.fail(w, r, &apiError{Status: http.StatusNotFound, Message: err.Error()})
	case errors.Is(err, context.DeadlineExceeded):
		s.fail(w, r, &apiError{Status: http.StatusGatewayTimeout, Message: "it took longer than " + searchTimeout.String(), Hint: "ask about less, or by the command line"})
	default:
		s.opt.Log.Warn("console: rules", "path", r.URL.Path, "why", err)
		s.fail(w, r, &apiError{Status: http.StatusBadGateway, Message: "it cannot be answered now", Hint: "the program's log says why"})
	}
}
