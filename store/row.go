package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"unsafe"

	"sluice/internal/jsontape"
)

// op is one step of a shape. A shape is a document without its values: rebuilding walks it
// and takes each value from its column, so that a document comes back as it was sent, with
// the order of its keys, its lists, nulls and empty objects.
//
//	op, then a field number (uvarint), or with opInline a key of our own (uvarint length, bytes)
type op = byte

const (
	opEnd op = iota
	opObject
	opArray
	opString
	opNumber
	opTrue
	opFalse
	opNull
	opText      // a string kept with the row
	opTime      // a date as RFC 3339 in UTC; one more byte: digits of the fraction
	opTimeText  // any other spelling of a date, kept in the field's alt
	opTimeMilli // a date as a number of milliseconds
	opInline    = 0x80
)

// maxDepth of documents: Elasticsearch's mapping stops at 20.
const maxDepth = 64

// maxKeyword is the longest value that may go into a dictionary, as with ignore_above in a
// mapping: a longer one (a line of 256 KiB in base64) is kept and given back, not searched.
const maxKeyword = 8191

// leaf is one value of a document.
type leaf struct {
	f    *field
	s    []byte // dictionary and text values
	num  int64  // dates: nanoseconds
	long bool   // too long for a dictionary: kept with the row, found by no query
}

// row is one parsed document. It is used again for another one.
type row struct {
	index, id string
	delete    bool     // no document: the one there goes
	old       location // what this one supersedes
	seq       int64
	time      int64 // @timestamp, nanoseconds
	shape     []byte
	leaves    []leaf
	source    []byte

	arena []byte
	guide *guide
}

