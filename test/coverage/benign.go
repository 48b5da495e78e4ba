package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"sluice/internal/corpus"
	"sluice/internal/simulate"
	"sluice/rules"
)

// attacked are the logs of LogHub whose hosts stood in the internet and were guessed at:
// alerts there are right. The others must be silent.
var attacked = []string{"Linux", "OpenSSH"}

// benign runs the shipped rules over logs of systems at work, and lists what they say.
func benign(t *tools, p *page) error {
	logs, err := loghub(t)
	if err != nil {
		return err
	}
	p.printf(`
## Alerts in ordinary logs

The shipped rules over LogHub's samples of systems at work, 2,000 lines of each. The hosts behind Linux and OpenSSH stood in
the internet and were guessed at, so what is found there is what happened; nothing may be found in the others.

| log | lines | alerts | by rule |
|---|---:|---:|---|
`)
	for _, name := range slices.Sorted(maps.Keys(logs)) {
		n, err := alerts(t, p, name, logs[name], "2024-01-01T00:00:00Z")
		if err != nil {
			return err
		}
		if !slices.Contains(attacked, name) {
			p.hold("benign/"+name+"/silent", share(0, n))
		}
	}
	p.printf(`
The same over a working day that [internal/simulate](../internal/simulate/day.go) invents: some eighty people, their
administrators, and the programs of an office, without an attack, but with what looks like one. What is found here, the rule
tells among its false positives, or the test fails (go test ./test/e2e -run TestOrdinaryDay). The scanner is the office's own,
before anybody excepts it; "all together" has the lines of all in the order of their times.

| source | lines | alerts | by rule |
|---|---:|---:|---|
`)
	days := ordinaryDay()
	for _, name := range slices.Sorted(maps.Keys(days)) {
		if _, err := alerts(t, p, name, days[name], "2026-03-03T12:00:00Z"); err != nil {
			return err
		}
	}
	return nil
}

// alerts runs the shipped rules over a log, and prints its row.
func alerts(t *tools, p *page, name string, log []byte, now string) (n int, err error) {
	out, err := t.run(log, "benign-"+name+".jsonl", "detect", "--now", now)
	if err != nil {
		return 0, err
	}
	counts := map[string]int{}
	err = read(out, func(hit struct{ Rule, Title string }) error {
		file, err := ruleFile(hit.Rule)
		counts[file]++
		n++
		return err
	})
	if err != nil {
		return 0, err
	}
	var said []string
	for _, file := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) }) {
		said = append(said, fmt.Sprintf("%s %d", strings.TrimSuffix(path.Base(file), ".yml"), counts[file]))
	}
	p.printf("| %s | %d | %d | %s |\n", name, bytes.Count(log, []byte("\n")), n, cmp.Or(strings.Join(said, ", "), "–"))
	return n, nil
}

// ordinaryDay is the invented day by source.
func ordinaryDay() map[string][]byte {
	out := map[string][]byte{}
	for source, lines := range simulate.Day(1) {
		for _, l := range lines {
			out[source] = append(append(out[source], l.Text...), '\n')
		}
	}
	return out
}

// loghub is LogHub's logs by system.
func loghub(t *tools) (map[string][]byte, error) {
	out := map[string][]byte{}
	return out, corpus.Unpack(t.corpus("loghub", "loghub-2k.tar.gz"), func(name string, text []byte) error {
		if path.Ext(name) == ".log" {
			out[path.Base(path.Dir(name))] = append(bytes.TrimRight(text, "\n"), '\n')
		}
		return nil
	})
}

// ruleFile is the file of a shipped rule.
func ruleFile(id string) (string, error) {
	for _, f := range rules.Library() {
		if bytes.Contains(f.Text, []byte("id: "+id+"\n")) {
			return f.Name, nil
		}
	}
	return "", fmt.Errorf("no shipped rule has the id %s", id)
}
