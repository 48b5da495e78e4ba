package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// parsers are CrowdSec's that read what a pack of ours reads.
var parsers = map[string]string{
	"sshd-logs": "sshd", "nginx-logs": "nginx", "apache2-logs": "apache", "iptables-logs": "iptables",
}

// attacks runs the shipped rules over the logs of CrowdSec's tests.
func attacks(t *tools, p *page) error {
	type test struct {
		Test    string   `json:"test"`
		Parsers []string `json:"parsers"`
		Log     string   `json:"log"`
		Alerts  int      `json:"n_alerts"`
	}
	found, quiet := map[string]*agreement{}, map[string]*agreement{}
	n := 0
	err := read(t.corpus("detect", "crowdsec-hub-tests.jsonl.gz"), func(c test) error {
		name := device(c.Parsers)
		if name == "" || c.Log == "" {
			return nil
		}
		n++
		out, err := t.run([]byte(c.Log), fmt.Sprintf("crowdsec%d.jsonl", n), "detect", "--now", "2024-01-01T00:00:00Z")
		if err != nil {
			return err
		}
		hits, err := os.Stat(out)
		if err != nil {
			return err
		}
		by, ok := found, hits.Size() > 0
		if c.Alerts == 0 {
			by, ok = quiet, !ok
		}
		if by[name] == nil {
			by[name] = &agreement{}
		}
		by[name].add(ok)
		return nil
	})
	if err != nil {
		return err
	}
	p.printf(`
## Attack tests

CrowdSec's tests of scenarios, each a log of its own, through our shipped rules: in how many of those with an alert we
raise one too, and in how many without we are silent. Which scenario it was is not compared: ours are other rules, with
thresholds of their own, and most of CrowdSec's ask for one vulnerability of one product, which the shipped rules do not.

| device | tests with an alert | we raise one | tests without | we are silent |
|---|---:|---:|---:|---:|
`)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		a, q := found[name], quiet[name]
		if q == nil {
			q = &agreement{}
		}
		p.printf("| %s | %d | %s | %d | %s |\n", name, a.of, p.hold("attacks/"+name+"/found", share(a.right, a.of)), q.of, p.hold("attacks/"+name+"/silent", share(q.right, q.of)))
	}
	return nil
}

// device is what a test's log is of; "" where no pack reads it.
func device(of []string) string {
	for _, name := range of {
		name = strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".yaml")
		if d := parsers[name]; d != "" {
			return d
		}
	}
	return ""
}
