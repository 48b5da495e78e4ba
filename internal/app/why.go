package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluice/alert"
	"sluice/console"
	"sluice/internal/condition"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/sinks/elasticsearch"
)

// WhyAnswer is what one rule makes of one event, with what follows from it.
type WhyAnswer struct {
	rules.Why
	Looked int      `json:"looked_at"` // events that the windows were judged by
	Alert  string   `json:"alert,omitempty"`
	Text   string   `json:"message,omitempty"`
	Live   []string `json:"live,omitempty"` // alerts of the rule in the index that name the event
	Route  []Routed `json:"route,omitempty"`
	Damage
}

// Routed says whether a channel is told.
type Routed struct {
	Channel string `json:"channel"`
	Told    bool   `json:"told"`
	Why     string `json:"why"`
}

// Record says what a rule makes of a record of the past, counted from 0; a negative one is
// the last. If the record holds several events it is the first that matches, or else the
// first. The windows are judged by all records.
func (w *Why) Record(ctx context.Context, rule string, past Past, record int) (*WhyAnswer, error) {
	r, err := findRule(w.Set, rule)
	if err != nil {
		return nil, err
	}
	a, last, found := &WhyAnswer{}, -1, -1
	var ev evidence
	err = past(ctx, w.Set, true, func(h *Happened) error {
		why, matches := h.worker.Why(r, &h.Result)
		asked := h.Record == record || record < 0
		if asked && (h.Record != found || !a.Matches && why.Matches) {
			a.Why, ev.at, found = why, slices.Clone(matches), h.Record
		}
		a.Looked++
		last, ev.until = h.Record, later(ev.until, h.Window)
		ev.all = append(ev.all, matches...)
		return nil
	})
	switch {
	case err != nil || found >= 0:
	case last < 0:
		err = console.NotThere("there is no record to ask about: the input is empty")
	default:
		err = console.NotThere(fmt.Sprintf("there is no record %d: the last one is %d", record, last))
	}
	if err != nil {
		return nil, err
	}
	w.follow(a, r, ev)
	return a, nil
}

// maxLooked bounds the events of the index that the windows of one question look at.
const maxLooked = 200_000

var errEnough = errors.New("enough")

// stored says what a rule makes of an event in the index. Its windows are judged by the
// events of the same key from since on; zero: as far back as the rule looks, twice.
func (w *Why) stored(ctx context.Context, index *elasticsearch.Client, rule, id string, since time.Time) (*WhyAnswer, error) {
	r, err := findRule(w.Set, rule)
	if err != nil {
		return nil, err
	}
	a, found := &WhyAnswer{}, false
	var at []rules.Match
	var stamp time.Time
	one := indexPast(index, Stretch{Filter: []any{map[string]any{"term": map[string]string{"sluice.id": id}}}, damage: &a.Damage}, nil)
	err = one(ctx, w.Set, true, func(h *Happened) error {
		var matches []rules.Match
		a.Why, matches = h.worker.Why(r, &h.Result)
		at, stamp, found = slices.Clone(matches), h.Stamp, true
		return nil
	})
	if err == nil && !found {
		text := fmt.Sprintf("the index has no event with the id %.100s", id)
		if n := a.Unread; n > 0 {
			text += fmt.Sprintf("; it may be in one of the parts that are damaged (%d): sluice verify names them", n)
		}
		err = console.NotThere(text)
	}
	if err != nil {
		return nil, err
	}
	_, reach := w.Set.Rules.Below(r)
	ev := evidence{at: at, all: at, until: stamp.Add(reach)}
	if now := time.Now(); ev.until.After(now) {
		ev.until = now
	}
	if r.Stateful() && len(at) > 0 {
		if since.IsZero() {
			since = stamp.Add(-reach)
		}
		around := Stretch{Since: since, Until: stamp.Add(r.Window + r.Suppress + time.Minute), damage: &a.Damage}
		if ev.all, a.Looked, err = w.look(ctx, index, r, at, around); err != nil {
			return nil, err
		}
	}
	w.follow(a, r, ev)
	a.Live, err = liveAlerts(ctx, index, r.ID, id)
	return a, err
}

