package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// Over is what a rule of another language asks of several events: one of our kinds, with
// what our own rules cannot say. Dialect promises what the reader of that kind checks,
// but for the bounds.
type Over struct {
	Kind    string
	Window  time.Duration
	Steps   []*condition.Node  // nil: Foreign.When decides
	Reads   []Read             // one, or one for each step
	From    []*strictyaml.Node // nil, or for each step the id of the rule whose alerts it asks, nil: events
	GroupBy []string           // what the parts of the key are called
	Value   string             // what the value is called; "": there is none

	// Named are the fields that key and value name, each where events may hold it.
	Named []Named

	// Count is that of a threshold, which may be 1 here, or the least number of values of
	// an aggregate.
	Count      int
	Function   string // of an aggregate, with what belongs to it
	Percentile float64
	Limits     []Limit

	// Seen judges the steps of a rule of kind unordered, bit n for step n+1, where one event
	// may meet several. nil: there must be a different event for each.
	Seen func(steps uint32) bool

	// Decides is the text of all that decides: where it changes, the rule begins anew.
	Decides string
}

// Named is a field that a rule names beside its conditions, with its place in the file.
type Named struct {
	Fields       []event.Field
	Line, Column int
}

// Read is the fields of events that make the key and the value; of each list the first
// that is set.
type Read struct {
	Key, Value [][]event.Field

	KeyAt, ValueAt []int // of a step that asks alerts: where they stand in the key of those
}

// MaxWindow is the longest window of a rule, MaxSteps the most steps that one has, and
// MaxSeen those where one event may meet several.
const (
	MaxWindow = maxWindow
	MaxSteps  = maxSteps
	MaxSeen   = 31 // the last bit of a match's steps is until
)

// lay makes out a rule over several events.
func (o *Over) lay(out *Rule, opt Options) error {
	if o.Count > opt.MaxEntries {
		return fmt.Errorf("it counts to %d, and %d matches of one key are kept", o.Count, opt.MaxEntries)
	}
	if o.Kind == KindAggregate && limits(o.Limits).never(o.Function, o.Count, opt.MaxEntries) {
		return fmt.Errorf("its condition is never true: no result is %s, where at most %d matches of one key are kept, and at least one is there", limits(o.Limits), opt.MaxEntries)
	}
	if len(o.GroupBy) > maxGroupBy {
		return fmt.Errorf("it groups by %d fields; at most %d make a key", len(o.GroupBy), maxGroupBy)
	}
	out.Kind, out.kind = o.Kind, kinds[o.Kind]
	out.Window, out.Suppress, out.Count = o.Window, o.Window, o.Count
	out.steps, out.seen = o.Steps, o.Seen
	out.GroupBy, out.value = o.GroupBy, o.Value
	if o.Kind == KindThreshold {
		out.Distinct = o.Value
	}
	out.beside = o.Named
	out.function, out.centile = o.Function, o.Percentile
	out.number = o.Kind == KindAggregate && o.Function != functionCount && o.Function != functionDistinct
	out.bounds = o.Limits
	for _, r := range o.Reads {
		one := reading{groupAt: r.KeyAt, valueAt: r.ValueAt}
		for _, fs := range r.Key {
			one.group = append(one.group, fs)
		}
		for _, fs := range r.Value {
			one.value = append(one.value, fs)
		}
		out.reads = append(out.reads, one)
	}
	sum := sha256.Sum256([]byte(o.Decides))
	out.Hash = hex.EncodeToString(sum[:8])
	return nil
}
