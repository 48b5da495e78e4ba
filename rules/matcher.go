package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
)

// Matcher evaluates events one after another. It is not safe for concurrent use.
type Matcher struct {
	// Bare says that nobody makes alerts of the matches of stateless rules: those that no other
	// rule looks at show nothing of the event, unless the rule's text does.
	Bare bool

	set  *Set
	m    *condition.Machine
	find *condition.Finder
	out  []Match
	keys []string

	costs *costs   // nil: nobody asks what rules take
	above *Matcher // of alerts

	asked *Rule           // by Why, over alerts
	under map[string]bool // the rules below it
}

// NewMatcher makes a matcher.
func (s *Set) NewMatcher() *Matcher {
	m := condition.NewMachine(s.leaves)
	return &Matcher{set: s, m: m, find: condition.NewFinder(s.index, m)}
}

// maxKeys bounds the matches that one event makes for one rule, where a field that the
// rule groups by or counts is a list.
const maxKeys = 32

// Match returns what the rules find in one event. The slice is valid until the next call; the
// texts in it are copies.
//
// An event without a field that the rule groups by is not a match of a rule that looks at several
// events; to a rule of kind match one event is enough, and the missing value is a key like any other.
// An event without the field whose values are counted is no match. If such a field is a list, each
// of its elements is one.
func (m *Matcher) Match(ev *event.Event, at Instant) []Match {
	m.out = m.out[:0]
	m.m.Begin(ev)
	if c := m.costs; c != nil {
		c.events++
		if c.left--; c.left <= 0 {
			m.measure(ev, at)
			return m.out
		}
	}
	for _, n := range m.find.Candidates() {
		if p := m.set.plans[n]; p != condition.NoPlan && !m.m.Holds(p) {
			continue
		}
		if r := m.set.rules[n]; r.asksEvents() {
			m.decide(r, ev, at)
		}
	}
	return m.out
}

// MatchAll is Match without the index and the plans: it asks every rule. A differential test
// compares the two.
func (m *Matcher) MatchAll(ev *event.Event, at Instant) []Match {
	m.out = m.out[:0]
	m.m.Begin(ev)
	for _, r := range m.set.rules {
		if r.asksEvents() {
			m.decide(r, ev, at)
		}
	}
	return m.out
}

func (m *Matcher) decide(r *Rule, ev *event.Event, at Instant) {
	if r.steps == nil {
		if m.m.Eval(r.when) && m.excepted(r, at.Time) == nil {
			m.emit(r, ev, at, 0)
		}
	} else if steps := m.steps(r); steps != 0 {
		if steps&^r.ends() != 0 && m.excepted(r, at.Time) != nil {
			steps &= r.ends()
		}
		if steps != 0 {
			m.emit(r, ev, at, steps)
		}
	}
}

// steps are the conditions of a sequence that the event meets.
func (m *Matcher) steps(r *Rule) (steps uint32) {
	for i, n := range r.steps {
		if m.m.Eval(n) {
			steps |= 1 << i
		}
	}
	if r.until != nil && m.m.Eval(r.until) {
		steps |= untilStep
	}
	return steps
}

// emit adds the matches of one rule.
func (m *Matcher) emit(r *Rule, ev *event.Event, at Instant, steps uint32) {
	if len(r.reads) == 1 {
		m.emitRead(r, &r.reads[0], ev, at, steps)
		return
	}
	begin := len(m.out)
	for s := range r.reads {
		if steps&(1<<s) != 0 {
			m.emitRead(r, &r.reads[s], ev, at, 1<<s)
		}
	}
	m.merge(begin)
}

// merge makes one match of those from begin on that differ in their steps only: what
// counts matches tells them apart by event, key and value.
func (m *Matcher) merge(begin int) {
	left := m.out[:begin]
	for _, o := range m.out[begin:] {
		at := slices.IndexFunc(left[begin:], func(l Match) bool { return l.Key == o.Key && l.Value == o.Value })
		if at < 0 {
			left = append(left, o)
		} else {
			left[begin+at].Steps |= o.Steps
		}
	}
	m.out = left
}

