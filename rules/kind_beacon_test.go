package rules

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const callsHome = `
id: beacon
title: A host calls home
kind: beacon
level: medium
when: event.category == "network"
group_by: [source.ip, destination.ip]
window: 3m
span: 1m
shortest: 5s
count: 5
deviation: 0.1
suppress: 40s
message: "{count} events, {beats} beats every {interval} s, give or take {deviation}"
`

// TestBeaconTruth compares with the definition: of all beats of a key so far, those of
// the window, their intervals sorted, the one in the middle.
func TestBeaconTruth(t *testing.T) {
	s := load(t, Options{}, strings.NewReplacer("3m", "70s", "count: 5", "count: 4", "40s", "5s").Replace(callsHome))
	shuffled(t, s, func(rnd *rand.Rand, m *Match) {
		if rnd.IntN(30) > 0 {
			jitter := []int{400, 400, 400, 400, 400, 2500}[rnd.IntN(6)]
			m.Time = start.Add(time.Duration(rnd.IntN(20))*12*time.Second + time.Duration(rnd.IntN(jitter))*time.Millisecond)
		}
		m.Key = list([]string{strconv.Itoa(rnd.IntN(12) / 11), "x"})
	}, func(r *Rule, ms, _ []Match) []string {
		var beats []time.Time
		return instants(r, ms, func(i int) bool {
			now := ms[i].Time
			if n := len(beats); n > 0 && now.Sub(beats[n-1]) < r.shortest/10 {
				return false
			}
			beats = append(beats, now)
			in := slices.Clone(beats)
			in = slices.DeleteFunc(in, func(b time.Time) bool { return now.Sub(b) >= r.Window })
			if len(in) < r.Count || now.Sub(in[0]) < r.span {
				return false
			}
			var xs, ds []float64
			for j := 1; j < len(in); j++ {
				xs = append(xs, in[j].Sub(in[j-1]).Seconds())
			}
			m := median(slices.Clone(xs))
			for _, x := range xs {
				ds = append(ds, math.Abs(x-m))
			}
			return m >= r.shortest.Seconds() && median(ds) <= m*0.1
		})
	})
}

// beats makes a match for each time, in milliseconds.
func beats(s *Set, ms ...int) (out []Match) {
	for i, at := range ms {
		m := step(s, strconv.Itoa(i), 0, 0)
		m.Key, m.Time = `["10.0.0.5","203.0.113.9"]`, start.Add(time.Duration(at)*time.Millisecond)
		out = append(out, m)
	}
	return out
}

func TestBeacon(t *testing.T) {
	s := load(t, Options{}, callsHome)
	f := func(want string, ms ...int) {
		t.Helper()
		titled(t, s, want, beats(s, ms...)...)
	}
	f("5 events, 5 beats every 20 s, give or take 0;", 0, 20000, 40000, 60000, 80000)
	f("", 0, 20000, 40000, 60000)                                                                                       // too few
	f("", 0, 10000, 20000, 30000, 40000, 50000)                                                                         // too short a time
	f("", 0, 3000, 20000, 43000, 60000, 70000)                                                                          // as people do
	f("5 events, 5 beats every 20.5 s, give or take 0.024;", 0, 19000, 39000, 60000, 81000)                             // with jitter
	f("6 events, 6 beats every 20 s, give or take 0;", 0, 20000, 40000, 60000, 100000, 120000)                          // one was missed
	f("10 events, 5 beats every 20 s, give or take 0;", 0, 100, 20000, 20100, 40000, 40100, 60000, 60100, 80000, 80000) // two connections each
	f("", slices.Collect(every(400, 400))...)                                                                           // always
	f("7 events, 7 beats every 20 s, give or take 0;", 0, 20000, 40000, 60000, 80000, 100000, 120000)                   // one alert
}

// every counts n steps.
func every(n, step int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i * step) {
				return
			}
		}
	}
}

// TestBeaconBound: however often a key speaks, what is kept of it is bounded, and gone
// when the window is.
func TestBeaconBound(t *testing.T) {
	s := load(t, Options{}, strings.NewReplacer("window: 3m", "window: 24h", "shortest: 5s", "shortest: 2s").Replace(callsHome))
	c := s.NewCorrelator()
	for i := range 5000 {
		m := beats(s, i*3000)[0]
		m.ID = strconv.Itoa(i)
		c.Observe(&m)
		c.Advance("", m.Time)
	}
	k := onlyKey(t, c)
	if n := len(unpackBeats(nil, k.packed)); n != maxBeats || len(k.kept) != beatSample || len(k.packed) > 7*maxBeats || len(c.Degraded()) > 0 {
		t.Errorf("%d beats in %d bytes, %d kept, %+v", n, len(k.packed), len(k.kept), c.Degraded())
	}
	if c.Advance("", start.Add(40*time.Hour)); c.Keys() != 0 || c.Bytes() != 0 {
		t.Errorf("%d keys, %d bytes", c.Keys(), c.Bytes())
	}
	alerts, _ := c.Drain()
	if len(alerts) != 1 || alerts[0].Count != 5000 || len(alerts[0].Events) != listed {
		t.Errorf("%d alerts, %d matches, %d events", len(alerts), alerts[0].Count, len(alerts[0].Events))
	}
}

// TestBeaconDegraded: what a bound dropped is said in the alert.
func TestBeaconDegraded(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, callsHome)
	alerts := alertsOf(s, beats(s, slices.Collect(every(20, 8000))...)...)
	if len(alerts) != 1 || alerts[0].Count != 10 || !strings.Contains(string(alerts[0].Doc), "too many matches at once") {
		t.Errorf("%+v", alerts)
	}
}

// TestBeaconPacked: what is packed is what is read, and what is damaged reads as less.
func TestBeaconPacked(t *testing.T) {
	in := []beat{{start.UnixNano(), 1}, {start.UnixNano() + 1, 0}, {start.UnixNano() + 1e15, 1 << 40}}
	b := packBeats(nil, in)
	if got := unpackBeats(nil, b); !slices.Equal(got, in) {
		t.Error(got)
	}
	for i := range b {
		if got := unpackBeats(nil, b[:i]); len(got) > len(in) {
			t.Error(i, got)
		}
	}
}

func TestBeaconFaults(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		refuses(t, strings.Replace(callsHome, from, to, 1), want)
	}
	f("window: 3m", "window: 3s", "test.yml:8:9: window: from 1m0s to 168h0m0s")
	f("span: 1m", "span: 4m", "span: from 1m0s to 3m0s")
	f("shortest: 5s", "shortest: 1ms", "shortest: from 1s to 3m0s")
	f("window: 3m\nspan: 1m\nshortest: 5s", "window: 24h\nspan: 10h\nshortest: 1m", "512 beats are kept, which do not span 10h0m0s")
	f("count: 5", "count: 3", "count: the least number of beats, from 4 to 512")
	f("deviation: 0.1", "deviation: 0.6", "test.yml:12:12: deviation: a part of the median")
	f("group_by: [source.ip, destination.ip]", "", "group_by is missing")
	f("count: 5", "distinct: user.name", "takes no distinct")
}
