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

// wideKinds are rules of kinds that keep state for long, each with what most keys of a
// wide rule have sent: so many matches, so far apart.
var wideKinds = []struct {
	name, text string
	matches    int
	apart      time.Duration
	value      func(i int) string
}{
	{"threshold", bruteForce, 1, 0, nil},
	{"distinct", portScan, 3, time.Second, strconv.Itoa},
	{"new_terms", newCountry, 2, time.Second, strconv.Itoa},
	{"sequence", successAfter, 1, 0, nil},
	{"absence", noBackupEnd, 1, 0, nil},
	{"rate", muchRead, 20, 30 * time.Minute, nil},
	{"travel", twoPlaces, 1, 0, func(i int) string { return "52.52," + strconv.Itoa(i%180) }},
	{"beacon", callsHome, 4, 20 * time.Second, nil},
	{"risk", riskyHost + "---" + bruteForce, 2, time.Second, func(i int) string { return list([]string{"rule-" + strconv.Itoa(i), "47"}) }},
	{"scan", scanner, 3, time.Second, func(i int) string { return list([]string{"10.0.0." + strconv.Itoa(i), "22"}) }},
}

// fillKeys gives each of n keys of the set's only rule its matches, settled.
func fillKeys(s *Set, n, kind int) *Correlator {
	c, r, of := s.NewCorrelator(), s.Rules()[0], &wideKinds[kind]
	for j := range of.matches {
		at := start.Add(time.Duration(j) * of.apart)
		for i := range n {
			m := Match{
				Rule: r.ID, Hash: r.Hash, Namespace: "default", Key: fmt.Sprintf(`["10.%d.%d.%d"]`, i>>16, i>>8&255, i&255), Steps: 1,
				ID: fmt.Sprintf("0123456789abcdef-%d-%d", i, j), Time: at.Add(time.Duration(i)), Fields: fmt.Sprintf(`{"user.name":["user%d"],"host.name":["web1"]}`, i),
			}
			if of.value != nil {
				m.Value = of.value(j)
			}
			c.Observe(&m)
			if i%1000 == 0 {
				c.Drain()
			}
		}
		c.Advance("", at.Add(time.Duration(n)))
		c.Drain()
	}
	return c
}

// mostPerKey is what lets a million keys live in 1 GiB.
const mostPerKey = float64(1<<30) / 1_000_000

// TestBytesPerKey: a settled key of any kind costs no more than a millionth of 1 GiB, and
// what is counted of it is not far from what it is.
func TestBytesPerKey(t *testing.T) {
	const keys = 5_000
	for i, k := range wideKinds {
		s := load(t, Options{}, k.text)
		before := heapBytes()
		c := fillKeys(s, keys, i)
		took, counted := float64(heapBytes()-before)/keys, float64(c.Bytes())/keys
		t.Logf("%-10s %4.0f B a key, counted as %4.0f", k.name, took, counted)
		if c.Keys() != keys || took > mostPerKey || counted < took/2 || counted > took*2 {
			t.Errorf("%s: %d keys of %.0f B, counted as %.0f", k.name, c.Keys(), took, counted)
		}
	}
}

// BenchmarkMillionKeys prints what a million keys of each kind cost in memory, settled.
func BenchmarkMillionKeys(b *testing.B) {
	const keys = 1_000_000
	for i, k := range wideKinds {
		b.Run(k.name, func(b *testing.B) {
			s := load(b, Options{}, k.text)
			for b.Loop() {
				before := heapBytes()
				c := fillKeys(s, keys, i)
				b.ReportMetric(float64(heapBytes()-before)/keys, "B/key")
				b.ReportMetric(float64(c.Bytes())/keys, "counted_B/key")
				if c.Keys() != keys || len(c.Degraded()) > 0 {
					b.Fatalf("%d keys, %+v", c.Keys(), c.Degraded())
				}
			}
		})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
