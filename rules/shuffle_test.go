package rules

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// permutations of each world: rapid draws 100 worlds, so each kind, and rules over alerts,
// are held to 1,000 orders of arrival, each with a restart at a random place.
const permutations = 10

// permuted are the final alerts of matches that arrive in the order of a seed, and holds
// that they are the same in other orders, with restarts.
func permuted(tb testing.TB, rt *rapid.T, s *Set, ms []Match, seed uint64) map[string]Alert {
	want, _ := play(tb, s, ms, rand.New(rand.NewPCG(seed, 2)), false)
	for i := range permutations {
		got, _ := play(tb, s, ms, rand.New(rand.NewPCG(seed, uint64(3+i))), true)
		if err := equal(want, got); err != nil {
			rt.Fatal(err)
		}
	}
	return want
}

// equal says where two sets of final alerts differ.
func equal(a, b map[string]Alert) error {
	for id, x := range a {
		y, ok := b[id]
		if !ok {
			return fmt.Errorf("alert %s is missing: %s", id, x.Doc)
		}
		if !bytes.Equal(x.Doc, y.Doc) {
			return fmt.Errorf("alert %s differs:\n%s\n%s", id, x.Doc, y.Doc)
		}
	}
	if len(b) != len(a) {
		return fmt.Errorf("%d alerts, and %d", len(a), len(b))
	}
	return nil
}

// TestMatchTruth: the alerts of a suppressed rule of kind match are its matches by gaps.
func TestMatchTruth(t *testing.T) {
	s := load(t, Options{}, "id: m\ntitle: A login\nkind: match\nlevel: low\nwhen: has(user.name)\ngroup_by: source.ip\nsuppress: 7s\n")
	shuffled(t, s, func(*rand.Rand, *Match) {}, func(r *Rule, ms, _ []Match) []string {
		return instants(r, ms, func(int) bool { return true })
	})
}

// TestMatchBound: a suppressed rule of kind match with more keys than may be finds each, and
// is degraded: what recurs for a dropped key is a new alert.
func TestMatchBound(t *testing.T) {
	s := load(t, Options{MaxKeys: 5}, "id: m\ntitle: A login\nkind: match\nlevel: low\nwhen: has(user.name)\ngroup_by: source.ip\nsuppress: 1h\n")
	c := s.NewCorrelator()
	for i, key := range []string{"a", "b", "c", "d", "e", "f", "f", "a"} {
		m := Match{Rule: "m", Hash: s.Rule("m").Hash, Key: list([]string{key}), Time: start.Add(time.Duration(i) * time.Second), ID: strconv.Itoa(i), Fields: "{}"}
		c.Observe(&m)
		c.Advance("", m.Time)
	}
	c.End()
	ids := map[string]bool{}
	alerts, _ := c.Drain()
	for _, a := range alerts {
		ids[a.ID] = true
	}
	if d := c.Degraded(); len(ids) != 7 || c.Keys() > 5 || len(d) != 1 || d[0].Rule != "m" {
		t.Errorf("%d alerts, %d keys, %+v", len(ids), c.Keys(), d)
	}
}
