// Package dfa tells whether a regular expression matches a text, and nothing more: not where.
// Package regexp follows all alternatives byte by byte, at some tens of nanoseconds each. Here
// the set of alternatives reached so far is a state of an automaton, so a byte costs one lookup.
// States are built lazily, shared by all goroutines and bounded in number.
//
// The semantics are those of package regexp, which is also used when there is no state for the
// next step and for non-ASCII text.
package dfa

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// Matcher is one expression. It may be used by several goroutines.
type Matcher struct {
	re   *regexp.Regexp
	once sync.Once
	auto *automaton // nil: there is none
}

// New makes a matcher. Its automaton is begun when it is first asked: most never are.
func New(re *regexp.Regexp) *Matcher { return &Matcher{re: re} }

// MatchString says whether the expression fits any part of text.
func (m *Matcher) MatchString(text string) bool {
	m.once.Do(func() { m.auto = begin(m.re.String()) })
	if m.auto == nil {
		return m.re.MatchString(text)
	}
	if fits, known := m.auto.match(text); known {
		return fits
	}
	return m.re.MatchString(text)
}

// maxTable bounds the transitions of one expression.
const maxTable = 16 << 10

// automaton is the states of an expression that texts have led to. A state is named by where
// its row begins in the table: by the class of the next byte, the state that it leads to.
type automaton struct {
	prog   *syntax.Prog
	class  [utf8.RuneSelf]uint8 // bytes that the expression never tells apart have one class
	count  uint32               // of classes; the last one is the end of the text
	pinned bool                 // it fits at the beginning of a text only
	first  uint32
	table  atomic.Pointer[table]

	mu     sync.Mutex
	states map[string]uint32
	about  []state
	set    []uint32 // scratch: what the empty parts of a state lead to
	seen   []bool   // by instruction
	key    []byte
}

// table is grown by putting a larger one in its place, and nothing is written into the old one
// then: who still reads that finds less in it.
type table []atomic.Uint32

// What the table names beside states, whose rows begin behind it.
const (
	unknown = iota // nobody has been there yet
	fits           // the end of every text that the expression has fitted
	dead           // of every text that it cannot fit any more
	rows
)

// state is where a text has led: instructions that read what comes next, before what they say
// of the edges of words, lines and text is looked at.
type state struct {
	insts []uint32
	prev  edge
}

// edge is what stands in front of a place, as far as edges ask.
type edge uint8

const (
	edgeStart edge = iota // nothing: the text begins
	edgeLine              // a line feed
	edgeWord
	edgeOther
)

// begin compiles an expression; nil: it has too many instructions.
func begin(expression string) *automaton {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst) > maxTable {
		return nil
	}
	a := &automaton{
		prog: prog, pinned: prog.StartCond()&syntax.EmptyBeginText != 0,
		states: map[string]uint32{}, seen: make([]bool, len(prog.Inst)),
	}
	a.classes()
	a.table.Store(new(table))
	a.first, _ = a.state([]uint32{uint32(prog.Start)}, edgeStart)
	return a
}

// classes finds the bytes that no instruction and no edge tells apart.
func (a *automaton) classes() {
	known := map[string]uint8{}
	for c := range utf8.RuneSelf {
		sign := []byte{byte(edgeOf(byte(c)))}
		for i := range a.prog.Inst {
			if in := &a.prog.Inst[i]; reads(in.Op) && in.MatchRune(rune(c)) {
				sign = binary.AppendUvarint(sign, uint64(i))
			}
		}
		n, ok := known[string(sign)]
		if !ok {
			n = uint8(len(known))
			known[string(sign)] = n
		}
		a.class[c] = n
	}
	a.count = uint32(len(known)) + 1
}

func reads(op syntax.InstOp) bool {
	return op == syntax.InstRune || op == syntax.InstRune1 || op == syntax.InstRuneAny || op == syntax.InstRuneAnyNotNL
}

func edgeOf(c byte) edge {
	switch {
	case c == '\n':
		return edgeLine
	case syntax.IsWordChar(rune(c)):
		return edgeWord
	}
	return edgeOther
}

