package app

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/pipeline"
)

// Explain writes for people how one record was read: which pack, each field with the
// bytes that it came from, and what no field was read from.
func Explain(w io.Writer, rec Record, r pipeline.Result, set *pipeline.Set) {
	pack := r.Pack
	if pack == "" {
		pack = "none: no pack recognizes this line"
	}
	fmt.Fprintf(w, "record %d, %d bytes\n%s\npack: %s\n", rec.Number, len(rec.Raw), Printable(string(rec.Raw)), pack)
	read := make([]bool, len(rec.Raw))
	for f, v := range r.Event.Range {
		spec := set.Schema.Spec(f)
		if spec.Hidden || spec.Name == "event.original" {
			continue
		}
		from := ""
		if v.End > v.Start && int(v.End) <= len(read) {
			from = fmt.Sprintf("  <- bytes %d-%d", v.Start, v.End)
			for i := v.Start; i < v.End; i++ {
				read[i] = true
			}
		}
		fmt.Fprintf(w, "  %-36s %s%s\n", spec.Name, Printable(valueText(r.Event, f, v)), from)
	}
	fmt.Fprintf(w, "not read by any field: %s\n\n", residue(rec.Raw, read))
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

// residue are the stretches that no field came from, blanks and brackets left out.
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

// Printable keeps a terminal from obeying what stands in a log.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, s)
}
