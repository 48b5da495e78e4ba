package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/internal/account"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/rules/sigma"
)

const chainedRules = `
id: guess
title: Guessing
kind: threshold
level: medium
when: event.category == "authentication" and event.outcome == "failure"
group_by: [source.ip, host.hostname]
count: 3
window: 1m
---
id: entry
title: Somebody logged in
kind: match
level: low
when: event.category == "authentication" and event.outcome == "success"
---
id: story
title: Guessed and entered
kind: sequence
level: critical
rules: [guess, entry]
steps: [rule.id == "guess", rule.id == "entry"]
group_by: source.ip
window: 10m
`

// cluster is two process workers and two correlators, with what the bus would carry.
type cluster struct {
	t      *testing.T
	now    time.Time
	ps     [2]*processor
	parts  [2]*correlator
	tables [2]*tableBus
	wait   [2][]bus.Message
	offset [2]int64
	alerts map[string][]byte
}

func newCluster(t *testing.T, set *pipeline.Set) *cluster {
	c := &cluster{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), alerts: map[string][]byte{}}
	for i := range c.ps {
		n := &Node{}
		n.set.Store(set)
		c.ps[i] = &processor{
			books: newTestBooks(account.Process), log: quiet, set: &n.set, now: func() time.Time { return c.now }, local: "journal",
			a: bus.Assignment{Partition: i, Partitions: 2, Generation: 1}, last: map[string]string{}, lanes: map[string]time.Time{}, open: map[string]time.Time{}, met: map[string]time.Time{},
		}
	}
	for i := range c.parts {
		c.tables[i] = &tableBus{}
		c.assign(i, 1)
	}
	return c
}

// assign opens a correlator, behind what the one before it made durable.
func (c *cluster) assign(part int, generation int64) {
	n := &Node{log: quiet, now: func() time.Time { return c.now }, bus: c.tables[part]}
	n.set.Store(c.ps[0].set.Load())
	n.health = newHealth(n)
	w, err := n.openCorrelator(c.t.Context(), bus.Assignment{Partition: part, Partitions: 2, Generation: generation})
	if err != nil {
		c.t.Fatal(err)
	}
	c.parts[part] = w.(*correlator)
}

func (c *cluster) carry(out []bus.Message) {
	for _, m := range out {
		switch m.Topic {
		case bus.TopicMatches:
			part := m.Partition
			if !m.Pinned {
				part = bus.Partition(m.Key, 2)
			}
			m.Offset = c.offset[part]
			c.offset[part]++
			c.wait[part] = append(c.wait[part], m)
		case bus.TopicState:
			c.tables[m.Partition].table = append(c.tables[m.Partition].table, m)
		case bus.TopicAlerts:
			c.alerts[string(m.Key)] = m.Value
		}
	}
}

// step lets everybody work once, after a second.
func (c *cluster) step(lines ...string) {
	c.now = c.now.Add(time.Second)
	var in []bus.Message
	for i, line := range lines {
		r := event.Raw{ID: fmt.Sprintf("%d-%d", c.now.Unix(), i), Bytes: []byte(line), Origin: "in:1.2.3.4", Input: "in", Namespace: "default", Received: c.now}
		in = append(in, rawMessage(&r))
		in[i].Offset = c.now.Unix()*10 + int64(i)
	}
	for i, p := range c.ps {
		out, err := p.Handle(c.t.Context(), in[:len(in)*(1-i)]) // all lines are of partition 0
		if err != nil {
			c.t.Fatal(err)
		}
		c.carry(out)
	}
	for i, w := range c.parts {
		in := c.wait[i]
		c.wait[i] = nil
		out, err := w.Handle(c.t.Context(), in)
		if err != nil {
			c.t.Fatal(err)
		}
		c.carry(out)
	}
}

// of are the last revisions of a rule's alerts.
func (c *cluster) of(rule string) (docs []string) {
	for _, d := range c.alerts {
		if strings.Contains(string(d), fmt.Sprintf(`"rule":{"id":%q`, rule)) {
			docs = append(docs, string(d))
		}
	}
	return docs
}

// play is a story of one address that guesses and enters, and another that only enters, with
// a restart of the correlators before a step.
func (c *cluster) play(restart int) {
	stamp := func() string { return c.now.Add(time.Second).Format(time.Stamp) }
	for range 5 {
		c.step()
	}
	c.step("<38>"+stamp()+" web1 sshd[811]: Accepted password for bob from 203.0.113.7 port 51130 ssh2", "<38>"+stamp()+" web1 sshd[811]: Accepted password for bob from 203.0.113.9 port 51130 ssh2")
	for i := range 60 {
		if i == restart {
			c.assign(0, 2)
			c.assign(1, 2)
		}
		switch {
		case i < 4:
			c.step("<38>" + stamp() + " web1 sshd[811]: Failed password for alice from 203.0.113.9 port 51122 ssh2")
		case i == 6:
			c.step("<38>" + stamp() + " web1 sshd[811]: Accepted password for alice from 203.0.113.9 port 51130 ssh2")
		default:
			c.step()
		}
	}
}

var restarts = []int{0, 3, 7, 22, 24, 26, 28, 50}

// TestLevels: what alerts say to rules over alerts goes to the partition of its key, and
// is judged when all partitions have told all there was; a restart loses and doubles
// nothing of it.
func TestLevels(t *testing.T) {
	set := *shippedSet(t)
	var err error
	if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(chainedRules)}}, rules.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, restart := range restarts {
		c := newCluster(t, &set)
		c.play(restart)
		if g, e, s := c.of("guess"), c.of("entry"), c.of("story"); len(g) != 1 || len(e) != 3 || len(s) != 1 {
			t.Fatalf("restart at %d: %d guess, %d entry, %d story: %v", restart, len(g), len(e), len(s), s)
		}
		if s := c.of("story")[0]; !strings.Contains(s, `"count":2`) || strings.Contains(s, `"late":true`) {
			t.Errorf("%s", s)
		}
	}
}

const correlatedRules = `
title: A failed login
name: failed
logsource: {product: linux, service: sshd}
detection: {s: {event.outcome: failure}, condition: s}
---
title: Somebody logged in
name: entry
logsource: {product: linux, service: sshd}
detection: {s: {event.outcome: success}, condition: s}
---
title: Guessing
id: guess
correlation: {type: event_count, rules: [failed], group-by: [source.ip, host.hostname], timespan: 1m, condition: {gte: 3}}
---
title: Guessed and entered
id: story
correlation: {type: temporal_ordered, rules: [guess, entry], group-by: [source.ip], timespan: 10m}
`

// TestLevelsOfSigma: a correlation over a correlation and events waits for the one and holds
// the others, over partitions and restarts; what is for it only says nothing.
func TestLevelsOfSigma(t *testing.T) {
	set := *shippedSet(t)
	dialect, err := sigma.New(sigma.Shipped())
	if err == nil {
		set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(correlatedRules)}}, rules.Options{Dialect: dialect})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, restart := range restarts {
		c := newCluster(t, &set)
		c.play(restart)
		s := c.of("story")
		if len(c.alerts) != 1 || len(s) != 1 || !strings.Contains(s[0], `"count":2`) || strings.Contains(s[0], `"late":true`) || strings.Contains(s[0], `"alerts"`) || !strings.Contains(s[0], `"events":["`) {
			t.Fatalf("restart at %d: %d alerts, %v", restart, len(c.alerts), s)
		}
	}
}
