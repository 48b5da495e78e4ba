package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
	"sluice/report"
)

type reportCmd struct {
	configFlag
	Last      span      `default:"7d" placeholder:"SPAN" help:"How far back: 24h, 7d (the default)."`
	Until     time.Time `placeholder:"TIME" aliases:"to" help:"Up to this time, RFC 3339; now, where it is not given."`
	Namespace namespace `help:"Only this namespace."`
	JSON      bool      `name:"json" help:"As one object."`
}

// Run prints what a report of that time would tell.
func (c *reportCmd) Run(e *env) error {
	to := c.Until
	if to.IsZero() {
		to = time.Now()
	}
	from := to.Add(-time.Duration(c.Last))
	built, err := c.build(e, from, to)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.stdout).Encode(built)
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	for _, s := range built.Sections {
		fmt.Fprintln(w, app.Cell(s.Title))
		for _, r := range s.Rows {
			fmt.Fprintf(w, "  %s\t%s\n", app.Cell(r.Name), app.Cell(r.Value))
		}
	}
	return w.Flush()
}

func (c *reportCmd) build(e *env, from, to time.Time) (*report.Report, error) {
	q := url.Values{"from": {from.UTC().Format(time.RFC3339Nano)}, "to": {to.UTC().Format(time.RFC3339Nano)}}
	if c.Namespace != "" {
		q.Set("namespace", string(c.Namespace))
	}
	return fromIndex(e, c.Config, "/api/v1/report", q, func(n *app.Node) (*report.Report, error) {
		return report.Build(e.ctx, n, string(c.Namespace), from, to)
	})
}
