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

const muchRead = `
id: much
title: A user reads far more than usual
kind: rate
level: medium
when: event.category == "file"
group_by: user.name
window: 30m
count: 3
panes: 2
above: 1.5
message: "{user.name} read {count} files, {rate} in the last half hour, usually {usual} ({deviation})"
`

// weeks is matches of a rate in two hours of the week, over some weeks.
func weeks(s *Set, rnd *rand.Rand, n int) (out []Match) {
	r := s.Rules()[0]
	for i := range n {
		at := start.Add(time.Duration(rnd.IntN(7))*week + time.Duration(rnd.IntN(2))*26*time.Hour + time.Duration(rnd.IntN(3))*30*time.Minute)
		m := Match{
			Rule: r.ID, Hash: r.Hash, Key: list([]string{strconv.Itoa(rnd.IntN(2))}), Namespace: "default", Origin: "o", ID: "e" + strconv.Itoa(i),
			Time: at.Add(time.Duration(rnd.IntN(1800)) * time.Second), Fields: fmt.Sprintf(`{"user.name":["u%d"]}`, rnd.IntN(9)),
		}
		if rnd.IntN(4) == 0 {
			m.Time = at
		}
		if out = append(out, m); rnd.IntN(10) == 0 {
			out = append(out, m)
		}
	}
	return out
}

// rateTruth is the definition without any cleverness: each pane beside the list of all
// that it is compared with.
func rateTruth(r *Rule, ms []Match) (out []string) {
	got := map[time.Time]int{}
	var panes []time.Time
	for _, m := range ms { // in order
		p := m.Time.Truncate(r.Window)
		if got[p]++; got[p] == 1 {
			panes = append(panes, p)
		}
	}
	var begin, first, last time.Time
	count := 0
	end := func() {
		if count > 0 {
			out = append(out, fmt.Sprintf("%d-%d %d", first.UnixNano(), last.UnixNano(), count))
		}
		count = 0
	}
	for i, p := range panes {
		if i == 0 || p.Sub(panes[i-1]) > r.history {
			begin = p
		}
		var base []float64
		for q := begin; q.Before(p); q = q.Add(r.Window) {
			if p.Sub(q) <= r.history && q.Weekday() == p.Weekday() && q.Hour() == p.Hour() && p.Sub(q) > time.Hour {
				base = append(base, float64(got[q]))
			}
		}
		if got[p] < r.Count || len(base) < r.panes {
			continue
		}
		if _, deviation := unusual(base, float64(got[p])); deviation <= r.bounds[0].X {
			continue
		}
		at := p.Add(r.Window)
		if count > 0 && at.Sub(last) > r.Suppress {
			end()
		}
		if count == 0 {
			first = at
		}
		count, last = count+got[p], at
	}
	end()
	return out
}

