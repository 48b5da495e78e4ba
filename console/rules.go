package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Rules are the tools of those who write rules, over the index and the rules of the
// running program. What they answer becomes JSON. They are called concurrently.
type Rules interface {
	// Why says what a rule makes of an event of the index; since is how far back its
	// windows look, zero: as far as the rule needs.
	Why(ctx context.Context, rule, event string, since time.Time) (any, error)

	// List tells of all rules, with what they cost and found, and of how they were read last.
	List(ctx context.Context) (any, error)
	// Reload reads the rules again. Where they have faults the old ones stay: Faulty.
	Reload(ctx context.Context) (any, error)
	// Coverage says of each rule whether it can fire; since is from when on events have to
	// have come for that, zero: it is asked about packs only.
	Coverage(ctx context.Context, since time.Time) (any, error)

	// Attack is what rules may name of MITRE ATT&CK: version, tactics and techniques.
	Attack(ctx context.Context) (any, error)
	// Layer is what the rules that can fire name of it, for MITRE's ATT&CK Navigator.
	Layer(ctx context.Context, since time.Time) (any, error)

	// Lint says what there is to say of rules, and Test runs the tests inside them. nil: those
	// that run.
	Lint(ctx context.Context, rules []RuleText) (any, error)
	Test(ctx context.Context, rules []RuleText) (any, error)
	// WhyLines is Why for one of some lines or documents.
	WhyLines(ctx context.Context, req RuleLines) (any, error)

	// Shadow says what the rules on trial would have told since then.
	Shadow(ctx context.Context, since time.Time) (any, error)

	// Backtest says what rules find in the events of the index, and Diff what two sets of
	// them find differently. They call progress for each event.
	Backtest(ctx context.Context, req RulePast, progress func(done, total int64)) (any, error)
	Diff(ctx context.Context, req RulePast, progress func(done, total int64)) (any, error)
}

// RuleText is one file of rules.
type RuleText struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// ruleTexts are the rules that lint and test are asked about.
type ruleTexts struct {
	Rules []RuleText `json:"rules"`
}

// RuleLines asks what a rule makes of a line; the other lines are what its windows hold.
type RuleLines struct {
	Rule   string     `json:"rule"`
	Lines  []string   `json:"lines"`
	ECS    bool       `json:"ecs"`    // they are ECS documents
	Pack   string     `json:"pack"`   // "": each is recognized
	Record *int       `json:"record"` // which one, from 0; nil: the last
	Rules  []RuleText `json:"rules"`  // nil: those that run
}

// RulePast is a question about rules and the events of the index, or of the bus.
type RulePast struct {
	Since     time.Time  `json:"since"` // of @timestamp; zero: no bound
	Until     time.Time  `json:"until"`
	Query     string     `json:"query"`
	Namespace string     `json:"namespace"`
	Bus       bool       `json:"bus"`    // the events that the bus still holds; without query
	Alerts    bool       `json:"alerts"` // list each alert
	Rules     []RuleText `json:"rules"`  // nil: those that run
	Old       []RuleText `json:"old"`    // of a diff, the same
}

// NotThere is an error of Rules about a rule or an event that is not there: what, in words.
type NotThere string

func (e NotThere) Error() string { return string(e) }

// Faulty is an error of Rules about what the caller sent: faults with their places.
type Faulty string

func (e Faulty) Error() string { return string(e) }

