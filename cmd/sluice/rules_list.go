package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
)

type rulesListCmd struct {
	configFlag
	JSON bool `name:"json" help:"One JSON object."`
}

// Run asks the running sluice; where none runs, the rules of the configuration are listed
// without numbers.
func (c *rulesListCmd) Run(e *env) error {
	states := &app.RuleStates{}
	_, err := app.Console(c.Config)
	if err == nil {
		err = api(e.ctx, c.Config, "/api/v1/rules", nil, states)
	}
	if err != nil && !errors.Is(err, app.ErrNotRunning) {
		return err
	}
	if err != nil {
		if states, err = app.ListRules(c.Config); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeObject(e.stdout, states)
	}
	return printRules(e.stdout, states)
}

func printRules(out io.Writer, s *app.RuleStates) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	live := !s.Since.IsZero()
	head := "status\tlevel\tkind\trule"
	if live {
		fmt.Fprintf(w, "%s, read at %s; %s since %s\n", count(len(s.Rules), "rule"), s.Load.At.Format(time.RFC3339), count(int(s.Events), "event"), s.Since.Format(time.RFC3339))
		head = "matches\talerts\tin 24h\tus an event\t" + head
	}
	fmt.Fprintln(w, head)
	for i := range s.Rules {
		r := &s.Rules[i]
		if live {
			fmt.Fprintf(w, "%d\t%d\t%d\t%.3f\t", r.Matches, r.Alerts, r.Day, r.PerEvent)
		}
		status := r.Status
		if r.Shadow {
			status += ", shadow"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s: %s\n", status, r.Level, r.Kind, r.Rule, app.Cell(r.Title))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i := range s.Rules {
		for _, note := range s.Rules[i].Notes {
			fmt.Fprintf(out, "%s: %s: %s\n", s.Rules[i].Place, app.Printable(s.Rules[i].Title), note)
		}
	}
	if s.Load.Error != "" {
		fmt.Fprintf(out, "read at %s with faults, so the rules of %s stay:\n%s\n", s.Load.Tried.Format(time.RFC3339), s.Load.At.Format(time.RFC3339), printableLines(s.Load.Error))
	}
	return nil
}

// printableLines keeps a terminal from obeying a text of several lines.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = app.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

type rulesReloadCmd struct{ configFlag }

// Run exits with 78 and the faults where the old rules stay.
func (c *rulesReloadCmd) Run(e *env) error {
	res, err := post(e.ctx, c.Config, "/api/v1/rules/reload", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct{ Rules int }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("the answer of the running sluice: %w", err)
	}
	fmt.Fprintln(e.stdout, "run now:", count(answer.Rules, "rule"))
	return nil
}
