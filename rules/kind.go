package rules

import (
	"maps"
	"slices"

	"sluice/internal/strictyaml"
)

// The kinds of rules.
const (
	KindMatch     = "match"     // one event is enough
	KindAggregate = "aggregate" // the sum, average or percentile of a field within a window
	KindNewTerms  = "new_terms" // a value that the key did not have before
	KindSequence  = "sequence"  // events in a given order within a window
	KindThreshold = "threshold" // count events, or distinct values, within a window
	KindUnordered = "unordered" // events of several sorts within a window, in any order
)

// kind is what rules of one kind have in common. All else (settling, episodes, bounds,
// the changelog) is the same for all.
type kind struct {
	keys []string // those of optionalKeys that it takes
	read func(r *reader, doc *strictyaml.Node, out *Rule, sp *spec)

	// judge decides one settled instant: group is all matches at t, in order. It keeps in
	// k what later instants may ask for, and calls k.fire where the rule holds.
	judge func(k *keyState, c *Correlator, t int64, group []entry)

	// panes: what is kept may be much, so it stands in the changelog by the second, as
	// what is pending does, and not in the key's main record.
	panes bool

	// history: the rule asks what was before; its lane notes since when it knows that.
	history bool
}

// kinds is every kind of rule, by the name users write under kind.
var kinds = map[string]*kind{
	KindAggregate: {
		[]string{"above", "at_least", "at_most", "below", "count", "function", "percentile", "value", "when", "window"},
		(*reader).aggregate, (*keyState).judgeAggregate, true, false,
	},
	KindMatch:     {[]string{"when"}, (*reader).match, (*keyState).judgeThreshold, false, false},
	KindNewTerms:  {[]string{"history", "term", "when"}, (*reader).newTerms, (*keyState).judgeNewTerms, true, true},
	KindSequence:  {[]string{"steps", "strict", "until", "window"}, (*reader).sequence, (*keyState).judgeSequence, false, false},
	KindThreshold: {[]string{"count", "distinct", "when", "window"}, (*reader).threshold, (*keyState).judgeThreshold, false, false},
	KindUnordered: {[]string{"steps", "window"}, (*reader).unordered, (*keyState).judgeUnordered, false, false},
}

var kindNames = slices.Sorted(maps.Keys(kinds))

// optionalKeys are the keys that belong to some kinds only, and whether a rule has them.
var optionalKeys = []struct {
	name string
	set  func(sp *spec) bool
}{
	{"above", func(sp *spec) bool { return sp.Above != nil }},
	{"at_least", func(sp *spec) bool { return sp.AtLeast != nil }},
	{"at_most", func(sp *spec) bool { return sp.AtMost != nil }},
	{"below", func(sp *spec) bool { return sp.Below != nil }},
	{"count", func(sp *spec) bool { return sp.Count != 0 }},
	{"distinct", func(sp *spec) bool { return sp.Distinct != nil }},
	{"function", func(sp *spec) bool { return sp.Function != nil }},
	{"history", func(sp *spec) bool { return sp.History != 0 }},
	{"percentile", func(sp *spec) bool { return sp.Percentile != 0 }},
	{"steps", func(sp *spec) bool { return sp.Steps != nil }},
	{"strict", func(sp *spec) bool { return sp.Strict }},
	{"term", func(sp *spec) bool { return sp.Term != nil }},
	{"until", func(sp *spec) bool { return sp.Until != nil }},
	{"value", func(sp *spec) bool { return sp.Value != nil }},
	{"when", func(sp *spec) bool { return sp.When != nil }},
	{"window", func(sp *spec) bool { return sp.Window != 0 }},
}

// foreign refuses keys that belong to other kinds.
func (r *reader) foreign(doc *strictyaml.Node, out *Rule, sp *spec) {
	for _, k := range optionalKeys {
		if k.set(sp) && !slices.Contains(out.kind.keys, k.name) {
			r.fail(doc, "a rule of kind %s takes no %s", out.Kind, k.name)
		}
	}
}
