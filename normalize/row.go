package normalize

import (
	"strings"

	"sluice/event"
	"sluice/internal/columns"
)

// rows reads lines of files whose first line names the columns: raw.Envelope is that line. A
// line that no pack of a device has read is read as the object that its cells make, which is
// what the device's records in JSON are mostly called, too.
type rows struct {
	table columns.Table
	of    string // the line, where an object was read in its place; "": it was not
}

// row reads a line below a header as an object, unless p knew it as it is: an object of p's own
// says more even then, since the columns are named. It returns the pack.
func (w *Worker) row(raw *event.Raw, p *pack, line, last string) *pack {
	object, ok := w.rows.table.Object(raw.Envelope, line)
	if !ok {
		return p
	}
	knew := w.knows(p)
	w.rows.of = line
	q := w.line(raw, view(object), last)
	if knew && (q != p || !w.knows(q)) {
		w.rows.of = ""
		q = w.line(raw, line, last)
	}
	w.found.reset() // a list in a cell is no list of events
	return q
}

// knows says whether p is the pack of a device, and has read the line.
func (w *Worker) knows(p *pack) bool {
	return p != nil && !p.generic && p != w.engine.fallback && !w.ev.Has(w.engine.f.unparsed)
}

// headline says whether the line is the one that names the columns, of which there is nothing to
// read, or one that stands around it in a log of W3C's.
func headline(raw *event.Raw) bool {
	if raw.Element > 0 || raw.Envelope == "" {
		return false
	}
	line := strings.TrimRight(view(raw.Bytes), "\r\n")
	return line == raw.Envelope || columns.Directive(line) && columns.Directive(raw.Envelope)
}
