package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
)

// Why is what one rule makes of one event, and for what reasons. Its verdicts are those of
// the Matcher and the Correlator that decide live: nothing here decides anew.
type Why struct {
	Rule      string         `json:"rule"`
	Title     string         `json:"title"`
	Kind      string         `json:"kind"`
	Level     string         `json:"level"`
	Status    string         `json:"status"`
	Place     string         `json:"place"`
	Event     string         `json:"event"`
	Time      time.Time      `json:"time"`           // window time
	Pack      string         `json:"pack,omitempty"` // that read the event
	Lane      string         `json:"lane,omitempty"`
	Namespace string         `json:"namespace"`
	Matches   bool           `json:"matches"`
	Exception *WhyException  `json:"exception,omitempty"` // that holds
	Because   string         `json:"because"`             // why it is no match, or what it is one of
	Parts     []WhyCondition `json:"conditions"`
	GroupBy   []WhyField     `json:"group_by,omitempty"`
	Value     *WhyField      `json:"value,omitempty"`   // the field whose values count
	Keys      []string       `json:"keys,omitempty"`    // JSON lists of the group-by values
	Through   []WhyAlert     `json:"through,omitempty"` // of a rule over alerts: those that the event is part of
	Windows   []Window       `json:"windows,omitempty"`
	Suppress  string         `json:"suppress,omitempty"`
}

// WhyCondition is one condition of the rule.
type WhyCondition struct {
	Name  string           `json:"name"` // when, step 1, .., until
	Holds bool             `json:"holds"`
	Trace *condition.Trace `json:"trace"`
}

// WhyException is the exception by which an event that meets the rule is no match.
type WhyException struct {
	Owner   string           `json:"owner"`
	Reason  string           `json:"reason"`
	Expires time.Time        `json:"expires"`
	Trace   *condition.Trace `json:"trace"`
}

// WhyField is a field that the rule needs beside its condition.
type WhyField struct {
	Field  string   `json:"field"`
	Values []string `json:"values"` // in their canonical form; none: not set
}

// Why says what a rule makes of an event. The matches are those that Match gives for that
// rule; Window says what follows from them. Those of a rule over alerts are for all rules
// below it, of which Over makes its own.
func (m *Matcher) Why(r *Rule, ev *event.Event, at Instant) (Why, []Match) {
	var matches, below []Match
	for _, match := range m.Match(ev, at) {
		switch {
		case match.Rule == r.ID:
			matches = append(matches, match)
		case r.chained && m.below(r)[match.Rule]:
			below = append(below, match)
		}
	}
	w := Why{
		Rule: r.ID, Title: r.Title, Kind: r.Kind, Level: r.Level, Status: r.Status, Place: fmt.Sprintf("%s:%d", r.File, r.Line),
		Event: at.ID, Time: at.Time.UTC(), Lane: at.Lane, Namespace: at.Namespace, Matches: len(matches) > 0,
	}
	if f, ok := m.set.schema.Lookup("sluice.pack"); ok {
		w.Pack = strings.Clone(strings.Join(texts(ev, f), " "))
	}
	if r.Suppress > 0 {
		w.Suppress = r.Suppress.String()
	}
	if r.asksEvents() { // what others ask, they ask alerts
		w.Parts = m.parts(r)
		w.fields(r, ev)
	}
	if e := m.excepted(r, at.Time); e != nil && slices.ContainsFunc(w.Parts, func(p WhyCondition) bool { return p.Holds }) {
		w.Exception = &WhyException{e.Owner, e.Reason, e.Expires, m.m.Trace(e.when)}
	}
	for i := range matches {
		w.Event = matches[i].ID
		w.Namespace = matches[i].Namespace
		if !slices.Contains(w.Keys, matches[i].Key) {
			w.Keys = append(w.Keys, matches[i].Key)
		}
	}
	w.Because = w.because(r)
	if e := m.expired(r, at.Time); w.Matches && e != nil {
		w.Because += fmt.Sprintf("; the exception of %s (%s) expired at %s", e.Owner, e.Reason, e.Expires.Format(time.RFC3339))
	}
	return w, append(matches, below...)
}

// below are the rules below one over alerts.
func (m *Matcher) below(r *Rule) map[string]bool {
	if m.asked != r {
		m.asked, m.under = r, m.set.behind(r)
	}
	return m.under
}

