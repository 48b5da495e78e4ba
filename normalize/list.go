package normalize

import (
	"slices"
	"strings"
	"time"
	"unsafe"

	"sluice/event"
	"sluice/internal/jsontape"
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
	number int          // of the event read last: elements that are lists themselves count by theirs
	text   string       // of the element being read
	around string       // the line that the elements stand in, or the element
	within bool         // an element: what was read around it is theirs too
	outer  outer        // the list whose element read last holds this one
}

// outer is a list that is gone on with behind one inside it.
type outer struct {
	found
	around string
	read   int // elements; 0: there is no list
}

// alone says whether the worker reads a line of its own, and no element of a list.
func (l *list) alone() bool { return l.read == 0 }

// Next reads the next event of the line that Normalize read: most lines are one event,
// and it returns nil. An event is valid until the next call.
func (w *Worker) Next() (*event.Event, string) {
	l := &w.list
	if o := &l.outer; l.read >= len(l.elements) && o.read > 0 {
		l.found, o.found = o.found, l.found
		l.read, l.around, l.within, o.read = o.read, o.around, false, 0
	}
	if l.read >= len(l.elements) {
		return nil, ""
	}
	if l.whole {
		return w.nextWhole()
	}
	if i := slices.IndexFunc(l.groups, func(g group) bool { return g.first == l.read }); i >= 0 {
		w.surround(l.groups[i].envelope)
	}
	at := l.elements[l.read]
	l.text = l.found.text[at.start:at.end]
	l.read++
	w.count()
	if l.line.Element > 0 { // one of a list that was read before
		l.text = unsafe.String(unsafe.SliceData(l.line.Bytes), len(l.line.Bytes))
	}
	p := w.readElement()
	if len(w.found.elements) > 0 && l.outer.read == 0 && l.line.Element == 0 { // of several events
		l.number--
		w.enter(l.text)
		l.within, l.steps, l.exprs, l.envelope = true, l.outer.steps, l.outer.exprs, l.outer.envelope
		return w.Next()
	}
	return w.endElement(p)
}

// endElement finishes an element that p has read. A list in it was not gone into: that is said.
func (w *Worker) endElement(p *pack) (*event.Event, string) {
	w.tooDeep()
	w.broken(p)
	w.chosen = p
	w.finish(&w.list.raw, p, w.list.now)
	return w.ev, p.name
}

// broken marks an element that looks like an object and is none: nothing but the pack of its list took it.
func (w *Worker) broken(p *pack) {
	l := &w.list
	if p == l.pack && len(l.steps) == 0 && strings.HasPrefix(l.text, "{") && w.parseJSON(l.text).Kind() != jsontape.Object {
		w.reason("no pack recognizes what stands in the list, and it is no JSON", "unparsed")
	}
}

// tooDeep marks an event that is a list of events, inside two others.
func (w *Worker) tooDeep() {
	if len(w.found.elements) > 0 {
		w.reason("a list of events inside two others: those are read, and what stands in it is not", "unparsed")
	}
}

// readElement reads l.text upon what was read around the list.
func (w *Worker) readElement() *pack {
	l := &w.list
	l.raw.Envelope, l.raw.Bytes = l.envelope, unsafe.Slice(unsafe.StringData(l.text), len(l.text))
	w.element()
	return w.unwrap(l.pack, "")
}

// enter turns to the list that was found in an element, which is around.
func (w *Worker) enter(around string) {
	l := &w.list
	l.outer = outer{l.found, l.around, l.read}
	l.found, w.found = w.found, found{}
	l.around, l.read = around, 0
	w.keepText()
}

// keepText keeps the text of the elements where it stands in memory that the next line that is
// parsed takes.
func (w *Worker) keepText() {
	if _, in := w.ev.At(w.list.found.text); !in {
		w.list.found.text = strings.Clone(w.list.found.text)
	}
}

// count readies the raw of the next event.
func (w *Worker) count() {
	l := &w.list
	l.number++
	l.raw = l.line
	l.raw.Element = l.number
	if l.line.Element > 0 {
		l.raw.Element = l.line.Element
	}
	if l.raw.Line == "" {
		l.raw.Line = l.line.ID
	}
	l.raw.ID = event.ElementID(l.raw.Line, l.raw.Element)
}

// nextWhole reads the next element as a line that holds it alone. One that is a list of events
// in its turn is each of them.
func (w *Worker) nextWhole() (*event.Event, string) {
	l := &w.list
	line, read := l.single(), l.read+1
	if l.within {
		l.text, l.read = line, read
		w.count()
		return w.endElement(w.readElement())
	}
	p := w.anew(line)
	l.read = read
	if len(w.found.elements) > 0 && l.outer.read == 0 {
		w.enter(line)
		w.begin(p)
		return w.Next()
	}
	w.count()
	l.text = line
	l.raw.Envelope, l.raw.Bytes = "", unsafe.Slice(unsafe.StringData(line), len(line))
	w.tooDeep()
	return w.end(&l.raw, p, l.now)
}

// single is the record with the next element alone.
func (l *list) single() string {
	at := l.elements[l.read]
	element := l.found.text[at.start:at.end]
	for _, g := range slices.Backward(l.groups) {
		if g.first <= l.read {
			return g.envelope[:g.hole] + element + g.envelope[g.hole+len("{}"):]
		}
	}
	return l.spot.envelope(l.around, l.found.text, l.elements, element)
}

// anew reads a line that stands for a part of the one that Normalize was given.
func (w *Worker) anew(line string) *pack {
	w.list.read, w.nested = 0, false
	return w.line(&w.list.line, line, w.list.pack.name)
}

// surround reads what stands around the next of several lists.
func (w *Worker) surround(envelope string) {
	l := &w.list
	read := l.read
	l.pack = w.anew(envelope)
	l.read, l.envelope = read, envelope
	w.ev, l.env, l.parsed = l.env, w.ev, w.parsed
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
	l.found, w.found = w.found, l.found
	l.line, l.now, l.number, l.around, l.within, l.outer.read = *raw, now, 0, w.ev.Raw, false, 0
	w.begin(p)
	return w.Next()
}

// begin readies the worker for the elements of the list that was found last: what was read of
// the envelope is kept for them.
func (w *Worker) begin(p *pack) {
	l := &w.list
	if l.env == nil {
		l.env = event.NewEvent(w.engine.schema)
		l.env.Reserve(ofOurs)
	}
	if l.whole || len(l.groups) > 0 {
		w.keepText()
	}
	w.ev, l.env = l.env, w.ev
	l.pack, l.parsed, l.read = p, w.parsed, 0
}

// element begins an element upon what its envelope said.
func (w *Worker) element() {
	l := &w.list
	w.ev.Reset(l.text)
	w.ev.Inherit(l.env)
	w.parsed, w.last.text, w.cutOff, w.inner, w.nested = l.parsed, "", "", "", true
	w.unknown, w.dates, w.unfolded = nil, w.dates[:0], nestedForm{}
	w.found.reset()
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
	p := w.find(w.engine.byName[last])
	if p == nil || !p.body().lists {
		return nil
	}
	return p
}
