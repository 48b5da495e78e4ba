package rules

import (
	"fmt"
	"slices"
	"strings"

	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// asks are the conditions of a rule, of events or of alerts.
func (s *Set) asks(r *Rule) []*condition.Node {
	if r.when != nil {
		return []*condition.Node{r.when}
	}
	return r.steps
}

// reach looks for what the alerts of the rules behind a rule never come to.
func (s *Set) reach(l link) {
	most := 0.0
	for _, id := range l.rule.upstream {
		most += 2 * s.byID[id].risk // the latest counts in full, the one before half, ..
	}
	glob := slices.ContainsFunc(l.rule.named, func(name string) bool { return strings.ContainsAny(name, "*?") }) // of what is loaded elsewhere, too
	switch r, at := l.rule, l.names[0]; {
	case r.Kind != KindRisk || glob:
	case len(r.upstream) < r.Count:
		r.Doubts = append(r.Doubts, Doubt{DoubtCondition, at.Line, at.Column, fmt.Sprintf("rules: these are %d, and count asks for alerts of %d different ones", len(r.upstream), r.Count)})
	case most < r.bounds[0].X:
		r.Doubts = append(r.Doubts, Doubt{DoubtCondition, at.Line, at.Column, fmt.Sprintf("rules: the risk of all of them never comes to more than %g, and score is %g", most, r.bounds[0].X)})
	}
	if l.rule.mixed() {
		return
	}
	for _, n := range s.asks(l.rule) {
		s.strangers(l.rule, n)
	}
	for _, name := range l.rule.GroupBy {
		if !slices.ContainsFunc(strings.Split(name, orElse), func(one string) bool { return s.shows(l.rule, one) }) {
			at := l.names[0]
			l.rule.Doubts = append(l.rule.Doubts, Doubt{DoubtCondition, at.Line, at.Column, "rules: no alert of these shows " + name + ", by which they are grouped: add it to the fields of those"})
		}
	}
}

// strangers are what a rule over alerts asks for and no alert that it sees has.
func (s *Set) strangers(r *Rule, n *condition.Node) {
	for _, k := range n.Kids {
		s.strangers(r, k)
	}
	if n.Kind != condition.Ask {
		return
	}
	l := s.leaves.Leaf(n)
	if l.Field == condition.Any || l.Op == condition.Program {
		return
	}
	name := s.schema.Spec(l.Field).Name
	if !s.shows(r, name) {
		r.Doubts = append(r.Doubts, Doubt{DoubtCondition, n.Line, n.Column, "no alert of the rules that it names shows " + name + ": add it to the fields of those"})
	}
	if l.Op != condition.Equal || name != "rule.id" {
		return
	}
	for _, id := range l.Values {
		if !slices.Contains(r.upstream, id) {
			r.Doubts = append(r.Doubts, Doubt{DoubtCondition, n.Line, n.Column, "rules does not name " + id + ", so no alert of it comes here" + strictyaml.DidYouMean(id, r.upstream)})
		}
	}
}

// shows says whether alerts of one of the rules behind a rule have a field.
func (s *Set) shows(r *Rule, name string) bool {
	if slices.ContainsFunc(ours, func(o string) bool { return name == o || strings.HasPrefix(name, o+".") }) {
		return true
	}
	return slices.ContainsFunc(r.upstream, func(id string) bool {
		up := s.byID[id]
		return slices.ContainsFunc(up.shown, func(f shownField) bool { return f.name == name }) ||
			slices.ContainsFunc(up.GroupBy, func(by string) bool { return slices.Contains(strings.Split(by, orElse), name) }) ||
			slices.ContainsFunc(up.set, func(f filled) bool { return f.name == name })
	})
}
