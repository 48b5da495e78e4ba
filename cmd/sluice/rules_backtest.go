package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"sluice/internal/app"
	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules"
)

// pastFlags say which events a command goes back over: files, the index or the bus.
type pastFlags struct {
	configFlag
	Bus       bool      `help:"The events that the bus still holds instead of the index."`
	Since     time.Time `placeholder:"TIME" aliases:"from" help:"Of index or bus: events from this time on, RFC 3339."`
	Until     time.Time `placeholder:"TIME" aliases:"to" help:"Of index or bus: events before this time."`
	Last      span      `placeholder:"SPAN" help:"Of index or bus: events of the last so long, such as 168h or 7d."`
	Query     string    `placeholder:"QUERY" help:"Of the index: only these events, such as event.module:auth."`
	Namespace namespace `placeholder:"NAME" help:"Of index or bus: only this namespace."`
	NDJSON    bool      `name:"ndjson" help:"Files are JSON lines; see --field."`
	Field     string    `placeholder:"NAME" help:"With --ndjson: the key with the raw text, or with an object that is taken as text."`
	ECS       bool      `name:"ecs" help:"Files hold ECS documents."`
	Pack      string    `placeholder:"NAME" help:"Read every line of the files with this pack."`
	Now       time.Time `placeholder:"TIME" help:"Receive time of the files' lines, RFC 3339; stamps without a year are read near it."`
	JSON      bool      `name:"json" help:"One JSON object."`
}

func (c *pastFlags) stretch() (app.Stretch, error) {
	st := app.Stretch{Since: c.Since, Until: c.Until, Query: c.Query, Namespace: string(c.Namespace)}
	if c.Bus && c.Query != "" {
		return st, errors.New("--query is about the index, and not about --bus")
	}
	if c.Last > 0 {
		if !c.Since.IsZero() {
			return st, errors.New("--last and --since both say where to begin: give one")
		}
		st.Since = c.Last.ago()
	}
	if !st.Until.IsZero() && !st.Since.Before(st.Until) {
		return st, errors.New("--until is not behind where --since or --last begin")
	}
	return st, nil
}

// files is the past that files hold.
func (c *pastFlags) files(e *env, names []string) (func(app.Measure) app.Past, error) {
	if c.Bus || !c.Since.IsZero() || !c.Until.IsZero() || c.Last != 0 || c.Query != "" || c.Namespace != "" {
		return nil, errors.New("--bus, --since, --until, --last, --query and --namespace are about index and bus, and files are given")
	}
	if slices.Equal(names, []string{"-"}) {
		names = nil
	}
	opt := app.Reading{NDJSON: c.NDJSON, Field: c.Field, ECS: c.ECS, Pack: c.Pack, Now: c.Now}
	if opt.Now.IsZero() {
		opt.Now = time.Now() // once: the two runs of a diff would tell apart what has no time of its own
	}
	return func(m app.Measure) app.Past { return app.FilesPast(names, e.stdin, opt, m) }, nil
}

type rulesBacktestCmd struct {
	pastFlags
	Rules  []string `name:"rules" placeholder:"PATH" type:"path" help:"Rule files or folders instead of those of the configuration; may be given again."`
	Alerts bool     `help:"List each alert."`
	Files  []string `arg:"" optional:"" type:"path" help:"Files of raw lines, or of ECS documents, or - for standard input; without any, the index or the bus."`
}

// Run prints what the rules would have found. Rules that do not compile are left out, and
// are named on stderr; it exits with 78 where none is left.
func (c *rulesBacktestCmd) Run(e *env) error {
	p := newProgress(e.stderr, "backtest")
	b, err := c.run(e, p)
	p.end()
	if err != nil {
		return err
	}
	leftOut(e, b.Faults)
	e.notAll(b.Damage)
	if c.JSON {
		return writeObject(e.stdout, b)
	}
	return printBacktest(e.stdout, b)
}

