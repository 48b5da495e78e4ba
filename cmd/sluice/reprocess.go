package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/internal/app"
)

type reprocessCmd struct {
	configFlag
	From      time.Time `placeholder:"TIME" aliases:"since" help:"Received at or after this time, RFC 3339."`
	To        time.Time `placeholder:"TIME" aliases:"until" help:"Received before this time."`
	Query     string    `placeholder:"QUERY" help:"Only these events, such as tags:unparsed or sluice.pack:cisco_asa."`
	Namespace namespace `placeholder:"NAME" help:"Only this namespace."`
	DryRun    bool      `help:"Count what would change, write nothing."`
}

// Run prints the counts as one JSON object; progress goes to stderr. Whoever runs it
// twice changes nothing the second time.
func (c *reprocessCmd) Run(e *env) error {
	if !c.To.IsZero() && !c.From.Before(c.To) {
		return errors.New("--to is not behind --from")
	}
	req := app.ReprocessRequest{From: c.From, To: c.To, Query: c.Query, Namespace: string(c.Namespace), DryRun: c.DryRun}
	last := time.Now()
	progress := func(r app.Reprocessed) {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			fmt.Fprintf(e.stderr, "%d read, %d changed\n", r.Read, r.Changed)
		}
	}
	n, err := app.OpenIndex(c.Config, e.log)
	if errors.Is(err, app.ErrInUse) {
		return c.online(e, req, progress)
	}
	if err != nil {
		return err
	}
	done, err := n.Reprocess(e.ctx, req, progress)
	if err := errors.Join(err, n.Close()); err != nil {
		return err
	}
	e.notAll(done.Damage)
	return json.NewEncoder(e.stdout).Encode(done)
}

// reprocessLine counts what was reprocessed so far.
type reprocessLine struct {
	ending
	app.Reprocessed
}

// online asks the running sluice, which has the index.
func (c *reprocessCmd) online(e *env, in app.ReprocessRequest, progress func(app.Reprocessed)) error {
	body := map[string]any{"from": in.From, "to": in.To, "query": in.Query, "namespace": in.Namespace, "dry_run": in.DryRun}
	var done app.Reprocessed
	err := apiLines(e.ctx, c.Config, "/api/v1/reprocess", body, &done, func(line *reprocessLine) error {
		progress(line.Reprocessed)
		return nil
	})
	if err != nil {
		return err
	}
	e.notAll(done.Damage)
	return json.NewEncoder(e.stdout).Encode(done)
}
