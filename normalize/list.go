package normalize

import (
	"strings"
	"time"
	"unsafe"

	"sluice/event"
)

// list is a line of several events that is being read (docs/decisions/0024).
type list struct {
	found
	line   event.Raw
	raw    event.Raw // of the event read last
	now    time.Time
	pack   *pack        // of the envelope
	named  *pack        // that the input names for the elements, until it is asked
	env    *event.Event // what was read of it
	parsed int          // parsers that hold its texts
	read   int          // elements
	text   string       // of the element being read
}

// alone says whether the worker reads a line of its own, and no element of a list.
func (l *list) alone() bool { return l.read == 0 }

// Next reads the next event of the line that Normalize read: most lines are one event,
// and it returns nil. An event is valid until the next call.
func (w *Worker) Next() (*event.Event, string) {
	l := &w.list
	if l.read >= len(l.elements) {
		return nil, ""
	}
	at := l.elements[l.read]
	l.text = l.found.text[at.start:at.end]
	l.read++
	l.raw = l.line
	l.raw.Element, l.raw.Envelope = l.read, l.envelope
	if l.line.Element > 0 { // one of a list that was read before
		l.raw.Element = l.line.Element
		l.text = unsafe.String(unsafe.SliceData(l.line.Bytes), len(l.line.Bytes))
	}
	if l.raw.Line == "" {
		l.raw.Line = l.line.ID
	}
	l.raw.ID, l.raw.Bytes = event.ElementID(l.raw.Line, l.raw.Element), unsafe.Slice(unsafe.StringData(l.text), len(l.text))
	w.element()
	p := w.unwrap(l.pack, "")
	w.chosen = p
	w.finish(&l.raw, p, l.now)
	return w.ev, p.name
}

// Raw is the raw of the event that was read last: the line's, or of an element its own
// bytes and id.
func (w *Worker) Raw() *event.Raw {
	if w.list.alone() {
		return w.whole
	}
	return &w.list.raw
}

// split goes on with the elements of the list that was found in a line.
func (w *Worker) split(raw *event.Raw, p *pack, now time.Time) (*event.Event, string) {
	l := &w.list
	if l.env == nil {
		l.env = event.NewEvent(w.engine.schema)
	}
	w.ev, l.env = l.env, w.ev
	l.found, w.found = w.found, l.found
	l.line, l.now, l.pack, l.parsed, l.read = *raw, now, p, w.parsed, 0
	return w.Next()
}

// element begins an element upon what its envelope said.
func (w *Worker) element() {
	l := &w.list
	w.ev.Reset(l.text)
	w.ev.Inherit(l.env)
	w.parsed, w.last.text, w.cutOff, w.inner, w.nested = l.parsed, "", "", "", true
	w.unknown = nil
	w.found.elements = w.found.elements[:0]
	l.named = w.engine.byName[l.line.Pack]
	if len(l.steps) == 0 {
		w.inner = l.text
		return
	}
	w.readHeader(l.text)
	w.text = strings.TrimLeft(w.head.Message, " ")
	w.exprs = l.exprs
	l.steps.run(&w.run)
}

// envelope finds the pack of a line that a list of events may stand in, though the input
// names a pack: that is the events' then.
func (w *Worker) envelope(named *pack, last string) *pack {
	if msg := strings.TrimLeft(w.head.Message, " "); named.body().lists || msg == "" || msg[0] != '{' && msg[0] != '[' {
		return nil
	}
	p := w.engine.recog.find(&w.head, w.object(), w.engine.byName[last], &w.look)
	if p == nil || !p.body().lists {
		return nil
	}
	return p
}
