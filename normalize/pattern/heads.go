package pattern

import (
	"encoding/binary"
	"math/bits"
	"regexp/syntax"
	"unicode/utf8"
)

// headLen is how many bytes at the beginning of messages Heads looks at.
const headLen = 16

// Heads tells of many patterns at once which a message may fit: each of the first places of
// each pattern may hold certain bytes only, such as the digits and marks of a date, and there
// are bytes that it cannot do without. A pattern more costs a message some bits. It is
// immutable.
type Heads struct {
	all   []uint64             // a bit a pattern
	index [headLen][256]uint16 // of rows
	rows  [][]uint64           // patterns that may have that byte in that place
	needs []starts             // by pattern: bytes that it needs anywhere
}

// maxMarked is how long a message may be to be looked through for what patterns need.
const maxMarked = 2 << 10

// NewHeads makes one for patterns; nil is one that any message may fit.
func NewHeads(patterns []*Pattern) *Heads {
	words := (len(patterns) + 63) / 64
	h := &Heads{all: make([]uint64, words), needs: make([]starts, len(patterns))}
	var full [headLen][256][]uint64
	for at := range full {
		for c := range full[at] {
			full[at][c] = make([]uint64, words)
		}
	}
	for i, p := range patterns {
		h.all[i/64] |= 1 << (i % 64)
		if p != nil {
			h.needs[i] = p.needed
		}
		sets := p.heads()
		for at := range full {
			for c := range full[at] {
				if sets[at].has(byte(c)) {
					full[at][c][i/64] |= 1 << (i % 64)
				}
			}
		}
	}
	known := map[string]uint16{}
	for at := range full {
		for c, row := range full[at] {
			key := make([]byte, 0, 8*len(row))
			for _, w := range row {
				key = binary.LittleEndian.AppendUint64(key, w)
			}
			n, ok := known[string(key)]
			if !ok {
				n = uint16(len(h.rows))
				known[string(key)], h.rows = n, append(h.rows, row)
			}
			h.index[at][c] = n
		}
	}
	return h
}

// Open says whether a message that pattern i fits may begin with any byte.
func (h *Heads) Open(i int) bool {
	for c := range h.index[0] {
		if h.rows[h.index[0][c]][i/64]&(1<<(i%64)) == 0 {
			return false
		}
	}
	return true
}

// May appends words with a bit for each pattern that msg may fit.
func (h *Heads) May(msg string, left []uint64) []uint64 {
	var head [headLen][]uint64
	places := head[:min(len(msg), headLen)]
	for at := range places {
		places[at] = h.rows[h.index[at][msg[at]]]
	}
	some := false
	for w, word := range h.all {
		for at := 0; at < len(places) && word != 0; at++ { // of most words nothing is left soon
			word &= places[at][w]
		}
		left = append(left, word)
		some = some || word != 0
	}
	if !some || len(msg) > maxMarked {
		return left
	}
	var has starts
	for i := 0; i < len(msg); i++ {
		has.put(msg[i])
	}
	for w, word := range left {
		for ; word != 0; word &= word - 1 {
			if bit := bits.TrailingZeros64(word); !h.needs[w*64+bit].within(&has) {
				left[w] &^= 1 << bit
			}
		}
	}
	return left
}

// place is where a message may be read on: at byte at of a literal, behind at bytes of a
// capture (0, or 1 for more), or at an instruction of an expression.
type place struct{ pc, at int32 }

// header finds what the first bytes of a pattern's messages may be, place by place.
type header struct {
	p     *Pattern
	progs map[int32]*syntax.Prog // of expressions, by op; nil: it may take anything
	now   map[place]bool
	any   bool // from here on it may be anything
}

// heads are the bytes that the first places may hold. A message may also end there.
func (p *Pattern) heads() (sets [headLen]starts) {
	h := header{p: p, progs: map[int32]*syntax.Prog{}, now: map[place]bool{}}
	if p == nil {
		h.any = true
	} else {
		h.enter(0)
	}
	for i := range sets {
		var set starts
		before, any := h.now, h.any // what a step finds is of the next place
		h.now = map[place]bool{}
		for at := range before {
			h.step(at, &set)
		}
		if any {
			set.all()
		}
		sets[i] = set
	}
	return sets
}

