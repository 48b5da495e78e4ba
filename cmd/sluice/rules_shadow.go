package main

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
)

type rulesShadowCmd struct {
	configFlag
	Last span `default:"7d" placeholder:"SPAN" help:"How far back; default: 7d."`
	JSON bool `name:"json" help:"One JSON object."`
}

// Run reports on the rules on trial.
func (c *rulesShadowCmd) Run(e *env) error {
	since := c.Last.ago()
	report, err := fromIndex(e, c.Config, "/api/v1/rules/shadow", url.Values{"since": {since.UTC().Format(time.RFC3339)}}, func(n *app.Node) (*app.ShadowReport, error) {
		return n.Shadow(e.ctx, since)
	})
	if err != nil {
		return err
	}
	e.notAll(report.Damage)
	if c.JSON {
		return writeObject(e.stdout, report)
	}
	return printShadow(e.stdout, report)
}

func printShadow(out io.Writer, s *app.ShadowReport) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s on trial, alerts since %s\n", count(len(s.Rules), "rule"), s.Since.Format(time.RFC3339))
	if s.More {
		fmt.Fprintln(w, "there are more alerts than are counted; --last takes a shorter time")
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		fmt.Fprintf(w, "\n%d alerts of %s: %s (%s)\n", r.Alerts, r.Rule, app.Cell(r.Title), r.Level)
		for _, d := range slices.Sorted(maps.Keys(r.Days)) {
			fmt.Fprintf(w, "  %s\t%d\n", d, r.Days[d])
		}
		for _, n := range r.Entities {
			fmt.Fprintf(w, "  about %s\t%d\n", app.Cell(n.Entity), n.Alerts)
		}
		for _, text := range r.Last {
			fmt.Fprintf(w, "  said: %s\n", app.Cell(text))
		}
	}
	return w.Flush()
}
