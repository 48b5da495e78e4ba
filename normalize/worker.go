package normalize

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"sluice/event"
	"sluice/internal/columns"
	"sluice/internal/condition"
	"sluice/internal/jsontape"
	"sluice/normalize/header"
	"sluice/normalize/pattern"
)

// Worker normalizes lines, one after another. It belongs to one goroutine.
type Worker struct {
	run
	look     look
	low      look // for objects whose keys somebody wrote in small letters
	reader   header.Reader
	zones    map[string]*time.Location
	names    []named              // by pack.order; the last is that of no pack
	machines []*condition.Machine // by pack.order; nil: not needed yet
	chosen   *pack                // of the last line
	missed   []missed             // packs that could not read it
	header   reading              // of the last header
	unfolded nestedForm           // of a flattened object
	layers   []layer              // packs of the line, the outermost first
	whole    *event.Raw
	list     list // elements of the last line
	rows     rows
}

// run is the state of one line on its way through a pack. Its buffers are kept
// from line to line.
type run struct {
	engine  *Packs
	ev      *event.Event
	head    header.Header
	text    string    // what the steps read
	more    []string  // where that is the first of a list, the others
	now     time.Time // the receive time: it gives stamps their year
	zone    *time.Location
	date    lastDate
	dates   []readDate // of the event, in its own zone or in the sender's
	caps    []pattern.Span
	buf     []byte
	path    []byte          // of the JSON value being read
	keep    keeping         // of what no field takes of it
	keys    *jsonKeys       // of JSON objects
	rivals  []waiting       // values for fields that several paths of the step set
	waiting []keptText      // likewise, of keys that stood under sluice.vendor
	parsed  int             // how many of jsons hold texts of this event
	jsons   []*jsontape.Doc // a document's texts live until it is used again
	last    struct {        // what was parsed last: recognizing and reading parse the same text
		text  string
		value jsontape.Value
	}
	xml      []xmlNode                 // of the XML being read
	words    []word                    // of the text being gleaned
	cells    []string                  // of a record being gleaned
	means    *meanings                 // of keys
	later    []unfilled                // keys that wait for others
	asked    []vendorKey               // of the event whose kind is asked for
	exprs    *condition.Machine        // of the pack that reads
	cutOff   string                    // what is wrong with a JSON object that was cut off
	inner    string                    // a line that the pack found inside its own
	within   *look                     // for an object that may be one; nil: nobody asked
	told     bool                      // a step knew the line by more than its punctuation
	unknown  *unknownStep              // what it does where nobody knows that line
	found    found                     // a list of events that it found
	nested   bool                      // what is read stands in such a list already
	left     []leftOut                 // what lists held beyond their first value
	ownZones map[string]*time.Location // by the name that devices wrote; nil: nobody knows it
	tracing  bool                      // somebody will ask for Choice.Read
	traced   []Stretch                 // of the raw line: what steps read
	unheld   []Stretch                 // and the values of it that no field could hold
	misses   int                       // steps that could not read their text

	asUnknown bool   // AsUnknown
	without   *pack  // it is passed over
	knew      string // the pack that read the line before, when none was passed over
}

// leftOut is a field that took the first value of a list; from is where the others stand
// still, if that is a field.
type leftOut struct {
	to   string
	from event.Field
}

// missed is a pack that recognized a line and could not read it.
type missed struct {
	pack *pack
	why  []byte
}

// NewWorker makes a worker for one goroutine.
func (p *Packs) NewWorker() *Worker {
	w := &Worker{
		zones:    map[string]*time.Location{"": time.UTC, "UTC": time.UTC},
		names:    make([]named, len(p.packs)+1),
		machines: make([]*condition.Machine, len(p.packs)),
	}
	w.engine, w.ev, w.zone = p, event.NewEvent(p.schema), time.UTC
	w.ev.Reserve(ofOurs)
	w.reader.Programs = p.programs
	return w
}