// match says whether the expression fits a part of text; known: it could tell.
func (a *automaton) match(text string) (fit, known bool) {
	t, at := *a.table.Load(), a.first
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf {
			return false, false
		}
		n := t[at+uint32(a.class[c])].Load()
		if n == unknown {
			if n, known = a.step(at, c); !known {
				return false, false
			}
			t = *a.table.Load()
		}
		if n < rows {
			return n == fits, true
		}
		at = n
	}
	end := t[at+a.count-1].Load()
	if end == unknown {
		end = a.ends(at)
	}
	return end == fits, true
}

// step finds where c leads from the state at a row; false: there is no room for another state.
func (a *automaton) step(from uint32, c byte) (to uint32, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := &a.about[(from-rows)/a.count]
	to = fits
	if !a.follow(s, conditions(s.prev, edgeOf(c))) {
		var insts []uint32
		for _, n := range a.set {
			if in := &a.prog.Inst[n]; in.MatchRune(rune(c)) {
				insts = append(insts, in.Out)
			}
		}
		if !a.pinned {
			insts = append(insts, uint32(a.prog.Start))
		}
		slices.Sort(insts)
		if to, ok = a.state(slices.Compact(insts), edgeOf(c)); !ok {
			return 0, false
		}
	}
	(*a.table.Load())[from+uint32(a.class[c])].Store(to)
	return to, true
}

// ends says whether the expression fits a text that ends in the state at a row.
func (a *automaton) ends(at uint32) uint32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, end := &a.about[(at-rows)/a.count], uint32(dead)
	if a.follow(s, conditions(s.prev, edgeStart)) {
		end = fits
	}
	(*a.table.Load())[at+a.count-1].Store(end)
	return end
}

// conditions are what holds of a place between two edges; edgeStart is also that of the end.
func conditions(prev, next edge) (ops syntax.EmptyOp) {
	if prev == edgeStart {
		ops |= syntax.EmptyBeginText
	}
	if next == edgeStart {
		ops |= syntax.EmptyEndText
	}
	if prev == edgeStart || prev == edgeLine {
		ops |= syntax.EmptyBeginLine
	}
	if next == edgeStart || next == edgeLine {
		ops |= syntax.EmptyEndLine
	}
	if (prev == edgeWord) != (next == edgeWord) {
		return ops | syntax.EmptyWordBoundary
	}
	return ops | syntax.EmptyNoWordBoundary
}

// follow sets a.set to the instructions that read a byte behind s, where ops hold. True: the
// expression fits already.
func (a *automaton) follow(s *state, ops syntax.EmptyOp) (fits bool) {
	clear(a.seen)
	a.set = a.set[:0]
	todo := slices.Clone(s.insts)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if a.seen[n] {
			continue
		}
		a.seen[n] = true
		switch in := &a.prog.Inst[n]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^ops == 0 {
				todo = append(todo, in.Out)
			}
		case syntax.InstMatch:
			return true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			a.set = append(a.set, n)
		case syntax.InstFail:
		}
	}
	return false
}

// state is the row of the state of these instructions behind that edge, which may be new; false:
// there is no room for it.
func (a *automaton) state(insts []uint32, prev edge) (row uint32, ok bool) {
	if len(insts) == 0 {
		return dead, true
	}
	a.key = append(a.key[:0], byte(prev))
	for _, n := range insts {
		a.key = binary.AppendUvarint(a.key, uint64(n))
	}
	if row, ok = a.states[string(a.key)]; ok {
		return row, true
	}
	row = rows + uint32(len(a.about))*a.count
	end := row + a.count
	if end > rows+maxTable {
		return 0, false
	}
	if old := *a.table.Load(); int(end) > len(old) {
		larger := make(table, min(2*end, rows+maxTable))
		for i := range old {
			larger[i].Store(old[i].Load())
		}
		a.table.Store(&larger)
	}
	a.about = append(a.about, state{insts, prev})
	a.states[string(a.key)] = row
	return row, true
}
