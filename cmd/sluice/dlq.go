package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"sluice/console"
	"sluice/internal/app"
)

type dlqCmd struct {
	List   dlqListCmd   `cmd:"" help:"Count dead letters by stage, origin and reason."`
	Show   dlqShowCmd   `cmd:"" help:"Print a dead letter with all that is known of it."`
	Replay dlqReplayCmd `cmd:"" help:"Put dead letters back, through today's packs and rules."`
	Drop   dlqDropCmd   `cmd:"" help:"Say of dead letters that nobody needs them."`
}

// letterFlags choose dead letters; all that are given must fit.
type letterFlags struct {
	ID        []string  `name:"id" placeholder:"ID" help:"Only this letter, or those of the event with this id; may be given again."`
	Reason    string    `placeholder:"TEXT" help:"Only those whose reason holds this text."`
	Stage     string    `placeholder:"NAME" help:"Only those of process, correlate, index, notify or relay."`
	Origin    string    `placeholder:"NAME" help:"Only those of this origin, as sluice account writes it."`
	Namespace namespace `placeholder:"NAME" help:"Only this namespace."`
	Since     time.Time `placeholder:"TIME" aliases:"from" help:"Received, or replayed last, at or after this time, RFC 3339."`
	Until     time.Time `placeholder:"TIME" aliases:"to" help:"Received, or replayed last, before this time."`
}

func (f *letterFlags) letters() (app.Letters, error) {
	l := app.Letters{IDs: f.ID, Reason: f.Reason, Stage: f.Stage, Origin: f.Origin, Namespace: string(f.Namespace), Since: f.Since, Until: f.Until}
	if !l.Until.IsZero() && !l.Since.Before(l.Until) {
		return l, errors.New("--until is not behind --since")
	}
	if l.Stage != "" && !slices.Contains(console.LetterStages, l.Stage) {
		return l, fmt.Errorf("--stage %s is none of %s", l.Stage, strings.Join(console.LetterStages, ", "))
	}
	return l, nil
}

// ofLetters asks the index about dead letters, or has the running sluice ask that holds it. What changes
// them needs the bus as well.
func ofLetters(e *env, config, path string, changes bool, req app.Letters, p *progress, into any, own func(*app.Node) error) error {
	defer p.end()
	open := func() (*app.Node, error) { return app.OpenIndex(config, e.log) }
	if changes {
		open = func() (*app.Node, error) { return app.OpenWhole(e.ctx, config, e.log) }
	}
	n, err := open()
	if errors.Is(err, app.ErrInUse) {
		return apiStream(e.ctx, config, path, req, into, p.step)
	}
	if err != nil {
		return err
	}
	return errors.Join(own(n), n.Close())
}

type dlqListCmd struct {
	configFlag
	letterFlags
	Settled bool `help:"Those that were replayed or dropped, instead of those that wait."`
	JSON    bool `name:"json" help:"One group a line, as JSON."`
}

// Run prints the largest group first.
func (c *dlqListCmd) Run(e *env) error {
	req, err := c.letters()
	if err != nil {
		return err
	}
	req.Settled = c.Settled
	list, err := listLetters(e, c.Config, req)
	if err != nil {
		return err
	}
	if c.JSON {
		return printGroupLines(e.stdout, list.Groups)
	}
	return printGroups(e.stdout, list)
}

func listLetters(e *env, config string, req app.Letters) (*app.LetterList, error) {
	var list app.LetterList
	p := newProgress(e.stderr, "dead letters")
	err := ofLetters(e, config, "/api/v1/dlq/list", false, req, p, &list, func(n *app.Node) (err error) {
		list, err = n.ListLetters(e.ctx, req, p.step)
		return err
	})
	e.notAll(list.Damage)
	return &list, err
}

// notAll says that parts of the index could not be read, and where the first of them is damaged.
func (e *env) notAll(d app.Damage) {
	if d.Unread == 0 {
		return
	}
	said := []any{"parts", d.Unread}
	if len(d.Places) > 0 {
		said = append(said, "first", d.Places[0])
	}
	e.log.Warn("parts of the index are damaged: this is not all; sluice verify names them", said...)
}

func printGroupLines(w io.Writer, groups []app.LetterGroup) error {
	for i := range groups {
		line, err := json.Marshal(&groups[i])
		if err != nil {
			return err
		}
		if _, err := w.Write(append(app.Harmless(line), '\n')); err != nil {
			return err
		}
	}
	return nil
}

// maxShownReason keeps a table's lines from wrapping for ever; --json and show have the whole.
const maxShownReason = 160

