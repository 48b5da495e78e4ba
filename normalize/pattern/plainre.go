package pattern

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// plainExpr is a regular expression whose next step is always told by the next byte
// (LL(1)): greedy repeats end where their class does, one alternative at most begins with
// a byte. It matches in one pass without going back, some ten times as fast as package
// regexp, with the same result. Most expressions in packs are so: \S+, [^"]*, (Jan|Feb).
// One that goes back is known too: .*[^.], which takes up to the last byte of a kind.
type plainExpr struct {
	kind     plainKind
	set      starts // of plainSet: its class; else: the bytes that it may begin with
	lit      string
	min, max int // repeats; max < 0: no bound
	nullable bool
	subs     []plainExpr
}

type plainKind uint8

const (
	plainEmpty plainKind = iota
	plainLit
	plainSet    // bytes of a class, repeated
	plainSeq    // subs one after another
	plainAlt    // the first of subs that takes something; no two take the same
	plainRepeat // subs[0], repeated
	plainEnd    // the end of the text
	plainUpTo   // bytes of subs[0], up to the last that are lit or one of subs[1]
)

// newPlain compiles re; nil: it is not of that kind.
func newPlain(re *syntax.Regexp) *plainExpr {
	e, ok := compilePlain(re, starts{})
	if !ok {
		return nil
	}
	return &e
}

// match returns the end of what the expression takes at pos, or -1.
func (e *plainExpr) match(s string, pos int) int {
	switch e.kind {
	case plainLit:
		if strings.HasPrefix(s[pos:], e.lit) {
			return pos + len(e.lit)
		}
		return -1
	case plainSet:
		end, limit := pos, len(s)
		if e.max >= 0 {
			limit = min(limit, pos+e.max)
		}
		for end < limit && e.set.has(s[end]) {
			end++
		}
		if end-pos < e.min {
			return -1
		}
		return end
	case plainSeq:
		for i := range e.subs {
			if pos = e.subs[i].match(s, pos); pos < 0 {
				return -1
			}
		}
		return pos
	case plainAlt:
		if pos < len(s) {
			for i := range e.subs {
				if !e.subs[i].set.has(s[pos]) {
					continue
				}
				if end := e.subs[i].match(s, pos); end >= 0 {
					return end
				}
			}
		}
		if e.nullable {
			return e.subs[len(e.subs)-1].match(s, pos)
		}
		return -1
	case plainRepeat:
		n := 0
		for ; e.max < 0 || n < e.max; n++ {
			end := e.subs[0].match(s, pos)
			if end < 0 || end == pos {
				break
			}
			pos = end
		}
		if n < e.min {
			return -1
		}
		return pos
	case plainEnd:
		if pos < len(s) {
			return -1
		}
	case plainUpTo:
		return e.upTo(s, pos)
	}
	return pos
}

// upTo returns the end of the last bytes that end a plainUpTo, or -1.
func (e *plainExpr) upTo(s string, pos int) int {
	end := pos
	for end < len(s) && e.subs[0].set.has(s[end]) {
		end++
	}
	if e.lit != "" {
		at := strings.LastIndex(s[min(pos+e.min, end):end], e.lit)
		if at < 0 {
			return -1
		}
		return min(pos+e.min, end) + at + len(e.lit)
	}
	if end < len(s) && e.subs[1].set.has(s[end]) && end >= pos+e.min {
		return end + 1
	}
	for ; end > pos+e.min; end-- {
		if e.subs[1].set.has(s[end-1]) {
			return end
		}
	}
	return -1
}

// compilePlain compiles re, behind which a byte of follow may stand. False: it is not plain.
func compilePlain(re *syntax.Regexp, follow starts) (plainExpr, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return plainExpr{kind: plainEmpty, nullable: true}, true
	case syntax.OpEndText:
		return plainExpr{kind: plainEnd, nullable: true}, true
	case syntax.OpCapture:
		return compilePlain(re.Sub[0], follow)
	case syntax.OpLiteral:
		e := plainExpr{kind: plainLit, lit: string(re.Rune)}
		e.set.put(e.lit[0])
		return e, re.Flags&syntax.FoldCase == 0 && utf8.ValidString(e.lit) && !strings.ContainsRune(e.lit, utf8.RuneError)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		set, wide, ok := byteClass(re)
		return plainExpr{kind: plainSet, set: set, min: 1, max: 1}, ok && !wide
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return compileRepeat(re, follow)
	case syntax.OpConcat:
		return compileSeq(re.Sub, follow)
	case syntax.OpAlternate:
		return compileAlt(re.Sub, follow)
	}
	return plainExpr{}, false
}

func compileSeq(subs []*syntax.Regexp, follow starts) (plainExpr, bool) {
	if n := len(subs) - 2; n >= 0 && !follow.meets(&anyByte) {
		if last, ok := compileUpTo(subs[n], subs[n+1]); ok {
			e, ok := compileSeq(subs[:n], last.set)
			if e.nullable {
				e.set.union(&last.set)
			}
			e.subs, e.nullable = append(e.subs, last), false
			return e, ok
		}
	}
	e := plainExpr{kind: plainSeq, nullable: true, subs: make([]plainExpr, len(subs))}
	for i := len(subs) - 1; i >= 0; i-- {
		sub, ok := compilePlain(subs[i], follow)
		if !ok {
			return e, false
		}
		e.subs[i] = sub
		if !sub.nullable {
			follow, e.set, e.nullable = sub.set, sub.set, false
			continue
		}
		follow.union(&sub.set)
		e.set.union(&sub.set)
	}
	return e, true
}

