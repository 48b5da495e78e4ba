package rules

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// link is a rule over the alerts of others, as it stands in a file.
type link struct {
	rule  *Rule
	src   *strictyaml.Source
	names []*strictyaml.Node // ids, or globs of them
}

// links reads whose alerts a rule looks at. A condition may then be left out.
func (r *reader) links(doc *strictyaml.Node, out *Rule, sp *spec) {
	if sp.Rules == nil {
		return
	}
	if out.chained = true; out.Kind == KindAbsence {
		r.fail(sp.Rules, "rules: a rule of kind %s looks at events: behind alerts nobody can tell which source is silent", out.Kind)
	}
	names := r.src.Words(sp.Rules)
	for _, n := range names {
		out.named = append(out.named, n.Value)
	}
	if sp.When == nil && slices.Contains(out.kind.keys, "when") {
		sp.When = &strictyaml.Node{Kind: strictyaml.Scalar, Value: "true", Line: doc.Line, Column: doc.Column}
	}
	r.set.links = append(r.set.links, link{out, r.src, names})
}

// chain finds the rules behind the rules, and drops those where there are none or that
// go round in a circle.
func (s *Set) chain() {
	for gone := true; gone; {
		gone = false
		for _, l := range s.links {
			if s.byID[l.rule.ID] == l.rule && !s.resolve(l) {
				s.drop(l.rule)
				gone = true
			}
		}
	}
	var round []*Rule
	for _, l := range s.links {
		if s.byID[l.rule.ID] != l.rule {
			continue
		}
		if circle := s.circle(l.rule.ID); circle != nil {
			l.src.Fail(l.names[0], "rules: these match each other's alerts in a circle: %s", strings.Join(circle, " -> "))
			round = append(round, l.rule)
		}
	}
	for _, r := range round {
		s.drop(r)
	}
	s.order()
	for _, l := range s.links {
		if s.byID[l.rule.ID] == l.rule && !l.rule.foreign {
			s.reach(l)
		}
	}
}

// resolve finds what a rule names.
func (s *Set) resolve(l link) bool {
	l.rule.upstream = nil
	ok := true
	for _, n := range l.names {
		found := s.named(n.Value, l.rule)
		if len(found) == 0 {
			ok = false
			ids := make([]string, 0, len(s.rules))
			for _, r := range s.rules {
				ids = append(ids, r.ID)
			}
			if l.rule.foreign {
				l.src.Fail(n, "the rule %.64q has faults itself", n.Value)
				continue
			}
			if strings.ContainsAny(n.Value, "*?") { // of a risk, also where it names none
				l.src.Fail(n, "rules: no rule over events is loaded that fits %.64q; give lint, test and detect those too whose alerts count", n.Value)
				continue
			}
			hint := strictyaml.DidYouMean(n.Value, ids)
			if hint == "" {
				hint = "; one that has faults is not loaded"
			}
			l.src.Fail(n, "rules: no rule that is loaded has the id %.64q%s", n.Value, hint)
		}
		for _, id := range found {
			if !slices.Contains(l.rule.upstream, id) {
				l.rule.upstream = append(l.rule.upstream, id)
			}
		}
	}
	return ok
}

