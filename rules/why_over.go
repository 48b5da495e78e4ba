package rules

import (
	"slices"
	"strings"
	"time"
)

// WhyAlert is an alert below a rule over alerts, of which an event is a part.
type WhyAlert struct {
	Alert string    `json:"alert"`
	Rule  string    `json:"rule"`
	Title string    `json:"title"`
	Began time.Time `json:"began"`
}

// Below are the rules that a rule over alerts looks at, down to those over events, with
// itself; and how far before an instant what decides about it may stand.
func (s *Set) Below(r *Rule) (ids map[string]bool, reach time.Duration) {
	ids = s.behind(r)
	for id := range ids {
		reach = max(reach, s.byID[id].reach())
	}
	return ids, reach * time.Duration(r.level+1)
}

// Over says of a rule over alerts what Why says of others: all are the matches that events
// have for the rules below it, of which the alerts are judged by a Correlator as live. It
// gives the matches of the rule for the event of w, and all of them.
func (s *Set) Over(r *Rule, w *Why, all []Match, until time.Time) (at, chained []Match) {
	alerts := map[string]Alert{}
	c := s.NewCorrelator()
	c.tap = func(ms []Match) {
		for i := range ms {
			if ms[i].Rule == r.ID {
				chained = append(chained, ms[i])
			}
		}
	}
	drain := func(to time.Time) {
		c.Advance(whyLane, to)
		found, _ := c.Drain()
		for _, a := range found {
			alerts[a.ID] = a
		}
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Match) int { return a.Time.Compare(b.Time) })
	for i := range all {
		m := &all[i]
		m.Lane = whyLane // of one line of time, whichever it came by
		if m.Rule == r.ID {
			chained = append(chained, *m)
		}
		if i%1000 == 999 {
			drain(m.Time)
		}
		if s.byID[m.Rule].Stateful() {
			c.Observe(m)
			continue
		}
		a := s.Alert(m)
		alerts[a.ID] = a
		c.Alerted(&a)
	}
	drain(until.Add(1))
	c.End()
	drain(until)
	for _, m := range chained {
		a, over := alerts[m.ID]
		switch {
		case over && partOf(alerts, a.ID, w.Event, r.level):
			w.Through = append(w.Through, WhyAlert{a.ID, a.Rule, a.Title, a.First})
			at = append(at, m)
		case !over && m.ID == w.Event:
			at = append(at, m)
		}
	}
	w.over(r, at)
	return at, chained
}

// partOf says whether an event is one of those behind an alert, through those below it.
func partOf(alerts map[string]Alert, id, event string, levels int) bool {
	return slices.ContainsFunc(alerts[id].Events, func(of string) bool {
		return of == event || levels > 0 && partOf(alerts, of, event, levels-1)
	})
}

// over says in words what became of an event.
func (w *Why) over(r *Rule, at []Match) {
	w.Matches = len(at) > 0
	for i := range at {
		if !slices.Contains(w.Keys, at[i].Key) {
			w.Keys = append(w.Keys, at[i].Key)
		}
	}
	var through []string
	for _, a := range w.Through {
		through = append(through, a.Alert+" of "+a.Rule)
	}
	switch {
	case len(through) > 0:
		w.Because = "it is part of the alert " + strings.Join(through, ", ") + ", at which the rule looks"
	case w.Matches || r.mixed():
	default:
		w.Because = "it looks at the alerts of " + strings.Join(r.upstream, ", ") + "; this event is part of none that meets its conditions"
	}
}