// enter adds the places at the beginning of op pc, and behind it where it may take nothing.
func (h *header) enter(pc int32) {
	at := place{pc, 0}
	if h.now[at] || h.any {
		return
	}
	switch o := &h.p.ops[pc]; o.code {
	case opSplit:
		h.now[at] = true // seen
		h.enter(pc + 1)
		h.enter(o.alt)
	case opJump:
		h.enter(o.alt)
	case opCap:
		switch o.scan {
		case Int, IP, Hex, Addr, Addrs:
			h.now[at] = true
		case Expr:
			h.expr(pc)
		case Text, Word, Last, Rest:
			h.any = true
		}
	case opLit, opExact, opEnd:
		h.now[at] = true
	}
}

// step adds to set what may stand at a place, and where it is read on.
func (h *header) step(at place, set *starts) {
	switch o := &h.p.ops[at.pc]; o.code {
	case opLit, opExact:
		if at.at > 0 && o.lit[at.at-1] == ' ' { // a space takes as many as there are
			set.put(' ')
			h.now[at] = true
		}
		if int(at.at) == len(o.lit) {
			if h.now[at] { // behind each of them may stand what follows
				h.enter(at.pc + 1)
			}
			return
		}
		set.put(o.lit[at.at])
		h.now[place{at.pc, at.at + 1}] = true
		if int(at.at)+1 == len(o.lit) {
			h.enter(at.pc + 1)
		}
	case opCap:
		if o.scan == Expr {
			h.inst(at, set)
			return
		}
		set.union(classOf(o.scan))
		h.now[place{at.pc, 1}] = true
		h.enter(at.pc + 1)
	case opEnd:
		set.union(&ends)
		h.now[at] = true
	case opSplit, opJump:
	}
}

// classOf are the bytes that a capture may hold.
func classOf(s Scan) *starts {
	switch s {
	case Int:
		return &digits
	case Hex:
		return &hexes
	case Addrs:
		return &hostList
	default:
		return &hosts
	}
}

// expr enters an expression.
func (h *header) expr(pc int32) {
	prog, ok := h.progs[pc]
	if !ok {
		if re, err := syntax.Parse(h.p.ops[pc].expr.src, syntax.Perl); err == nil {
			prog, _ = syntax.Compile(re.Simplify())
		}
		h.progs[pc] = prog
	}
	if prog == nil {
		h.any = true
		return
	}
	h.follow(pc, uint32(prog.Start), map[uint32]bool{})
}

// follow adds the instructions that read a byte next, and what is behind the expression
// where it may end.
func (h *header) follow(pc int32, n uint32, seen map[uint32]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	switch in := &h.progs[pc].Inst[n]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		h.follow(pc, in.Out, seen)
		h.follow(pc, in.Arg, seen)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		h.follow(pc, in.Out, seen)
	case syntax.InstMatch:
		h.enter(pc + 1)
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		h.now[place{pc, int32(n)}] = true
	case syntax.InstFail:
	}
}

// inst is step for an instruction. Of a rune beyond ASCII all bytes may be any above it.
func (h *header) inst(at place, set *starts) {
	in := &h.progs[at.pc].Inst[at.at]
	wide := false
	switch {
	case in.Op == syntax.InstRuneAny:
		set.all()
		wide = true
	case in.Op == syntax.InstRuneAnyNotNL:
		set.span(0, '\n'-1)
		set.span('\n'+1, 0xff)
		wide = true
	case syntax.Flags(in.Arg)&syntax.FoldCase != 0:
		wide = true
		ascii := startsOf(func(c byte) bool { return c < utf8.RuneSelf && in.MatchRune(rune(c)) })
		set.union(&ascii)
	case len(in.Rune) == 1:
		wide = in.Rune[0] >= utf8.RuneSelf
		set.ascii(in.Rune[0], in.Rune[0])
	default:
		for i := 0; i+1 < len(in.Rune); i += 2 {
			wide = wide || in.Rune[i+1] >= utf8.RuneSelf
			set.ascii(in.Rune[i], in.Rune[i+1])
		}
	}
	if wide {
		set.span(utf8.RuneSelf, 0xff)
		h.now[at] = true
	}
	h.follow(at.pc, in.Out, map[uint32]bool{})
}
