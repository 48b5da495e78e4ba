package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"sluice/console"
	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/schemas"
)

// ruleTools answers the console.
type ruleTools struct{ n *Node }

// Why implements console.Rules.
func (t ruleTools) Why(ctx context.Context, rule, event string, since time.Time) (any, error) {
	return t.n.WhyStored(ctx, &Why{t.n.set.Load(), t.n.settings.Load().Channels}, rule, event, since)
}

// List implements console.Rules. Where other processes ask the rules, nothing is counted here.
func (t ruleTools) List(context.Context) (any, error) {
	out := t.n.stats.states(t.n.set.Load().Rules)
	if !t.n.has(roleProcess) && !t.n.has(roleCorrelate) {
		out.Since = time.Time{}
	}
	return out, nil
}

// Reload implements console.Rules.
func (t ruleTools) Reload(context.Context) (any, error) {
	if err := t.n.reloadRules(); err != nil {
		return nil, forCaller(err)
	}
	return map[string]any{"rules": len(t.n.set.Load().Rules.Rules()), "load": t.n.stats.loadState()}, nil
}

// coverageAnswer says which rules can fire, those that were left out among them.
type coverageAnswer struct {
	*Alive
	Rules []RuleCoverage `json:"rules"`
}

// Coverage implements console.Rules.
func (t ruleTools) Coverage(ctx context.Context, since time.Time) (any, error) {
	return t.covered(ctx, since)
}

func (t ruleTools) covered(ctx context.Context, since time.Time) (out coverageAnswer, err error) {
	if !since.IsZero() {
		if out.Alive, err = t.n.Alive(ctx, since); err != nil {
			return out, err
		}
	}
	// One at a time: pages ask for it, and leave it, faster than it is found.
	t.n.coverages.mu.Lock()
	defer t.n.coverages.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return out, err
	}
	set, left := t.running()
	out.Rules = t.n.coverages.of(set, left, out.Alive)
	return out, nil
}

// Attack implements console.Rules.
func (t ruleTools) Attack(context.Context) (any, error) {
	return map[string]any{"version": schemas.AttackVersion, "tactics": schemas.Tactics(), "techniques": schemas.Techniques()}, nil
}

// Layer implements console.Rules.
func (t ruleTools) Layer(ctx context.Context, since time.Time) (any, error) {
	answer, err := t.covered(ctx, since)
	return NavigatorLayer(answer.Rules), err
}

// Lint implements console.Rules.
func (t ruleTools) Lint(_ context.Context, texts []console.RuleText) (any, error) {
	set, err := t.set(texts)
	findings := Lint(set, err)
	if findings == nil {
		findings = []Finding{}
	}
	n := 0
	if set != nil {
		n = len(set.Rules.Rules())
	}
	return map[string]any{"rules": n, "findings": findings}, nil
}

// Test implements console.Rules.
func (t ruleTools) Test(_ context.Context, texts []console.RuleText) (any, error) {
	set, err := t.set(texts)
	if set == nil {
		return nil, console.Faulty(err.Error())
	}
	findings := []Finding{}
	for _, f := range strictyaml.Joined(err) {
		findings = append(findings, faults(f)...)
	}
	passed := 0
	for _, r := range RunRuleTests(set) {
		if r.Err == nil {
			passed++
			continue
		}
		findings = append(findings, TestFinding(&r))
	}
	return map[string]any{"passed": passed, "findings": findings}, nil
}

// running are the rules that run, and the faults of those that were left out.
func (t ruleTools) running() (set *pipeline.Set, left error) {
	if p := t.n.left.Load(); p != nil {
		left = *p
	}
	return t.n.set.Load(), left
}

// set builds the rules of a caller, or gives those that run.
func (t ruleTools) set(texts []console.RuleText) (*pipeline.Set, error) {
	if texts == nil {
		return t.running()
	}
	return t.n.settings.Load().withRules(ruleFiles(texts))
}

// WhyLines implements console.Rules.
func (t ruleTools) WhyLines(ctx context.Context, req console.RuleLines) (any, error) {
	set, err := t.set(req.Rules)
	if set == nil {
		return nil, console.Faulty(err.Error())
	}
	if _, missing := findRule(set, req.Rule); missing != nil && err != nil {
		return nil, console.Faulty(err.Error())
	}
	if err := CheckPack(set, req.Pack); err != nil {
		return nil, console.Faulty(err.Error())
	}
	record := -1
	if req.Record != nil {
		if record = *req.Record; record < 0 {
			return nil, console.Faulty("record counts from 0; without it the last one is asked about")
		}
	}
	past := FilesPast(nil, strings.NewReader(strings.Join(req.Lines, "\n")), Reading{ECS: req.ECS, Pack: req.Pack}, nil)
	w := Why{set, t.n.settings.Load().Channels}
	a, err := w.Record(ctx, req.Rule, past, record)
	var missing console.NotThere
	if err != nil && ctx.Err() == nil && !errors.As(err, &missing) { // nothing but what was sent is read
		return nil, console.Faulty(err.Error())
	}
	return a, err
}

// Shadow implements console.Rules.
func (t ruleTools) Shadow(ctx context.Context, since time.Time) (any, error) {
	return t.n.Shadow(ctx, since)
}

// Backtest implements console.Rules.
func (t ruleTools) Backtest(ctx context.Context, req console.RulePast, progress func(done, total int64)) (any, error) {
	b, err := t.n.Backtest(ctx, pastRequest(req), progress)
	return b, forCaller(err)
}

// Diff implements console.Rules.
func (t ruleTools) Diff(ctx context.Context, req console.RulePast, progress func(done, total int64)) (any, error) {
	d, err := t.n.Diff(ctx, pastRequest(req), progress)
	return d, forCaller(err)
}

// forCaller tells faults of what the caller sent from our own.
func forCaller(err error) error {
	var conf *ConfigError
	if errors.As(err, &conf) {
		return console.Faulty(err.Error())
	}
	return err
}

func pastRequest(req console.RulePast) PastRequest {
	return PastRequest{
		Stretch: Stretch{Since: req.Since, Until: req.Until, Query: req.Query, Namespace: req.Namespace},
		Rules:   ruleFiles(req.Rules), Old: ruleFiles(req.Old), All: req.Alerts, Bus: req.Bus,
	}
}

func ruleFiles(texts []console.RuleText) (out []rules.File) {
	for _, t := range texts {
		out = append(out, rules.File{Name: t.Name, Text: []byte(t.Text)})
	}
	return out
}
