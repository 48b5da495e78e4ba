package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"sluice/internal/app"
)

type packsCmd struct {
	List   packsListCmd   `cmd:"" help:"The packs that are loaded."`
	Test   packsTestCmd   `cmd:"" help:"Read the sample lines of pack folders and compare with their goldens."`
	New    packsNewCmd    `cmd:"" help:"Begin a pack: a folder with its files."`
	Misses packsMissesCmd `cmd:"" help:"Lines that no pack reads, by source, pack and reason."`
	Draft  packsDraftCmd  `cmd:"" help:"Group unknown lines by their shape and write a draft of a pack."`
}

type packsListCmd struct {
	configFlag
	JSON bool `name:"json" help:"One JSON line for each pack."`
}

// Run prints a line a pack.
func (c *packsListCmd) Run(e *env) error {
	set, _, err := app.LoadPacks(c.Config, nil)
	if set == nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(e.stdout)
		for _, p := range set.Packs.Info() {
			if err := enc.Encode(p); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "PACK\tPATTERNS\tKEYS\tTITLE")
	for _, p := range set.Packs.Info() {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", p.Name, p.Patterns, p.Keys, app.Cell(p.Title))
	}
	return w.Flush()
}

type packsTestCmd struct {
	configFlag
	Update bool     `help:"Write the goldens anew."`
	Dirs   []string `arg:"" optional:"" type:"existingdir" help:"Folders with packs; default: packs.paths of the configuration."`
}

// Run exits with 1 where a line is read otherwise than its golden says.
func (c *packsTestCmd) Run(e *env) error {
	set, dirs, err := app.LoadPacks(c.Config, c.Dirs)
	if err != nil {
		return err
	}
	if len(dirs) == 0 {
		return errors.New("no folder with packs: name one, or set packs.paths")
	}
	results, err := app.TestPacks(set, dirs, c.Update)
	failed := 0
	for _, r := range results {
		if r.Err != nil {
			failed++
			fmt.Fprintf(e.stdout, "FAIL %s: %v\n", r.Place, r.Err)
		}
		if r.Note != "" {
			fmt.Fprintf(e.stdout, "note %s: %s\n", r.Place, r.Note)
		}
	}
	fmt.Fprintf(e.stdout, "%d passed, %d failed\n", len(results)-failed, failed)
	if err == nil && failed > 0 {
		return errSilent
	}
	return err
}

type packsNewCmd struct {
	Name string `arg:"" help:"vendor_product"`
	Dir  string `type:"path" default:"packs" help:"Where the folder is made."`
}

// Run writes a pack that compiles, for its author to go on from.
func (c *packsNewCmd) Run(e *env) error {
	home, err := newPack(c.Dir, c.Name)
	if err != nil {
		return err
	}
	marker := "%" + strings.ToUpper(c.Name) + "-"
	for name, text := range map[string]string{
		"pack.yml":   fmt.Sprintf("pack: %s\ntitle: %s\nrecognize: [%q]\nset: {event.category: [network], event.type: [info]}\nsteps:\n- pattern: \"%s{event.code:int}: {event.action} {source:addr}{? user {user.name}}\"\n", c.Name, strings.ReplaceAll(c.Name, "_", " "), marker, marker),
		"sample.log": fmt.Sprintf("<134>Mar  2 08:59:58 gw1 %s7: login 192.0.2.10 user ann\n", marker),
		"README.md":  fmt.Sprintf("# %s\n\nHow to set the device up, which document of the vendor it follows, what is not read.\n", c.Name),
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.stderr, "wrote %s; then: sluice packs test --update %s\n", home, c.Dir)
	return nil
}

// newPack makes the folder of a pack; one that is there is somebody's work.
func newPack(dir, name string) (home string, err error) {
	if err := app.CheckPackName(name); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	home = filepath.Join(dir, name)
	err = os.Mkdir(home, 0o755)
	if errors.Is(err, os.ErrExist) {
		err = fmt.Errorf("%s: file exists; choose another name, or another folder", home)
	}
	return home, err
}

type packsMissesCmd struct {
	configFlag
	Files []string `arg:"" optional:"" type:"existingfile" help:"Files of raw lines; without any, the index is asked."`
	Last  span     `placeholder:"SPAN" help:"Of the index: how far back; default: 24h."`
	Size  int      `default:"20" help:"At most so many rows."`
}