// AsUnknown has the worker read each line as if the pack that knows it were not there: what becomes of
// the lines of a product that has no pack. A line that only the general packs know, or whose pack is named, is read
// as ever. It takes twice the time.
func (w *Worker) AsUnknown() { w.asUnknown = true }

// Normalize reads one raw line, whole as it was received with its <PRI>. last is
// the pack of the origin's line before, or "": it decides between packs that both
// recognize the line. now becomes event.ingested.
//
// It returns the event and the name of its pack ("": none). The event is the
// worker's, and its texts are raw's bytes: it is valid until the next call, and
// as long as nobody changes raw.Bytes. A line may hold more events: see Next.
func (w *Worker) Normalize(raw *event.Raw, last string, now time.Time) (*event.Event, string) {
	if !w.asUnknown {
		return w.normalize(raw, last, now)
	}
	w.without = nil
	ev, name := w.normalize(raw, w.knew, now)
	w.knew = name
	if p := w.chosen; p == nil || p.generic || p.lastResort || raw.Pack != "" {
		return ev, name
	}
	w.without = w.chosen
	return w.normalize(raw, "", now)
}

func (w *Worker) normalize(raw *event.Raw, last string, now time.Time) (*event.Event, string) {
	line := unsafe.String(unsafe.SliceData(raw.Bytes), len(raw.Bytes))
	w.rows.of = ""
	w.whole, w.list.elements, w.list.read, w.list.named, w.nested = raw, w.list.elements[:0], 0, nil, false
	w.now = raw.Received
	if w.now.IsZero() {
		w.now = now
	}
	w.header.zone, w.header.named = w.location(raw.Zone), raw.Zone != ""
	if raw.Element > 0 && raw.Envelope != "" { // an element, read anew
		if p := w.line(raw, raw.Envelope, last); len(w.found.elements) == 1 {
			return w.split(raw, p, now)
		}
		w.nested = true
	}
	w.nested = w.nested || raw.Element > 0
	if headline(raw) {
		return w.nothing(raw, line, now)
	}
	p := w.line(raw, line, last)
	if columns.Directive(line) && !w.knows(p) {
		return w.nothing(raw, line, now)
	}
	if len(w.found.elements) > 0 {
		return w.split(raw, p, now)
	}
	if raw.Envelope != "" && raw.Element == 0 {
		p = w.row(raw, p, line, last)
	}
	return w.end(raw, p, now)
}

// nothing is the event of a line that tells of nothing: one of the head of a file.
func (w *Worker) nothing(raw *event.Raw, line string, now time.Time) (*event.Event, string) {
	w.ev.Reset(line)
	w.readHeader(line)
	return w.end(raw, nil, now)
}

// end finishes a line that p has read.
func (w *Worker) end(raw *event.Raw, p *pack, now time.Time) (*event.Event, string) {
	if p == w.engine.fallback && !w.head.Found() {
		w.reason("no pack recognizes the line, and it has no syslog header", "unparsed")
	}
	w.chosen = p
	w.finish(raw, p, now)
	if p == nil {
		return w.ev, ""
	}
	return w.ev, p.name
}

// line reads a line, and what it wraps; it returns the pack of the innermost line.
func (w *Worker) line(raw *event.Raw, line, last string) *pack {
	w.ev.Reset(line)
	w.dates = w.dates[:0]
	w.parsed, w.last.text, w.last.value, w.inner, w.cutOff = 0, "", jsontape.Value{}, "", ""
	w.unknown, w.unfolded = nil, nestedForm{}
	if w.means != nil {
		w.means.fresh = w.means.fresh[:0]
	}
	w.readHeader(line)
	w.missed, w.left, w.traced = w.missed[:0], w.left[:0], w.traced[:0]
	w.untried()
	p := w.choose(raw.Pack, last)
	if raw.Pack != "" && p != nil {
		if q := w.envelope(p, last); q != nil {
			if w.read(q); len(w.found.elements) > 0 {
				return q
			}
			w.afresh(line)
		}
	}
	w.read(p)
	if raw.Pack == "" && w.strange() {
		p = w.leave(p, last, line)
	}
	switch {
	case p == nil || raw.Pack != "" || p == w.engine.fallback:
	case w.ev.Has(w.engine.f.unparsed):
		p = w.confirm(p, last, line)
	case w.doubts():
		p = w.reconsider(p, last, line)
	}
	return w.unwrap(p, line)
}

