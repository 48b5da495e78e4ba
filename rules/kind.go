package rules

import (
	"maps"
	"slices"

	"sluice/internal/strictyaml"
)

// The kinds of rules.
const (
	KindMatch     = "match"     // one event is enough
	KindAbsence   = "absence"   // an event that is not followed by another within a window
	KindAggregate = "aggregate" // the sum, average or percentile of a field within a window
	KindBeacon    = "beacon"    // events that come at regular intervals
	KindNewTerms  = "new_terms" // a value that the key did not have before
	KindRate      = "rate"      // more events in a pane of time than is usual at this hour of the week
	KindRisk      = "risk"      // the alerts of other rules about one key, whose risk adds up
	KindScan      = "scan"      // one key tries many ports or hosts within a window
	KindSequence  = "sequence"  // events in a given order within a window
	KindThreshold = "threshold" // count events, or distinct values, within a window
	KindTravel    = "travel"    // one key in two places between which nobody travels so fast
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

	// due and pass are for kinds whose state is not over when its matches leave the
	// window: pass does what time alone brings where all before watermark is settled
	// (true: something changed), and due is what the watermark has to pass for that
	// (MaxInt64: there is nothing). Both or none; with them, pass forgets, not expire.
	due  func(k *keyState) int64
	pass func(k *keyState, c *Correlator, watermark int64) bool

	// open, where it is not nil, is an instant that pass has yet to decide, the earliest
	// one (MaxInt64: there is none): no episode closes that it may go on with.
	open func(k *keyState) int64

	// figures are the names of the numbers that fire is given: messages may use them, and
	// the alert shows them.
	figures []string

	// tally, where it is not nil, counts for an episode what a match brings that no alert
	// has counted; figures are then the counts of the episode's tallies.
	tally func(ep *episode, e *entry)
}

// kinds is every kind of rule, by the name users write under kind.
var kinds = map[string]*kind{
	KindAbsence: {
		keys: []string{"when", "window", "without"}, read: (*reader).absence, judge: (*keyState).judgeAbsence, panes: true,
		due: (*keyState).absenceDue, pass: (*keyState).passAbsence, open: (*keyState).deadline,
	},
	KindAggregate: {
		keys: []string{"above", "at_least", "at_most", "below", "count", "function", "percentile", "value", "when", "window"},
		read: (*reader).aggregate, judge: (*keyState).judgeAggregate, panes: true,
	},
	KindBeacon: {
		keys: []string{"count", "deviation", "shortest", "span", "when", "window"},
		read: (*reader).beacon, judge: (*keyState).judgeBeacon, due: beaconDue, pass: passBeacon, figures: beaconFigures,
	},
	KindMatch:    {keys: []string{"when"}, read: (*reader).match, judge: (*keyState).judgeThreshold},
	KindNewTerms: {keys: []string{"history", "term", "when"}, read: (*reader).newTerms, judge: (*keyState).judgeNewTerms, panes: true, history: true},
	KindRate: {
		keys: []string{"above", "count", "history", "panes", "when", "window"},
		read: (*reader).rate, judge: (*keyState).judgeRate, due: rateDue, pass: passRate, figures: rateFigures,
	},
	KindRisk: {
		keys: []string{"count", "score", "when", "window"},
		read: (*reader).riskScore, judge: (*keyState).judgeRisk, figures: riskFigures, tally: tallyRisk,
	},
	KindScan: {
		keys: []string{"hosts", "ports", "targets", "when", "window"},
		read: (*reader).scan, judge: (*keyState).judgeScan, figures: scanFigures, tally: tallyScan,
	},
	KindSequence:  {keys: []string{"steps", "strict", "until", "window"}, read: (*reader).sequence, judge: (*keyState).judgeSequence},
	KindThreshold: {keys: []string{"count", "distinct", "when", "window"}, read: (*reader).threshold, judge: (*keyState).judgeThreshold},
	KindTravel: {
		keys: []string{"distance", "place", "speed", "when"},
		read: (*reader).travel, judge: (*keyState).judgeTravel, figures: travelFigures,
	},
	KindUnordered: {keys: []string{"steps", "window"}, read: (*reader).unordered, judge: (*keyState).judgeUnordered},
}

var kindNames = slices.Sorted(maps.Keys(kinds))

// Kinds are the names of all kinds.
func Kinds() []string { return slices.Clone(kindNames) }

type optionalKey struct {
	name string
	set  func(sp *spec) bool
}

// optionalKeys are the keys that belong to some kinds only, and whether a rule has them.
var optionalKeys = []optionalKey{
	{"above", func(sp *spec) bool { return sp.Above != nil }},
	{"at_least", func(sp *spec) bool { return sp.AtLeast != nil }},
	{"at_most", func(sp *spec) bool { return sp.AtMost != nil }},
	{"below", func(sp *spec) bool { return sp.Below != nil }},
	{"count", func(sp *spec) bool { return sp.Count != 0 }},
	{"deviation", func(sp *spec) bool { return sp.Deviation != nil }},
	{"distance", func(sp *spec) bool { return sp.Distance != nil }},
	{"distinct", func(sp *spec) bool { return sp.Distinct != nil }},
	{"function", func(sp *spec) bool { return sp.Function != nil }},
	{"history", func(sp *spec) bool { return sp.History != 0 }},
	{"hosts", func(sp *spec) bool { return sp.Hosts != 0 }},
	{"panes", func(sp *spec) bool { return sp.Panes != 0 }},
	{"percentile", func(sp *spec) bool { return sp.Percentile != 0 }},
	{"place", func(sp *spec) bool { return sp.Place != nil }},
	{"ports", func(sp *spec) bool { return sp.Ports != 0 }},
	{"score", func(sp *spec) bool { return sp.Score != nil }},
	{"shortest", func(sp *spec) bool { return sp.Shortest != 0 }},
	{"span", func(sp *spec) bool { return sp.Span != 0 }},
	{"speed", func(sp *spec) bool { return sp.Speed != nil }},
	{"steps", func(sp *spec) bool { return sp.Steps != nil }},
	{"strict", func(sp *spec) bool { return sp.Strict }},
	{"targets", func(sp *spec) bool { return sp.Targets != 0 }},
	{"term", func(sp *spec) bool { return sp.Term != nil }},
	{"until", func(sp *spec) bool { return sp.Until != nil }},
	{"value", func(sp *spec) bool { return sp.Value != nil }},
	{"when", func(sp *spec) bool { return sp.When != nil }},
	{"window", func(sp *spec) bool { return sp.Window != 0 }},
	{"without", func(sp *spec) bool { return sp.Without != nil }},
}

// Takes says whether a key goes with the kind that a rule names; all do where it names none.
func (*spec) Takes(doc *strictyaml.Node, key string) bool {
	k := kinds[at(doc, "kind").Value]
	return k == nil || slices.Contains(k.keys, key) || !slices.ContainsFunc(optionalKeys, func(o optionalKey) bool { return o.name == key })
}

// foreign refuses keys that belong to other kinds.
func (r *reader) foreign(doc *strictyaml.Node, out *Rule, sp *spec) {
	for _, k := range optionalKeys {
		if k.set(sp) && !slices.Contains(out.kind.keys, k.name) {
			r.fail(at(doc, k.name), "a rule of kind %s takes no %s", out.Kind, k.name)
		}
	}
}
