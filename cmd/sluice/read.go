package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/app"
	"sluice/internal/zone"
	"sluice/pipeline"
)

// reading are the flags of the commands that read records.
type reading struct {
	NDJSON bool      `name:"ndjson" help:"The input is JSON lines; see --field."`
	Field  string    `placeholder:"NAME" help:"With --ndjson: the key with the raw text, or with an object that is taken as text."`
	Keep   []string  `placeholder:"A,B" help:"With --ndjson: keys of the input that are copied to the output."`
	Pack   string    `placeholder:"NAME" xor:"reader" help:"Read every line with this pack instead of recognizing it."`
	Zone   string    `placeholder:"ZONE" help:"Time zone of stamps that name none, such as Europe/Berlin or +05:30."`
	Now    time.Time `placeholder:"TIME" help:"Receive time, RFC 3339; stamps without a year are read near it. Default: the clock."`
	Files  []string  `arg:"" optional:"" type:"path" help:"Files; - or none is standard input."`
}

func (r *reading) options() (app.Reading, error) {
	if (r.Field != "" || len(r.Keep) > 0) && !r.NDJSON {
		return app.Reading{}, fmt.Errorf("--field and --keep need --ndjson")
	}
	if _, err := zone.Load(r.Zone); err != nil {
		return app.Reading{}, fmt.Errorf("--zone: %w", err)
	}
	return app.Reading{NDJSON: r.NDJSON, Field: r.Field, Keep: r.Keep, Pack: r.Pack, Zone: r.Zone, Now: r.Now}, nil
}

