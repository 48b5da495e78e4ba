package app

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sluice/rules"
)

// judge finds the alerts that a stretch of the past has, by the matcher's matches and a
// Correlator, as live.
type judge struct {
	set    *rules.Set
	core   *rules.Correlator
	found  map[string]*PastAlert
	order  []string
	wait   []rules.Match    // of files, whose records may be in any order
	spent  map[string]int64 // ns in the Correlator, by rule
	now    func() int64
	events int
	more   int       // alerts beyond maxPastAlerts
	last   time.Time // the greatest window time of files
}

// PastAlert is an alert that was found in the past, without its document.
type PastAlert struct {
	ID     string    `json:"id"`
	Rule   string    `json:"rule"`
	Title  string    `json:"title"`
	Level  string    `json:"level"`
	Entity string    `json:"entity,omitempty"` // what it is about: the fields that the rule groups by, or who was there
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Count  int64     `json:"count"`
	Events []string  `json:"events,omitempty"`
}

const (
	maxPastAlerts = 1_000_000 // some 500 MB; what is over is counted
	maxWaiting    = 2_000_000 // matches of files that wait to be put in order
	feedEvery     = 1000
)

// newJudge makes one; now is a clock in ns by which it tells what rules take.
func newJudge(set *rules.Set, now func() int64) *judge {
	return &judge{set: set, core: set.NewCorrelator(), found: map[string]*PastAlert{}, spent: map[string]int64{}, now: now}
}

// event takes what the rules made of one event.
func (j *judge) event(h *Happened) {
	for i := range h.Matches {
		m := &h.Matches[i]
		if r := j.set.Rule(m.Rule); !r.Stateful() {
			a := j.set.Alert(m)
			j.keep(&a, entity(r, m.Key, m.Fields))
		}
		if h.Settled.IsZero() {
			j.await(m)
			continue
		}
		j.observe(m)
	}
	j.events++
	switch {
	case h.Settled.IsZero():
		j.last = later(j.last, h.At.Time)
	case h.At.Lane == "":
		j.core.Progress(h.At.Origin, h.At.Time)
		if j.events%feedEvery == 0 {
			j.core.Advance("", h.Settled)
			j.drain()
		}
	}
}

// await keeps a match of files until those before it have come.
func (j *judge) await(m *rules.Match) {
	if !j.set.Rule(m.Rule).Stateful() && j.set.Levels() == 0 {
		return // nobody looks at its alert
	}
	if j.wait = append(j.wait, *m); len(j.wait) > maxWaiting { // half of them: what follows may be a little older
		j.feed(maxWaiting / 2)
	}
}

// observe has the Correlator take in a match, or the alert that it is.
func (j *judge) observe(m *rules.Match) {
	from := j.now()
	if j.set.Rule(m.Rule).Stateful() {
		j.core.Observe(m)
	} else if j.set.Levels() > 0 {
		a := j.set.Alert(m)
		j.core.Alerted(&a)
	}
	j.spent[m.Rule] += j.now() - from
}

// feed puts the first n waiting matches in order and takes them in.
func (j *judge) feed(n int) {
	slices.SortStableFunc(j.wait, func(a, b rules.Match) int { return a.Time.Compare(b.Time) })
	for i := range j.wait[:n] {
		m := &j.wait[i]
		if i%feedEvery == feedEvery-1 {
			j.core.Progress(m.Origin, m.Time)
			j.core.Advance("", m.Time)
			j.drain()
		}
		j.observe(m)
	}
	j.wait = slices.Delete(j.wait, 0, n)
}

// end settles everything: what is found then is all.
func (j *judge) end() {
	j.feed(len(j.wait))
	if !j.last.IsZero() {
		j.core.Progress(batchOrigin, j.last)
	}
	j.core.End()
	j.drain()
}

func (j *judge) drain() {
	alerts, _ := j.core.Drain()
	for i := range alerts {
		a := &alerts[i]
		j.keep(a, entity(j.set.Rule(a.Rule), a.Key, ""))
	}
}

func (j *judge) keep(a *rules.Alert, entity string) {
	if old := j.found[a.ID]; old != nil {
		entity = old.Entity
	} else if len(j.found) >= maxPastAlerts {
		j.more++
		return
	} else {
		j.order = append(j.order, a.ID)
	}
	j.found[a.ID] = &PastAlert{a.ID, a.Rule, a.Title, a.Level, entity, a.First, a.Last, a.Count, a.Events}
}

// alerts are all that was found, in the order of their ends.
func (j *judge) alerts() []*PastAlert {
	out := make([]*PastAlert, 0, len(j.order))
	for _, id := range j.order {
		out = append(out, j.found[id])
	}
	slices.SortFunc(out, func(a, b *PastAlert) int {
		if d := a.Last.Compare(b.Last); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// who are the fields that say whom an alert is about where its key does not.
var who = []string{"user.name", "host.hostname", "host.name", "source.ip"}

// entity is whom an alert is about, in words.
func entity(r *rules.Rule, key, fields string) string {
	var values []string
	if json.Unmarshal([]byte(key), &values) == nil && len(values) > 0 && len(values) == len(r.GroupBy) {
		var said []string
		for i, v := range values {
			if v != "" {
				said = append(said, r.GroupBy[i]+"="+v)
			}
		}
		if said != nil {
			return strings.Join(said, " ")
		}
	}
	var shown map[string][]string
	if json.Unmarshal([]byte(fields), &shown) != nil {
		return ""
	}
	for _, name := range who {
		if vs := shown[name]; len(vs) > 0 {
			return name + "=" + vs[0]
		}
	}
	return ""
}
