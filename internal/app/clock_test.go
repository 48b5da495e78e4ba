package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
)

const fewFailures = `id: few
title: A few failed logins
level: high
kind: threshold
when: event.category == "authentication" and event.outcome == "failure"
group_by: [source.ip]
count: 3
window: 5m
`

// TestClockSetBack: while the clock of the machine is a year ahead, and once it is right again, also
// behind a restart in between, and by whatever it is set back, what happens on several devices is
// found at once.
func TestClockSetBack(t *testing.T) {
	now, restart, attack := underAttack(t)
	right := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	*now = right
	restart()
	attack("before", "192.0.2.1")
	*now = right.AddDate(1, 0, 0)
	attack("a year ahead", "192.0.2.2")
	*now = right.Add(time.Hour)
	attack("right again", "192.0.2.3")
	*now = right.AddDate(1, 0, 0)
	attack("ahead again", "192.0.2.4")
	*now = right.Add(2 * time.Hour)
	restart()
	attack("right again behind a restart", "192.0.2.5")
	*now = now.Add(-9 * time.Minute)
	attack("nine minutes back", "192.0.2.6")
	*now = now.Add(-9 * time.Minute)
	restart()
	attack("nine more behind a restart", "192.0.2.7")
	for back := 5 * time.Second; back < time.Minute; back += 5 * time.Second {
		*now = now.Add(-back)
		attack(fmt.Sprintf("%v back", back), fmt.Sprintf("198.51.100.%d", back/time.Second))
	}
}

// underAttack is a process and a correlate role of one machine, whose clock is now. attack makes one
// attack on several devices, and holds that it is found within a minute.
func underAttack(t *testing.T) (now *time.Time, restart func(), attack func(when, source string)) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "few.yml"), []byte(fewFailures), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := parse("rules: {library: false, paths: " + dir + "}")
	if err != nil {
		t.Fatal(err)
	}
	set, err := build(s)
	if err != nil {
		t.Fatal(err)
	}
	now = &time.Time{}
	table := &tableBus{}
	var ps [2]*processor // of each raw partition
	var c *correlator
	generation := int64(0)
	restart = func() {
		t.Helper()
		generation++
		n := &Node{log: quiet, now: func() time.Time { return *now }, bus: table}
		n.set.Store(set)
		n.health = newHealth(n)
		a := bus.Assignment{Partitions: len(ps), Generation: generation}
		w, err := n.openCorrelator(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		c = w.(*correlator)
		for i, old := range ps {
			p := newTestProcessor(t)
			p.now, p.a, p.alone = n.now, a, true
			if p.a.Partition = i; old != nil {
				p.greatest = old.greatest
			}
			p.set.Store(set)
			ps[i] = p
		}
	}
	offset := int64(0)
	alerts := func(p *processor, source string, in ...bus.Message) (n int) {
		t.Helper()
		out, err := p.Handle(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		matches := slices.DeleteFunc(byTopic(out)[bus.TopicMatches], func(m bus.Message) bool { return m.Partition > 0 }) // the other correlator's
		for i := range matches {
			matches[i].Offset = offset
			offset++
		}
		if out, err = c.Handle(t.Context(), matches); err != nil {
			t.Fatal(err)
		}
		for _, m := range out {
			switch {
			case m.Topic == bus.TopicState:
				table.table = append(table.table, m)
			case m.Topic == bus.TopicAlerts && bytes.Contains(m.Value, []byte(source)):
				n++
			}
		}
		return n
	}
	sequence := int64(0)
	attack = func(when, source string) {
		t.Helper()
		found := 0
		for i := range 3 {
			*now = now.Add(time.Second)
			line := fmt.Sprintf("<38>1 %s web%d sshd 7 - - Failed password for ada from %s port 4711 ssh2", now.Format(time.RFC3339), i, source)
			m := rawMessage(&event.Raw{ID: fmt.Sprint("e", sequence), Bytes: []byte(line), Origin: fmt.Sprint("in:web", i), Input: "in", Namespace: "default", Received: *now})
			m.Offset = sequence
			sequence++
			found += alerts(ps[i%len(ps)], source, m)
		}
		for range 60 { // nothing else comes
			*now = now.Add(time.Second)
			for _, p := range ps {
				found += alerts(p, source)
			}
		}
		if found == 0 {
			t.Errorf("%s: no alert", when)
		}
	}
	return now, restart, attack
}
