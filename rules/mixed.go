package rules

import (
	"encoding/json"
	"slices"
	"strings"

	"sluice/event"
)

// A rule of another language may look at events and at the alerts of other rules alike:
// each of its steps asks either. It stands above those rules, so what it holds of events
// waits until they are settled.

// The fields by which the alert of such a rule names what is behind it.
const (
	behindEvents = "sluice.alert.events"
	behindAlerts = "sluice.alert.alerts"
)

// mixed says whether the rule has a step that asks alerts.
func (r *Rule) mixed() bool { return r.from != nil }

// asksEvents says whether events may be matches of the rule.
func (r *Rule) asksEvents() bool { return !r.chained || r.mixed() }

// links notes whose alerts a rule of another language asks.
func (o *Over) links(r *reader, out *Rule) {
	l := link{rule: out, src: r.src}
	for _, n := range o.From {
		id := ""
		if n != nil {
			id = n.Value
			l.names = append(l.names, n)
			out.named = append(out.named, id)
		}
		out.from = append(out.from, id)
	}
	if l.names == nil {
		out.from = nil
		return
	}
	out.chained = true
	r.set.links = append(r.set.links, l)
}

// ofAlert are the matches that an alert makes for a rule of which some steps ask alerts.
func (r *Rule) ofAlert(s *Set, a *Alert, ev *event.Event, at Instant) (out []Match) {
	var key []string
	_ = json.Unmarshal([]byte(a.Key), &key) // our own encoding; empty without group_by
	for step, id := range r.from {
		if id != a.Rule {
			continue
		}
		read := &r.reads[step]
		group, ok := parts(key, read.groupAt)
		if !ok {
			continue
		}
		match := Match{
			Rule: r.ID, Hash: r.Hash, Key: list(group), Namespace: at.Namespace, Lane: at.Lane, Origin: at.Origin, Time: at.Time, ID: at.ID,
			Steps: 1 << step, Fields: r.evidence(s, a, ev),
		}
		if values, ok := parts(key, read.valueAt); len(values) == 1 {
			match.Value = values[0]
		} else if !ok {
			continue
		} else if len(values) > 1 {
			match.Value = list(values)
		}
		if _, isNumber := number(match.Value); r.number && !isNumber {
			continue
		}
		out = append(out, match)
	}
	return out
}

// parts are those of an alert's key that stand at some places; false: it has no such.
func parts(key []string, at []int) ([]string, bool) {
	out := []string{}
	for _, i := range at {
		if i >= len(key) {
			return nil, false
		}
		out = append(out, key[i])
	}
	return out, true
}

// evidence is what the alert of such a rule shows of an alert behind it: its fields, the
// events behind it, and its id where it can be looked up.
func (r *Rule) evidence(s *Set, a *Alert, ev *event.Event) string {
	up := s.byID[a.Rule]
	events := a.Events
	var alerts []string
	if up.chained {
		alerts = events
		if events = nil; up.mixed() {
			events, alerts = s.listed(ev, behindEvents), s.listed(ev, behindAlerts)
		}
	}
	if !up.silent {
		alerts = []string{a.ID}
	}
	return with(with(fields(r, ev), behindEvents, events), behindAlerts, alerts)
}

// listed are the values of a field of an alert.
func (s *Set) listed(ev *event.Event, name string) []string {
	if f, ok := s.schema.Lookup(name); ok {
		return texts(ev, f)
	}
	return nil
}

// with adds a field to those that an alert shows.
func with(fields, name string, values []string) string {
	if len(values) == 0 {
		return fields
	}
	sorted := slices.Clone(values[:min(len(values), maxKeys)])
	slices.Sort(sorted)
	comma := ","
	if fields == "{}" {
		comma = ""
	}
	return strings.TrimSuffix(fields, "}") + comma + string(event.AppendString(nil, name)) + ":" + list(sorted) + "}"
}
