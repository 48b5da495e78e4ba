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
		out, err := t.run(logs[name], "benign-"+name+".jsonl", "detect", "--now", "2024-01-01T00:00:00Z")
		if err != nil {
			return err
		}
		counts, n := map[string]int{}, 0
		err = read(out, func(hit struct{ Rule, Title string }) error {
			file, err := ruleFile(hit.Rule)
			counts[file]++
			n++
			return err
		})
		if err != nil {
			return err
		}
		var said []string
		for _, file := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) }) {
			said = append(said, fmt.Sprintf("%s %d", strings.TrimSuffix(path.Base(file), ".yml"), counts[file]))
		}
		p.printf("| %s | %d | %d | %s |\n", name, bytes.Count(logs[name], []byte("\n")), n, cmp.Or(strings.Join(said, ", "), "–"))
		if !slices.Contains(attacked, name) {
			p.hold("benign/"+name+"/silent", share(0, n))
		}
	}
	return nil
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
