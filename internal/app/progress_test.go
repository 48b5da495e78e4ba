package app

import (
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/pipeline"
	"sluice/rules"
)

const absenceRule = `
id: stop
title: A service stops and does not start again
kind: absence
level: medium
when: message contains "stopped"
without: message contains "started"
group_by: event.original
window: 1m
`

// TestProgress: correlators hear of an origin that speaks, and not while it is silent,
// and decide by that what is absent.
func TestProgress(t *testing.T) {
	set := *shippedSet(t)
	var err error
	if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(absenceRule)}}, rules.Options{}); err != nil {
		t.Fatal(err)
	}
	p, c := newTestProcessor(t), newTestCorrelator(t, &tableBus{}, 1)
	for _, s := range []interface{ Store(*pipeline.Set) }{p.set, c.set} {
		s.Store(&set)
	}
	now, offset := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), int64(0)
	p.a.Partitions = 1
	p.now = func() time.Time { return now }
	c.now = p.now
	f := func(after time.Duration, line string, want int) {
		t.Helper()
		now = now.Add(after)
		var in []bus.Message
		if line != "" {
			in = append(in, rawMessage(&event.Raw{ID: "id" + line, Bytes: []byte("<13>" + line), Origin: "in:1.2.3.4", Input: "in", Namespace: "default", Received: now}))
			in[0].Offset = offset
		}
		out, err := p.Handle(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range byTopic(out)[bus.TopicMatches] {
			m.Offset = offset*100 + int64(i)
			alerts, err := c.Handle(t.Context(), []bus.Message{m})
			if err != nil {
				t.Fatal(err)
			}
			want -= len(byTopic(alerts)[bus.TopicAlerts])
		}
		if offset++; want != 0 {
			t.Errorf("%q: %d alerts are missing", line, want)
		}
	}
	f(0, "web1 app: stopped", 0)
	for range 10 {
		f(time.Minute, "", 0)
	}
	f(time.Second, "web1 app: another matter", 1)
	f(time.Minute, "", 0)
	p.have.Rules = shippedSet(t).Rules
	f(time.Minute, "web1 app: nobody asks", 0)
	if n := len(p.progress.origins); n != 0 {
		t.Errorf("%d origins noted for nobody", n)
	}
}
