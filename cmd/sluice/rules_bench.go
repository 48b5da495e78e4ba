package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
)

type rulesBenchCmd struct {
	configFlag
	Rules  []string `name:"rules" placeholder:"PATH" type:"path" help:"Rule files or folders instead of those of the configuration; may be given again."`
	For    span     `default:"3s" placeholder:"SPAN" help:"How long to measure, 3s by default; each record is read at least once."`
	Top    int      `default:"20" placeholder:"N" help:"How many of the dearest rules to print, 20 by default; 0: all."`
	NDJSON bool     `name:"ndjson" help:"Files are JSON lines; see --field."`
	Field  string   `placeholder:"NAME" help:"With --ndjson: the key with the raw text, or with an object that is taken as text."`
	ECS    bool     `name:"ecs" help:"Files hold ECS documents."`
	Pack   string   `placeholder:"NAME" help:"Read every line of the files with this pack."`
	JSON   bool     `name:"json" help:"One JSON object, with all rules that were asked."`
	Files  []string `arg:"" optional:"" type:"path" help:"Files of raw lines, or of ECS documents; without any, the lines of the rules' own tests."`
}

// Run measures; the first 20,000 records, or 64 MiB, are enough.
func (c *rulesBenchCmd) Run(e *env) error {
	set, err := usable(e, c.Config, c.Rules)
	if err != nil {
		return err
	}
	b, err := app.BenchRules(e.ctx, set, c.Files, app.Reading{NDJSON: c.NDJSON, Field: c.Field, ECS: c.ECS, Pack: c.Pack}, time.Duration(c.For))
	switch {
	case err != nil:
		return err
	case c.JSON:
		return writeObject(e.stdout, b)
	}
	return printBench(e.stdout, b, c.Top)
}

func printBench(out io.Writer, b *app.RuleBench, top int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s over %s, %d times\n", count(b.Rules, "rule"), count(b.Records, "record"), b.Rounds)
	fmt.Fprintf(w, "%.2f us an event for the rules (%.2f of it to find the %.1f that are asked), %.2f to read it\n\n", b.PerEvent, b.Index, b.Asked, b.Reading)
	fmt.Fprint(w, "us an event\tshare\tasked\tus when asked\tmatches\trule\n")
	costs := b.Costs
	if top > 0 {
		costs = costs[:min(top, len(costs))]
	}
	for i := range costs {
		r := &costs[i]
		fmt.Fprintf(w, "%.3f\t%.1f %%\t%.1f %%\t%.2f\t%d\t%s: %s\n", r.PerEvent, 100*r.Share, 100*r.Asked, r.PerAsked, r.Matches, r.Rule, app.Cell(r.Title))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i := range b.Costs {
		if r := &b.Costs[i]; r.Slow != "" {
			fmt.Fprintf(out, "slow: %s: %s: %s\n", r.Place, app.Cell(r.Title), r.Slow)
		}
	}
	return nil
}
