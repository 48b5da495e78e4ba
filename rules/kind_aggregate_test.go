package rules

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/event"
)

const exfiltration = `
id: bytes
title: Much data leaves
kind: aggregate
level: high
when: event.category == "network"
group_by: source.ip
value: source.bytes
window: 1m
suppress: 20s
message: "{source.ip} sent {value} bytes in {count} connections"
`

// TestAggregateTruth compares each function with its definition.
func TestAggregateTruth(t *testing.T) {
	f := func(text string, holds func(xs []float64) bool) {
		t.Helper()
		s := load(t, Options{}, exfiltration+text)
		fill := func(rnd *rand.Rand, m *Match) { m.Value = strconv.FormatFloat(float64(rnd.IntN(1000))/10, 'g', -1, 64) }
		shuffled(t, s, fill, func(r *Rule, ms, _ []Match) []string {
			return episodes(r, ms, func(window []Match) bool {
				var xs []float64
				for _, m := range window {
					x, _ := strconv.ParseFloat(m.Value, 64)
					xs = append(xs, x)
				}
				return holds(xs)
			})
		})
	}
	sum := func(xs []float64) (n float64) {
		for _, x := range xs {
			n += x
		}
		return n
	}
	f("function: sum\nabove: 300\n", func(xs []float64) bool { return sum(xs) > 300 })
	f("function: average\nbelow: 40\ncount: 3\n", func(xs []float64) bool { return len(xs) >= 3 && sum(xs)/float64(len(xs)) < 40 })
	f("function: percentile\npercentile: 75\nat_least: 80\n", func(xs []float64) bool {
		slices.Sort(xs) // nearest rank: the least value that at least three quarters do not exceed
		for i, x := range xs {
			if 4*(i+1) >= 3*len(xs) {
				return x >= 80
			}
		}
		return false
	})
	f("function: median\nabove: 60\ncount: 2\n", func(xs []float64) bool {
		slices.Sort(xs)
		n := len(xs)
		return n >= 2 && xs[(n-1)/2]+(xs[n/2]-xs[(n-1)/2])/2 > 60
	})
	f("function: maximum\nat_least: 90\ncount: 2\n", func(xs []float64) bool { return len(xs) >= 2 && slices.Max(xs) >= 90 })
	f("function: minimum\nabove: 20\ncount: 2\n", func(xs []float64) bool { return len(xs) >= 2 && slices.Min(xs) > 20 })
	f("function: sum\nabove: 200\nat_most: 300\n", func(xs []float64) bool { return sum(xs) > 200 && sum(xs) <= 300 })
	f("function: distinct\nbelow: 4\ncount: 3\n", func(xs []float64) bool {
		n := len(xs)
		slices.Sort(xs)
		return n >= 3 && len(slices.Compact(xs)) < 4
	})
}

// TestAggregateCount compares function: count, which takes no value, with its definition.
func TestAggregateCount(t *testing.T) {
	s := load(t, Options{}, strings.Replace(exfiltration, "value: source.bytes\n", "", 1)+"function: count\nat_least: 3\nbelow: 6\n")
	shuffled(t, s, func(*rand.Rand, *Match) {}, func(r *Rule, ms, _ []Match) []string {
		return episodes(r, ms, func(window []Match) bool { return len(window) >= 3 && len(window) < 6 })
	})
}

func flow(s *Set, id string, seconds int, value string) Match {
	m := step(s, id, seconds, 0)
	m.Value = value
	return m
}

func TestAggregate(t *testing.T) {
	f := func(text, want string, ms ...func(*Set) Match) {
		t.Helper()
		s := load(t, Options{}, exfiltration+text)
		var in []Match
		for _, m := range ms {
			in = append(in, m(s))
		}
		titled(t, s, want, in...)
	}
	at := func(id string, sec int, v string) func(*Set) Match {
		return func(s *Set) Match { return flow(s, id, sec, v) }
	}
	const says = "192.0.2.1 sent "
	f("function: sum\nabove: 10\n", "", at("1", 0, "4"), at("2", 1, "6"))
	f("function: sum\nat_least: 10\n", says+"10 bytes in 2 connections;", at("1", 0, "4"), at("2", 1, "6"))
	f("function: sum\nat_least: 10\n", "", at("1", 0, "4"), at("2", 60, "6")) // the window is (t-T, t]
	f("function: sum\nat_least: 10\n", says+"10 bytes in 2 connections;", at("1", 0, "4"), at("2", 0, "6"))
	f("function: sum\nat_most: -10\n", says+"-10 bytes in 2 connections;", at("1", 0, "4"), at("2", 0, "-14"))
	f("function: sum\nat_least: 10\n", "", at("1", 0, "NaN"), at("2", 0, "1e999"), at("3", 0, "x")) // the topic may carry anything
	f("function: sum\nat_least: 10\n", says+"1.79769e+308 bytes in 2 connections;", at("1", 0, "1.7e308"), at("2", 0, "1.7e308"))
	f("function: average\nabove: 5\n", says+"6 bytes in 1 connections;", at("1", 0, "4"), at("2", 0, "4"), at("3", 61, "6"))
	f("function: percentile\npercentile: 50\nat_least: 2\ncount: 3\n", says+"2 bytes in 3 connections;", at("1", 0, "1"), at("2", 1, "9"), at("3", 2, "2"))
}

