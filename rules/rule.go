package rules

import (
	"slices"
	"time"

	"sluice/event"
	"sluice/internal/condition"
)

// Rule is one rule as it was loaded. It is read-only.
type Rule struct {
	ID          string
	Hash        string // of what decides; texts for people and exceptions are no part of it
	Version     string // the hash in short, and of the exceptions where there are some
	Title       string
	Description string
	Kind        string
	Level       string // informational, low, medium, high, critical
	Status      string // experimental, test, stable, deprecated
	Author      string
	References  []string
	Tags        []string
	Positives   []string // known false positives
	Data        []string // what it needs
	Route       []string // the channels that tell of it; none: their own settings decide
	Exceptions  []Exception
	Doubts      []Doubt
	GroupBy     []string      // each a field, or several with " ?? " between them, of which the first that is set counts
	Distinct    string        // the field whose values a threshold counts; "": events
	Count       int           // of a threshold
	Window      time.Duration // T; 0 for match
	Suppress    time.Duration // S: an episode's greatest gap
	File        string
	Line        int
	Shadow      bool // on trial: its alerts are told to nobody, and to rules on trial only

	foreign  bool // of another language
	sketched bool // a threshold of more distinct values than are counted one by one
	early    bool // it announces what is not settled yet

	chained  bool     // over the alerts of other rules,
	named    []string // which it names so,
	upstream []string // which are these,
	level    int      // so that it stands on the level above them all
	from     []string // of a rule over events too: for each step the one whose alerts it asks; "": events
	silent   bool     // its alerts are for the rules over it only

	kind      *kind
	decides   string          // what else than the common keys decides: part of Hash
	when      *condition.Node // of match and threshold
	steps     []*condition.Node
	until     *condition.Node // nil: nothing ends a sequence
	strict    bool
	groupBy   []column // as GroupBy
	value     string   // the field whose values matches carry; "": none
	valueOf   event.Field
	valueElse []event.Field // where it stands if valueOf is not set
	reads     []reading
	number    bool                    // the values are numbers to reckon with, not to list
	place     bool                    // the values are places
	distance  float64                 // of travel, in km
	bounds    limits                  // of an aggregate
	beside    []Named                 // of another language: fields beside its conditions
	seen      func(steps uint32) bool // of unordered: true for the steps that must be seen; nil: a different event for each
	centile   float64
	history   time.Duration // of a rate
	panes     int           // the least number that a rate is judged by
	span      time.Duration // of a beacon: the least time from its first beat to the last
	shortest  time.Duration // of a beacon: the least median interval
	ports     int           // of a scan: so many of one host
	hosts     int           // of a scan: so many with one port
	targets   int           // of a scan: so many in all
	pair      []column      // where both parts of a match's value stand: host and port of a scan, rule and risk
	risk      float64       // what its alerts add to the risk of whom they are about
	function  string
	shown     []shownField
	message   []piece
	set       []filled

	investigation [][]piece
	tests         []test
}

// reading is where the key and the value of a match stand in an event. A rule has one, or
// one for each of its steps.
type reading struct {
	group, value []column

	groupAt, valueAt []int // of a step that asks alerts: where they stand in the key of those
}

// column is fields of which the first that is set is read.
type column []event.Field

// read makes the one reading of a rule that names its fields itself.
func (r *Rule) read() []reading {
	one := reading{}
	one.group = append(one.group, r.groupBy...)
	if r.value != "" {
		one.value = []column{append(column{r.valueOf}, r.valueElse...)}
	}
	if r.pair != nil {
		one.value = r.pair
	}
	return []reading{one}
}

// shownField is a field of the event that the alert shows.
type shownField struct {
	name  string
	field event.Field
}

// piece is a part of a message: a text, or a field's values.
type piece struct{ text, field string }

// Stateful says whether the rule's matches belong on sluice.matches. The others give
// their alert at once: Set.Alert.
func (r *Rule) Stateful() bool { return r.chained || r.Kind != KindMatch || r.Suppress > 0 }

// speaks tells whether the alert's text shows anything of the event.
func (r *Rule) speaks() bool {
	return slices.ContainsFunc(r.message, func(p piece) bool { return p.field != "" })
}

// OverAlerts says whether the rule looks at the alerts of other rules instead of events.
func (r *Rule) OverAlerts() bool { return r.chained }

// Foreign says whether the rule is of another language.
func (r *Rule) Foreign() bool { return r.foreign }

// Tested says whether the rule has a test that must fire, and one that must stay silent.
func (r *Rule) Tested() (fires, silent bool) {
	for i := range r.tests {
		fires, silent = fires || r.tests[i].fires > 0, silent || r.tests[i].fires == 0
	}
	return fires, silent
}

// context are the fields that every alert shows of its events, where they have them.
var context = []string{
	"destination.ip", "destination.port", "event.action", "host.hostname", "host.name", "http.request.method", "observer.hostname",
	"observer.name", "process.name", "related.hosts", "related.ip", "related.user", "source.ip", "url.path", "user.name",
}
