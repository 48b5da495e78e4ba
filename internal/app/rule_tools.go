package app

import (
	"context"
	"errors"
	"time"

	"sluice/console"
	"sluice/rules"
)

// ruleTools answers the console.
type ruleTools struct{ n *Node }

// Why implements console.Rules.
func (t ruleTools) Why(ctx context.Context, rule, event string, since time.Time) (any, error) {
	return t.n.WhyStored(ctx, &Why{t.n.set.Load(), t.n.settings.Load().Channels}, rule, event, since)
}

// List implements console.Rules.
func (t ruleTools) List(context.Context) (any, error) {
	return t.n.stats.states(t.n.set.Load().Rules), nil
}

// Reload implements console.Rules.
func (t ruleTools) Reload(context.Context) (any, error) {
	if err := t.n.ReloadRules(); err != nil {
		return nil, forCaller(err)
	}
	return map[string]any{"rules": len(t.n.set.Load().Rules.Rules()), "load": t.n.stats.loadState()}, nil
}

// Coverage implements console.Rules.
func (t ruleTools) Coverage(context.Context) (any, error) {
	all, err := Coverage(t.n.set.Load(), t.n.settings.Load(), nil)
	return map[string]any{"rules": all}, err
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
		Rules:   ruleFiles(req.Rules), Old: ruleFiles(req.Old), All: req.Alerts,
	}
}

func ruleFiles(texts []console.RuleText) (out []rules.File) {
	for _, t := range texts {
		out = append(out, rules.File{Name: t.Name, Text: []byte(t.Text)})
	}
	return out
}