// TestAggregateMatch: what a match carries is the number; an event without one is none.
func TestAggregateMatch(t *testing.T) {
	s := load(t, Options{}, exfiltration+"function: sum\nabove: 10\n")
	ev := event.NewEvent(testSchema)
	ev.Reset("")
	put := func(name, v string) {
		f, _ := testSchema.Lookup(name)
		if testSchema.Spec(f).Array {
			ev.Add(f, v)
			return
		}
		ev.SetText(f, v)
	}
	put("event.category", "network")
	put("source.ip", "192.0.2.1")
	if ms := s.NewMatcher().Match(ev, Instant{Time: start, ID: "1"}); len(ms) != 0 {
		t.Errorf("without a number: %+v", ms)
	}
	put("source.bytes", "1500")
	if ms := s.NewMatcher().Match(ev, Instant{Time: start, ID: "1"}); len(ms) != 1 || ms[0].Value != "1500" {
		t.Errorf("%+v", ms)
	}
}

// TestAggregateBound: over the bound the oldest go, and both the rule and the alert say so.
func TestAggregateBound(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, exfiltration+"function: sum\nat_least: 10\n")
	c := s.NewCorrelator()
	changelog := &table{values: map[string][]byte{}}
	for i := range 20 {
		m := flow(s, strconv.Itoa(i), i, "1")
		c.Observe(&m)
		c.Advance("", start.Add(time.Duration(i)*time.Second))
		_, records := c.Drain()
		changelog.put(records)
	}
	c = s.NewCorrelator() // what was dropped does not come back, and the alert says so still
	for k, v := range changelog.values {
		if v == nil {
			continue
		}
		if err := c.Restore([]byte(k), v); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range c.lanes[""].books["bytes"].keys {
		if len(k.kept) != 10 || len(k.pending) != 1 || !k.kept[0].isAt(9) {
			t.Errorf("%d kept, %d pending", len(k.kept), len(k.pending))
		}
	}
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 1 || !strings.Contains(string(alerts[0].Doc), "too many values") || alerts[0].Count != 20 {
		t.Fatalf("%+v", alerts)
	}
	if !json.Valid(alerts[0].Doc) {
		t.Error(string(alerts[0].Doc))
	}
}

func (e *entry) isAt(seconds int) bool {
	return e.t == start.Add(time.Duration(seconds)*time.Second).UnixNano()
}

func TestAggregateFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Load(testSchema, []File{{Name: "test.yml", Text: []byte(exfiltration + text)}}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	f("above: 1\n", "function is missing")
	f("function: summ\nabove: 1\n", "did you mean")
	f("function: sum\n", "one of above")
	f("function: sum\nabove: 1\nat_least: 2\n", "only one makes sense")
	f("function: sum\nabove: 3\nbelow: 2\n", "no number is above 3 below 2")
	f("function: count\nabove: 1\n", "takes no value")
	f("function: sum\nabove: .inf\n", "is no number")
	f("function: sum\nabove: 1\npercentile: 3\n", "belongs to function")
	f("function: percentile\nabove: 1\n", "up to 100")
	f("function: sum\nabove: 1\ncount: 10001\n", "least number of values")
	f("function: sum\nabove: 1\nsteps: [a, b]\n", "takes no steps")
}

func TestNumber(t *testing.T) {
	f := func(s string, want float64, ok bool) {
		t.Helper()
		if x, is := number(s); is != ok || ok && math.Abs(x-want) > 0 {
			t.Errorf("%q: %v %t", s, x, is)
		}
	}
	f("1e9", 1e9, true)
	f("-0.5", -0.5, true)
	f("NaN", 0, false)
	f("1e999", 0, false)
	f("", 0, false)
}
