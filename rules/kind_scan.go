package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

const (
	maxTargets   = 1000
	targetsTimes = 5 // so many times the larger of the two bounds: a scan that is neither deep nor wide
)

var (
	// scanFields are whom a scanner tries, host before port.
	scanFields  = []string{"destination.ip", "destination.port"}
	scanFigures = []string{"hosts", "ports", "targets"}
)

func (r *reader) scan(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	r.window(doc, sp)
	if sp.GroupBy == nil {
		r.fail(doc, "group_by is missing: who scans, such as source.ip")
	}
	if sp.Ports == 0 && sp.Hosts == 0 {
		r.fail(doc, "a scan has ports, hosts or both: how many of one host, or with one port, are too many")
	}
	for _, b := range []struct {
		key string
		n   int
	}{{"ports", sp.Ports}, {"hosts", sp.Hosts}, {"targets", sp.Targets}} {
		if b.n != 0 && (b.n < 2 || b.n > maxTargets) {
			r.failKey(doc, b.key, "from 2 to %d", maxTargets)
		}
	}
	out.ports, out.hosts, out.targets = sp.Ports, sp.Hosts, sp.Targets
	if out.targets == 0 {
		out.targets = min(targetsTimes*max(out.ports, out.hosts), maxTargets)
	}
	if out.targets < max(out.ports, out.hosts) {
		r.failKey(doc, "targets", "at least as many as ports and hosts, of which each is a target too")
	}
	for i, name := range scanFields {
		f, _ := r.set.schema.Lookup(name)
		out.pair = append(out.pair, column{f})
		key, n := []string{"hosts", "ports"}[i], []int{sp.Hosts, sp.Ports}[i]
		if n == 0 {
			continue
		}
		if r.enough(at(doc, key), key, name, f, out.when, float64(n)); slices.Contains(out.GroupBy, name) {
			r.failKey(doc, key, "%s is in group_by, so each key has one value of it", name)
		}
	}
	out.decides = fmt.Sprintf("%d %d %d", out.ports, out.hosts, out.targets)
}

// target is a host and a port that was tried, as a match's value has it; no port is "".
func target(value string) (host, port string) {
	// A busy key asks this of each of its targets at each of its instants.
	if inner, ok := strings.CutPrefix(value, `["`); ok && strings.IndexByte(value, '\\') < 0 {
		inner, end := strings.CutSuffix(inner, `"]`)
		if host, port, ok := strings.Cut(inner, `","`); ok && end && strings.Count(inner, `"`) == 2 {
			return host, port
		}
	}
	var both []string
	if json.Unmarshal([]byte(value), &both) != nil || len(both) != 2 {
		return "", ""
	}
	return both[0], both[1]
}

// judgeScan judges one instant: true where the window (t-T, t] holds so many ports of one
// host, so many hosts with one port, or so many targets (a host with a port) in all.
//
// The latest match of each of the latest targets is enough: a later window that holds
// anything older holds these too, so it is true by their number. TestScanTruth compares
// with the definition.
func (k *keyState) judgeScan(c *Correlator, t int64, group []entry) {
	k.expire(t)
	for i := range group {
		if host, _ := target(group[i].value); host != "" { // sluice.matches may carry anything
			k.keepValue(group[i])
		}
	}
	if !k.scans() {
		return
	}
	behind := make([]*entry, len(k.kept))
	for i := range k.kept {
		behind[i] = &k.kept[i]
	}
	k.fire(c, t, behind)
	if over := len(k.kept) - k.rule.targets; over > 0 {
		k.kept = slices.Clone(k.kept[over:])
	}
}

func (k *keyState) scans() bool {
	r := k.rule
	least := r.targets
	for _, n := range []int{r.ports, r.hosts} {
		if n > 0 {
			least = min(least, n)
		}
	}
	if n := len(k.kept); n < least || n >= r.targets {
		return n >= r.targets
	}
	reach := newReach()
	for i := range k.kept {
		reach.add(k.kept[i].value)
		if r.ports > 0 && reach.ports >= r.ports || r.hosts > 0 && reach.hosts >= r.hosts {
			return true
		}
	}
	return false
}

// reach is how deep and how wide a scan goes.
type reach struct {
	ofHost, withPort map[string]int
	ports, hosts     int // the most of one host, and with one port
}

func newReach() *reach { return &reach{ofHost: map[string]int{}, withPort: map[string]int{}} }

// add counts a target that was not counted before.
func (r *reach) add(value string) {
	host, port := target(value)
	r.ofHost[host]++
	r.withPort[port]++
	r.ports, r.hosts = max(r.ports, r.ofHost[host]), max(r.hosts, r.withPort[port])
}

// tallyScan counts what an episode saw: hosts, ports and targets.
func tallyScan(ep *episode, e *entry) {
	if len(ep.tallies) != len(scanFigures) { // restored ones may be anything
		ep.tallies = make([]tally, len(scanFigures))
	}
	host, port := target(e.value)
	ep.tallies[0].add(host)
	if port != "" {
		ep.tallies[1].add(port)
	}
	ep.tallies[2].add(e.value)
}
