package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
)

type rulesCoverageCmd struct {
	rulePaths
	Alive     span `placeholder:"SPAN" help:"Only sources count that have sent something in this time, by the index: 24h, 7d."`
	JSON      bool `name:"json" xor:"form" help:"One JSON line for each rule."`
	Navigator bool `name:"navigator" xor:"form" help:"The techniques of the rules that run, as a layer for MITRE's ATT&CK Navigator."`
}

// Run tells of every rule whether it can fire.
func (c *rulesCoverageCmd) Run(e *env) error {
	set, loadErr := app.LoadSet(c.Config, c.Paths...)
	if set == nil {
		return loadErr
	}
	var alive *app.Alive
	if c.Alive > 0 {
		var err error
		if alive, err = c.alive(e); err != nil {
			return err
		}
	}
	all := app.Coverage(set, loadErr, alive)
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
		return writeObject(e.stdout, app.NavigatorLayer(all))
	}
	return writeCoverage(e.stdout, all)
}

// alive asks the index, or the running sluice that has it, which packs have had events.
func (c *rulesCoverageCmd) alive(e *env) (*app.Alive, error) {
	since := c.Alive.ago()
	return fromIndex(e, c.Config, "/api/v1/rules/coverage", url.Values{"since": {since.UTC().Format(time.RFC3339)}}, func(n *app.Node) (*app.Alive, error) {
		return n.Alive(e.ctx, since)
	})
}

// writeCoverage sums for people: by status and reason, and under each what it is about.
func writeCoverage(w io.Writer, all []app.RuleCoverage) error {
	counts, whys := map[string]int{}, map[string]map[string]int{}
	runs := 0
	for i := range all {
		c := &all[i]
		if c.Runs() {
			runs++
		}
		if c.Status == app.StatusRuns {
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