func writeObject(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (c *rulesBacktestCmd) run(e *env, p *progress) (*app.Backtest, error) {
	if len(c.Files) > 0 {
		open, err := c.files(e, c.Files)
		if err != nil {
			return nil, err
		}
		set, err := usable(e, c.Config, c.Rules)
		if err != nil {
			return nil, err
		}
		return app.RunBacktest(e.ctx, set, open, c.Alerts, p.step)
	}
	st, err := c.stretch()
	if err != nil {
		return nil, err
	}
	req := app.PastRequest{Stretch: st, All: c.Alerts, Bus: c.Bus}
	if len(c.Rules) > 0 {
		if req.Rules, err = app.RuleFiles(c.Rules); err != nil {
			return nil, err
		}
	}
	n, err := app.OpenPast(e.ctx, c.Config, c.Bus, e.log)
	if errors.Is(err, app.ErrInUse) {
		b := &app.Backtest{}
		return b, apiStream(e.ctx, c.Config, "/api/v1/rules/backtest", pastBody(req), b, p.step)
	}
	if err != nil {
		return nil, err
	}
	b, err := n.Backtest(e.ctx, req, p.step)
	return b, errors.Join(err, n.Close())
}

// usable is the rules at paths that compile; the others are named.
func usable(e *env, config string, paths []string) (*pipeline.Set, error) {
	set, err := app.LoadSet(config, paths...)
	if set == nil {
		return nil, err
	}
	if err != nil && len(set.Rules.Rules()) == 0 {
		return nil, err
	}
	var faults []string
	for _, f := range strictyaml.Joined(err) {
		faults = append(faults, f.Error())
	}
	leftOut(e, faults)
	return set, nil
}

// leftOut names the faults of rules that do not compile.
func leftOut(e *env, faults []string) {
	for _, f := range faults {
		fmt.Fprintln(e.stderr, f)
	}
	if len(faults) > 0 {
		fmt.Fprintln(e.stderr, "sluice: these rules are left out; the others run")
	}
}

// pastBody is a request as the API takes it.
func pastBody(req app.PastRequest) map[string]any {
	body := map[string]any{"since": req.Since, "until": req.Until, "query": req.Query, "namespace": req.Namespace, "alerts": req.All, "bus": req.Bus}
	for name, files := range map[string][]rules.File{"rules": req.Rules, "old": req.Old} {
		var out []map[string]string
		for _, f := range files {
			out = append(out, map[string]string{"name": f.Name, "text": string(f.Text)})
		}
		if out != nil {
			body[name] = out
		}
	}
	return body
}

// printBacktest writes a report for people.
func printBacktest(out io.Writer, b *app.Backtest) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if io.WriteString(w, count(int(b.Events), "event")); b.Events > 0 {
		fmt.Fprintf(w, " from %s to %s", b.From.Format(time.RFC3339), b.To.Format(time.RFC3339))
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "%s; the rules took %.2f us an event\n", count(int(b.Found), "alert"), b.PerEvent)
	if b.More > 0 {
		fmt.Fprintf(w, "%d of these alerts are only counted\n", b.More)
	}
	if len(b.Rules) > 0 {
		fmt.Fprint(w, "\nalerts\tmatches\tus an event\tlevel\trule\n")
	}
	for i := range b.Rules {
		if r := &b.Rules[i]; r.Matches > 0 || r.Alerts > 0 {
			fmt.Fprintf(w, "%d\t%d\t%.3f\t%s\t%s: %s\n", r.Alerts, r.Matches, r.PerEvent, r.Level, r.Rule, app.Cell(r.Title))
		}
	}
	if len(b.Days) > 0 {
		fmt.Fprint(w, "\nday\talerts\n")
	}
	for _, d := range slices.Sorted(maps.Keys(b.Days)) {
		fmt.Fprintf(w, "%s\t%d\n", d, b.Days[d])
	}
	if len(b.Entities) > 0 {
		fmt.Fprint(w, "\nalerts\tabout\n")
	}
	for _, n := range b.Entities {
		fmt.Fprintf(w, "%d\t%s\n", n.Alerts, app.Cell(n.Entity))
	}
	for _, d := range b.Degraded {
		fmt.Fprintf(w, "degraded: %s\n", app.Cell(d))
	}
	if len(b.Alerts) > 0 {
		fmt.Fprintln(w)
	}
	for _, a := range b.Alerts {
		printPast(w, "", a)
	}
	return w.Flush()
}

func printPast(w io.Writer, mark string, a *app.PastAlert) {
	fmt.Fprintf(w, "%s%s\t%s\t%s\t%d\t%s\n", mark, a.First.Format(time.RFC3339), a.Level, app.Cell(a.Title), a.Count, app.Cell(a.Entity))
}

