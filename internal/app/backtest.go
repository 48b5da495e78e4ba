package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules"
)

// Backtest is what a set of rules finds in a stretch of the past, and what it costs.
type Backtest struct {
	Events   int            `json:"events"`
	From     time.Time      `json:"from,omitzero"` // window times of the first event and the last
	To       time.Time      `json:"to,omitzero"`
	Seconds  float64        `json:"seconds"`
	PerEvent float64        `json:"us_per_event"` // of the rules, without reading the events
	Index    float64        `json:"index_us_per_event"`
	Found    int            `json:"alerts"`
	More     int            `json:"more_alerts,omitempty"` // that were only counted
	Days     map[string]int `json:"days"`
	Entities []EntityAlerts `json:"entities"`
	Rules    []RuleBacktest `json:"rules"`
	Degraded []string       `json:"degraded,omitempty"`
	Faults   []string       `json:"faults,omitempty"` // of rules that do not compile: they are left out
	Alerts   []*PastAlert   `json:"found,omitempty"`
	Damage
}

// EntityAlerts counts the alerts about somebody.
type EntityAlerts struct {
	Entity string `json:"entity"`
	Alerts int    `json:"alerts"`
}

// RuleBacktest is one rule's part.
type RuleBacktest struct {
	Rule     string         `json:"rule"`
	Title    string         `json:"title"`
	Level    string         `json:"level"`
	Matches  int64          `json:"matches"`
	Alerts   int            `json:"alerts"`
	Days     map[string]int `json:"days,omitempty"`
	Entities []EntityAlerts `json:"entities,omitempty"`
	Asked    int64          `json:"asked"` // events that the index proposed it for
	Micros   float64        `json:"us_total"`
	PerEvent float64        `json:"us_per_event"`
}

// maxEntities bounds the entities that a report names.
const maxEntities = 10

// Progress is told how far it is; total 0: it is not known.
type Progress func(done, total int64)

// RunBacktest runs a set of rules over the past that open returns. With all, the report lists
// every alert.
func RunBacktest(ctx context.Context, set *pipeline.Set, open func(Measure) Past, all bool, progress Progress) (*Backtest, error) {
	now, release := cpuClock()
	defer release()
	j := newJudge(set.Rules, now)
	var worker *pipeline.Worker
	b := &Backtest{Days: map[string]int{}, Entities: []EntityAlerts{}, Rules: []RuleBacktest{}}
	start := time.Now()
	past := open(func(w *pipeline.Worker) { worker = w; w.Measure(1, j.now) })
	err := past(ctx, set, false, func(h *Happened) error {
		b.span(h)
		j.event(h)
		progress(h.Done, h.Total)
		return nil
	})
	if err != nil {
		return nil, err
	}
	j.end()
	b.Seconds = time.Since(start).Seconds()
	b.sum(j, worker)
	if all {
		b.Alerts = j.alerts()
	}
	return b, nil
}

func (b *Backtest) span(h *Happened) {
	b.Events++
	if t := h.Window; b.From.IsZero() || t.Before(b.From) {
		b.From = t
	}
	if t := h.Window; t.After(b.To) {
		b.To = t
	}
}

// sum makes the tables.
func (b *Backtest) sum(j *judge, worker *pipeline.Worker) {
	b.From, b.To = b.From.UTC(), b.To.UTC()
	costs, find := worker.Costs()
	b.Found, b.More = len(j.order)+j.more, j.more
	b.Index = perEvent(find, b.Events)
	total := find
	byRule := map[string][]*PastAlert{}
	for _, a := range j.alerts() {
		byRule[a.Rule] = append(byRule[a.Rule], a)
		b.Days[day(a)]++
	}
	b.Entities = entities(j.alerts())
	for _, c := range costs {
		nanos := c.Nanos + j.spent[c.Rule.ID]
		total += nanos
		found := byRule[c.Rule.ID]
		if c.Asked == 0 && len(found) == 0 {
			continue
		}
		r := RuleBacktest{
			Rule: c.Rule.ID, Title: c.Rule.Title, Level: c.Rule.Level, Matches: c.Hits, Alerts: len(found), Asked: c.Asked,
			Micros: float64(nanos) / 1e3, PerEvent: perEvent(nanos, b.Events), Entities: entities(found), Days: map[string]int{},
		}
		for _, a := range found {
			r.Days[day(a)]++
		}
		b.Rules = append(b.Rules, r)
	}
	b.PerEvent = perEvent(total, b.Events)
	slices.SortStableFunc(b.Rules, func(x, y RuleBacktest) int { return cmp.Or(y.Alerts-x.Alerts, cmp.Compare(y.Micros, x.Micros)) })
	for _, d := range j.core.Degraded() {
		b.Degraded = append(b.Degraded, d.Rule+": "+d.Reason)
	}
}

func day(a *PastAlert) string { return a.First.UTC().Format(time.DateOnly) }

func perEvent(nanos int64, events int) float64 {
	if events == 0 {
		return 0
	}
	return float64(nanos) / 1e3 / float64(events)
}

// entities counts alerts by whom they are about, the most first.
func entities(alerts []*PastAlert) []EntityAlerts {
	counts := map[string]int{}
	for _, a := range alerts {
		if a.Entity != "" {
			counts[a.Entity]++
		}
	}
	out := []EntityAlerts{}
	for _, e := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, EntityAlerts{e, counts[e]})
	}
	slices.SortStableFunc(out, func(a, b EntityAlerts) int { return b.Alerts - a.Alerts })
	return out[:min(len(out), maxEntities)]
}