// ruleRoutes are the routes of the tools.
func (s *Server) ruleRoutes() []route {
	return []route{
		{"GET", "/api/v1/rules", RoleViewer, s.ruleAnswer(s.opt.Rules.List)},
		{"GET", "/api/v1/rules/coverage", RoleViewer, s.ruleSince(0, s.opt.Rules.Coverage)},
		{"GET", "/api/v1/rules/attack", RoleViewer, s.ruleAnswer(s.opt.Rules.Attack)},
		{"GET", "/api/v1/rules/layer", RoleViewer, s.ruleLayer},
		{"POST", "/api/v1/rules/why", RoleAnalyst, s.bare(ruleBody(s, s.opt.Rules.WhyLines))},
		{"POST", "/api/v1/rules/lint", RoleAnalyst, s.bare(ruleBody(s, func(ctx context.Context, t ruleTexts) (any, error) { return s.opt.Rules.Lint(ctx, t.Rules) }))},
		{"POST", "/api/v1/rules/test", RoleAnalyst, s.bare(ruleBody(s, func(ctx context.Context, t ruleTexts) (any, error) { return s.opt.Rules.Test(ctx, t.Rules) }))},
		{"GET", "/api/v1/rules/shadow", RoleViewer, s.ruleSince(7*24*time.Hour, s.opt.Rules.Shadow)},
		{"POST", "/api/v1/rules/reload", RoleAdmin, s.ruleAnswer(s.opt.Rules.Reload)},
		{"GET", "/api/v1/rules/why", RoleViewer, s.ruleWhy},
		{"POST", "/api/v1/rules/backtest", RoleAnalyst, s.bare(s.rulePast(s.opt.Rules.Backtest))},
		{"POST", "/api/v1/rules/diff", RoleAnalyst, s.bare(s.rulePast(s.opt.Rules.Diff))},
	}
}

// ruleLayer answers GET /api/v1/rules/layer with what a browser saves as a file.
func (s *Server) ruleLayer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Disposition", `attachment; filename="sluice-attack-layer.json"`)
	s.ruleSince(0, s.opt.Rules.Layer)(w, r)
}

// ruleWhy answers GET /api/v1/rules/why.
func (s *Server) ruleWhy(w http.ResponseWriter, r *http.Request) {
	p, err := params(r.URL.RawQuery, "event", "rule", "since")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	since, err := s.sinceOf(p, time.Time{})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, name := range []string{"rule", "event"} {
		if p[name] == "" || len(p[name]) > 500 {
			s.fail(w, r, bad(name, "the id of one", "%s is missing or too long", name))
			return
		}
	}
	s.askIndex(w, r, func(ctx context.Context) (any, error) { return s.opt.Rules.Why(ctx, p["rule"], p["event"], since) })
}

// askIndex answers what is found by searches of the index: one of those that may run now.
func (s *Server) askIndex(w http.ResponseWriter, r *http.Request, ask func(context.Context) (any, error)) {
	free, err := s.slot(r.Context(), s.slots, manySearches)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer free()
	ctx, stop := context.WithTimeout(r.Context(), searchTimeout)
	defer stop()
	answer, err := ask(ctx)
	s.answerRules(w, r, answer, err)
}

// sinceOf is the parameter since, or otherwise where there is none.
func (s *Server) sinceOf(p map[string]string, otherwise time.Time) (time.Time, error) {
	if p["since"] == "" {
		return otherwise, nil
	}
	return parseTime("since", p["since"], s.opt.Now(), otherwise)
}

// ruleSince answers what is asked of the time since a moment: without one the time since so
// long before now, or, where that is 0, the zero time.
func (s *Server) ruleSince(def time.Duration, ask func(context.Context, time.Time) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := params(r.URL.RawQuery, "since")
		if err != nil {
			s.fail(w, r, err)
			return
		}
		var otherwise time.Time
		if def > 0 {
			otherwise = s.opt.Now().Add(-def)
		}
		since, err := s.sinceOf(p, otherwise)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.askIndex(w, r, func(ctx context.Context) (any, error) { return ask(ctx, since) })
	}
}

// ruleBody answers what is asked in a body. Rules of a caller are compiled one set at a
// time, as for a backtest; who waits for long holds up to 16 MiB of them, and is sent away.
func ruleBody[T any](s *Server, ask func(context.Context, T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req T
		if err := readBody(r, &req); err != nil {
			s.fail(w, r, err)
			return
		}
		free, err := s.slot(r.Context(), s.compiles, "rules of other callers are read now")
		if err != nil {
			s.fail(w, r, err)
			return
		}
		defer free()
		ctx, stop := context.WithTimeout(r.Context(), searchTimeout)
		defer stop()
		answer, err := ask(ctx, req)
		s.answerRules(w, r, answer, err)
	}
}

// ruleAnswer answers what needs no parameters.
func (s *Server) ruleAnswer(ask func(context.Context) (any, error)) http.HandlerFunc {
	return s.bare(func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(r.Context(), searchTimeout)
		defer stop()
		answer, err := ask(ctx)
		s.answerRules(w, r, answer, err)
	})
}