// parts are the rule's conditions as the event of the last Match answers them.
func (m *Matcher) parts(r *Rule) (out []WhyCondition) {
	add := func(name string, n *condition.Node) {
		if n != nil {
			t := m.m.Trace(n)
			out = append(out, WhyCondition{name, t.Holds, t})
		}
	}
	add("when", r.when)
	for i, n := range r.steps {
		name := r.stepName(i)
		if r.mixed() && r.from[i] != "" {
			name += " (an alert of " + r.from[i] + ")"
		}
		add(name, n)
	}
	add("until", r.until)
	return out
}

// fields tells of what makes the key and the value: by the first reading, or by those of
// the steps that the event meets.
func (w *Why) fields(r *Rule, ev *event.Event) {
	for i, name := range r.GroupBy {
		w.GroupBy = append(w.GroupBy, WhyField{name, w.values(r, ev, func(read *reading) []column { return read.group[i : i+1] })})
	}
	if r.value != "" {
		w.Value = &WhyField{r.value, w.values(r, ev, func(read *reading) []column { return read.value })}
	}
}

func (w *Why) values(r *Rule, ev *event.Event, columns func(*reading) []column) []string {
	out := []string{}
	for i := range r.reads {
		if len(r.reads) > 1 && !w.Parts[i].Holds {
			continue
		}
		for _, c := range columns(&r.reads[i]) {
			for _, v := range c.texts(ev) {
				out = append(out, strings.Clone(keyText(v)))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// reach is how far before an instant what decides about it may stand: the window, or the
// history, and the episode that it may be part of.
func (r *Rule) reach() time.Duration {
	return max(2*max(r.Window, r.Suppress), r.Window+r.history) + time.Minute
}

// because says in words why the event is a match or none.
func (w *Why) because(r *Rule) string {
	if !r.asksEvents() {
		return "it looks at the alerts of " + strings.Join(r.upstream, ", ") + ", not at events"
	}
	if e := w.Exception; e != nil && !w.Matches {
		return fmt.Sprintf("it is excepted until %s by %s: %s", e.Expires.Format(time.RFC3339), e.Owner, e.Reason)
	}
	if w.Matches && r.steps == nil {
		return "the condition holds"
	}
	var met []string
	for _, p := range w.Parts {
		if p.Holds {
			met = append(met, p.Name)
		}
	}
	if w.Matches {
		return "it meets " + strings.Join(met, ", ")
	}
	if len(met) == 0 {
		if r.steps != nil {
			return "it meets none of the steps"
		}
		return "the condition does not hold"
	}
	for _, f := range w.GroupBy {
		if len(f.Values) == 0 {
			return fmt.Sprintf("the condition holds, but the event has no %s, which the rule groups by", f.Field)
		}
	}
	if w.Value != nil {
		return fmt.Sprintf("the condition holds, but %s has no value that counts", w.Value.Field)
	}
	return "the condition holds, but the event makes no match"
}

// lacking names the first question that an event would have had to answer with yes: the rest of a
// condition may be as it should.
func (w *Why) lacking() string {
	if len(w.Parts) != 1 || w.Parts[0].Holds {
		return ""
	}
	t := w.Parts[0].Trace
	for t.Kind == "all" {
		t = t.Kids[slices.IndexFunc(t.Kids, func(k *condition.Trace) bool { return !k.Holds })]
	}
	text := t.Text
	if t.Kind == "not" { // the words are those of the question that it inverts, or hold the inversion already
		if t = t.Kids[0]; text == "" && t.Text != "" {
			if text = t.Text; !strings.Contains(text, "!=") && !strings.Contains(text, " not in ") {
				text = "not (" + text + ")"
			}
		}
	}
	if t.Kind != "leaf" || len(t.Fields) == 0 {
		return ""
	}
	return fmt.Sprintf(": %s, but %s", text, actuals(t.Fields))
}

// actuals says what an event has in the fields of one question.
func actuals(fields []condition.Actual) string {
	var out []string
	for _, is := range fields {
		name, values := "it", "not set"
		if len(fields) > 1 {
			name = is.Field
		}
		if len(is.Values) > 0 {
			values = strings.Join(is.Values, ", ")
		}
		out = append(out, name+" is "+values)
	}
	return strings.Join(out, " and ")
}
