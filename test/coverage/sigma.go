package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"sluice/internal/testbed"
)

// sigmaFolders are the rules that the expected hits were made with.
var sigmaFolders = []string{"rules/windows", "rules-emerging-threats", "rules-threat-hunting"}

// sigma runs SigmaHQ's rules over recorded Windows events.
func sigma(t *tools, p *page) error {
	folder, err := sigmaRules(t)
	if err != nil {
		return err
	}
	args := []string{"detect"}
	for _, f := range sigmaFolders {
		args = append(args, "--rules", filepath.Join(folder, f))
	}
	p.printf(`
## Sigma

SigmaHQ's rules for Windows over recorded events: evtx as evtx_dump writes them, and the same put into the forms of Winlogbeat and
NXLog by [test/coverage](../internal/testbed/windows.go); otrf as NXLog wrote them. *Found* is the share of the hits on
which at least two other engines agree, *right* the share of our hits that some engine reports too, *regression* the share
of SigmaHQ's own recordings on which the rule that they belong to fires. Not counted are hits that the engines dispute,
and rules for log sources that no pack of ours reads.

| events | found | right | regression |
|---|---:|---:|---:|
`)
	for _, set := range []struct {
		name, events, hits, keep, regression string
		form                                 func(map[string]any) map[string]any
	}{
		{"evtx", "evtx-events.jsonl.gz", "evtx-expected-hits.jsonl.gz", "evtx,record_id", "regression.jsonl.gz", nil},
		{"evtx_winlogbeat", "evtx-events.jsonl.gz", "evtx-expected-hits.jsonl.gz", "evtx,record_id", "regression.jsonl.gz", testbed.Winlogbeat},
		{"evtx_nxlog", "evtx-events.jsonl.gz", "evtx-expected-hits.jsonl.gz", "evtx,record_id", "regression.jsonl.gz", testbed.NXLog},
		{"otrf", "otrf-flat-events.jsonl.gz", "otrf-expected-hits.jsonl.gz", "file,line", "", nil},
	} {
		events, err := testbed.Gunzip(t.corpus("sigma", set.events))
		if err != nil {
			return err
		}
		if set.form != nil {
			if events, err = testbed.Reshape(events, set.form); err != nil {
				return err
			}
		}
		actual, err := t.run(events, set.name+".jsonl", append(args, "--ndjson", "--field", "event", "--keep", set.keep)...)
		if err != nil {
			return err
		}
		score := []string{"--expected", t.corpus("sigma", set.hits), "--actual", actual, "--top", "0"}
		if set.regression != "" {
			score = append(score, "--regression", t.corpus("sigma", set.regression))
		}
		out, err := t.score("score_hits.py", score...)
		if err != nil {
			return err
		}
		found, err := number(out, `tier A: .*\((\d+\.\d)%\)`)
		if err != nil {
			return err
		}
		right, err := number(out, `precision (\d+\.\d)%`)
		if err != nil {
			return err
		}
		p.printf("| %s | %s | %s | ", set.name, p.hold("sigma/"+set.name+"/found", found), p.hold("sigma/"+set.name+"/right", right))
		if m := regexp.MustCompile(`regression: (\d+)/(\d+)`).FindStringSubmatch(out); m != nil {
			a, _ := strconv.Atoi(m[1])
			b, _ := strconv.Atoi(m[2])
			p.printf("%s ", p.hold("sigma/"+set.name+"/regression", share(a, b)))
		} else {
			p.printf("– ")
		}
		p.printf("|\n")
	}
	return nil
}

// number is what a scorer printed where pattern has its group.
func number(out, pattern string) (float64, error) {
	m := regexp.MustCompile(pattern).FindStringSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("the scorer's output has no %s:\n%s", pattern, out)
	}
	return strconv.ParseFloat(m[1], 64)
}

// sigmaRules unpacks the rules into the temporary folder.
func sigmaRules(t *tools) (string, error) {
	root := filepath.Join(t.dir, "sigma")
	return root, testbed.UnpackRules(t.corpus("sigma", "sigmahq-rules-8eaafff.tar.gz"), root, "")
}
