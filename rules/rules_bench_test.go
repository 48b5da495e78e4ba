package rules

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"sluice/event"
)

// BenchmarkMatchLogin is what the test rules cost for one event that matches one of them.
func BenchmarkMatchLogin(b *testing.B) {
	s := load(b, Options{}, bruteForce, portScan, successAfter, rootShell)
	ev := event.NewEvent(testSchema)
	auth(ev, "192.0.2.1", "eve", "failure")
	m := s.NewMatcher()
	at := Instant{Time: start, ID: "e1", Namespace: "default"}
	b.ReportAllocs()
	for b.Loop() {
		if len(m.Match(ev, at)) != 2 {
			b.Fatal("not two matches")
		}
	}
}

// BenchmarkObserve is a match on its way through the correlator, changelog included.
func BenchmarkObserve(b *testing.B) {
	s := load(b, Options{}, bruteForce)
	c := s.NewCorrelator()
	m := Match{Rule: "brute", Hash: s.Rule("brute").Hash, Fields: `{"user.name":["root"],"host.name":["web1"]}`}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		m.Key, m.ID, m.Time = `["`+strconv.Itoa(i%1000)+`"]`, strconv.Itoa(i), start.Add(time.Duration(i)*20*time.Millisecond)
		c.Observe(&m)
		if i%500 == 0 {
			c.Advance("", m.Time.Add(-20*time.Second))
			c.Drain()
		}
	}
}

// BenchmarkMillionKeys prints what a key of a threshold costs in memory, settled with
// one match, as it is for most of the keys of a wide rule.
func BenchmarkMillionKeys(b *testing.B) {
	const keys = 1_000_000
	s := load(b, Options{}, bruteForce)
	for b.Loop() {
		before := heapBytes()
		c := s.NewCorrelator()
		for i := range keys {
			m := Match{
				Rule: "brute", Hash: s.Rule("brute").Hash, Namespace: "default", Key: fmt.Sprintf(`["10.%d.%d.%d"]`, i>>16, i>>8&255, i&255),
				ID: fmt.Sprintf("0123456789abcdef-%d", i), Time: start.Add(time.Duration(i)), Fields: fmt.Sprintf(`{"user.name":["user%d"],"host.name":["web1"]}`, i),
			}
			c.Observe(&m)
			if i%1000 == 0 {
				c.Drain()
			}
		}
		c.Advance("", start.Add(time.Second))
		c.Drain()
		b.ReportMetric(float64(heapBytes()-before)/keys, "B/key")
		b.ReportMetric(float64(c.Bytes())/keys, "counted_B/key")
		if c.Keys() != keys {
			b.Fatalf("%d keys", c.Keys())
		}
	}
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
