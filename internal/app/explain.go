package app

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sluice/event"
	"sluice/normalize"
	"sluice/pipeline"
	"sluice/schemas"
)

// Explain writes for people how one record was read: which pack and why, which others
// were near, each field with the bytes that it came from, values that ECS does not
// allow, the step that missed, what only variables hold, and what nobody read: neither header nor
// pattern nor field.
// The field message, which has all, says nothing of that.
func Explain(w io.Writer, rec Record, r pipeline.Result, set *pipeline.Set, choice normalize.Choice) {
	pack := choice.Pack + ": " + choice.Why
	if choice.Pack == "" {
		pack = "none: no pack recognizes this line"
	}
	line, name := r.Raw.Bytes, strconv.Itoa(rec.Number)
	if r.Raw.Element > 0 {
		name += fmt.Sprintf(", event %d of its list", r.Raw.Element)
	}
	raw := line
	if choice.Decoded != "" {
		raw = rec.Raw
	}
	fmt.Fprintf(w, "record %s, %d bytes\n%s\n", name, len(raw), Printable(string(raw)))
	if choice.Decoded != "" {
		fmt.Fprintf(w, "read as %d bytes: %s\n", len(line), Printable(string(line)))
	}
	fmt.Fprintf(w, "pack: %s\n", Printable(pack))
	for _, c := range choice.Missed {
		fmt.Fprintf(w, "%s could not read it: %s\n", c.Pack, Printable(c.Why))
	}
	for _, c := range choice.Also {
		fmt.Fprintf(w, "also recognized by %s: %s\n", c.Pack, Printable(c.Why))
	}
	for _, c := range choice.Near {
		fmt.Fprintf(w, "near: %s: %s\n", c.Pack, Printable(c.Why))
	}
	read := make([]bool, len(line))
	own := r.Event.Raw == string(line) // else an object was read in its place, and the places are its
	mark := func(from, to int) {
		for i := from; i < to && own; i++ {
			read[i] = true
		}
	}
	for _, s := range choice.Read {
		mark(s.Start, min(s.End, len(read)))
	}
	for f, v := range r.Event.Range {
		spec := set.Schema.Spec(f)
		if spec.Name == "event.original" {
			continue
		}
		from := ""
		if own && v.End > v.Start && int(v.End) <= len(read) {
			from = fmt.Sprintf("  <- bytes %d-%d", v.Start, v.End)
			if spec.Name != "message" {
				mark(int(v.Start), int(v.End))
			}
		}
		switch {
		case spec.Hidden:
			continue
		case spec.Name == vendorField:
			explainVendor(w, r.Event)
			continue
		}
		fmt.Fprintf(w, "  %-36s %s%s%s\n", spec.Name, Printable(valueText(r.Event, f, v)), from, notAllowed(spec.Name, r.Event, f, v))
	}
	for _, left := range choice.Left {
		fmt.Fprintf(w, "  %s\n", Printable(left))
	}
	if !own {
		fmt.Fprintf(w, "by the columns of: %s\n\n", Printable(r.Raw.Envelope))
		return
	}
	if only := onlyVariables(r.Event, set.Schema, len(line)); only != "" {
		fmt.Fprintf(w, "only in variables, for other steps: %s\n", only)
	}
	fmt.Fprintf(w, "not read: %s\n\n", residue(line, read))
}

// onlyVariables are the pack's variables whose bytes stand in no field: what no step takes from
// one is as good as not read.
func onlyVariables(ev *event.Event, schema *event.Schema, size int) string {
	stored := make([]bool, size)
	for f, v := range ev.Range {
		if spec := schema.Spec(f); !spec.Hidden && spec.Name != "event.original" && spec.Name != "message" {
			for i := int(v.Start); i < min(int(v.End), size); i++ {
				stored[i] = true
			}
		}
	}
	var parts []string
	for f, v := range ev.Range {
		start, end := int(v.Start), min(int(v.End), size)
		if spec := schema.Spec(f); spec.Hidden && start < end && !slices.Contains(stored[start:end], true) {
			parts = append(parts, fmt.Sprintf("%s (bytes %d-%d)", Printable(spec.Name), start, end))
		}
	}
	return strings.Join(parts, ", ")
}

// vendorField holds the source's own keys, by which rules may ask.
const vendorField = "sluice.vendor"

// explainVendor shows them as the document has them.
func explainVendor(w io.Writer, ev *event.Event) {
	var doc struct {
		Sluice struct{ Vendor map[string]json.RawMessage }
	}
	if err := json.Unmarshal(ev.AppendJSON(nil), &doc); err != nil {
		panic("BUG: a document is no JSON: " + err.Error())
	}
	for _, key := range slices.Sorted(maps.Keys(doc.Sluice.Vendor)) {
		fmt.Fprintf(w, "  %-36s %s\n", Printable(vendorField+"."+key), Printable(string(doc.Sluice.Vendor[key])))
	}
	if len(doc.Sluice.Vendor) >= event.MaxVendor {
		fmt.Fprintf(w, "  %s has no room for more than %d keys: what the pack does not map behind them is in event.original alone\n", vendorField, event.MaxVendor)
	}
}

// notAllowed says which values of a field ECS does not know.
func notAllowed(name string, ev *event.Event, f event.Field, v *event.Value) string {
	field, ok := schemas.Lookup(name)
	if !ok || field.Allowed == nil {
		return ""
	}
	values := []string{v.Text()}
	if v.IsList() {
		values = ev.List(f)
	}
	for _, x := range values {
		if !slices.Contains(field.Allowed, x) {
			return fmt.Sprintf("  ! ECS does not allow %s (allowed: %s)", Printable(x), strings.Join(field.Allowed, ", "))
		}
	}
	return ""
}

// valueText is a value as JSON would show it.
func valueText(ev *event.Event, f event.Field, v *event.Value) string {
	if v.IsList() {
		return "[" + strings.Join(ev.List(f), ", ") + "]"
	}
	switch v.Type() {
	case event.Long:
		return strconv.FormatInt(v.Int(), 10)
	case event.Date:
		return v.Time().Format(time.RFC3339Nano)
	}
	return string(ev.AppendValue(nil, v))
}

// residue are the stretches that nobody read, blanks and brackets left out.
func residue(raw []byte, read []bool) string {
	var parts []string
	for i := 0; i < len(raw); {
		j := i
		for j < len(raw) && !read[j] {
			j++
		}
		if text := strings.Trim(string(raw[i:j]), " \t:;,()[]{}<>\"'="); text != "" {
			parts = append(parts, Printable(strconv.Quote(text)))
		}
		i = j + 1
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, " ")
}

// Printable keeps a terminal from obeying what stands in a log, and from showing it in another
// order than it has.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return '\ufffd'
		}
		return r
	}, s)
}

// Cell is Printable for a column of a table, which a tab would end.
func Cell(s string) string { return strings.ReplaceAll(Printable(s), "\t", " ") }
