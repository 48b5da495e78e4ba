package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"sluice/console"
	"sluice/internal/app"
)

// usualWidth is how wide a terminal is taken to be that does not say it.
const usualWidth = 160

// rows prints a hit a line for people: what tells one event or alert from another, and as much of its
// text as the terminal is wide. The whole documents are for programs, and for --json.
type rows struct {
	alerts bool
	width  int // columns of the terminal
	titled bool
}

// rowsOn are rows for a terminal; nil: the output is none.
func rowsOn(w io.Writer, alerts bool) *rows {
	if out, ok := w.(*output); ok {
		w = out.Writer
	}
	if !onTerminal(w) {
		return nil
	}
	width, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil || width <= 0 {
		width = usualWidth
	}
	return &rows{alerts: alerts, width: width}
}

// print prints a page of hits.
func (p *rows) print(w io.Writer, hits []json.RawMessage) error {
	var text strings.Builder
	out := tabwriter.NewWriter(&text, 0, 8, 2, ' ', 0)
	if !p.titled && len(hits) > 0 {
		fmt.Fprintln(out, p.title())
		p.titled = true
	}
	for _, h := range hits {
		hit, err := readHit(h)
		if err != nil {
			return err
		}
		var doc map[string]any
		dec := json.NewDecoder(bytes.NewReader(hit.Source))
		dec.UseNumber()
		if err := dec.Decode(&doc); err != nil {
			return fmt.Errorf("a hit of the answer: %w", err)
		}
		if p.alerts {
			fmt.Fprintln(out, alertRow(doc))
		} else {
			fmt.Fprintln(out, eventRow(doc))
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := io.WriteString(w, cutTo(strings.TrimRight(line, " \n"), p.width)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (p *rows) title() string {
	if p.alerts {
		return "LAST SEEN\tSEVERITY\tSTATE\tEVENTS\tALERT"
	}
	return "TIME\tDATASET\tHOST\tSOURCE → DESTINATION\tACTION\tMESSAGE"
}

func alertRow(doc map[string]any) string {
	title := textAt(doc, "message")
	if name := textAt(doc, "rule.name"); name != "" && name != title {
		title += " (" + name + ")"
	}
	return cells(rowTime(doc), textAt(doc, "sluice.alert.severity"), textAt(doc, "sluice.alert.state"), textAt(doc, "sluice.alert.count"), title)
}

func eventRow(doc map[string]any) string {
	action := textAt(doc, "event.action")
	if textAt(doc, "event.outcome") == "failure" {
		action = strings.TrimSpace(action + " (failure)")
	}
	between := endAt(doc, "source")
	if to := endAt(doc, "destination"); to != "" {
		between = strings.TrimSpace(between + " → " + to)
	}
	return cells(rowTime(doc), strings.TrimPrefix(textAt(doc, "event.dataset"), "sluice."),
		firstAt(doc, "host.name", "observer.name", "observer.hostname", "log.source.address"),
		between, action, firstAt(doc, "message", "event.original"))
}

// rowTime is a document's @timestamp to the second, in UTC.
func rowTime(doc map[string]any) string {
	at := textAt(doc, "@timestamp")
	if len(at) > len("2026-03-02T08:59:50") {
		at = at[:len("2026-03-02T08:59:50")]
	}
	return strings.Replace(at, "T", " ", 1) + "Z"
}

// endAt is one end of a connection: its address, with the port if it has one.
func endAt(doc map[string]any, end string) string {
	at := firstAt(doc, end+".ip", end+".address")
	if port := textAt(doc, end+".port"); at != "" && port != "" {
		if strings.Contains(at, ":") {
			at = "[" + at + "]"
		}
		at += ":" + port
	}
	return at
}

// cells are the columns of a row, of which no text of a log can make more.
func cells(texts ...string) string {
	for i, s := range texts {
		texts[i] = app.Cell(strings.Join(strings.Fields(s), " "))
	}
	return strings.Join(texts, "\t")
}

// firstAt is the first of the fields that says something.
func firstAt(doc map[string]any, fields ...string) string {
	for _, f := range fields {
		if s := textAt(doc, f); s != "" {
			return s
		}
	}
	return ""
}

// textAt is a field as a text: of a list the first element; "": it is not there.
func textAt(doc map[string]any, field string) string {
	v := console.FieldOf(doc, field)
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// cutTo is a line of at most width letters, with a mark where it was cut.
func cutTo(line string, width int) string {
	n := 0
	for i := range line {
		if n++; n == width {
			if rest := line[i:]; len([]rune(rest)) > 1 {
				return line[:i] + "…"
			}
			break
		}
	}
	return line
}
