package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

const manyNames = `
id: names
title: Many names asked for
kind: threshold
level: medium
when: event.category == "network"
group_by: source.ip
distinct: dns.question.name
count: 2000
window: 32s
suppress: 20s
message: "{distinct} names"
`

// TestDistinctTruth compares thresholds that count by pane with their definition: the
// values of the instant's pane and the 15 before. In any order, with restarts.
func TestDistinctTruth(t *testing.T) {
	s := load(t, Options{}, manyNames)
	r := s.Rules()[0]
	if !r.sketched {
		t.Fatal("counted one by one")
	}
	r.Count = 4
	shuffled(t, s, func(rnd *rand.Rand, m *Match) { m.Value = strconv.Itoa(rnd.IntN(8)) }, func(r *Rule, ms, _ []Match) []string {
		return instants(r, ms, func(i int) bool {
			last, values := r.distinctPane(ms[i].Time.UnixNano()), map[string]bool{}
			for _, m := range ms {
				if p := r.distinctPane(m.Time.UnixNano()); !m.Time.After(ms[i].Time) && p <= last && p > last-distinctPanes {
					values[m.Value] = true
				}
			}
			return len(values) >= r.Count
		})
	})
}

// TestDistinctMany: what is beyond the exact is near, whatever the order, and its state
// comes back.
func TestDistinctMany(t *testing.T) {
	s := load(t, Options{}, manyNames)
	var ms []Match
	for i := range 6000 {
		ms = append(ms, Match{
			Rule: "names", Hash: s.Rule("names").Hash, Key: `["192.0.2.1"]`, Namespace: "default", ID: strconv.Itoa(i),
			Time: start.Add(time.Duration(i) * 5 * time.Millisecond), Value: fmt.Sprintf("%d.example.com", i%4000),
		})
	}
	want, _ := play(t, s, ms, rand.New(rand.NewPCG(1, 2)), false)
	if len(want) != 1 {
		t.Fatalf("%d alerts", len(want))
	}
	for _, a := range want {
		n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimPrefix(a.Title, "about "), " names"), 64)
		if err != nil || math.Abs(n-4000) > 160 || len(a.Events) != listed {
			t.Errorf("%s, of %d events", a.Title, len(a.Events))
		}
		if begins := a.First.Sub(start); begins < 9*time.Second || begins > 11*time.Second { // the latest 100 of 2,000 in 10 s
			t.Errorf("begins after %v", begins)
		}
	}
	for seed := range uint64(3) {
		got, _ := play(t, s, ms, rand.New(rand.NewPCG(3, seed)), true)
		if err := equal(want, got); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDistinctBounds: a key that is dropped leaves no record of its panes.
func TestDistinctBounds(t *testing.T) {
	s := load(t, Options{MaxKeys: 2}, manyNames)
	c, changelog := s.NewCorrelator(), &table{values: map[string][]byte{}}
	for i := range 20 {
		m := Match{Rule: "names", Hash: s.Rule("names").Hash, Key: list([]string{strconv.Itoa(i)}), ID: strconv.Itoa(i), Time: start.Add(time.Duration(i) * time.Second), Value: "x"}
		c.Observe(&m)
		c.Advance("", m.Time.Add(1))
		_, records := c.Drain()
		changelog.put(records)
	}
	if c.Keys() != 2 || changelog.live() != 4 || len(c.Degraded()) != 1 {
		t.Errorf("%d keys, %d records, %+v", c.Keys(), changelog.live(), c.Degraded())
	}
	c.End()
	_, records := c.Drain()
	changelog.put(records)
	if changelog.live() != 0 || c.Bytes() != 0 {
		t.Errorf("%d records, %d bytes after the end", changelog.live(), c.Bytes())
	}
}

// TestTallyMerge: put together, tallies count as one that counted all, whichever of them
// are exact.
func TestTallyMerge(t *testing.T) {
	f := func(n, m int) {
		t.Helper()
		var a, b, all tally
		for i := range n {
			a.add(strconv.Itoa(i))
			all.add(strconv.Itoa(i))
		}
		for i := n / 2; i < n/2+m; i++ {
			b.add(strconv.Itoa(i))
			all.add(strconv.Itoa(i))
		}
		x, y := append(tally(nil), a...), append(tally(nil), b...)
		x.merge(b)
		y.merge(a)
		if string(x) != string(all) || string(y) != string(all) {
			t.Errorf("%d and %d: %v, %v, want %v", n, m, x.count(), y.count(), all.count())
		}
	}
	f(10, 10)
	f(700, 700)
	f(10, 5000)
	f(5000, 10)
	f(3000, 3000)
}