// answerRules writes what a tool has answered.
func (s *Server) answerRules(w http.ResponseWriter, r *http.Request, answer any, err error) {
	var missing NotThere
	var faulty Faulty
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, answer)
	case errors.As(err, &missing):
		s.fail(w, r, &apiError{Status: http.StatusNotFound, Message: err.Error()})
	case errors.As(err, &faulty):
		s.fail(w, r, &apiError{Status: http.StatusUnprocessableEntity, Message: err.Error()})
	case errors.Is(err, context.DeadlineExceeded):
		s.fail(w, r, &apiError{Status: http.StatusGatewayTimeout, Message: "it took longer than " + searchTimeout.String(), Hint: "ask about less, or by the command line"})
	case r.Context().Err() != nil:
		s.fail(w, r, err)
	default:
		s.opt.Log.Warn("console: rules", "path", r.URL.Path, "why", err)
		s.fail(w, r, &apiError{Status: http.StatusBadGateway, Message: "it cannot be answered now", Hint: "the program's log says why"})
	}
}

// maxRulePast bounds the time of one backtest.
const maxRulePast = time.Hour

// rulePast goes back over the events of the index. It answers one JSON object a line:
// progress, and at last {"done": report} or {"error": text, "fault": whether it is in what
// was sent}. Only one runs at a time: it
// takes a whole core.
func (s *Server) rulePast(run func(context.Context, RulePast, func(done, total int64)) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req RulePast
		if err := readBody(r, &req); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := cmp.Or(CheckNamespace(req.Namespace), checkOrder("since", "until", req.Since, req.Until)); err != nil {
			s.fail(w, r, err)
			return
		}
		if !s.backtesting.TryLock() {
			s.fail(w, r, &apiError{Status: http.StatusConflict, Message: "a backtest runs already", Hint: "wait for its end"})
			return
		}
		defer s.backtesting.Unlock()
		ctx, stop := context.WithTimeout(r.Context(), maxRulePast)
		defer stop()
		say := lines(w)
		done, err := run(ctx, req, s.progress(say))
		if err != nil {
			var faulty Faulty
			say(map[string]any{"error": err.Error(), "fault": errors.As(err, &faulty)})
			return
		}
		say(map[string]any{"done": done})
	}
}

// readBody reads a JSON object of which every key is known.
func readBody(r *http.Request, into any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return &apiError{Status: http.StatusUnsupportedMediaType, Message: "send application/json"}
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = cmp.Or(more, errors.New("something stands behind the object"))
		}
	}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return &apiError{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("the body is longer than %d bytes", long.Limit), Field: "body", Hint: "send less at once"}
	case errors.Is(err, io.EOF):
		return bad("body", "send an object, {} at least", "the body is empty")
	case err != nil:
		return bodyFault(err)
	}
	return nil
}

// bodyFault says what of a body is wrong in the words of its author, not in those of Go.
func bodyFault(err error) error {
	field, text := "body", strings.TrimPrefix(err.Error(), "json: ")
	var kind *json.UnmarshalTypeError
	var stamp *time.ParseError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		field, text = kind.Field, "this is no place for a "+kind.Value
	case errors.As(err, &stamp):
		text = strconv.Quote(cut(strings.Trim(stamp.Value, `"`), 40)) + " is no time such as 2026-03-02T09:00:00Z"
	}
	return bad(field, "docs/api.md says what it takes", "the body is not understood: %s", cut(text, 200))
}

// lines makes a function that writes one JSON object a line, at once.
func lines(w http.ResponseWriter) func(line any) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := http.NewResponseController(w)
	return func(line any) {
		_ = out.SetWriteDeadline(time.Now().Add(time.Minute)) // the server's own is for short answers
		_ = json.NewEncoder(w).Encode(line)                   // a caller who has gone ends ctx
		_ = out.Flush()
	}
}

// progress says how far something has come, once a second at most.
func (s *Server) progress(say func(line any)) func(done, total int64) {
	told := s.opt.Now()
	return func(done, total int64) {
		if now := s.opt.Now(); now.Sub(told) >= time.Second {
			told = now
			say(map[string]any{"progress": map[string]int64{"done": done, "total": total}})
		}
	}
}
