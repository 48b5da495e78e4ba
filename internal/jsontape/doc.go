// Package jsontape parses JSON in one pass into a flat tape: one entry per value, with the byte
// positions of its key and of the value. No tree is built and nothing is allocated once the tape
// has grown to size; texts are substrings of the input unless they have escapes.
//
// It accepts what devices write and strict parsers reject: control characters and unknown escapes
// in strings, NaN, numbers such as 007; Loose reports that it did. If the input was truncated,
// the complete values can be read. Doc.Parse rejects everything else that is not JSON, and
// Doc.Loose is false for exactly what encoding/json accepts (FuzzParse).
package jsontape

import (
	"errors"
	"math"
	"unsafe"
)

// Why a text cannot be read. Doc.At says where.
var (
	ErrCut    = errors.New("the JSON text ends before its value does") // what is whole can be read
	ErrSyntax = errors.New("this is no JSON")
	ErrDepth  = errors.New("the JSON text is nested too deep")
	ErrMany   = errors.New("the JSON text holds too many values")
)

// MaxDepth is how deep objects and lists may be nested.
const MaxDepth = 300

// Doc is one JSON text that was read. It is used again for the next text, which ends the life
// of all its values. It belongs to one goroutine.
type Doc struct {
	Max int // values in one text; 0: as many as there are

	text    string
	tape    []entry
	marks   []marks
	plain   []byte // texts without their escapes, each where it stands in text
	at      int
	cut     bool // the text was
	blank   bool // blanks stand between the values
	odd     bool // a text or key is, and perhaps loose
	loose   bool // a number, text or key is
	checked int  // how many entries were looked at for loose ones
}

// entry is one value. Those of an object or list stand behind it.
type entry struct {
	key, keyEnd uint32 // the member's key, without the quotes; 0: no member (a quote stands in front of a key)
	start, end  uint32 // a text's are without the quotes
	next        uint32 // objects and lists: the entry behind all that they hold; texts: 1 + the length without escapes; 0: not known
	kind        Kind
	flags       flags
}

type flags uint8

const (
	odd    flags = 1 << iota // the text has escapes or control bytes
	keyOdd                   // likewise the key
	loose                    // the number is none
	last                     // of its object or list
)

// Parse reads the one value that text holds. ErrCut: the text ends before the value does;
// Root is what was whole, with what was open closed.
//
// The values' texts are parts of text, or of memory that the next Parse uses again.
func (d *Doc) Parse(text string) error {
	*d = Doc{Max: d.Max, text: text, tape: d.tape[:0], marks: d.marks, plain: d.plain[:0]}
	if len(text) >= math.MaxUint32 {
		return ErrMany
	}
	p := parser{d: d, b: unsafe.Slice(unsafe.StringData(text), len(text)), open: none}
	if p.max = d.Max; p.max <= 0 {
		p.max = math.MaxUint32 >> 1
	}
	p.tape = d.tape[:min(cap(d.tape), p.max)]
	d.marks = mark(d.marks, p.b)
	p.marks = d.marks
	at, err := p.parse()
	if err == ErrSyntax && p.open != none && p.toEnd(at) {
		err = ErrCut
	}
	if d.tape, d.at, d.cut = p.tape[:0], at, err == ErrCut && p.open != none; d.cut {
		d.at = p.closeAll()
	}
	if err == nil || d.cut {
		d.tape = p.tape[:p.n]
		d.tape[0].flags |= last
		if d.odd = p.odd; d.odd {
			d.room()
		}
	}
	return err
}

// ParseBytes is Parse for bytes, which must stay as they are as long as the values are used.
func (d *Doc) ParseBytes(text []byte) error {
	return d.Parse(unsafe.String(unsafe.SliceData(text), len(text)))
}

// room makes plain as long as the text.
func (d *Doc) room() {
	if n := len(d.text); cap(d.plain) < n {
		d.plain = make([]byte, n+n/4)
	}
	d.plain = d.plain[:len(d.text)]
}

// Root is the value of the text; none after an error other than ErrCut.
func (d *Doc) Root() Value {
	if len(d.tape) == 0 {
		return Value{}
	}
	return Value{d, 0}
}

// At is where the last Parse gave up: the byte that cannot be. After ErrCut: how much of the
// text Root holds.
func (d *Doc) At() int { return d.at }

// Loose says whether the text was read but is no JSON: see the package.
func (d *Doc) Loose() bool {
	for ; !d.loose && d.odd; d.odd = d.checked < len(d.tape) {
		d.loose = Value{d, uint32(d.checked)}.Loose()
		d.checked++
	}
	return d.loose
}

// Size is how much memory the document keeps for the next text.
func (d *Doc) Size() int {
	return cap(d.tape)*int(unsafe.Sizeof(entry{})) + cap(d.marks)*int(unsafe.Sizeof(marks{})) + cap(d.plain)
}

// Plain is where texts go whose escapes were taken out: what stands at byte n of the text
// goes to byte n of plain. It is nil where no text has any.
func (d *Doc) Plain() *byte {
	if len(d.plain) == 0 {
		return nil
	}
	return unsafe.SliceData(d.plain)
}
