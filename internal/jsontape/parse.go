package jsontape

import (
	"math/bits"
)

// none is the entry of no object or list.
const none = 1<<32 - 1

// parser is the state of one pass. Its methods take and return the place in the text, which
// the compiler keeps in a register.
type parser struct {
	d     *Doc
	b     []byte
	tape  []entry // the first n are used
	n     int
	max   int
	open  uint32 // the object or list that is open; its next is the one around it, its end that of the last value in it
	depth int
	key   entry // of the member that follows
	odd   bool  // some text is
	marks []marks
}

// parse fills the tape. It returns where it stopped.
func (p *parser) parse() (int, error) {
	b := p.b
	i := p.skip(0)
	for {
		if i >= len(b) {
			return i, ErrCut
		}
		if p.n >= len(p.tape) && !p.grow() {
			return i, ErrMany
		}
		e := &p.tape[p.n]
		*e = p.key
		e.start = uint32(i)
		switch c := b[i]; c {
		case '"':
			end, isOdd := p.text(i + 1)
			if end < 0 {
				return i, ErrCut
			}
			e.start, e.end, e.kind = uint32(i+1), uint32(end), String
			if isOdd {
				p.odd = true
				e.flags |= odd
			}
			p.push()
			i = end + 1
		case '{', '[':
			if p.depth++; p.depth > MaxDepth {
				return i, ErrDepth
			}
			e.kind = Object
			if c == '[' {
				e.kind = Array
			}
			self := uint32(p.n)
			p.push()
			e.next, e.end, p.open = p.open, none, self
			if i = p.skip(i + 1); i < len(b) && b[i] == c+2 {
				break
			}
			var err error
			if i, err = p.member(i); err != nil {
				return i, err
			}
			continue
		default:
			end := p.scalar(e, i)
			if end < 0 {
				return i, ErrSyntax
			}
			if end == len(b) && p.open != none {
				return i, ErrCut // perhaps not all of it
			}
			p.push()
			i = end
		}
		var err error
		if i, err = p.behind(i); err != nil || p.open == none {
			return i, err
		}
	}
}

// behind reads what stands behind a value, up to the next one or the end of the text.
func (p *parser) behind(i int) (int, error) {
	for {
		if i = p.skip(i); p.open == none {
			if i < len(p.b) {
				return i, ErrSyntax
			}
			return i, nil
		}
		if i >= len(p.b) {
			return i, ErrCut
		}
		o := &p.tape[p.open]
		switch c := p.b[i]; {
		case c == ',':
			return p.member(p.skip(i + 1))
		case c == '}' && o.kind == Object, c == ']' && o.kind == Array:
			i++
			p.close(uint32(i))
		default:
			return i, ErrSyntax
		}
	}
}

// member reads the key of an object's next member, and the colon; of a list there is nothing
// to read.
func (p *parser) member(i int) (int, error) {
	p.key = entry{}
	if p.tape[p.open].kind == Array {
		return i, nil
	}
	if i >= len(p.b) {
		return i, ErrCut
	}
	if p.b[i] != '"' {
		return i, ErrSyntax
	}
	end, isOdd := p.text(i + 1)
	if end < 0 {
		return i, ErrCut
	}
	p.key.key, p.key.keyEnd = uint32(i+1), uint32(end)
	if isOdd {
		p.odd = true
		p.key.flags = keyOdd
	}
	if i = end + 1; i >= len(p.b) || p.b[i] != ':' {
		if i = p.skip(i); i >= len(p.b) {
			return i, ErrCut
		}
		if p.b[i] != ':' {
			return i, ErrSyntax
		}
	}
	return p.skip(i + 1), nil
}

// push adds the entry that was filled, as the last of what is open.
func (p *parser) push() {
	if p.open != none {
		p.tape[p.open].end = uint32(p.n)
	}
	p.n++
}

// close ends the object or list that is open, at a byte of the text.
func (p *parser) close(end uint32) {
	o := &p.tape[p.open]
	if o.end != none {
		p.tape[o.end].flags |= last
	}
	p.open, o.next, o.end = o.next, uint32(p.n), end
	p.depth--
}

// closeAll ends what is open in a text that was cut off. It returns how much of the text was
// whole.
func (p *parser) closeAll() int {
	end := p.tape[p.open].start + 1
	if e := p.tape[p.open].end; e != none {
		end = p.tape[e].end
		if p.tape[e].kind == String {
			end++
		}
	}
	for p.open != none {
		p.close(end)
	}
	return int(end)
}

// grow makes room for more entries.
func (p *parser) grow() bool {
	n := len(p.tape)
	if n >= p.max {
		return false
	}
	longer := make([]entry, min(max(64, 2*n), p.max))
	copy(longer, p.tape)
	p.tape = longer
	return true
}

// toEnd says whether nothing begins or ends behind a byte that cannot be: what stands there
// is the beginning of something that was cut off.
func (p *parser) toEnd(i int) bool {
	for _, c := range p.b[min(i, len(p.b)):] {
		switch c {
		case ',', ':', '"', ']', '}', ' ', '\t', '\r', '\n':
			return false
		}
	}
	return true
}

// skip passes over blanks.
func (p *parser) skip(i int) int {
	if i >= len(p.b) || p.b[i] > ' ' {
		return i
	}
	return p.blanks(i)
}

func (p *parser) blanks(i int) int {
	from := i
	for i < len(p.b) && (p.b[i] == ' ' || p.b[i] == '\n' || p.b[i] == '\t' || p.b[i] == '\r') {
		i++
	}
	p.d.blank = p.d.blank || i > from
	return i
}

// text finds the quote that ends the text at i; -1: none. Odd: it holds an escape or a control
// byte.
func (p *parser) text(i int) (end int, odd bool) {
	k := i >> 6
	if k >= len(p.marks) {
		return -1, false
	}
	m := &p.marks[k]
	quotes, odds := m.quotes>>(i&63), m.odd>>(i&63)
	if quotes != 0 {
		n := bits.TrailingZeros64(quotes)
		return i + n, odds&(1<<n-1) != 0
	}
	for k++; k < len(p.marks); k++ {
		m := &p.marks[k]
		if quotes := m.quotes; quotes != 0 {
			n := bits.TrailingZeros64(quotes)
			return k<<6 + n, (odds | m.odd&(1<<n-1)) != 0
		}
		odds |= m.odd
	}
	return -1, false
}
