package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"sluice/internal/app"
	"sluice/internal/condition"
	"sluice/rules"
	"sluice/schemas"
)

type rulesWhyCmd struct {
	configFlag
	Rule   string    `arg:"" help:"The rule: its id, the name of its file, or its title."`
	Event  string    `arg:"" help:"A file of lines or ECS documents, - for standard input, the id of an event in the index, a raw line, or an ECS document."`
	Rules  []string  `name:"rules" placeholder:"PATH" type:"path" help:"Rule files or folders instead of those of the configuration; may be given again."`
	Record int       `default:"-1" placeholder:"N" help:"Which record of a file, counted from 0; default: the last. The others are what the windows hold."`
	ECS    bool      `name:"ecs" xor:"form" help:"The records are ECS documents; default: those that look like one."`
	Raw    bool      `xor:"form" help:"The records are raw lines, whatever they look like."`
	Pack   string    `placeholder:"NAME" help:"Read raw lines with this pack instead of recognizing it."`
	Since  time.Time `placeholder:"TIME" aliases:"from" help:"For an event of the index: how far back its windows look, RFC 3339. Default: twice what the rule needs."`
	JSON   bool      `name:"json" help:"One JSON object."`
}

// Run exits with 0 whether the rule matches or not: it is asked why, not whether.
func (c *rulesWhyCmd) Run(e *env) error {
	w, err := app.LoadWhy(c.Config, c.Rule, c.Rules...)
	if err != nil {
		return err
	}
	a, err := c.ask(e, w)
	if err != nil {
		return err
	}
	e.notAll(a.Damage)
	if c.JSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(a)
	}
	printWhy(e.stdout, a)
	return nil
}

// ask finds out what kind of event is meant.
func (c *rulesWhyCmd) ask(e *env, w *app.Why) (*app.WhyAnswer, error) {
	opt := app.Reading{Pack: c.Pack}
	in, files := io.Reader(strings.NewReader(c.Event)), []string(nil)
	switch info, err := os.Stat(c.Event); {
	case c.Event == "-":
		text, err := io.ReadAll(app.Until(e.ctx, e.stdin))
		if err != nil {
			return nil, err
		}
		opt.ECS, in = c.ecs(string(text)), strings.NewReader(string(text))
	case err == nil && !info.Mode().IsRegular(): // a pipe: what is read of it to see what it brings is gone
		text, err := os.ReadFile(c.Event)
		if err != nil {
			return nil, err
		}
		opt.ECS, in = c.ecs(string(text)), bytes.NewReader(text)
	case err == nil:
		head, err := firstLine(c.Event)
		if err != nil {
			return nil, err
		}
		opt.ECS, files = c.ecs(head), []string{c.Event}
	case !c.ECS && !c.Raw && !strings.ContainsAny(c.Event, " \t{"):
		if strings.ContainsAny(c.Event, `/\.`) { // no id has that: it is a file that is not there
			return nil, err
		}
		return c.stored(e, w)
	default:
		opt.ECS = c.ecs(c.Event)
	}
	return w.Record(e.ctx, c.Rule, app.FilesPast(files, in, opt, nil), c.Record)
}

func firstLine(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return string(head[:n]), nil
}

// ecs says whether records are ECS documents: what Sluice writes, or somebody who writes one by
// hand. What a shipper wraps around a line is none, nor is a log of JSON with keys of its own.
func (c *rulesWhyCmd) ecs(text string) bool {
	if c.ECS || c.Raw {
		return c.ECS
	}
	var doc map[string]json.RawMessage
	if json.NewDecoder(strings.NewReader(text)).Decode(&doc) != nil {
		return false
	}
	if doc["sluice"] != nil || doc["agent"] != nil {
		return doc["sluice"] != nil
	}
	if doc["@timestamp"] != nil && doc["event"] != nil {
		return true
	}
	objects := 0
	for key, value := range doc {
		switch parts, in := ecsParts(key, value); {
		case in:
			objects += parts
		default:
			return false
		}
	}
	return objects > 0
}

// ecsParts says whether a key of a document is one of ECS, and how many fields of ECS are
// in the object behind it.
func ecsParts(key string, value json.RawMessage) (parts int, in bool) {
	if _, ok := schemas.Lookup(key); ok {
		return 0, true
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return 0, false
	}
	for name, v := range object {
		n, ok := ecsParts(key+"."+name, v)
		if !ok {
			return 0, false
		}
		parts += max(n, 1)
	}
	return parts, len(object) > 0
}

// stored asks about an event of the index, which a running sluice has for itself.
func (c *rulesWhyCmd) stored(e *env, w *app.Why) (*app.WhyAnswer, error) {
	n, err := app.OpenIndex(c.Config, e.log)
	if errors.Is(err, app.ErrInUse) {
		if len(c.Rules) > 0 {
			return nil, fmt.Errorf("a running sluice is asked about its own rules: leave --rules away, or stop it")
		}
		q, a := url.Values{"rule": {c.Rule}, "event": {c.Event}}, &app.WhyAnswer{}
		if !c.Since.IsZero() {
			q.Set("since", c.Since.Format(time.RFC3339))
		}
		return a, api(e.ctx, c.Config, "/api/v1/rules/why", q, a)
	}
	if err != nil {
		return nil, err
	}
	a, err := n.WhyStored(e.ctx, w, c.Rule, c.Event, c.Since)
	return a, errors.Join(err, n.Close())
}

