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

const kill = `
id: kill
title: Three stages on one host, in any order
kind: unordered
level: high
group_by: host.name
window: 1m
steps:
- event.action == "a"
- event.action == "b"
- event.action == "c"
`

// oneRule is matches of the only rule of a set within a few minutes, some of them twice.
func oneRule(s *Set, rnd *rand.Rand, n int, fill func(m *Match)) (out []Match) {
	r := s.Rules()[0]
	for i := range n {
		m := Match{
			Rule: r.ID, Hash: r.Hash, Key: list([]string{strconv.Itoa(rnd.IntN(2))}), Namespace: "default", Origin: "o", ID: "e" + strconv.Itoa(i),
			Time: start.Add(time.Duration(rnd.IntN(240)) * time.Second), Fields: fmt.Sprintf(`{"user.name":["u%d"]}`, rnd.IntN(3)),
		}
		fill(&m)
		if out = append(out, m); rnd.IntN(10) == 0 {
			out = append(out, m)
		}
	}
	return out
}

// shuffled plays worlds of one rule in any order within the lateness, with restarts at
// random places: the final alerts are the same, and what truth says of each key.
func shuffled(t *testing.T, s *Set, fill func(rnd *rand.Rand, m *Match), truth func(r *Rule, ms, all []Match) []string) {
	t.Helper()
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		rnd := rand.New(rand.NewPCG(seed, 1))
		ms := oneRule(s, rnd, rapid.IntRange(5, 60).Draw(rt, "n"), func(m *Match) { fill(rnd, m) })
		want := permuted(t, rt, s, ms, seed)
		found += len(want)
		var have, should []string
		for _, a := range want {
			have = append(have, fmt.Sprintf("%s %s-%d", a.Key, firstOf(rt, s, ms, a), a.Last.UnixNano()))
		}
		for key, of := range byKey(ms) {
			for _, e := range truth(s.Rules()[0], of, ms) {
				should = append(should, key+" "+e)
			}
		}
		slices.Sort(have)
		slices.Sort(should)
		if !slices.Equal(have, should) {
			rt.Fatalf("got\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(should, "\n"))
		}
	})
	t.Logf("%d alerts", found)
	if found < 50 && !testing.Short() { // -short runs few worlds
		t.Errorf("only %d alerts in all worlds: the test tests nothing", found)
	}
}

// byKey divides matches, in the order of time and id, without doubles.
func byKey(ms []Match) map[string][]Match {
	out := map[string][]Match{}
	for _, m := range ms {
		if !slices.ContainsFunc(out[m.Key], func(o Match) bool { return o.ID == m.ID && o.Value == m.Value }) {
			out[m.Key] = append(out[m.Key], m)
		}
	}
	for _, of := range out {
		slices.SortFunc(of, func(a, b Match) int {
			if d := a.Time.Compare(b.Time); d != 0 {
				return d
			}
			return strings.Compare(a.ID, b.ID)
		})
	}
	return out
}

// episodes are the true instants of one key, joined where their gaps are at most S: a
// condition over the matches of (t-T, t], asked at each t.
func episodes(r *Rule, ms []Match, holds func(window []Match) bool) []string {
	return instants(r, ms, func(i int) bool {
		from := 0
		for ms[from].Time.UnixNano() <= ms[i].Time.UnixNano()-int64(r.Window) {
			from++
		}
		return holds(ms[from : i+1])
	})
}

// instants are episodes where a condition holds at the instant of which the match i is
// the last.
func instants(r *Rule, ms []Match, holds func(i int) bool) (out []string) {
	var first, last int64
	for i, m := range ms {
		t := m.Time.UnixNano()
		if i+1 < len(ms) && ms[i+1].Time.Equal(m.Time) {
			continue // all ties belong to the instant
		}
		if !holds(i) {
			continue
		}
		if first != 0 && t-last > int64(r.Suppress) {
			out = append(out, fmt.Sprintf("%d-%d", first, last))
			first = 0
		}
		if first == 0 {
			first = t
		}
		last = t
	}
	if first != 0 {
		out = append(out, fmt.Sprintf("%d-%d", first, last))
	}
	return out
}

// TestUnorderedTruth compares with the definition, tried without any cleverness: some
// choice of different events meets all steps.
func TestUnorderedTruth(t *testing.T) {
	s := load(t, Options{}, kill+"suppress: 20s\n")
	shuffled(t, s, func(rnd *rand.Rand, m *Match) { m.Steps = []uint32{1, 1, 2, 3, 5, 4}[rnd.IntN(6)] }, func(r *Rule, ms, _ []Match) []string {
		return episodes(r, ms, func(window []Match) bool {
			for i, a := range window {
				for j, b := range window {
					for k, c := range window {
						if i != j && j != k && i != k && a.Steps&1 != 0 && b.Steps&2 != 0 && c.Steps&4 != 0 {
							return true
						}
					}
				}
			}
			return false
		})
	})
}

func TestUnordered(t *testing.T) {
	const a, b, c = 1, 2, 4
	s := load(t, Options{}, kill)
	f := func(want string, ms ...Match) {
		t.Helper()
		raises(t, s, want, ms...)
	}
	at := func(id string, sec int, steps uint32) Match { return step(s, id, sec, steps) }
	f("1 2 3;", at("1", 0, c), at("2", 1, a), at("3", 2, b))
	f("1 2 3;", at("1", 0, b), at("2", 0, a), at("3", 0, c))
	f("1 2 3;", at("1", 0, c), at("2", 1, a), at("3", 59, b))
	f("", at("1", 0, c), at("2", 1, a), at("3", 60, b)) // the window is (t-T, t]
	f("", at("1", 0, a|b|c), at("2", 1, a|b|c))         // one event is one step
	f("1 2 3;", at("1", 0, a), at("2", 1, a|b), at("3", 2, a|b|c))
	f("2 3 4;", at("1", 0, a), at("2", 1, a), at("3", 2, b), at("4", 3, c)) // late ones rather than early ones
}

// TestUnorderedBound: however many events come, a key keeps a few of each step.
func TestUnorderedBound(t *testing.T) {
	s := load(t, Options{}, kill)
	c := s.NewCorrelator()
	for i := range 1000 {
		m := step(s, strconv.Itoa(i), i/20, []uint32{1, 2}[i%2])
		c.Observe(&m)
	}
	c.Advance("", start.Add(50*time.Second))
	c.Drain()
	for _, l := range c.lanes {
		for _, k := range l.books["kill"].keys {
			if len(k.kept) != 6 || len(k.pending) != 0 {
				t.Errorf("%d kept, %d pending", len(k.kept), len(k.pending))
			}
		}
	}
	if st := c.Stats(); st.Evicted != 0 || len(c.Degraded()) != 0 {
		t.Errorf("%+v", st)
	}
}

// TestSeenTruth: where one event may meet several steps, what counts is which steps the
// window has seen, and that some have not.
func TestSeenTruth(t *testing.T) {
	f := func(seen func(steps uint32) bool) {
		t.Helper()
		s := load(t, Options{}, kill)
		s.Rules()[0].seen = seen
		fill := func(rnd *rand.Rand, m *Match) { m.Steps = []uint32{1, 2, 4, 3, 6}[rnd.IntN(5)] }
		shuffled(t, s, fill, func(r *Rule, ms, _ []Match) []string {
			return episodes(r, ms, func(window []Match) bool {
				steps := uint32(0)
				for _, m := range window {
					steps |= m.Steps
				}
				return seen(steps)
			})
		})
	}
	f(func(steps uint32) bool { return steps == 7 })
	f(func(steps uint32) bool { return steps&3 == 3 && steps&4 == 0 })
}