// named are the ids that a name stands for. A glob stands for rules over events only, so
// that it never makes a circle.
func (s *Set) named(name string, of *Rule) (ids []string) {
	if s.byID[name] != nil {
		return []string{name}
	}
	if !strings.ContainsAny(name, "*?") {
		return nil
	}
	for _, r := range s.rules {
		if ok, err := path.Match(name, r.ID); err == nil && ok && !r.chained && r != of {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// circle is a way from a rule back to itself; nil: there is none.
func (s *Set) circle(id string) []string {
	seen := map[string]bool{} // each rule once: the ways through many levels are without number
	var from func(at string, way []string) []string
	from = func(at string, way []string) []string {
		r := s.byID[at]
		if r == nil || seen[at] {
			return nil
		}
		seen[at] = true
		way = append(way, at)
		for _, up := range r.upstream {
			if up == id {
				return append(way, id)
			}
			if c := from(up, way); c != nil {
				return c
			}
		}
		return nil
	}
	return from(id, nil)
}

func (s *Set) drop(r *Rule) {
	delete(s.byID, r.ID)
	s.rules = slices.DeleteFunc(s.rules, func(o *Rule) bool { return o == r })
}

// order gives each rule its level: what it waits for is on the levels below. Where a rule
// of a circle was dropped, so is what named it.
func (s *Set) order() {
	s.downstream = map[string][]*Rule{}
	known := map[*Rule]bool{}
	var level func(r *Rule) int
	level = func(r *Rule) int {
		if r == nil {
			return -1
		}
		if known[r] {
			return r.level
		}
		known[r] = true
		for _, id := range r.upstream {
			n := level(s.byID[id])
			if n < 0 {
				r.level = n
				break
			}
			r.level = max(r.level, n+1)
		}
		return r.level
	}
	for _, l := range s.links {
		switch {
		case s.byID[l.rule.ID] != l.rule:
		case level(l.rule) < 0:
			l.src.Fail(l.names[0], "rules: a rule that it names has faults")
			s.drop(l.rule)
		default:
			s.levels = max(s.levels, l.rule.level)
			for _, id := range l.rule.upstream {
				if s.byID[id].Shadow && !l.rule.Shadow {
					continue // what is on trial makes nobody else speak
				}
				s.downstream[id] = append(s.downstream[id], l.rule)
			}
		}
	}
}

// behind are a rule and all those whose alerts lead to it.
func (s *Set) behind(r *Rule) map[string]bool {
	out := map[string]bool{}
	var add func(id string)
	add = func(id string) {
		if out[id] {
			return
		}
		out[id] = true
		for _, up := range s.byID[id].upstream {
			add(up)
		}
	}
	add(r.ID)
	return out
}

// Levels is how many levels of rules stand above those over events: 0 where no rule looks
// at the alerts of others.
func (s *Set) Levels() int { return s.levels }

// Chain is what the rules over alerts say of the first revision of an alert: a match at
// the instant at which it begins. The slice is the caller's.
func (m *Matcher) Chain(a *Alert) []Match {
	rules := m.set.downstream[a.Rule]
	if len(rules) == 0 || a.Revision > 1 {
		return nil
	}
	if m.above == nil {
		m.above = m.set.NewMatcher()
	}
	up, ev := m.above, m.set.alertEvent(a.Doc)
	up.m.Begin(ev)
	up.out = nil
	at := Instant{Time: a.Last, Lane: a.Lane, Origin: a.Lane, ID: a.ID, Namespace: a.Namespace}
	for _, r := range rules {
		if r.mixed() {
			up.out = append(up.out, r.ofAlert(m.set, a, ev, at)...)
			continue
		}
		up.decide(r, ev, at)
	}
	return up.out
}

// alertEvent is an alert's document as an event.
func (s *Set) alertEvent(doc []byte) *event.Event {
	ev := event.NewEvent(s.schema)
	ev.Reset("")
	var tree map[string]any
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if d.Decode(&tree) == nil { // our own encoding
		s.fill(ev, "", tree)
	}
	return ev
}

func (s *Set) fill(ev *event.Event, path string, v any) {
	f, known := s.schema.Lookup(path)
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			s.fill(ev, strings.TrimPrefix(path+"."+name, "."), inner)
		}
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok && known {
				ev.Add(f, text)
			}
		}
	case string:
		switch {
		case !known:
		case s.schema.Spec(f).Array:
			ev.Add(f, v)
		case s.schema.Spec(f).Type == event.Date:
			if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
				ev.SetTime(f, t)
			}
		default:
			ev.SetText(f, v)
		}
	case json.Number:
		if known {
			ev.SetText(f, v.String())
		}
	case bool:
		if known {
			ev.SetBool(f, v)
		}
	}
}