// RuleDiff is what two sets of rules find differently in the same events.
type RuleDiff struct {
	Events  int            `json:"events"`
	Same    int            `json:"same"`
	Added   []*PastAlert   `json:"added"`
	Removed []*PastAlert   `json:"removed"`
	Changed []AlertChanged `json:"changed"`
	Faults  []string       `json:"faults,omitempty"`
	Damage
}

// AlertChanged is an alert that both have, otherwise.
type AlertChanged struct {
	Old  *PastAlert `json:"old"`
	New  *PastAlert `json:"new"`
	What []string   `json:"what"` // id, title, level, first, last, count, events
}

// RunDiff runs both sets over the past that open makes.
func RunDiff(ctx context.Context, before, after *pipeline.Set, open func(Measure) Past, progress Progress) (*RuleDiff, error) {
	run := func(set *pipeline.Set, half int64) (*judge, error) {
		j := newJudge(set.Rules, func() int64 { return 0 })
		err := open(nil)(ctx, set, false, func(h *Happened) error {
			j.event(h)
			progress(half*h.Total+h.Done, 2*h.Total)
			return nil
		})
		j.end()
		return j, err
	}
	x, err := run(before, 0)
	if err != nil {
		return nil, err
	}
	y, err := run(after, 1)
	if err != nil {
		return nil, err
	}
	d := compareAlerts(x, y)
	d.Events = x.events
	return d, nil
}

// compareAlerts pairs alerts by their ids, and those left by rule and entity where they
// overlap in time: such an alert begins or ends elsewhere.
func compareAlerts(x, y *judge) *RuleDiff {
	d := &RuleDiff{Added: []*PastAlert{}, Removed: []*PastAlert{}, Changed: []AlertChanged{}}
	var left []*PastAlert
	for _, a := range x.alerts() {
		if b := y.found[a.ID]; b == nil {
			left = append(left, a)
		} else if what := changes(a, b); len(what) > 0 {
			d.Changed = append(d.Changed, AlertChanged{a, b, what})
		} else {
			d.Same++
		}
	}
	byWho := map[string][]*PastAlert{}
	for _, b := range y.alerts() {
		if x.found[b.ID] == nil {
			byWho[b.Rule+"\x00"+b.Entity] = append(byWho[b.Rule+"\x00"+b.Entity], b)
		}
	}
	for _, a := range left {
		name := a.Rule + "\x00" + a.Entity
		at := slices.IndexFunc(byWho[name], func(b *PastAlert) bool { return !b.First.After(a.Last) && !a.First.After(b.Last) })
		if at < 0 {
			d.Removed = append(d.Removed, a)
			continue
		}
		b := byWho[name][at]
		byWho[name] = slices.Delete(byWho[name], at, at+1)
		d.Changed = append(d.Changed, AlertChanged{a, b, append([]string{"id"}, changes(a, b)...)})
	}
	for _, b := range y.alerts() {
		if slices.Contains(byWho[b.Rule+"\x00"+b.Entity], b) {
			d.Added = append(d.Added, b)
		}
	}
	return d
}

func changes(a, b *PastAlert) (what []string) {
	for _, c := range []struct {
		name string
		same bool
	}{
		{"title", a.Title == b.Title},
		{"level", a.Level == b.Level},
		{"first", a.First.Equal(b.First)},
		{"last", a.Last.Equal(b.Last)},
		{"count", a.Count == b.Count},
		{"events", slices.Equal(a.Events, b.Events)},
	} {
		if !c.same {
			what = append(what, c.name)
		}
	}
	return what
}

// PastRequest is a backtest or a diff over the index or the bus.
type PastRequest struct {
	Stretch
	Rules []rules.File // nil: those of the configuration
	Old   []rules.File // of a diff
	All   bool         // list each alert
	Bus   bool         // over the events that the bus still holds, instead of the index
}

// past opens the events that a request is about.
func (n *Node) past(req *PastRequest) func(Measure) Past {
	return func(m Measure) Past {
		if req.Bus {
			return busPast(n.bus, req.Stretch, m)
		}
		return indexPast(n.index, req.Stretch, m)
	}
}

// sets builds the rules of a request on the configuration of this node. The faults are of
// those that are left out; an error says that nothing is left.
func (n *Node) sets(files []rules.File) (set *pipeline.Set, faults []string, err error) {
	if set = n.set.Load(); files == nil && set != nil {
		return set, nil, nil
	}
	set, err = n.settings.Load().withRules(files)
	if set == nil || err != nil && len(set.Rules.Rules()) == 0 {
		return nil, nil, &ConfigError{err}
	}
	for _, e := range strictyaml.Joined(err) {
		faults = append(faults, e.Error())
	}
	return set, faults, nil
}

// Backtest runs rules over the index or the bus of this node.
func (n *Node) Backtest(ctx context.Context, req PastRequest, progress Progress) (*Backtest, error) {
	set, faults, err := n.sets(req.Rules)
	if err != nil {
		return nil, err
	}
	req.damage = &Damage{}
	b, err := RunBacktest(ctx, set, n.past(&req), req.All, progress)
	if err == nil {
		b.Faults, b.Damage = faults, *req.damage
	}
	return b, err
}

// Diff runs two sets of rules over the index or the bus of this node.
func (n *Node) Diff(ctx context.Context, req PastRequest, progress Progress) (*RuleDiff, error) {
	before, faults, err := n.sets(req.Old)
	if err != nil {
		return nil, err
	}
	after, more, err := n.sets(req.Rules)
	if err != nil {
		return nil, err
	}
	req.damage = &Damage{}
	d, err := RunDiff(ctx, before, after, n.past(&req), progress)
	if err == nil {
		d.Faults, d.Damage = append(faults, more...), *req.damage
	}
	return d, err
}
