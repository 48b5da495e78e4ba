package rules

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/internal/condition"
)

// TestWhyAgrees: Why says match where Match does, for the rules of all kinds and events of
// every sort, and names what keeps the others from it.
func TestWhyAgrees(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, successAfter, rootShell)
	m, other := s.NewMatcher(), s.NewMatcher()
	ev := event.NewEvent(testSchema)
	f := func(ip, user, outcome string) {
		t.Helper()
		auth(ev, "192.0.2.1", user, outcome)
		if ip == "" {
			n, _ := testSchema.Lookup("source.ip")
			ev.Unset(n)
		}
		at := Instant{Time: start, ID: "e1", Namespace: "default"}
		want := map[string]int{}
		for _, x := range other.Match(ev, at) {
			want[x.Rule]++
		}
		for _, r := range s.Rules() {
			w, matches := m.Why(r, ev, at)
			if w.Matches != (want[r.ID] > 0) || len(matches) != want[r.ID] {
				t.Errorf("%s: why says %v (%s), Match %d", r.ID, w.Matches, w.Because, want[r.ID])
			}
		}
	}
	f("x", "root", "success")
	f("x", "eve", "failure")
	f("", "eve", "failure")
	f("", "root", "success")
}

func TestWhyWords(t *testing.T) {
	s := load(t, Options{}, bruteForce, successAfter)
	m, ev := s.NewMatcher(), event.NewEvent(testSchema)
	f := func(rule, outcome string, has bool, want string) {
		t.Helper()
		auth(ev, "192.0.2.1", "eve", outcome)
		if n, _ := testSchema.Lookup("source.ip"); !has {
			ev.Unset(n)
		}
		if w, _ := m.Why(s.Rule(rule), ev, Instant{Time: start, ID: "e"}); w.Because != want {
			t.Errorf("%s: %q, want %q", rule, w.Because, want)
		}
	}
	f("brute", "failure", true, "the condition holds")
	f("brute", "success", true, "the condition does not hold")
	f("brute", "failure", false, "the condition holds, but the event has no source.ip, which the rule groups by")
	f("after", "failure", true, "it meets step 1, step 2")
	f("after", "unknown", true, "it meets none of the steps")
}

// TestWindowOf: the instants that WindowOf says the rule holds at, with the ids of their
// alerts, are those that the alerts of all matches together tell of, in any order.
func TestWindowOf(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, successAfter)
	for seed := range uint64(10) {
		all := world(s, rand.New(rand.NewPCG(seed, 1)), 60)
		c := s.NewCorrelator()
		for i := range all {
			c.Observe(&all[i])
		}
		c.End()
		found, _ := c.Drain()
		ids := map[string]Alert{}
		for _, a := range found {
			ids[a.ID] = a
		}
		told := map[string]bool{}
		for i := range all {
			r := s.Rule(all[i].Rule)
			w := s.WindowOf(r, &all[i], all, start)
			if w.Fires {
				told[w.Alert] = true
				if a, ok := ids[w.Alert]; !ok || all[i].Time.After(a.Last) {
					t.Errorf("%s at %v: no alert %s", r.ID, all[i].Time, w.Alert)
				}
			} else if len(w.Missing) == 0 {
				t.Errorf("%s at %v does not hold, and nothing is missing", r.ID, all[i].Time)
			}
			if w.Count == 0 || !slices.ContainsFunc(w.There, func(m WindowMatch) bool { return m.ID == all[i].ID }) && w.Count < maxThere {
				t.Errorf("%s: the window of %s holds %d others", r.ID, all[i].ID, w.Count)
			}
		}
		if len(told) != len(ids) {
			t.Errorf("seed %d: %d alerts were told of, want %d", seed, len(told), len(ids))
		}
	}
}

func TestWindowMissing(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, successAfter)
	f := func(want string, ms ...Match) {
		t.Helper()
		for i := range ms {
			ms[i].Hash, ms[i].ID = s.Rule(ms[i].Rule).Hash, string(rune('a'+i))
			ms[i].Time = start.Add(time.Duration(i) * time.Second)
		}
		w := s.WindowOf(s.Rule(ms[0].Rule), &ms[len(ms)-1], ms, start)
		if got := strings.Join(w.Missing, "; "); got != want {
			t.Errorf("missing %q, want %q", got, want)
		}
	}
	f("1 of 3 matches", Match{Rule: "brute"})
	f("", Match{Rule: "brute"}, Match{Rule: "brute"}, Match{Rule: "brute"})
	f("1 of 4 values of destination.port", Match{Rule: "scan", Value: "1"}, Match{Rule: "scan", Value: "1"})
	f("step 3: no event in the window meets it", Match{Rule: "after", Steps: 3})
	f("step 1: no event in the window meets it; step 2: no event in the window meets it", Match{Rule: "after", Steps: 4})
	f("the steps are all there, but not in their order by different events", Match{Rule: "after", Steps: 3}, Match{Rule: "after", Steps: 4})
}

// TestActuals: of a question about two fields both are named, so that the one that is not set is seen.
func TestActuals(t *testing.T) {
	user, id := condition.Actual{Field: "user.name", Values: []string{"alice", "bob"}}, condition.Actual{Field: "user.id"}
	if got := actuals([]condition.Actual{user}); got != "it is alice, bob" {
		t.Error(got)
	}
	if got := actuals([]condition.Actual{user, id}); got != "user.name is alice, bob and user.id is not set" {
		t.Error(got)
	}
}