// read runs the pack over the line whose header was read.
func (w *Worker) read(p *pack) {
	if w.header.adapted || p != nil && (p.bare || p.zone != nil) {
		w.adapt(p)
	}
	if w.head.Text != "" && p != nil && (p.generic || p == w.engine.fallback) {
		w.ofFile()
	}
	w.nest()
	w.headerFields(p)
	w.found.reset()
	if p == nil {
		return
	}
	w.text, w.inner, w.unknown, w.told = strings.TrimLeft(w.head.Message, " "), "", nil, false
	b := p.body()
	if b.leaves != nil {
		w.exprs = w.machine(p, b)
	}
	for i := range b.constants {
		b.constants[i].apply(&w.run)
	}
	b.steps.run(&w.run)
}

// machine evaluates the expressions of one pack.
func (w *Worker) machine(p *pack, b *body) *condition.Machine {
	m := &w.machines[p.order]
	if *m == nil {
		*m = condition.NewMachine(b.leaves)
	}
	return *m
}

// maxCandidates bounds how many packs may try a line that the first could not read.
const maxCandidates = 4

// confirm gives a line that p recognized and could not read to the next packs that
// recognize it. Where none reads it, p keeps it.
func (w *Worker) confirm(p *pack, last, line string) *pack {
	first := p
	for range maxCandidates {
		w.tried(p)
		if w.header.adapted {
			w.readHeader(line)
		}
		p = w.find(w.engine.byName[last])
		if p == nil || p.generic {
			break
		}
		w.again(p, line)
		if !w.ev.Has(w.engine.f.unparsed) {
			return p
		}
	}
	if len(w.look.tried) > 1 {
		w.again(first, line)
	}
	w.generally()
	return first
}

// untried forgets which packs were tried; one that is passed over counts as such.
func (w *Worker) untried() {
	w.look.tried = w.look.tried[:0]
	if w.without != nil {
		w.look.tried = append(w.look.tried, w.without)
	}
}

// tried notes that p could not read the line.
func (w *Worker) tried(p *pack) {
	w.look.tried = append(w.look.tried, p)
	w.noteTried(p)
}

// noteTried notes for people why p did not read the line.
func (w *Worker) noteTried(p *pack) {
	n := len(w.missed)
	w.missed = slices.Grow(w.missed, 1)[:n+1]
	m := &w.missed[n]
	why := w.ev.Text(w.engine.f.unparsed)
	if why == "" {
		why = "it is told by the program's name, and no step knows the text"
	}
	m.pack, m.why = p, append(m.why[:0], why...)
}

// again reads the line anew with another pack.
func (w *Worker) again(p *pack, line string) {
	w.afresh(line)
	w.read(p)
}

// afresh forgets what a pack has read of the line.
func (w *Worker) afresh(line string) {
	w.ev.Reset(line)
	if _, in := w.ev.At(w.last.text); !in { // the pack before may have made it: its memory is used again
		w.last.text = ""
	}
	w.dates = w.dates[:0]
	w.left, w.traced = w.left[:0], w.traced[:0]
}

// object is the message where it is a JSON object.
func (w *Worker) object() jsontape.Value {
	msg := w.head.Message
	i := 0
	for i < len(msg) && (msg[i] == ' ' || msg[i] == '\t') {
		i++
	}
	if i == len(msg) || msg[i] != '{' {
		return jsontape.Value{}
	}
	return w.parseJSON(msg)
}

// choose finds the pack for the line whose header was read; nil: none.
func (w *Worker) choose(fixed, last string) *pack {
	e := w.engine
	if fixed != "" {
		if p := e.byName[fixed]; p != nil {
			w.unfoldFor(p)
			return p
		}
	}
	before := w.chosen // of the line before: mostly of this origin too
	if before == nil || before.name != last {
		before = e.byName[last]
	}
	if p := w.find(before); p != nil {
		return p
	}
	return e.fallback
}

