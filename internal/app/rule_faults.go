package app

import (
	"errors"

	"sluice/internal/metrics"
	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules/sigma"
)

// faultsShown bounds the faults that are logged one by one.
const faultsShown = 50

// built is a Set that runs, and what is not in it.
type built struct {
	set    *pipeline.Set
	faults []error // of rules: somebody has to mend them
	cannot int     // rules of other people's collections that cannot run here, for want of a log source and the like
	left   error   // all of them
}

// buildRest is build where rules with faults are left out and the rest runs.
func buildRest(s *Settings) (*built, error) {
	set, err := build(s)
	if set == nil {
		return nil, err
	}
	b := &built{set: set, left: err}
	for _, e := range strictyaml.Joined(err) {
		var f *sigma.Fault
		if errors.As(e, &f) && f.Reason != sigma.Malformed {
			b.cannot++
			continue
		}
		b.faults = append(b.faults, e)
	}
	return b, nil
}

// leftOut tells of the rules that are left out; coverage names each.
func (n *Node) leftOut(b *built) {
	n.left.Store(&b.left)
	metrics.RulesLeftOut.WithLabelValues("fault").Set(float64(len(onePerRule(b.faults))))
	metrics.RulesLeftOut.WithLabelValues("cannot_run").Set(float64(b.cannot))
	for i, err := range b.faults {
		if i == faultsShown {
			n.log.Error("more rules have faults: see sluice rules lint", "count", len(b.faults)-i)
			break
		}
		n.log.Error("a rule has a fault, so it is left out or tells fewer channels; the others run", "why", err)
	}
	if b.cannot > 0 {
		n.log.Warn("rules of other collections cannot run here: see sluice rules coverage", "count", b.cannot)
	}
}
