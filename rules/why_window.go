package rules

import (
	"fmt"
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
	w.fill(r, t, same)
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

// fill tells what stands in the window, and what is missing.
func (w *Window) fill(r *Rule, t int64, same []Match) {
	from := t - max(int64(r.Window), 1)
	if r.Kind == KindSequence || r.kind.history { // closed on both sides
		from--
	}
	var in []Match
	for i := range same {
		if m := same[i].Time.UnixNano(); m > from && m <= t {
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
	if tell := missing[r.Kind]; tell != nil && !w.Fires {
		w.Missing = tell(r, w, in)
	}
}

func (r *Rule) stepNames(steps uint32) (out []string) {
	for s := range r.steps {
		if steps&(1<<s) != 0 {
			out = append(out, "step "+strconv.Itoa(s+1))
		}
	}
	if steps&untilStep != 0 {
		out = append(out, "until")
	}
	return out
}

// missing says by kind, in words, why a window that does not hold does not. It tells of
// what the Correlator has decided; a kind without an entry is told by its matches alone.
var missing = map[string]func(r *Rule, w *Window, in []Match) []string{
	KindAggregate: missingAggregate,
	KindNewTerms:  missingTerm,
	KindSequence:  missingSteps,
	KindThreshold: missingCount,
	KindUnordered: missingSteps,
}

func missingCount(r *Rule, w *Window, in []Match) []string {
	if r.Distinct == "" {
		return []string{fmt.Sprintf("%d of %d matches", w.Count, r.Count)}
	}
	return []string{fmt.Sprintf("%d of %d values of %s", distinct(in), r.Count, r.Distinct)}
}

func missingSteps(r *Rule, w *Window, in []Match) (out []string) {
	if r.seen != nil {
		return []string{"what was met in the window is not what the rule asks for"}
	}
	for s, n := range w.Steps {
		if n == 0 {
			out = append(out, fmt.Sprintf("step %d: no event in the window meets it", s+1))
		}
	}
	if len(out) > 0 {
		return out
	}
	if r.until != nil && slices.ContainsFunc(in, func(m Match) bool { return m.Steps&untilStep != 0 }) {
		return []string{"an event that meets until has ended it, or the steps are not in their order"}
	}
	if r.Kind == KindUnordered {
		return []string{"no way gives each step an event of its own"}
	}
	last := len(r.steps) - 1
	at := &in[len(in)-1]
	if !slices.ContainsFunc(in, func(m Match) bool { return m.Time.Equal(at.Time) && m.Steps&(1<<last) != 0 }) {
		return []string{fmt.Sprintf("step %d, the last: it is what fires, and this event does not meet it", last+1)}
	}
	return []string{"the steps are all there, but not in their order by different events"}
}

func missingAggregate(r *Rule, w *Window, in []Match) []string {
	if len(in) < r.Count {
		return []string{fmt.Sprintf("%d of %d values", len(in), r.Count)}
	}
	x, what := float64(len(in)), r.function
	switch {
	case r.number:
		n := &numbers{}
		for i := range in {
			n.add([]entry{{value: in[i].Value}}, true)
		}
		x = n.value(r)
	case r.function == functionDistinct:
		x = float64(distinct(in))
	}
	if r.value != "" {
		what += " of " + r.value
	}
	return []string{fmt.Sprintf("the %s is %s, not %s", what, strconv.FormatFloat(x, 'g', -1, 64), r.bounds)}
}

func distinct(in []Match) int {
	values := map[string]bool{}
	for i := range in {
		values[in[i].Value] = true
	}
	return len(values)
}

func missingTerm(r *Rule, w *Window, in []Match) []string {
	at := in[len(in)-1]
	for i := len(in) - 2; i >= 0; i-- {
		if in[i].Value == at.Value && in[i].Time.Before(at.Time) {
			return []string{fmt.Sprintf("%s %q is not new: it was there at %s", r.value, at.Value, in[i].Time.UTC().Format(time.RFC3339))}
		}
	}
	return []string{fmt.Sprintf("what is known of the history does not reach back %s", r.Window)}
}