// TestRateTruth: any order within the lateness, with restarts at random places, gives
// the same alerts, which are those of the definition.
func TestRateTruth(t *testing.T) {
	s := load(t, Options{}, muchRead)
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		ms := weeks(s, rand.New(rand.NewPCG(seed, 1)), rapid.IntRange(20, 150).Draw(rt, "n"))
		want := permuted(t, rt, s, ms, seed)
		found += len(want)
		var have, should []string
		for _, a := range want {
			have = append(have, fmt.Sprintf("%s %s", a.Key, rateAlert(rt, s.Rules()[0], ms, a)))
		}
		for key, of := range byKey(ms) {
			for _, e := range rateTruth(s.Rules()[0], of) {
				should = append(should, key+" "+e)
			}
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

// rateAlert is an alert with the end of the first pane, which its id is made of.
func rateAlert(rt *rapid.T, r *Rule, ms []Match, a Alert) string {
	for _, m := range ms {
		t := m.Time.Truncate(r.Window).Add(r.Window).UnixNano()
		if alertID(a.Rule, a.Namespace, a.Key, strconv.FormatInt(t, 10)) == a.ID {
			return fmt.Sprintf("%d-%d %d", t, a.Last.UnixNano(), a.Count)
		}
	}
	rt.Fatalf("alert %s has the id of no pane", a.Doc)
	return ""
}

// reads makes n matches within the half hour that begins so long after the start.
func reads(s *Set, after time.Duration, n int) (out []Match) {
	for i := range n {
		m := step(s, fmt.Sprintf("%d/%d", after/time.Minute, i), 0, 0)
		m.Key, m.Time = `["eve"]`, start.Add(after+time.Duration(i)*time.Second)
		out = append(out, m)
	}
	return out
}

func TestRate(t *testing.T) {
	s := load(t, Options{}, muchRead)
	f := func(want string, parts ...[]Match) {
		t.Helper()
		titled(t, s, want, slices.Concat(parts...)...)
	}
	two := slices.Concat(reads(s, 0, 4), reads(s, week, 4))
	f("", two)
	f("", two, reads(s, 2*week, 6)) // 4, 0, 4, 0: the median is 2, the deviation 2.97
	f("eve read 8 files, 8 in the last half hour, usually 2 (2.02);", two, reads(s, 2*week, 8))
	f("eve read 90 files, 90 in the last half hour, usually 0 (90);", reads(s, 0, 4), reads(s, 2*week+4*time.Hour, 90))              // never at this hour
	f("", reads(s, 5*time.Hour, 4), reads(s, week+4*time.Hour, 90))                                                                  // this hour came only before the key did
	f("", two, reads(s, 2*week+30*time.Minute, 2))                                                                                   // too few to be judged
	f("eve read 16 files, 8 in the last half hour, usually 2 (2.02);", two, reads(s, 2*week, 8), reads(s, 2*week+30*time.Minute, 8)) // one alert
	f("", reads(s, 0, 4), reads(s, 5*week, 90))                                                                                      // forgotten: new again
}

// TestRateBound: a key costs what its history's panes cost, however many events come,
// and forgets what the history does not reach.
func TestRateBound(t *testing.T) {
	s := load(t, Options{}, muchRead)
	c := s.NewCorrelator()
	for w := range 60 * 336 { // every pane of 60 weeks, of which 4 are kept
		m := reads(s, time.Duration(w)*30*time.Minute, 1)
		for i := range 3 {
			m[0].ID = strconv.Itoa(i)
			c.Observe(&m[0])
		}
		c.Advance("", m[0].Time)
	}
	c.Drain()
	k := onlyKey(t, c)
	if n := len(k.packed); n > countsHead+2*(4*336+2) || n < 2*4*336 {
		t.Errorf("%d bytes for 1344 panes", n)
	}
	m := reads(s, 70*week, 1000)
	for i := range m {
		c.Observe(&m[i])
	}
	c.Advance("", m[0].Time.Add(20*time.Minute))
	if k := onlyKey(t, c); len(k.pending) > 0 || len(k.kept) > sampleMost || len(c.Degraded()) > 0 {
		t.Errorf("%d pending, %d kept, %+v", len(k.pending), len(k.kept), c.Degraded())
	}
	if c.Advance("", m[0].Time.Add(5*week)); c.Keys() != 0 || c.Bytes() != 0 {
		t.Errorf("%d keys, %d bytes", c.Keys(), c.Bytes())
	}
}

// TestRateDegraded: what a bound dropped before it was counted is said in the alert.
func TestRateDegraded(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, muchRead)
	c := s.NewCorrelator()
	for _, m := range slices.Concat(reads(s, 0, 4), reads(s, week, 4), reads(s, 2*week, 50)) {
		c.Observe(&m)
		c.Advance("", m.Time.Add(-time.Minute))
	}
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 1 || alerts[0].Count != 10 || !strings.Contains(string(alerts[0].Doc), "too many matches at once") {
		t.Errorf("%+v", alerts)
	}
}

// onlyKey is the state of the only key that has one.
func onlyKey(t *testing.T, c *Correlator) *keyState {
	t.Helper()
	if c.Keys() != 1 {
		t.Fatalf("%d keys", c.Keys())
	}
	for _, l := range c.lanes {
		for _, b := range l.books {
			for _, k := range b.keys {
				return k
			}
		}
	}
	return nil
}

// refuses holds that a rule does not load, and says why at its place.
func refuses(t *testing.T, text, want string) {
	t.Helper()
	_, err := Load(testSchema, []File{{Name: "test.yml", Text: []byte(text)}}, Options{})
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%q: %v", text, err)
	}
}

func TestRateFaults(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		refuses(t, strings.Replace(muchRead, from, to, 1), want)
	}
	f("window: 30m", "window: 7m", "test.yml:8:9: window: the width of a pane")
	f("window: 30m", "window: 5h", "window: the width of a pane")
	f("window: 30m", "window: 1m", "at most 10000 are kept")
	f("window: 30m", "window: 30m\nhistory: 100h", "history: from 168h")
	f("count: 3", "", "count: the least number of events")
	f("panes: 2", "panes: 9", "panes: from 2 to 8")
	f("window: 30m", "window: 1h\nhistory: 7d", "history: two weeks at least")
	f("above: 1.5", "above: x", `test.yml:11:8: above: "x" is no number`)
	f("above: 1.5", "below: 1.5", "a rule of kind rate takes no below")
	f("{usual}", "{usuall}", "no field is named usuall")

	short := strings.NewReplacer("window: 30m", "window: 1h\nhistory: 14d", "panes: 2", "").Replace(muchRead)
	if s := load(t, Options{}, short); s.Rules()[0].panes != 2 {
		t.Errorf("%d panes to compare with, and a history of two weeks holds 2", s.Rules()[0].panes)
	}
}

// TestRateWhy: any event of the pane leads to the alert that its end brings.
func TestRateWhy(t *testing.T) {
	s := load(t, Options{}, muchRead)
	all := slices.Concat(reads(s, 0, 4), reads(s, week, 4), reads(s, 2*week, 20))
	for _, i := range []int{8, 20, 27} {
		if w := s.WindowOf(s.Rules()[0], &all[i], all, start.Add(3*week)); w.Alert == "" || !strings.HasPrefix(w.Title, "eve read 20 files") {
			t.Errorf("event %d: %+v", i, w)
		}
	}
	if w := s.WindowOf(s.Rules()[0], &all[4], all, start.Add(3*week)); w.Alert != "" {
		t.Errorf("%+v", w)
	}
}