// compileUpTo compiles a class, repeated, and what it is to end with that is of the class
// too: .*[^.] or [^|]*end. Nothing may follow, or the class would have to give back more.
func compileUpTo(many, last *syntax.Regexp) (plainExpr, bool) {
	e := plainExpr{kind: plainUpTo}
	if many.Op != syntax.OpStar && many.Op != syntax.OpPlus || many.Flags&syntax.NonGreedy != 0 {
		return e, false
	}
	class := many.Sub[0].Op == syntax.OpCharClass || many.Sub[0].Op == syntax.OpAnyChar || many.Sub[0].Op == syntax.OpAnyCharNotNL
	set, wide, ok := byteClass(many.Sub[0])
	if !ok || !class {
		return e, false
	}
	e.set, e.subs = set, []plainExpr{{kind: plainSet, set: set}}
	if many.Op == syntax.OpPlus {
		e.min, ok = 1, !wide // one byte is not always one character
	}
	switch last.Op {
	case syntax.OpLiteral:
		e.lit = string(last.Rune)
		for i := 0; i < len(e.lit); i++ {
			ok = ok && e.lit[i] < utf8.RuneSelf && set.has(e.lit[i])
		}
		return e, ok && last.Flags&syntax.FoldCase == 0
	case syntax.OpCharClass, syntax.OpAnyCharNotNL, syntax.OpAnyChar:
		ends, wideEnds, known := byteClass(last)
		e.subs = append(e.subs, plainExpr{kind: plainSet, set: ends})
		if e.min == 0 {
			e.set.union(&ends)
		}
		return e, ok && known && ends.meets(&set) && (wide || !wideEnds)
	}
	return e, false
}

var anyByte = func() (s starts) { s.all(); return s }()

func compileAlt(subs []*syntax.Regexp, follow starts) (plainExpr, bool) {
	e := plainExpr{kind: plainAlt}
	for i, re := range subs {
		sub, ok := compilePlain(re, follow)
		last := i == len(subs)-1
		if !ok || sub.nullable && !last || e.set.meets(&sub.set) && !distinct(subs[:i], re) {
			return e, false
		}
		e.set.union(&sub.set)
		e.subs = append(e.subs, sub)
		e.nullable = sub.nullable
	}
	return e, !e.nullable || !e.set.meets(&follow)
}

// distinct says whether re begins with a literal that contradicts those of all others, so
// that it takes nothing that one of them takes: Jan and Jun.
func distinct(others []*syntax.Regexp, re *syntax.Regexp) bool {
	own := leading(re)
	for _, o := range others {
		text := leading(o)
		if n := min(len(own), len(text)); own[:n] == text[:n] {
			return false
		}
	}
	return true
}

// leading is the text that all texts of re begin with, as far as it is written at its start.
func leading(re *syntax.Regexp) string {
	for re.Op == syntax.OpConcat || re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	if re.Op != syntax.OpLiteral || re.Flags&syntax.FoldCase != 0 {
		return ""
	}
	return string(re.Rune)
}

func compileRepeat(re *syntax.Regexp, follow starts) (plainExpr, bool) {
	lo, hi := re.Min, re.Max
	switch re.Op {
	case syntax.OpStar:
		lo, hi = 0, -1
	case syntax.OpPlus:
		lo, hi = 1, -1
	case syntax.OpQuest:
		lo, hi = 0, 1
	}
	if re.Flags&syntax.NonGreedy != 0 {
		return plainExpr{}, false
	}
	one := re.Sub[0]
	for one.Op == syntax.OpCapture {
		one = one.Sub[0]
	}
	switch {
	case one.Op == syntax.OpLiteral && len(one.Rune) == 1 && one.Rune[0] < utf8.RuneSelf && one.Flags&syntax.FoldCase == 0:
		one = &syntax.Regexp{Op: syntax.OpCharClass, Rune: []rune{one.Rune[0], one.Rune[0]}}
		fallthrough
	case one.Op == syntax.OpCharClass, one.Op == syntax.OpAnyChar, one.Op == syntax.OpAnyCharNotNL:
		set, wide, ok := byteClass(one)
		e := plainExpr{kind: plainSet, set: set, min: lo, max: hi, nullable: lo == 0}
		if wide && (hi >= 0 || lo > 1) { // counts are of characters
			ok = false
		}
		return e, ok && (lo == hi || !set.meets(&follow))
	}
	behind := follow
	if hi != 1 { // it may be followed by itself
		var first starts
		if !first.expr(one) {
			return plainExpr{}, false
		}
		behind.union(&first)
	}
	sub, ok := compilePlain(one, behind)
	if !ok || sub.nullable {
		return sub, false
	}
	e := plainExpr{kind: plainRepeat, set: sub.set, min: lo, max: hi, nullable: lo == 0, subs: []plainExpr{sub}}
	return e, lo == hi || !sub.set.meets(&follow)
}

// byteClass is a class of characters as one of bytes. wide: it has all characters beyond
// ASCII; false: it has some of them, which bytes cannot tell.
func byteClass(re *syntax.Regexp) (set starts, wide, ok bool) {
	ranges := re.Rune
	switch re.Op {
	case syntax.OpAnyChar:
		ranges = []rune{0, utf8.MaxRune}
	case syntax.OpAnyCharNotNL:
		ranges = []rune{0, '\n' - 1, '\n' + 1, utf8.MaxRune}
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if hi >= utf8.RuneSelf {
			if lo > utf8.RuneSelf || hi != utf8.MaxRune {
				return set, false, false
			}
			wide = true
		}
		set.ascii(lo, hi)
		if wide {
			set.span(utf8.RuneSelf, 0xff)
		}
	}
	return set, wide, true
}

func (s *starts) union(o *starts) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s *starts) meets(o *starts) bool {
	for i := range s {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}