// refusal is a document that does not fit its mapping.
type refusal struct{ kind, reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(kind, format string, a ...any) error {
	return &refusal{kind, fmt.Sprintf(format, a...)}
}

// parse flattens one JSON object.
//
// What the row holds lies in source, unless it had escapes.
func (r *row) parse(p *jsontape.Doc, fs *fields, source []byte) error {
	if err := p.ParseBytes(source); err != nil {
		return refuse("document_parsing_exception", "failed to parse: %s, at byte %d", err, p.At())
	}
	o := p.Root()
	if o.Kind() != jsontape.Object {
		return refuse("document_parsing_exception", "failed to parse: the document is not an object")
	}
	r.source, r.time = source, 0
	r.shape, r.leaves, r.arena = r.shape[:0], r.leaves[:0], r.arena[:0]
	if r.guide == nil {
		r.guide = new(guide)
	}
	r.guide.begin(fs)
	fs.mu.RLock()
	defer fs.mu.RUnlock()
	return r.object(o, nil, 0)
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}

func (r *row) step(o op, f *field) {
	r.shape = binary.AppendUvarint(append(r.shape, o), uint64(f.num))
}

func (r *row) object(o jsontape.Value, up *field, depth int) error {
	if depth > maxDepth {
		return refuse("document_parsing_exception", "the document is nested deeper than %d", maxDepth)
	}
	for v := o.First(); v.OK(); v = v.Next() {
		f, err := r.guide.child(up, v.Key())
		if err != nil {
			return refuse("illegal_argument_exception", "%s", err)
		}
		if err := r.value(v, f, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *row) value(v jsontape.Value, f *field, depth int) error {
	switch v.Kind() {
	case jsontape.Object:
		return r.child(v, f, depth)
	case jsontape.Array:
		if depth > maxDepth {
			return refuse("document_parsing_exception", "the document is nested deeper than %d", maxDepth)
		}
		r.step(opArray, f)
		for e := v.First(); e.OK(); e = e.Next() {
			if err := r.value(e, f, depth+1); err != nil {
				return err
			}
		}
		r.shape = append(r.shape, opEnd)
	case jsontape.Null:
		r.step(opNull, f)
	case jsontape.String:
		return r.text(v, f)
	case jsontape.Number:
		return r.number(v, f)
	case jsontape.True, jsontape.False:
		return r.bool(v.Kind() == jsontape.True, f)
	}
	return nil
}

func (r *row) child(o jsontape.Value, f *field, depth int) error {
	r.step(opObject, f)
	if f.class == classFlat {
		if err := r.flat(o, f, nil, depth+1); err != nil {
			return err
		}
	} else {
		if f.typ != "" && f.typ != "object" && f.typ != "nested" && f.typ != "group" && o.First().OK() && f.class != classString {
			return refuse("document_parsing_exception", "object mapping for [%s] tried to parse field [%s] as object, but found a concrete value of type [%s]", f.name, f.key, f.typ)
		}
		if err := r.object(o, f, depth+1); err != nil {
			return err
		}
	}
	r.shape = append(r.shape, opEnd)
	return nil
}

var words4bool = [2][]byte{[]byte("false"), []byte("true")}

func (r *row) bool(b bool, f *field) error {
	o, w := op(opFalse), words4bool[0]
	if b {
		o, w = opTrue, words4bool[1]
	}
	switch f.class {
	case classNumber, classIP, classDate:
		return r.wrong(f, w)
	case classText:
		o = opText // written back as a string: no text field of ours takes a boolean
	}
	r.step(o, f)
	r.leaves = append(r.leaves, leaf{f: f, s: w})
	return nil
}

func (r *row) wrong(f *field, v []byte) error {
	what := f.typ
	if f.class == classIP {
		return refuse("document_parsing_exception", "failed to parse field [%s] of type [ip]: '%s' is not an IP string literal.", f.name, clip(string(v)))
	}
	return refuse("document_parsing_exception", "failed to parse field [%s] of type [%s]: '%s'", f.name, what, clip(string(v)))
}

func (r *row) number(v jsontape.Value, f *field) error {
	s := r.keep(v)
	if !jsontape.IsNumber(s) {
		return refuse("document_parsing_exception", "failed to parse field [%s]: '%s' is no number", f.name, clip(string(s)))
	}
	switch f.class {
	case classIP, classBool:
		return r.wrong(f, s)
	case classDate:
		ms, err := strconv.ParseInt(string(s), 10, 64)
		if err != nil || ms > math.MaxInt64/1000000 || ms < math.MinInt64/1000000 {
			return r.wrong(f, s)
		}
		r.step(opTimeMilli, f)
		return r.date(f, ms*1e6)
	case classText:
		r.step(opText, f)
	default:
		r.step(opNumber, f)
	}
	r.leaves = append(r.leaves, leaf{f: f, s: s})
	return nil
}

func (r *row) date(f *field, ns int64) error {
	if f.name == "@timestamp" {
		r.time = ns
	}
	r.leaves = append(r.leaves, leaf{f: f, num: ns})
	return nil
}

func (r *row) text(v jsontape.Value, f *field) error {
	s := r.keep(v)
	switch f.class {
	case classDate:
		return r.stamp(s, f)
	case classNumber:
		n, err := strconv.ParseFloat(string(s), 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return r.wrong(f, s)
		}
	case classIP:
		if _, ok := parseAddr(unsafe.String(unsafe.SliceData(s), len(s))); !ok { // keeps nothing of it
			return r.wrong(f, s)
		}
	case classBool:
		if string(s) != "true" && string(s) != "false" && len(s) > 0 {
			return r.wrong(f, s)
		}
	case classText:
		r.step(opText, f)
		r.leaves = append(r.leaves, leaf{f: f, s: s})
		return nil
	}
	if len(s) > maxKeyword {
		r.step(opText, f)
		r.leaves = append(r.leaves, leaf{f: f, s: s, long: true})
		return nil
	}
	r.step(opString, f)
	r.leaves = append(r.leaves, leaf{f: f, s: s})
	return nil
}

// keep gives a value's text, a copy if it belongs to the parser: that is used for the next
// document before this one is in memory.
func (r *row) keep(v jsontape.Value) []byte {
	s := v.Text()
	if !v.Odd() {
		return unsafe.Slice(unsafe.StringData(s), len(s)) // of source; nobody writes to it
	}
	at := len(r.arena)
	r.arena = append(r.arena, s...)
	return r.arena[at:]
}

func (r *row) stamp(s []byte, f *field) error {
	ns, digits, ok := parseStamp(s)
	if ok {
		r.step(opTime, f)
		r.shape = append(r.shape, digits)
		return r.date(f, ns)
	}
	t, err := parseDate(string(s), "", nil, false)
	if err != nil {
		return refuse("document_parsing_exception", "failed to parse field [%s] of type [date]: failed to parse date field [%s]", f.name, clip(string(s)))
	}
	r.step(opTimeText, f)
	r.leaves = append(r.leaves, leaf{f: f.alt, s: s})
	return r.date(f, t)
}

// flat takes an object whose keys are data: one column, values as key, 0, value.
func (r *row) flat(o jsontape.Value, f *field, path []byte, depth int) error {
	if depth > maxDepth {
		return refuse("document_parsing_exception", "the document is nested deeper than %d", maxDepth)
	}
	for v := o.First(); v.OK(); v = v.Next() {
		p := path
		if len(p) > 0 {
			p = append(p[:len(p):len(p)], '.')
		}
		p = append(p[:len(p):len(p)], v.Key()...)
		if err := r.flatValue(v, f, v.Key(), p, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *row) inline(o op, key string) {
	r.shape = binary.AppendUvarint(append(r.shape, o|opInline), uint64(len(key)))
	r.shape = append(r.shape, key...)
}

func (r *row) flatValue(v jsontape.Value, f *field, key string, path []byte, depth int) error {
	switch v.Kind() {
	case jsontape.Object:
		r.inline(opObject, key)
		if err := r.flat(v, f, path, depth+1); err != nil {
			return err
		}
		r.shape = append(r.shape, opEnd)
		return nil
	case jsontape.Array:
		r.inline(opArray, key)
		if depth > maxDepth {
			return refuse("document_parsing_exception", "the document is nested deeper than %d", maxDepth)
		}
		for e := v.First(); e.OK(); e = e.Next() {
			if err := r.flatValue(e, f, key, path, depth+1); err != nil {
				return err
			}
		}
		r.shape = append(r.shape, opEnd)
		return nil
	case jsontape.Null:
		r.inline(opNull, key)
		return nil
	case jsontape.String:
		if len(v.Text()) > maxKeyword {
			r.inline(opText, key)
			r.leaves = append(r.leaves, leaf{f: f, s: r.keep(v), long: true})
			return nil
		}
		r.inline(opString, key)
	case jsontape.True:
		r.inline(opTrue, key)
	case jsontape.False:
		r.inline(opFalse, key)
	default:
		r.inline(opNumber, key)
		if s := r.keep(v); !jsontape.IsNumber(s) {
			return refuse("document_parsing_exception", "failed to parse field [%s]: '%s' is no number", f.name, clip(string(s)))
		}
	}
	at := len(r.arena)
	r.arena = append(append(append(r.arena, path...), 0), v.Text()...)
	r.leaves = append(r.leaves, leaf{f: f, s: r.arena[at:]})
	return nil
}

// parseAddr reads an address as the ip type does: no zone; a mapped IPv4 address is that address.
func parseAddr(s string) (netip.Addr, bool) {
	if len(s) < 2 || len(s) > 45 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}
