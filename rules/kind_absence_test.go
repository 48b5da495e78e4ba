package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const noBackupEnd = `
id: noend
title: A backup begins and does not end
kind: absence
level: medium
when: event.action == "begin"
without: event.action == "end"
group_by: host.name
window: 1m
`

// absent is a match of the rule: a for when, b for without, o for neither.
func absent(s *Set, id string, sec int, steps uint32, origin string) Match {
	m := step(s, id, sec, steps)
	m.Origin = origin
	return m
}

func TestAbsence(t *testing.T) {
	const o, a, b = 0, absenceWhen, absenceWithout
	s := load(t, Options{}, noBackupEnd)
	f := func(want string, ms ...Match) {
		t.Helper()
		raises(t, s, want, ms...)
	}
	at := func(id string, sec int, steps uint32) Match { return absent(s, id, sec, steps, "x") }
	y := func(id string, sec int, steps uint32) Match { return absent(s, id, sec, steps, "y") }
	f("1;", at("1", 0, a), at("2", 60, o))
	f("", at("1", 0, a), at("2", 59, o))                                                                                  // its source has not spoken since
	f("", at("1", 0, a), y("2", 600, o))                                                                                  // nor that of another
	f("", at("1", 0, a), at("2", 60, b), at("3", 600, o))                                                                 // closed on both sides
	f("", at("1", 0, a), at("2", 0, b), at("3", 600, o))                                                                  //
	f("1;", at("1", 0, a), at("2", 61, b))                                                                                //
	f("1;", at("2", 0, a), at("1", -1, b), at("2", 0, a), at("1", 0, a), at("3", 600, o), at("2", 30, b), at("1", 31, a)) // what was before is no answer; doubles are none
	f("2;", at("1", 0, a|b), at("2", 30, a|b), at("3", 90, o))                                                            // the next one is missing
	f("2;", at("1", 0, a|b), at("2", 0, a|b), at("3", 90, o))                                                             //
	f("1 2;", at("1", 0, a), at("2", 10, a), at("3", 90, o))                                                              // one episode
	f("1;2;", at("1", 0, a), at("2", 61, a), at("3", 200, o))                                                             // two
	f("", at("0", 0, a), y("1", 5, b), at("2", 100, a), at("3", 300, o))                                                  // who answers is silent
	f("2;", at("0", 0, a), y("1", 5, b), at("2", 100, a), at("3", 300, o), y("4", 160, o))
}

// absences are the true instants of a key, by the definition.
func absences(r *Rule, ms, all []Match) []string {
	spoke, answers := map[string]time.Time{}, map[string]time.Time{}
	for _, m := range all {
		if m.Time.After(spoke[m.Origin]) {
			spoke[m.Origin] = m.Time
		}
		if first, ok := answers[m.Origin]; m.Steps&absenceWithout != 0 && (!ok || m.Time.Before(first)) {
			answers[m.Origin] = m.Time
		}
	}
	heard := func(due time.Time, origin string) bool {
		if spoke[origin].Before(due) {
			return false
		}
		silent := false
		for o, first := range answers {
			if first.After(due) {
				continue
			}
			if silent = true; !spoke[o].Before(due) {
				return true
			}
		}
		return !silent
	}
	var due []int64
	for _, m := range ms {
		d := m.Time.Add(r.Window)
		answered := !heard(d, m.Origin)
		for _, o := range ms {
			later := o.Time.After(m.Time) || o.Time.Equal(m.Time) && (m.Steps != absenceWhen|absenceWithout || o.Steps == absenceWithout || o.ID > m.ID)
			answered = answered || o.Steps&absenceWithout != 0 && o.ID != m.ID && later && !o.Time.After(d)
		}
		if m.Steps&absenceWhen != 0 && !answered {
			due = append(due, d.UnixNano())
		}
	}
	slices.Sort(due)
	var out []string
	for i, from := 0, 0; i < len(due); i++ {
		if i+1 == len(due) || due[i+1]-due[i] > int64(r.Suppress) {
			out = append(out, fmt.Sprintf("%s %d", alertID(r.ID, ms[0].Namespace, ms[0].Key, strconv.FormatInt(due[from], 10)), due[i]))
			from = i + 1
		}
	}
	return out
}