// Run prints the most frequent misses with an example each.
func (c *packsMissesCmd) Run(e *env) error {
	if c.Size < 1 {
		return fmt.Errorf("--size %d is not at least 1", c.Size)
	}
	if len(c.Files) > 0 && c.Last != 0 {
		return errors.New("--last is of the index, and files are read whole: leave out one of them")
	}
	var misses []app.Miss
	var err error
	if len(c.Files) > 0 {
		misses, err = app.FileMisses(c.Config, c.Files)
	} else {
		misses, err = c.indexed(e)
	}
	if err != nil {
		return err
	}
	if len(misses) == 0 {
		e.log.Info("every line was read by a pack, if only by a general one; sluice normalize --explain says by which")
	}
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LINES\tSOURCE\tPACK\tREASON")
	for _, m := range misses[:min(len(misses), c.Size)] {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n\t\t\te.g. %s\n", m.Lines, app.Cell(m.Source), m.Pack, app.Cell(m.Reason), app.Cell(m.Example))
	}
	return w.Flush()
}

// indexed counts the misses among the documents of the index.
func (c *packsMissesCmd) indexed(e *env) ([]app.Miss, error) {
	var out strings.Builder
	sub := *e
	sub.stdout = &out
	search := searchCmd{configFlag: c.configFlag, Query: "tags:unparsed OR tags:partly_parsed", Last: c.Last, Size: 10_000, quiet: true}
	if err := search.Run(&sub); err != nil {
		return nil, err
	}
	var docs []json.RawMessage
	for line := range strings.Lines(out.String()) {
		docs = append(docs, json.RawMessage(line))
	}
	return app.DocumentMisses(docs)
}

type packsDraftCmd struct {
	File string `arg:"" type:"existingfile" help:"Raw lines; - for standard input."`
	Name string `default:"new_pack" help:"vendor_product"`
	Out  string `short:"o" type:"path" help:"Folder to write the pack to; default: the pack to stdout."`
}

// maxDraftLines bounds what a draft is made of: a day of a busy device is no better.
const maxDraftLines = 200_000

// Run writes the draft, and on stderr how much of the file it reads.
func (c *packsDraftCmd) Run(e *env) error {
	if err := app.CheckPackName(c.Name); err != nil {
		return err
	}
	lines, err := c.lines(e)
	if err != nil {
		return err
	}
	d, read, err := app.DraftPack(c.Name, lines)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "%d lines, %d shapes; the draft takes fields from %d lines (%.1f %%)\n", len(lines), len(d.Shapes), read, 100*float64(read)/float64(max(1, len(lines))))
	if d.Left > 0 {
		fmt.Fprintf(e.stderr, "%d lines are in no shape: they are too long, or there are too many sorts of lines for one pack\n", d.Left)
	}
	if c.Out == "" {
		_, err := e.stdout.Write(d.Pack)
		return err
	}
	home, err := newPack(c.Out, c.Name)
	if err != nil {
		return err
	}
	var samples strings.Builder
	for _, s := range d.Shapes {
		if s.Example != "" {
			samples.WriteString(s.Example + "\n")
		}
	}
	fmt.Fprintf(e.stderr, "wrote %s; then: sluice packs test --update %s\n", home, c.Out)
	return errors.Join(os.WriteFile(filepath.Join(home, "pack.yml"), d.Pack, 0o644), os.WriteFile(filepath.Join(home, "sample.log"), []byte(samples.String()), 0o644))
}

// errEnough ends the reading: the draft has what it takes.
var errEnough = errors.New("enough lines")

// lines are those that the draft is made of, without the blank ones.
func (c *packsDraftCmd) lines(e *env) (out [][]byte, err error) {
	from := reading{Files: []string{c.File}}
	if c.File == "-" {
		from.Files = nil
	}
	err = from.each(e, app.Reading{}, func(rec app.Record) error {
		if len(rec.Raw) > 0 {
			out = append(out, slices.Clone(rec.Raw))
		}
		if len(out) == maxDraftLines {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: there are no lines to make a pack of", c.File)
	}
	return out, err
}