func printGroups(w io.Writer, list *app.LetterList) error {
	if list.Letters == 0 {
		_, err := fmt.Fprintln(w, "no dead letters")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "letters\tfirst (UTC)\tlast (UTC)\tstage\torigin\tlast id\treason")
	for _, g := range list.Groups {
		reason := []rune(strings.ReplaceAll(g.Reason, "\n", " "))
		if len(reason) > maxShownReason {
			reason = append(reason[:maxShownReason], '…')
		}
		stage := g.Stage
		if g.Outcome != "" {
			stage += ", " + g.Outcome
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", g.Count, g.First.UTC().Format(time.DateTime), g.Last.UTC().Format(time.DateTime),
			app.Cell(stage), app.Cell(g.Origin), app.Cell(g.ID), app.Cell(string(reason)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s in %s\n", count(list.Letters, "letter"), count(len(list.Groups), "group"))
	return err
}

// maxShownBytes is how much of a letter's message a terminal gets; most lines are whole in it.
const maxShownBytes = 64 << 10

type dlqShowCmd struct {
	configFlag
	ID       string `arg:"" help:"The letter's id, or that of the event that died."`
	JSON     bool   `name:"json" xor:"form" help:"The document, as the index has it."`
	Original bool   `xor:"form" help:"The bytes of the message alone, exactly, to a file or a pipe."`
}

// Run prints all letters of the id, the oldest first.
func (c *dlqShowCmd) Run(e *env) error {
	if out, ok := e.stdout.(*output); c.Original && ok && onTerminal(out.Writer) {
		return errors.New("the bytes of a dead letter are not for a terminal, which may obey them: send them to a file or a pipe, or leave --original out")
	}
	var docs []json.RawMessage
	p := newProgress(e.stderr, "dead letters")
	err := ofLetters(e, c.Config, "/api/v1/dlq/show", false, app.Letters{IDs: []string{c.ID}}, p, &docs, func(n *app.Node) (err error) {
		docs, err = n.ShowLetters(e.ctx, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	if c.Original { // of the newest: it has the same bytes as those before, unless a replay changed them
		l, err := app.ReadShown(docs[len(docs)-1])
		if err == nil {
			_, err = e.stdout.Write(l.Original)
		}
		return err
	}
	for i, doc := range docs {
		if err := c.print(e.stdout, doc, i > 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *dlqShowCmd) print(w io.Writer, doc json.RawMessage, more bool) error {
	if c.JSON {
		_, err := w.Write(append(app.Harmless(doc), '\n'))
		return err
	}
	l, err := app.ReadShown(doc)
	if err != nil {
		return err
	}
	if more {
		fmt.Fprintln(w)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range l.Fields {
		value := app.Cell(f.Value)
		if value != f.Value { // as what it is, and not as what it does
			value = strconv.Quote(f.Value)
		}
		fmt.Fprintf(t, "%s\t%s\n", f.Name, value)
	}
	fmt.Fprintf(t, "bytes\t%d\n", len(l.Original))
	if err := t.Flush(); err != nil {
		return err
	}
	shown := l.Original[:min(len(l.Original), maxShownBytes)]
	// Quoted, so that each byte is seen, none is obeyed, and it can be copied into a test.
	if _, err = fmt.Fprintln(w, strconv.Quote(string(shown))); err == nil && len(shown) < len(l.Original) {
		_, err = fmt.Fprintf(w, "... and %d bytes more: --original prints them all\n", len(l.Original)-len(shown))
	}
	return err
}

// settleFlags choose what a command changes: all is to be meant.
type settleFlags struct {
	configFlag
	letterFlags
	All bool `help:"All dead letters that wait, where nothing else chooses them."`
}

func (f *settleFlags) settled() (app.Letters, error) {
	req, err := f.letters()
	req.All = f.All
	if err == nil && !f.All && !req.Some() {
		err = errors.New("say which dead letters by --id, --reason, --stage, --origin, --since or --until, or --all; sluice dlq list shows them")
	}
	return req, err
}

type dlqReplayCmd struct {
	settleFlags
	DryRun bool `help:"Count what would be replayed, and say what cannot be; change nothing."`
}

// Run prints the counts as one JSON object, and on stderr what people have to do still. It exits with 1
// where a letter was not replayed, or died again.
func (c *dlqReplayCmd) Run(e *env) error {
	req, err := c.settled()
	if err != nil {
		return err
	}
	req.DryRun = c.DryRun
	var done app.Settled
	p := newProgress(e.stderr, "replay")
	err = ofLetters(e, c.Config, "/api/v1/dlq/replay", true, req, p, &done, func(n *app.Node) (err error) {
		done, err = n.Replay(e.ctx, req, p.step)
		return err
	})
	if err != nil {
		return err
	}
	e.notAll(done.Damage)
	for _, k := range done.Why {
		fmt.Fprintf(e.stderr, "%s not replayed, such as %s: %s\n", count(k.Letters, "letter"), app.Cell(k.ID), app.Cell(k.Why))
	}
	if done.Failed > 0 {
		fmt.Fprintf(e.stderr, "%s died again: sluice dlq list says why\n", count(done.Failed, "letter"))
	}
	if done.Pending {
		fmt.Fprintln(e.stderr, "what was replayed is on the bus, and is read as soon as its roles run; what dies again is in sluice dlq list then")
	}
	if err := json.NewEncoder(e.stdout).Encode(done); err != nil {
		return err
	}
	if done.Kept > 0 || done.Failed > 0 {
		return errSilent
	}
	return nil
}

type dlqDropCmd struct {
	settleFlags
	Yes bool `help:"Drop them; without it they are only listed."`
}

// Run lists what it would drop, or drops it and prints the counts as one JSON object.
func (c *dlqDropCmd) Run(e *env) error {
	req, err := c.settled()
	if err != nil {
		return err
	}
	if !c.Yes {
		list, err := listLetters(e, c.Config, req)
		if err == nil {
			err = printGroups(e.stdout, list)
		}
		if err != nil || list.Letters == 0 {
			return err
		}
		fmt.Fprintf(e.stderr, "nothing is dropped yet: the same command with --yes drops %s\n", count(list.Letters, "letter"))
		return errSilent
	}
	var done app.Settled
	p := newProgress(e.stderr, "drop")
	err = ofLetters(e, c.Config, "/api/v1/dlq/drop", true, req, p, &done, func(n *app.Node) (err error) {
		done, err = n.Drop(e.ctx, req, p.step)
		return err
	})
	if err != nil {
		return err
	}
	e.notAll(done.Damage)
	return json.NewEncoder(e.stdout).Encode(done)
}