// each calls fn for every record of all files.
func (r *reading) each(e *env, opt app.Reading, fn func(app.Record) error) error {
	number := 0
	if len(r.Files) == 0 {
		if onTerminal(e.stdin) {
			fmt.Fprintln(e.stderr, "sluice: reading lines from the terminal, until Ctrl-D")
		}
		return opt.Records(app.Until(e.ctx, e.stdin), &number, fn)
	}
	for _, name := range r.Files {
		if name == "-" {
			if err := opt.Records(app.Until(e.ctx, e.stdin), &number, fn); err != nil {
				return err
			}
			continue
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a directory: name the files in it", name)
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = opt.Records(app.Until(e.ctx, f), &number, fn)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

type normalizeCmd struct {
	configFlag
	reading
	Explain  bool   `help:"For people: which pack and why, each field with the bytes that it came from, and what was missed."`
	Unknown  bool   `xor:"reader,saved" help:"Read each line as if the pack that knows it were not there: what becomes of a product that has none."`
	SaveTest string `xor:"saved" placeholder:"DIR" type:"path" help:"Make each line a test of its pack: append it to DIR/PACK/sample.log and its document to golden.jsonl."`
}

// Run prints one document a line, in the order of the input; a line that holds a list of
// events gives one for each. What cannot be read at
// all is the line null, with the reason on stderr.
func (c *normalizeCmd) Run(e *env) error {
	opt, err := c.options()
	if err != nil {
		return err
	}
	set, err := c.load()
	if err != nil {
		return err
	}
	if err := app.CheckPack(set, c.Pack); err != nil {
		return err
	}
	b := app.NewBatch(set, opt)
	if c.Unknown {
		b.AsUnknown()
	}
	if b.NoRules = !c.Explain; c.Explain {
		b.Trace()
	}
	out := bufio.NewWriterSize(e.stdout, 1<<20)
	failed := 0
	err = c.each(e, opt, func(rec app.Record) error {
		if rec.Err != nil {
			failed++
			fmt.Fprintf(e.stderr, "record %d: %v\n", rec.Number, rec.Err)
			_, err := out.WriteString("null\n")
			return err
		}
		r, err := b.Process(rec)
		if err != nil {
			return err
		}
		if c.SaveTest != "" {
			return app.SaveTest(c.SaveTest, set, rec.Raw, e.stderr)
		}
		for more := true; more; r, more = b.Next() {
			if c.Explain {
				r, choice, err := b.Places(rec, r)
				if err != nil {
					return err
				}
				app.Explain(out, rec, r, set, choice)
				if _, err := out.Write(nil); err != nil { // the reader has seen enough, or the disk is full
					return err
				}
				continue
			}
			doc, err := b.Document(r, rec.Kept)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(app.Harmless(doc), '\n')); err != nil {
				return err
			}
		}
		return nil
	})
	return finish(e, out, err, failed)
}

// load loads no rules where they are not asked: they take a third of the memory, and a faulty rule is
// not in the way of who writes a pack.
func (c *normalizeCmd) load() (*pipeline.Set, error) {
	if c.Explain {
		return app.LoadSet(c.Config)
	}
	set, _, err := app.LoadPacks(c.Config, nil)
	return set, err
}

func finish(e *env, out *bufio.Writer, err error, failed int) error {
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	if err == nil && failed > 0 {
		fmt.Fprintf(e.stderr, "sluice: %s could not be read\n", count(failed, "record"))
		return errSilent
	}
	return err
}

type detectCmd struct {
	configFlag
	reading
	RulePaths []string `name:"rules" placeholder:"PATH" type:"path" help:"Rule files or folders, ours or Sigma's; may be given again. Default: the shipped library."`
	ECS       bool     `name:"ecs" help:"The records are ECS documents already."`
}

// ours are the keys of a line of detect's output; a kept key may not be one of them.
var ours = []string{"level", "record", "rule", "title"}

// Run prints one line for each match or alert. Alerts of rules that look at more than
// one event come at the end, with the number of their last record.
func (c *detectCmd) Run(e *env) error {
	opt, err := c.options()
	if err != nil {
		return err
	}
	opt.ECS = c.ECS
	for _, k := range c.Keep {
		if slices.Contains(ours, k) {
			return fmt.Errorf("--keep %s: the output has a key of that name of its own (%s)", k, strings.Join(ours, ", "))
		}
	}
	set, err := app.LoadSet(c.Config, c.RulePaths...)
	if set == nil {
		return err
	}
	switch {
	case err != nil && len(set.Rules.Rules()) == 0:
		return err
	case err != nil:
		fmt.Fprintf(e.stderr, "%v\nsluice: these rules are left out; the others run\n", err)
	}
	if err := app.CheckPack(set, c.Pack); err != nil {
		return err
	}
	d := app.NewDetection(set, opt)
	out := bufio.NewWriterSize(e.stdout, 1<<20)
	failed := 0
	var full error // the output's, which is no fault of a record
	print := func(h app.Hit) error {
		full = printHit(out, &h)
		return full
	}
	err = c.each(e, opt, func(rec app.Record) error {
		if rec.Err == nil {
			rec.Err = d.Process(rec, print)
		}
		if full != nil {
			return full
		}
		if rec.Err != nil {
			failed++
			fmt.Fprintf(e.stderr, "record %d: %v\n", rec.Number, rec.Err)
		}
		return nil
	})
	if err == nil {
		err = d.End(print)
		for _, what := range d.Degraded() {
			fmt.Fprintf(e.stderr, "sluice: %s\n", what)
		}
	}
	return finish(e, out, err, failed)
}

func printHit(w *bufio.Writer, h *app.Hit) error {
	b := event.AppendString(append(w.AvailableBuffer(), `{"level":`...), h.Level)
	b = strconv.AppendInt(append(b, `,"record":`...), int64(h.Record), 10)
	b = event.AppendString(append(b, `,"rule":`...), h.Rule)
	b = event.AppendString(append(b, `,"title":`...), h.Title)
	for _, k := range slices.Sorted(maps.Keys(h.Kept)) {
		b = append(event.AppendString(append(b, ','), k), ':')
		b = append(b, h.Kept[k]...)
	}
	_, err := w.Write(app.Harmless(append(b, "}\n"...)))
	return err
}