// headerFields sets what the syslog header said.
func (w *Worker) headerFields(p *pack) {
	ev, f, h := w.ev, &w.engine.f, &w.head
	if h.Pri >= 0 {
		ev.SetBatch(&w.engine.priority[h.Pri])
	}
	if h.HasTime {
		ev.SetTime(f.timestamp, h.Time)
	}
	put := func(f event.Field, text string) {
		if text != "" {
			ev.SetText(f, text)
		}
	}
	put(f.sysHost, h.Host)
	put(f.relay, h.Relay)
	put(f.address, h.Address)
	if h.Path != "" {
		put(f.sysApp, h.Path)
	} else {
		put(f.sysApp, h.Program)
	}
	put(f.sysProc, h.PID)
	put(f.sysMsgID, h.MsgID)
	put(f.sysVersion, h.Version)
	put(f.sequence, h.Sequence)
	if h.StructuredData != "" {
		w.buf = header.AppendSD(w.buf[:0], h.StructuredData)
		ev.SetText(f.sysSD, ev.Own(w.buf))
	}
	to := &f.header
	if p != nil {
		to = &p.header
	}
	if h.Level != "" && (p == w.engine.fallback || p.generic) { // a pack knows what its device's levels are called
		ev.SetText(f.level, strings.ToLower(h.Level))
	}
	host := h.Host
	if host == "" {
		host = w.whole.Here()
	}
	for _, f := range to.host {
		put(f, host)
	}
	for _, f := range to.program {
		put(f, h.Program)
	}
	for _, f := range to.pid {
		put(f, h.PID)
	}
}

// miss notes that the step at found nothing to read behind byte far of its text.
func (r *run) miss(at, what string, far int) {
	r.misses++
	b := append(append(append(r.buf[:0], at...), ": "...), what...)
	b = appendInt(append(b, " behind byte "...), far)
	r.buf = b
	r.reason(r.ev.Own(b), "unparsed")
}

// bad notes a value that its field cannot hold.
func (r *run) bad(at, field, text string) {
	if isNothing(text) || text == noNumber || isMasked(text) {
		return
	}
	if from, ok := r.ev.At(text); ok && r.tracing {
		r.unheld = append(r.unheld, Stretch{from, from + len(text)})
	}
	b := append(append(append(r.buf[:0], at...), ": "...), field...)
	b = append(b, " cannot hold "...)
	b = event.AppendString(b, text[:min(len(text), 60)])
	r.buf = b
	r.reason(r.ev.Own(b), "partly_parsed")
}

// isMasked says whether a text is what privacy leaves of an address: xx:xx:xx:xx:xx:xx, x.x.x.x, ***.
func isMasked(text string) bool { return len(text) > 1 && strings.Trim(text, "xX*#?.:-/") == "" }

// reason marks the event; the first reason stays, later ones follow from it.
func (r *run) reason(why, tag string) {
	f := &r.engine.f
	if !r.ev.Has(f.unparsed) {
		r.ev.SetText(f.unparsed, why)
	}
	r.ev.Add(f.tags, tag)
}

// keepBytes sets event.original, exactly: where the bytes are no UTF-8, JSON
// cannot hold them, and they are kept in base64 beside it.
func (w *Worker) keepBytes() {
	ev, f := w.ev, &w.engine.f
	line, valid := ev.Raw, ev.ValidUTF8()
	if w.rows.of != "" {
		line = w.rows.of
		valid = utf8.ValidString(line)
	}
	ev.SetText(f.original, line)
	if !valid {
		w.buf = base64.StdEncoding.AppendEncode(w.buf[:0], unsafe.Slice(unsafe.StringData(line), len(line)))
		ev.SetText(f.original64, ev.Own(w.buf))
	}
}

// vendor keeps a key that the pack does not map.
func (r *run) vendor(key, text string) {
	if text != "" {
		r.ev.SetVendor(key, strings.TrimSpace(text))
	}
}
