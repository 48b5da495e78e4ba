package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const scanner = `
id: scanner
title: A host scans
kind: scan
level: medium
when: has(source.ip)
group_by: source.ip
window: 1m
ports: 4
hosts: 5
targets: 9
suppress: 20s
message: "{source.ip} tried {ports} ports of {hosts} hosts, {targets} targets"
`

// TestScanTruth compares with the definition: so many ports of one host, so many hosts
// with one port, or so many pairs, in the window.
func TestScanTruth(t *testing.T) {
	s := load(t, Options{}, strings.NewReplacer("1m", "20s", "ports: 4", "ports: 3", "hosts: 5", "hosts: 3", "targets: 9", "targets: 5", "suppress: 20s", "suppress: 10s").Replace(scanner))
	shuffled(t, s, func(rnd *rand.Rand, m *Match) {
		m.Time = start.Add(time.Duration(rnd.IntN(100)) * time.Second)
		m.Value = list([]string{"10.0.0." + strconv.Itoa(rnd.IntN(7)), strconv.Itoa(rnd.IntN(5))})
	}, func(r *Rule, ms, _ []Match) []string {
		return episodes(r, ms, func(window []Match) bool {
			pairs, ofHost, withPort := map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}
			deep, wide := 0, 0
			for _, m := range window {
				host, port := target(m.Value)
				if ofHost[host] == nil {
					ofHost[host] = map[string]bool{}
				}
				if withPort[port] == nil {
					withPort[port] = map[string]bool{}
				}
				pairs[m.Value], ofHost[host][port], withPort[port][host] = true, true, true
				deep, wide = max(deep, len(ofHost[host])), max(wide, len(withPort[port]))
			}
			return deep >= 3 || wide >= 3 || len(pairs) >= 5
		})
	})
}

// tries makes a match for each of some targets, one a second.
func tries(s *Set, targets ...string) (out []Match) {
	for i, v := range targets {
		host, port, _ := strings.Cut(v, ":")
		out = append(out, flow(s, strconv.Itoa(i), i, list([]string{host, port})))
	}
	return out
}

func TestScan(t *testing.T) {
	s := load(t, Options{}, scanner)
	f := func(want string, targets ...string) {
		t.Helper()
		titled(t, s, want, tries(s, targets...)...)
	}
	f("192.0.2.1 tried 4 ports of 1 hosts, 4 targets;", "a:1", "a:2", "a:3", "a:4")
	f("192.0.2.1 tried 1 ports of 5 hosts, 5 targets;", "a:1", "b:1", "c:1", "d:1", "e:1")
	f("192.0.2.1 tried 0 ports of 5 hosts, 5 targets;", "a:", "b:", "c:", "d:", "e:") // pings
	f("", "a:1", "a:2", "a:3", "b:1", "c:1", "d:1", "a:1", "a:2")
	f("192.0.2.1 tried 3 ports of 3 hosts, 9 targets;", "a:1", "a:2", "a:3", "b:1", "b:2", "b:3", "c:1", "c:2", "c:3")
	f("192.0.2.1 tried 6 ports of 3 hosts, 8 targets;", "a:1", "a:2", "a:3", "a:4", "b:5", "b:6", "c:1", "c:2") // one alert, which grows
}

// TestScanMatch: what a match carries is host and port; a host is needed, a port not.
func TestScanMatch(t *testing.T) {
	s := load(t, Options{}, scanner)
	f := func(want string, fields ...string) {
		t.Helper()
		carries(t, s, want, fields...)
	}
	f("")
	f("", "destination.port", "22")
	f(`["10.0.0.9",""];`, "destination.ip", "10.0.0.9")
	f(`["10.0.0.9","22"];`, "destination.ip", "::ffff:10.0.0.9", "destination.port", "22")
}

// TestScanBound: a scan of any size costs its scanner as many matches as targets are
// asked for, and the alert counts all; what is restored goes on.
func TestScanBound(t *testing.T) {
	s := load(t, Options{}, scanner)
	c := s.NewCorrelator()
	changelog := &table{values: map[string][]byte{}}
	final := Alert{}
	drain := func() {
		alerts, records := c.Drain()
		changelog.put(records)
		for _, a := range alerts {
			if final.ID != "" && a.ID != final.ID {
				t.Fatalf("a second alert: %s", a.Doc)
			}
			final = a
		}
	}
	const hosts, ports = 20, 3000
	for i := range hosts * ports {
		m := flow(s, strconv.Itoa(i), i/1000, list([]string{"10.0.0." + strconv.Itoa(i%hosts), strconv.Itoa(1 + i/hosts)}))
		c.Observe(&m)
		if i%1000 == 999 {
			c.Advance("", m.Time)
			drain()
		}
		if i == hosts*ports/2 {
			drain()
			c = s.NewCorrelator()
			for _, k := range changelog.keys {
				if v := changelog.values[k]; v != nil {
					if err := c.Restore([]byte(k), v); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if k := onlyKey(t, c); len(k.kept) != 9 || len(c.Degraded()) > 0 {
		t.Errorf("%d kept, %+v", len(k.kept), c.Degraded())
	}
	c.End()
	drain()
	if x := final.Count; x != hosts*ports || !final.Closed || !strings.Contains(string(final.Doc), `"values":{"hosts":20,"ports":`) {
		t.Errorf("%d: %s", x, final.Doc)
	}
}

// TestScanDegraded: what a bound dropped is said in the alert.
func TestScanDegraded(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, scanner)
	var ms []Match
	for i := range 30 {
		ms = append(ms, flow(s, strconv.Itoa(i), i, list([]string{"a", strconv.Itoa(i)})))
	}
	alerts := alertsOf(s, ms...)
	if len(alerts) != 1 || alerts[0].Count != 10 || !strings.Contains(string(alerts[0].Doc), "too many matches at once") {
		t.Errorf("%+v", alerts)
	}
}

// TestTally: exact as far as promised, then off by a few per cent, in any order the same.
func TestTally(t *testing.T) {
	f := func(n int, most float64) {
		t.Helper()
		var a, b tally
		for i := range n {
			a.add(fmt.Sprintf("10.0.%d.%d", i>>8, i&255))
			a.add(fmt.Sprintf("10.0.%d.%d", i>>8, i&255))
		}
		for i := range n {
			j := n - 1 - i
			b.add(fmt.Sprintf("10.0.%d.%d", j>>8, j&255))
		}
		if off := math.Abs(a.count()-float64(n)) / max(float64(n), 1); off > most || !slices.Equal(a, b) {
			t.Errorf("%d counted as %v and %v", n, a.count(), b.count())
		}
	}
	f(0, 0)
	f(1, 0)
	f(exactValues, 0)
	f(exactValues+1, 0.03)
	f(5000, 0.03)
	f(65536, 0.03)
	f(500_000, 0.03)
}

func TestScanFaults(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		refuses(t, strings.Replace(scanner, from, to, 1), want)
	}
	f("ports: 4\nhosts: 5\n", "", "test.yml:2:1: a scan has ports, hosts or both")
	f("ports: 4", "ports: 1", "ports: from 2 to 1000")
	f("hosts: 5", "hosts: 1001", "hosts: from 2 to 1000")
	f("targets: 9", "targets: 4", "targets: at least as many")
	f("window: 1m", "", "window: is missing")
	f("group_by: source.ip", "", "group_by is missing")
	f("hosts: 5", "distinct: destination.ip", "a rule of kind scan takes no distinct")
	f("hosts: 5", "hosts: many", "test.yml:10:8")
}
