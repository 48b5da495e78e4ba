package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// families are those of the corpus that a shipped pack is for. A record of a family may
// be of another product than the pack's: the family is what the data's makers say.
var families = []string{
	"apache_httpd", "cisco_asa_ftd", "iptables_netfilter", "linux_auth", "linux_syslog", "nginx", "suricata", "windows_events",
}

// pair is one record of the corpus with the document that its makers expect.
type pair struct {
	ID     string          `json:"id"`
	Family string          `json:"family"`
	Oracle string          `json:"oracle"`
	Raw    json.RawMessage `json:"raw"`
	Input  json.RawMessage `json:"input"`
}

// line is the raw text where there is one, else what the pipeline was given.
func (p *pair) line() json.RawMessage {
	var s string
	if json.Unmarshal(p.Raw, &s) == nil && s != "" {
		return p.Raw
	}
	return p.Input
}

// tally is a row of score_ecs.py's --json.
type tally struct {
	Events    int      `json:"events"`
	Recall    *float64 `json:"recall"`
	Rule      *float64 `json:"rule_field_recall"`
	Precision *float64 `json:"precision"`
}

// documents scores ECS documents by family and by who made the expected ones.
func documents(t *tools, p *page) error {
	expected, recs, group, err := pairs(t)
	if err != nil {
		return err
	}
	actual, err := t.normalize(recs, "documents.jsonl")
	if err != nil {
		return err
	}
	lines, unread := map[string]int{}, map[string]int{}
	err = read(actual, func(d document) error {
		g := group[d.Labels.ID]
		lines[g]++
		if d.Sluice.Unparsed != "" {
			unread[g]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	numbers := filepath.Join(t.dir, "ecs.json")
	if _, err := t.score("score_ecs.py", "--expected", expected, "--actual", actual, "--id-path", "labels.id", "--by", "family+oracle", "--json", numbers); err != nil {
		return err
	}
	text, err := os.ReadFile(numbers)
	if err != nil {
		return err
	}
	var result struct {
		Groups map[string]tally `json:"groups"`
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return err
	}
	p.printf(`
## Documents

*Recall* is the share of the expected ECS fields that are there with the expected value, *rule fields* the same over those
fields that public detection rules ask for, *precision* the share of our values of expected fields that are right; *unread*
are lines that a pack marks unparsed. Not counted are vendors' own fields, geography and autonomous systems, the parts of a
user agent, the raw line and the message, fields that the expected document only copies from its input, and the names that
each product gives itself (event.dataset, event.module). windows_events are events that Winlogbeat has decoded already;
our pack keeps their values for Sigma rules and maps only who, when and where, so its recall is low.

| family | expected by | records | recall | rule fields | precision | unread |
|---|---|---:|---:|---:|---:|---:|
`)
	percent := func(name string, v *float64) string {
		if v == nil {
			return "–"
		}
		return p.hold(name, 100**v)
	}
	for _, g := range slices.Sorted(maps.Keys(result.Groups)) {
		row := result.Groups[g]
		family, oracle, _ := strings.Cut(g, "+")
		name := "documents/" + family + "/" + oracle + "/"
		p.printf("| %s | %s | %d | %s | %s | %s | %.1f %% |\n", family, oracle, row.Events,
			percent(name+"recall", row.Recall), percent(name+"rule_fields", row.Rule), percent(name+"precision", row.Precision), share(unread[g], max(lines[g], 1)))
	}
	return nil
}

// pairs gathers the records of our families: as a file for the scorer, as input, and the
// group of each id.
func pairs(t *tools) (expected string, recs []record, group map[string]string, err error) {
	files := []string{t.corpus("normalize", "ecs-sekoia.jsonl.gz"), t.corpus("normalize", "ecs-wazuh-engine.jsonl.gz")}
	for _, f := range families {
		files = append(files, t.corpus("normalize", "ecs-elastic", f+".jsonl.gz"))
	}
	var out bytes.Buffer
	group = map[string]string{}
	for _, f := range files {
		err = read(f, func(whole json.RawMessage) error {
			var p pair
			if err := json.Unmarshal(whole, &p); err != nil {
				return err
			}
			if slices.Contains(families, p.Family) {
				recs = append(recs, record{p.ID, p.line()})
				group[p.ID] = p.Family + "+" + p.Oracle
				out.Write(whole)
				out.WriteByte('\n')
			}
			return nil
		})
		if err != nil {
			return "", nil, nil, err
		}
	}
	expected = filepath.Join(t.dir, "expected.jsonl")
	return expected, recs, group, os.WriteFile(expected, out.Bytes(), 0o600)
}
