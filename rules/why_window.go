package rules

import (
	"slices"
	"strconv"
	"time"
)

// Window is what a rule that looks at several events makes of one instant of one key.
type Window struct {
	Key     string        `json:"key"`
	From    time.Time     `json:"from"` // the window is (From, To]
	To      time.Time     `json:"to"`
	There   []WindowMatch `json:"there"` // the latest, oldest first
	Count   int           `json:"count"` // all in the window
	Steps   []int         `json:"steps,omitempty"`
	Missing []string      `json:"missing,omitempty"`
	Fires   bool          `json:"fires"` // the rule holds at this instant
	Alert   string        `json:"alert,omitempty"`
	Began   time.Time     `json:"began,omitzero"` // of the alert that this instant is part of
	Title   string        `json:"title,omitempty"`
	Doc     []byte        `json:"-"` // the alert's last document
}

// WindowMatch is one match in a window.
type WindowMatch struct {
	Time  time.Time `json:"time"`
	ID    string    `json:"id"`
	Value string    `json:"value,omitempty"`
	Steps []string  `json:"steps,omitempty"`
}

// whyLane is a lane of its own: what moves it is its events alone, not their origins.
const whyLane = "why"

// maxThere bounds the matches that a Window lists.
const maxThere = 20

// WindowOf judges the matches of one key of a rule by a Correlator of their own, and says
// what it comes to at the instant of at, which is one of them. Order does not matter. until
// is when the last event happened that is known of, of the rule or not: what ought to have
// followed by then has not.
func (s *Set) WindowOf(r *Rule, at *Match, all []Match, until time.Time) Window {
	t := at.Time.UnixNano()
	same := slices.DeleteFunc(slices.Clone(all), func(m Match) bool {
		return m.Rule != r.ID || m.Key != at.Key || m.Namespace != at.Namespace
	})
	slices.SortStableFunc(same, func(a, b Match) int { return a.Time.Compare(b.Time) })
	w := Window{Key: at.Key, To: at.Time.UTC(), From: at.Time.Add(-r.Window).UTC(), There: []WindowMatch{}}
	c, alerts, judged := s.NewCorrelator(), map[string]Alert{}, false
	drain := func(to time.Time) {
		c.Advance(whyLane, to)
		found, _ := c.Drain()
		for _, a := range found {
			alerts[a.ID] = a
		}
	}
	judge := func() {
		judged = true
		drain(at.Time.Add(1))
		if k := c.lane(whyLane).key(r, at); k != nil && k.ep != nil && k.ep.last == t {
			w.Fires, w.Alert, w.Began = true, k.ep.id, time.Unix(0, k.ep.first).UTC()
		}
	}
	for i := range same {
		m := same[i]
		m.Lane = whyLane // of one line of time, whichever it came by
		if !judged && m.Time.After(at.Time) {
			judge()
		}
		if i%1000 == 999 {
			drain(m.Time)
		}
		c.Observe(&m)
	}
	if !judged {
		judge()
	}
	drain(until.Add(1))
	c.End()
	drain(at.Time)
	for id, a := range alerts {
		// A pane is judged when it is over, and its alert lists some of its events.
		paned := r.Kind == KindRate && !a.First.After(at.Time) && a.Last.After(at.Time)
		if id == w.Alert || w.Alert == "" && (paned || slices.Contains(a.Events, at.ID)) {
			w.Alert, w.Began, w.Title, w.Doc = id, later(w.Began, a.First), a.Title, a.Doc
		}
	}
	w.fill(r, at, same, until)
	return w
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// key is the state of a match's key; nil: there is none.
func (l *lane) key(r *Rule, m *Match) *keyState {
	if b := l.books[r.ID]; b != nil {
		return b.keys[bookKey(m.Namespace, m.Key)]
	}
	return nil
}

// reach is from when to when what decides about a match stands, in ns, both included: the
// window up to it, for an absence the one behind it, for a rate its pane.
func (w *Window) reach(r *Rule, at *Match) (from, to int64) {
	t := at.Time.UnixNano()
	switch {
	case r.Kind == KindAbsence && at.Steps&absenceWhen != 0:
		from, to = t, t+int64(r.Window)
		w.From, w.To = at.Time.UTC(), at.Time.Add(r.Window).UTC()
		return from, to
	case r.Kind == KindRate:
		from = r.paneOf(t) * int64(r.Window)
		w.From, w.To = time.Unix(0, from).UTC(), time.Unix(0, from).Add(r.Window).UTC()
		return from, from + int64(r.Window) - 1
	case r.Kind == KindSequence || r.Kind == KindAbsence || r.kind.history: // closed on both sides
		return t - int64(r.Window), t
	}
	return t - max(int64(r.Window), 1) + 1, t
}

// fill tells what stands in the window, and what is missing; until is when the last event
// happened that is known of.
func (w *Window) fill(r *Rule, at *Match, same []Match, until time.Time) {
	from, to := w.reach(r, at)
	var in []Match
	for i := range same {
		if m := same[i].Time.UnixNano(); m >= from && m <= to {
			in = append(in, same[i])
		}
	}
	w.Count = len(in)
	for i := max(0, len(in)-maxThere); i < len(in); i++ {
		m := &in[i]
		w.There = append(w.There, WindowMatch{m.Time.UTC(), m.ID, m.Value, r.stepNames(m.Steps)})
	}
	if r.steps != nil {
		w.Steps = make([]int, len(r.steps))
		for i := range in {
			for s := range r.steps {
				if in[i].Steps&(1<<s) != 0 {
					w.Steps[s]++
				}
			}
		}
	}
	if r.Kind == KindAbsence || r.Kind == KindRate { // they are judged at the end of the window
		w.Fires = w.Alert != ""
	}
	if tell := missing[r.Kind]; tell != nil && !w.Fires {
		w.Missing = tell(r, w, &asked{at, same, in, until})
	}
}

// stepName is what people call a step.
func (r *Rule) stepName(i int) string {
	if r.Kind == KindAbsence {
		return [...]string{"when", "without"}[i]
	}
	return "step " + strconv.Itoa(i+1)
}

func (r *Rule) stepNames(steps uint32) (out []string) {
	for s := range r.steps {
		if steps&(1<<s) != 0 {
			out = append(out, r.stepName(s))
		}
	}
	if steps&untilStep != 0 {
		out = append(out, "until")
	}
	return out
}