// look reads the events of a stretch that have the keys of at; for a rule over alerts, whose
// keys no event has, all of its events.
func (w *Why) look(ctx context.Context, index *elasticsearch.Client, r *rules.Rule, at []rules.Match, around Stretch) (all []rules.Match, looked int, err error) {
	below, _ := w.Set.Rules.Below(r)
	seen := map[string]bool{}
	for i := range at {
		st := around
		st.Namespace = at[i].Namespace
		key := at[i].Key
		if r.OverAlerts() {
			key = ""
		} else {
			st.Filter = keyFilter(r, key)
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		err := indexPast(index, st, nil)(ctx, w.Set, false, func(h *Happened) error {
			if looked++; looked > maxLooked {
				return errEnough
			}
			for _, m := range h.Matches {
				if below[m.Rule] {
					all = append(all, m)
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, looked, err
		}
	}
	return all, looked, nil
}

// keyFilter finds the events of a key where the index can.
func keyFilter(r *rules.Rule, key string) (filter []any) {
	var values []string
	if json.Unmarshal([]byte(key), &values) != nil || len(values) != len(r.GroupBy) {
		return nil
	}
	for i, name := range r.GroupBy {
		switch {
		case strings.HasPrefix(name, condition.VendorPrefix) || rules.Choice(name) || len(values[i]) > 256:
		case values[i] == "": // missing: an address, say, cannot even be asked for ""
			filter = append(filter, map[string]any{"bool": map[string]any{"must_not": map[string]any{"exists": map[string]string{"field": name}}}})
		default:
			filter = append(filter, map[string]any{"term": map[string]string{name: values[i]}})
		}
	}
	return filter
}

// liveAlerts are the ids of a rule's alerts that name the event.
func liveAlerts(ctx context.Context, index *elasticsearch.Client, rule, event string) (ids []string, err error) {
	body := map[string]any{
		"size": 10, "_source": false, "sort": []any{map[string]string{"@timestamp": "asc"}},
		"query": map[string]any{"bool": map[string]any{"filter": []any{
			map[string]any{"term": map[string]string{"rule.id": rule}}, map[string]any{"term": map[string]string{"sluice.alert.events": event}},
		}}},
	}
	var hits pastHits
	if err := ask(ctx, index, []string{"sluice-alerts-*"}, body, &hits); err != nil {
		return nil, err
	}
	for i := range hits.Hits.Hits {
		ids = append(ids, hits.Hits.Hits[i].ID)
	}
	return ids, nil
}

// findRule finds a rule by its id, or by the name of its file or its title where only one
// has it.
func findRule(set *pipeline.Set, name string) (*rules.Rule, error) {
	if r := set.Rules.Rule(name); r != nil {
		return r, nil
	}
	var ids []string
	var found []*rules.Rule
	for _, r := range set.Rules.Rules() {
		base := filepath.Base(r.File)
		if strings.EqualFold(r.Title, name) || base == name || strings.TrimSuffix(base, filepath.Ext(base)) == name {
			found = append(found, r)
		}
		ids = append(ids, r.ID)
	}
	switch len(found) {
	case 0:
		return nil, console.NotThere(fmt.Sprintf("no rule has the id, the file name or the title %.100q%s", name, didYouMean(name, ids)))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%d rules are called %.100q; give the id of one (%s, ..)", len(found), name, found[0].ID)
}

// evidence is what windows are judged by: the event's own matches, those around it, and
// when the last event happened that is known of.
type evidence struct {
	at, all []rules.Match
	until   time.Time
}

// follow judges the windows of the event's matches, and routes the alert. What a rule over
// alerts is told of the event follows from what the rules below it say.
func (w *Why) follow(a *WhyAnswer, r *rules.Rule, ev evidence) {
	set := w.Set
	if r.OverAlerts() {
		ev.at, ev.all = set.Rules.Over(r, &a.Why, ev.all, ev.until)
	}
	var doc []byte
	at := ev.at
	if !r.Stateful() && len(at) > 0 {
		found := set.Rules.Alert(&at[0])
		a.Alert, a.Text, doc = found.ID, found.Title, found.Doc
	}
	done := map[string]bool{}
	for i := range at {
		if !r.Stateful() || done[at[i].Key] {
			continue
		}
		done[at[i].Key] = true
		win := set.Rules.WindowOf(r, &at[i], ev.all, ev.until)
		if win.Alert != "" && doc == nil {
			a.Alert, a.Text, doc = win.Alert, win.Title, win.Doc
		}
		a.Windows = append(a.Windows, win)
	}
	if doc == nil {
		return
	}
	found, err := alert.Parse(doc)
	if err != nil {
		return
	}
	found.Namespace = a.Namespace
	found.Late = false // of a file all is history; what is asked is what people hear
	for _, c := range w.Channels {
		told, why := c.Policy.Why(c.Name, &found, time.Now())
		a.Route = append(a.Route, Routed{c.Name, told, why})
	}
}

// WhyStored says what a rule makes of an event in the index of this node. Its windows are judged
// by the events of the same key from since on; zero: as far back as the rule looks, twice.
func (n *Node) WhyStored(ctx context.Context, w *Why, rule, event string, since time.Time) (*WhyAnswer, error) {
	return w.stored(ctx, n.index, rule, event, since)
}