// TestAbsenceTruth compares with the definition, in any order within the lateness and
// with restarts.
func TestAbsenceTruth(t *testing.T) {
	s := load(t, Options{}, strings.Replace(noBackupEnd, "1m", "20s\nsuppress: 12s", 1))
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		rnd := rand.New(rand.NewPCG(seed, 1))
		ms := oneRule(s, rnd, rapid.IntRange(5, 60).Draw(rt, "n"), func(m *Match) {
			m.Origin, m.Steps = "o"+strconv.Itoa(rnd.IntN(3)), []uint32{0, 0, 1, 1, 1, 2, 3}[rnd.IntN(7)]
		})
		want := permuted(t, rt, s, ms, seed)
		found += len(want)
		var have, should []string
		for _, a := range want {
			have = append(have, fmt.Sprintf("%s %d", a.ID, a.Last.UnixNano()))
		}
		for _, of := range byKey(ms) {
			should = append(should, absences(s.Rules()[0], of, ms)...)
		}
		slices.Sort(have)
		slices.Sort(should)
		if !slices.Equal(have, should) {
			rt.Fatalf("got\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(should, "\n"))
		}
	})
	if found < 50 && !testing.Short() {
		t.Errorf("only %d alerts in all worlds: the test tests nothing", found)
	}
}

// TestAbsenceHeld: no clock decides while the source is silent; it is decided when it
// speaks, at the time at which it ought to have been answered. A line that comes late
// answers.
func TestAbsenceHeld(t *testing.T) {
	s := load(t, Options{}, noBackupEnd)
	seconds := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	f := func(want int, then func(c *Correlator)) {
		t.Helper()
		c := s.NewCorrelator()
		for i, key := range []string{`["a"]`, `["b"]`} {
			m := absent(s, strconv.Itoa(i), 0, absenceWhen, "x")
			m.Key = key
			c.Observe(&m)
		}
		c.Progress("y", seconds(7200))
		c.Advance("", seconds(7200))
		if alerts, _ := c.Drain(); len(alerts) != 0 || c.Keys() != 2 {
			t.Fatalf("%d alerts of an idle clock, %d keys", len(alerts), c.Keys())
		}
		then(c)
		alerts, _ := c.Drain()
		if len(alerts) != want {
			t.Errorf("%d alerts, want %d", len(alerts), want)
		}
		for _, a := range alerts {
			if !a.Last.Equal(seconds(60)) || !a.First.Equal(start) || !a.Closed {
				t.Errorf("%s", a.Doc)
			}
		}
	}
	f(2, func(c *Correlator) { c.Progress("x", seconds(7100)) })
	f(0, func(c *Correlator) { c.Progress("x", seconds(59)) })
	f(1, func(c *Correlator) {
		late := absent(s, "late", 30, absenceWithout, "x")
		late.Key = `["b"]`
		c.Observe(&late)
		c.Progress("x", seconds(7100))
	})
	f(0, func(c *Correlator) {
		c.Advance("", seconds(61).Add(maxHold))
		if d := c.Degraded(); len(d) != 1 || d[0].Count != 2 || c.Keys() != 0 {
			t.Errorf("%+v, %d keys", d, c.Keys())
		}
	})
}

// TestAbsenceBounds: over the bound the oldest questions go, and the alert says so.
func TestAbsenceBounds(t *testing.T) {
	s := load(t, Options{MaxEntries: 5}, noBackupEnd)
	c := s.NewCorrelator()
	for i := range 9 {
		m := absent(s, strconv.Itoa(i), i, absenceWhen, "x")
		c.Observe(&m)
		c.Advance("", m.Time.Add(time.Nanosecond))
	}
	c.Progress("x", start.Add(time.Hour))
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 1 || alerts[0].Count != 5 || !strings.Contains(string(alerts[0].Doc), "too many open questions") || c.Stats().Evicted != 4 {
		t.Errorf("%+v, %+v", alerts, c.Stats())
	}
}

// TestOriginsAreBounded: forged senders push one another out, and not the one that was heard
// last.
func TestOriginsAreBounded(t *testing.T) {
	c := load(t, Options{}, noBackupEnd).NewCorrelator()
	at := func(sec int) time.Time { return start.Add(time.Duration(sec) * time.Second) }
	for i := range 2*maxSpoke + 10 {
		c.Progress(strconv.Itoa(i), at(i))
	}
	c.Progress("x", at(0)) // as old as any, and just come
	if n := len(c.spoke); n > maxSpoke {
		t.Errorf("%d origins are known, want %d at most", n, maxSpoke)
	}
	if last := strconv.Itoa(2*maxSpoke + 9); !c.hasSpoken(last, at(2*maxSpoke+9).UnixNano()) {
		t.Error("who spoke last is forgotten")
	}
	gone := 0
	for _, r := range c.sourceRecords() {
		if r.Value == nil {
			gone++
		}
	}
	if gone+len(c.spoke) != 2*maxSpoke+11 {
		t.Errorf("%d origins are written as gone and %d are there, of %d", gone, len(c.spoke), 2*maxSpoke+11)
	}
}