// emitRead adds the matches of one rule for what one reading finds in the event.
func (m *Matcher) emitRead(r *Rule, read *reading, ev *event.Event, at Instant, steps uint32) {
	if len(read.group) == 0 {
		m.keys = append(m.keys[:0], "[]")
	} else if m.keys = tuples(m.keys[:0], ev, read.group, r.Kind == KindMatch); len(m.keys) == 0 {
		return
	}
	counted := []string{""}
	switch len(read.value) {
	case 0:
	case 1:
		counted = read.value[0].texts(ev)
		if r.number {
			counted = slices.DeleteFunc(counted, func(v string) bool { _, ok := number(v); return !ok })
		}
		if r.place {
			counted = placesOf(counted)
		}
	default:
		if counted = tuples(nil, ev, read.value, r.pair != nil); r.pair != nil && len(read.value[0].texts(ev)) == 0 {
			return // a port may be missing, as ICMP has none, but not the host; nor the rule of a risk
		}
	}
	if len(counted) == 0 {
		return
	}
	match := Match{
		Rule: r.ID, Hash: r.Hash, Namespace: at.Namespace, Lane: at.Lane, Origin: at.Origin, Time: at.Time, ID: at.ID, Steps: steps,
	}
	if !m.Bare || r.Stateful() || m.set.levels > 0 || r.speaks() {
		match.Fields = fields(r, ev)
	}
	if match.ID == "" {
		match.ID = strings.Clone(ev.Text(m.set.id))
	}
	if match.Namespace == "" {
		match.Namespace = strings.Clone(ev.Text(m.set.ns))
	}
	if r.mixed() {
		match.Fields = with(match.Fields, behindEvents, []string{match.ID})
	}
	for _, k := range m.keys {
		match.Key = k
		for _, v := range counted[:min(len(counted), maxKeys)] {
			match.Value = strings.Clone(keyText(v))
			m.out = append(m.out, match)
		}
	}
}

// tuples are the values of several columns, each a JSON list; empty says that a column
// without a value is an empty text. Otherwise there are none then.
func tuples(out []string, ev *event.Event, cs []column, empty bool) []string {
	out = append(out, "[")
	for i, c := range cs {
		values := c.texts(ev)
		switch {
		case len(values) > 0:
		case empty:
			values = []string{""}
		default:
			return nil
		}
		var next []string
		for _, k := range out {
			if i > 0 {
				k += ","
			}
			for _, v := range values[:min(len(values), maxKeys-len(next))] {
				next = append(next, k+string(event.AppendString(nil, keyText(v))))
			}
		}
		out = next
	}
	for i := range out {
		out[i] += "]"
	}
	return out
}

// texts are the values of the first field that is set.
func (c column) texts(ev *event.Event) []string {
	for _, f := range c {
		if vs := texts(ev, f); len(vs) > 0 {
			return vs
		}
	}
	return nil
}

// fields are what the alert shows of the event, as a JSON object.
func fields(r *Rule, ev *event.Event) string {
	b := make([]byte, 0, 256)
	b = append(b, '{')
	for _, s := range r.shown {
		values := texts(ev, s.field)
		if len(values) == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(event.AppendString(b, s.name), ':', '[')
		for i, v := range values[:min(len(values), maxKeys)] {
			if i > 0 {
				b = append(b, ',')
			}
			b = event.AppendString(b, clip(v, maxShown))
		}
		b = append(b, ']')
	}
	return string(append(b, '}'))
}

// keyText bounds what a log can make a key of: a longer text is its beginning and the
// hash of all of it. Bytes that are no UTF-8 are what the wire would make of them.
func keyText(v string) string {
	const most = 512
	if len(v) > most {
		v = v[:most] + "..." + strconv.FormatUint(hash64(v), 16)
	}
	return strings.ToValidUTF8(v, "\ufffd")
}

// maxShown bounds one text that an alert shows: enough for a path or a query.
const maxShown = 1024

// texts are the values of a field in one canonical form each, so that equal addresses
// are one key however they were written.
func texts(ev *event.Event, f event.Field) []string {
	v := ev.Get(f)
	switch {
	case v == nil:
		return nil
	case v.IsList():
		items := slices.Clone(ev.List(f))
		for i := range items {
			if a, ok := event.ParseAddr(items[i]); ok && v.Type() == event.IP {
				items[i] = a.Unmap().String()
			}
		}
		slices.Sort(items)
		return slices.Compact(items)
	}
	switch v.Type() {
	case event.Long:
		return []string{strconv.FormatInt(v.Int(), 10)}
	case event.Double:
		return []string{strconv.FormatFloat(v.Float(), 'g', -1, 64)}
	case event.IP:
		return []string{v.Addr().Unmap().String()}
	case event.Date:
		return []string{v.Time().Format(time.RFC3339Nano)}
	case event.Keyword, event.Bool, event.JSON:
	}
	return []string{v.Text()}
}
