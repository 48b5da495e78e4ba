package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

const inOrder = `
id: order
title: Three stages on one host, one after the other
kind: sequence
level: high
group_by: host.name
window: 1m
steps:
- event.action == "a"
- event.action == "b"
- event.action == "c"
until: event.action == "reset"
`

// TestSequenceTruth compares sequences with their definition, in any order of arrival: at
// tC there are different events of all steps, none before the one of the step before, the
// first at most T earlier, and no ending in between.
func TestSequenceTruth(t *testing.T) {
	for _, text := range []string{inOrder, inOrder + "strict: true\n"} {
		s := load(t, Options{}, text)
		shuffled(t, s, func(rnd *rand.Rand, m *Match) {
			m.Time = start.Add(time.Duration(rnd.IntN(24)) * 10 * time.Second) // many at one instant
			m.Steps = []uint32{1, 1, 2, 2, 4, 3, 5, 6, 7, untilStep, untilStep | 1}[rnd.IntN(11)]
		}, func(r *Rule, ms, _ []Match) []string {
			return instants(r, ms, func(i int) bool { return inOrderAt(r, ms, ms[i].Time) })
		})
	}
}

// inOrderAt tries every choice of matches, from the last step back.
func inOrderAt(r *Rule, ms []Match, end time.Time) bool {
	var from func(step int, next time.Time, taken []string) bool
	from = func(step int, next time.Time, taken []string) bool {
		for _, m := range ms {
			late := m.Time.After(next) || r.strict && step < len(r.steps)-1 && m.Time.Equal(next)
			if late || m.Steps&(1<<step) == 0 || slices.Contains(taken, m.ID) || step == len(r.steps)-1 && !m.Time.Equal(end) {
				continue
			}
			if step > 0 {
				if from(step-1, m.Time, append(taken[:len(taken):len(taken)], m.ID)) {
					return true
				}
				continue
			}
			ended := false
			for _, u := range ms {
				ended = ended || u.Steps&untilStep != 0 && !u.Time.Before(m.Time) && !u.Time.After(end)
			}
			if !ended && end.Sub(m.Time) <= r.Window {
				return true
			}
		}
		return false
	}
	return from(len(r.steps)-1, end, nil)
}

// TestSequenceTies: what stands at one instant does not hide what came before it.
func TestSequenceTies(t *testing.T) {
	const a, b, c = 1, 2, 4
	s, strict := load(t, Options{}, inOrder), load(t, Options{}, inOrder+"strict: true\n")
	raises(t, strict, "0 2 3;", step(strict, "0", 0, a), step(strict, "1", 1, a|b), step(strict, "11", 1, a|b),
		step(strict, "12", 1, a|b), step(strict, "2", 1, a|b), step(strict, "3", 2, c)) // five tries in two seconds
	raises(t, s, "0 7 1;", step(s, "0", 0, a), step(s, "1", 1, a|c), step(s, "2", 1, b), step(s, "3", 1, b),
		step(s, "4", 1, b), step(s, "5", 1, b), step(s, "6", 1, b), step(s, "7", 1, b))
}

// TestSequenceBound: a settled key keeps one way to each step but the last, however much
// there was, and of what is not settled the oldest goes.
func TestSequenceBound(t *testing.T) {
	s := load(t, Options{MaxEntries: 200}, inOrder)
	c := s.NewCorrelator()
	for i := range 3000 {
		m := step(s, strconv.Itoa(i), i/100, 3)
		c.Observe(&m)
		c.Advance("", m.Time)
	}
	c.Advance("", start.Add(30*time.Second))
	_, records := c.Drain()
	k := c.lanes[""].books["order"].keys[bookKey("", `["192.0.2.1"]`)]
	if got := fmt.Sprint(len(k.chains.byStep[0]), len(k.chains.byStep[1]), len(k.pending), len(k.kept)); got != "1 2 0 0" || c.Bytes() > 1000 {
		t.Errorf("keeps %s, %d bytes", got, c.Bytes())
	}
	if size := len(records[len(records)-1].Value); size > 500 {
		t.Errorf("a record of %d bytes", size)
	}
	if d := c.Degraded(); len(d) != 0 {
		t.Errorf("degraded: %+v", d)
	}
	for i := range 250 {
		m := step(s, "more"+strconv.Itoa(i), 40, 1)
		c.Observe(&m)
	}
	if d := c.Degraded(); len(d) != 1 || d[0].Count != 50 {
		t.Errorf("of 250 matches of which 200 may wait: %+v", d)
	}
}