// printWhy writes an answer for people.
func printWhy(w io.Writer, a *app.WhyAnswer) {
	say := func(format string, args ...any) { fmt.Fprintln(w, app.Printable(fmt.Sprintf(format, args...))) }
	say("rule %s (%s, %s): %s", a.Rule, a.Kind, a.Level, a.Title)
	say("  at %s", a.Place)
	by := ""
	if a.Pack != "" {
		by = ", read by the pack " + a.Pack
	}
	say("event %s at %s%s%s", a.Event, a.Time.Format(time.RFC3339Nano), laneText(a.Lane), by)
	for _, p := range a.Parts {
		say("%s: %s", p.Name, yes(p.Holds))
		printTrace(say, p.Trace, 1)
	}
	if x := a.Exception; x != nil {
		say("exception of %s until %s: %s", x.Owner, x.Expires.Format(time.RFC3339), x.Reason)
		printTrace(say, x.Trace, 1)
	}
	for _, f := range a.GroupBy {
		say("group_by %s: %s", f.Field, valuesText(f.Values))
	}
	if a.Value != nil {
		say("counts %s: %s", a.Value.Field, valuesText(a.Value.Values))
	}
	for _, t := range a.Through {
		say("part of the alert %s of the rule %s, which began at %s: %s", t.Alert, t.Rule, t.Began.Format(time.RFC3339Nano), t.Title)
	}
	say("match: %s, %s", yes(a.Matches), a.Because)
	for i := range a.Windows {
		printWindow(say, &a.Windows[i])
	}
	if a.Suppress != "" {
		say("suppress: what holds again within %s belongs to the same alert", a.Suppress)
	}
	switch {
	case a.Alert != "":
		say("alert %s: %s", a.Alert, a.Text)
	case a.Matches:
		say("alert: none")
	}
	for _, id := range a.Live {
		say("in the index: alert %s", id)
	}
	for _, r := range a.Route {
		say("channel %s: %s (%s)", r.Channel, map[bool]string{true: "told", false: "not told"}[r.Told], r.Why)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func laneText(lane string) string {
	if lane == "" {
		return ""
	}
	return ", in the lane of " + lane
}

func valuesText(values []string) string {
	if len(values) == 0 {
		return "not set"
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		if len(v) > 200 {
			v = strings.ToValidUTF8(v[:200], "") + "..."
		}
		quoted[i] = strconv.Quote(v)
	}
	return strings.Join(quoted, ", ")
}

var traceWords = map[string]string{"all": "all of these", "any": "one of these", "not": "not", "constant": "a constant"}

func printTrace(say func(string, ...any), t *condition.Trace, depth int) {
	text := t.Text
	if t.Kind != "leaf" {
		text = traceWords[t.Kind]
	}
	if t.Name != "" {
		text = t.Name + ": " + text
	}
	line := fmt.Sprintf("%s%-3s %s", strings.Repeat("  ", depth), yes(t.Holds), text)
	say("%s%s", line, fieldsText(t.Fields))
	for _, k := range t.Kids {
		printTrace(say, k, depth+1)
	}
}

// shownUnset bounds the fields without a value that a line names: a name of Sigma's has a dozen places
// where it may stand, and the one that has it would be lost among them.
const shownUnset = 2

func fieldsText(fields []condition.Actual) string {
	line, unset := "", 0
	for _, f := range fields {
		if len(f.Values) == 0 {
			if unset++; unset > shownUnset {
				continue
			}
		}
		line += fmt.Sprintf("  [%s: %s]", f.Field, valuesText(f.Values))
	}
	if unset > shownUnset {
		line += fmt.Sprintf("  [%d more: not set]", unset-shownUnset)
	}
	return line
}

func printWindow(say func(string, ...any), w *rules.Window) {
	say("key %s", w.Key)
	say("  window %s to %s: %d matches, %s", w.From.Format(time.RFC3339Nano), w.To.Format(time.RFC3339Nano), w.Count,
		map[bool]string{true: "the rule holds", false: "the rule does not hold at this instant"}[w.Fires])
	for _, m := range w.There {
		line := fmt.Sprintf("    %s  event %s", m.Time.Format(time.RFC3339Nano), m.ID)
		if m.Value != "" {
			line += "  " + strconv.Quote(m.Value)
		}
		if len(m.Steps) > 0 {
			line += "  " + strings.Join(m.Steps, ", ")
		}
		say("%s", line)
	}
	for _, text := range w.Missing {
		say("  why not: %s", text)
	}
	if w.Alert != "" {
		say("  part of the alert that began at %s", w.Began.Format(time.RFC3339Nano))
	}
}