type rulesDiffCmd struct {
	pastFlags
	ExitCode bool     `help:"Exit with 1 where there is a difference."`
	Old      string   `arg:"" type:"path" help:"A rule file or folder."`
	New      string   `arg:"" type:"path" help:"Another one, that may take its place."`
	Files    []string `arg:"" optional:"" type:"path" help:"Files of raw lines, or of ECS documents, or - for standard input; without any, the index or the bus."`
}

// Run prints the alerts that only one of the two gives, and those that both give otherwise.
func (c *rulesDiffCmd) Run(e *env) error {
	p := newProgress(e.stderr, "diff")
	d, err := c.run(e, p)
	p.end()
	if err != nil {
		return err
	}
	leftOut(e, d.Faults)
	e.notAll(d.Damage)
	switch {
	case c.JSON:
		err = writeObject(e.stdout, d)
	default:
		err = printDiff(e.stdout, d)
	}
	if err == nil && c.ExitCode && len(d.Added)+len(d.Removed)+len(d.Changed) > 0 {
		return errSilent
	}
	return err
}

func (c *rulesDiffCmd) run(e *env, p *progress) (*app.RuleDiff, error) {
	if len(c.Files) > 0 {
		open, done, err := c.twice(e)
		if err != nil {
			return nil, err
		}
		defer done()
		before, err := usable(e, c.Config, []string{c.Old})
		if err != nil {
			return nil, err
		}
		after, err := usable(e, c.Config, []string{c.New})
		if err != nil {
			return nil, err
		}
		return app.RunDiff(e.ctx, before, after, open, p.step)
	}
	st, err := c.stretch()
	if err != nil {
		return nil, err
	}
	req := app.PastRequest{Stretch: st, Bus: c.Bus}
	if req.Old, err = app.RuleFiles([]string{c.Old}); err != nil {
		return nil, err
	}
	if req.Rules, err = app.RuleFiles([]string{c.New}); err != nil {
		return nil, err
	}
	n, err := app.OpenPast(e.ctx, c.Config, c.Bus, e.log)
	if errors.Is(err, app.ErrInUse) {
		d := &app.RuleDiff{}
		return d, apiStream(e.ctx, c.Config, "/api/v1/rules/diff", pastBody(req), d, p.step)
	}
	if err != nil {
		return nil, err
	}
	d, err := n.Diff(e.ctx, req, p.step)
	return d, errors.Join(err, n.Close())
}

// twice is files for who reads them twice: standard input is kept in a file meanwhile.
func (c *rulesDiffCmd) twice(e *env) (open func(app.Measure) app.Past, done func(), err error) {
	done = func() {}
	if !slices.Equal(c.Files, []string{"-"}) {
		for _, name := range c.Files {
			if info, err := os.Stat(name); err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeCharDevice) != 0 {
				return nil, done, fmt.Errorf("%s is a pipe, and is to be read twice: name a file, or - for standard input, which is kept", name)
			}
		}
		open, err = c.files(e, c.Files)
		return open, done, err
	}
	kept, err := os.CreateTemp("", "sluice-diff-*")
	if err != nil {
		return nil, done, err
	}
	done = func() { kept.Close(); os.Remove(kept.Name()) }
	if _, err = io.Copy(kept, app.Until(e.ctx, e.stdin)); err != nil {
		done()
		return nil, nil, fmt.Errorf("keep standard input, which is read twice: %w", err)
	}
	from := *e
	from.stdin = kept
	files, err := c.files(&from, c.Files)
	if err != nil {
		done()
		return nil, nil, err
	}
	open = func(m app.Measure) app.Past {
		past := files(m)
		return func(ctx context.Context, set *pipeline.Set, noRules bool, fn func(*app.Happened) error) error {
			if _, err := kept.Seek(0, io.SeekStart); err != nil {
				return err
			}
			return past(ctx, set, noRules, fn)
		}
	}
	return open, done, nil
}

func printDiff(out io.Writer, d *app.RuleDiff) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d events: %d alerts are the same, %d added, %d removed, %d changed\n", d.Events, d.Same, len(d.Added), len(d.Removed), len(d.Changed))
	for _, a := range d.Added {
		printPast(w, "+ ", a)
	}
	for _, a := range d.Removed {
		printPast(w, "- ", a)
	}
	for _, c := range d.Changed {
		printPast(w, "~ ", c.Old)
		printPast(w, "  ", c.New)
		fmt.Fprintf(w, "    %v\n", c.What)
	}
	return w.Flush()
}
