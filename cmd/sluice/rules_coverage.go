package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"sluice/internal/app"
	"sluice/rules"
	"sluice/rules/sigma"
)

type rulesCoverageCmd struct {
	rulePaths
	JSON      bool `name:"json" xor:"form" help:"One JSON line for each rule."`
	Navigator bool `name:"navigator" xor:"form" help:"The techniques of the rules that run, as a layer for MITRE's ATT&CK Navigator."`
}

// coverage is one line of --json.
type coverage struct {
	Rule       string   `json:"rule,omitempty"`
	Title      string   `json:"title,omitempty"`
	Place      string   `json:"place"`
	Status     string   `json:"status"`
	Reason     string   `json:"reason,omitempty"`
	Why        string   `json:"why,omitempty"`
	Fields     []string `json:"fields,omitempty"`
	Techniques []string `json:"techniques,omitempty"`
}

// The statuses of rules.
const (
	statusRuns   = "runs"
	statusSent   = "if_sent" // it runs where the source sends keys that no pack names
	statusCannot = "cannot"
)

// Run tells of every rule whether it can fire.
func (c *rulesCoverageCmd) Run(e *env) error {
	set, loadErr := app.LoadSet(c.Config, c.Paths...)
	if set == nil {
		return loadErr
	}
	g, err := newGiven(c.Config, set.Packs.Names())
	if err != nil {
		return err
	}
	var all []coverage
	for _, r := range set.Rules.Coverage(g) {
		all = append(all, covered(r))
	}
	for _, err := range app.Joined(loadErr) {
		all = append(all, refused(err))
	}
	switch {
	case c.JSON:
		enc := json.NewEncoder(e.stdout)
		for i := range all {
			if err := enc.Encode(all[i]); err != nil {
				return err
			}
		}
		return nil
	case c.Navigator:
		return writeLayer(e.stdout, all)
	}
	return writeCoverage(e.stdout, all)
}

var technique = regexp.MustCompile(`(?i)^attack\.(t\d{4}(\.\d{3})?)$`)

func covered(r rules.Cover) coverage {
	c := coverage{Rule: r.Rule.ID, Title: r.Rule.Title, Place: fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line), Status: statusRuns}
	for _, tag := range r.Rule.Tags {
		if m := technique.FindStringSubmatch(tag); m != nil {
			c.Techniques = append(c.Techniques, strings.ToUpper(m[1]))
		}
	}
	switch {
	case r.Clash != "":
		c.Status, c.Reason, c.Why = statusCannot, "contradiction", r.Clash
	case !r.Can:
		c.Status, c.Reason, c.Fields = statusCannot, "field", r.Lacks
		c.Why = "no loaded pack sets " + strings.Join(r.Lacks, ", ")
	case len(r.Sent) > 0:
		c.Status, c.Reason, c.Fields = statusSent, "key of the source", r.Sent
		c.Why = "no pack names " + strings.Join(r.Sent, ", ")
	}
	return c
}

func refused(err error) coverage {
	var f *sigma.Fault
	if errors.As(err, &f) {
		return coverage{Place: fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column), Status: statusCannot, Reason: string(f.Reason), Why: f.Problem}
	}
	place, why := splitPlace(err.Error())
	return coverage{Place: place, Status: statusCannot, Reason: "fault", Why: why}
}

var placed = regexp.MustCompile(`^(.+?:\d+(?::\d+)?): `)

// splitPlace takes file:line:column from the front of a fault.
func splitPlace(fault string) (place, why string) {
	if m := placed.FindStringSubmatch(fault); m != nil {
		return m[1], fault[len(m[0]):]
	}
	return "", fault
}

// writeCoverage sums for people: by status and reason, and under each what it is about.
func writeCoverage(w io.Writer, all []coverage) error {
	counts, whys := map[string]int{}, map[string]map[string]int{}
	runs := 0
	for i := range all {
		c := &all[i]
		if c.Status != statusCannot {
			runs++
		}
		if c.Status == statusRuns {
			continue
		}
		key := c.Status + ": " + c.Reason
		counts[key]++
		if whys[key] == nil {
			whys[key] = map[string]int{}
		}
		whys[key][c.Why]++
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(tw, "%d\tof %d rules run\n", runs, len(all))
	for _, key := range byCount(counts) {
		fmt.Fprintf(tw, "%d\t%s\n", counts[key], key)
		for _, why := range byCount(whys[key]) {
			fmt.Fprintf(tw, "\t%6d  %s\n", whys[key][why], app.Printable(why))
		}
	}
	return tw.Flush()
}

// byCount are the keys, the most frequent first.
func byCount(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(m[b]-m[a], strings.Compare(a, b)) })
}

// writeLayer writes a layer of version 4.5: the score of a technique is the number of
// its rules that run.
func writeLayer(w io.Writer, all []coverage) error {
	type entry struct {
		ID      string `json:"techniqueID"`
		Score   int    `json:"score"`
		Enabled bool   `json:"enabled"`
		Comment string `json:"comment"`
	}
	titles := map[string][]string{}
	for i := range all {
		if all[i].Status == statusRuns {
			for _, t := range all[i].Techniques {
				titles[t] = append(titles[t], all[i].Title)
			}
		}
	}
	most, entries := 1, []entry{}
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		names := titles[id]
		most = max(most, len(names))
		entries = append(entries, entry{ID: id, Score: len(names), Enabled: true, Comment: strings.Join(names[:min(len(names), 20)], "\n")})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{
		"name": "Sluice", "domain": "enterprise-attack", "description": "The techniques of the rules that run, scored by their number.",
		"versions":   map[string]string{"layer": "4.5", "navigator": "5.1.0"},
		"techniques": entries,
		"gradient":   map[string]any{"colors": []string{"#d6eaf8", "#1b4f72"}, "minValue": 0, "maxValue": most},
	})
}
