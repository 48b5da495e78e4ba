package pattern

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// starts are the bytes that something may begin with, a bit each.
type starts [4]uint64

func (s *starts) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *starts) put(c byte) { s[c>>6] |= 1 << (c & 63) }

// span adds the bytes from lo to hi.
func (s *starts) span(lo, hi byte) {
	for w := range s {
		from, to := max(int(lo), w*64), min(int(hi), w*64+63)
		if from <= to {
			s[w] |= ^uint64(0) >> (63 - (to - from)) << (from & 63)
		}
	}
}

// ascii adds the runes from lo to hi that are one byte.
func (s *starts) ascii(lo, hi rune) {
	if lo < utf8.RuneSelf {
		s.span(byte(lo), byte(min(hi, utf8.RuneSelf-1)))
	}
}

// startsOf are the bytes for which in says yes.
func startsOf(in func(byte) bool) (s starts) {
	for c := range 256 {
		if in(byte(c)) {
			s.put(byte(c))
		}
	}
	return s
}

// What captures and ends may begin with.
var (
	digits   = startsOf(isDigit)
	hexes    = startsOf(isHex)
	ips      = startsOf(func(c byte) bool { return isIP(c) || c == '[' })
	hosts    = startsOf(func(c byte) bool { return isHost(c) || isIP(c) || c == '[' || c == ']' }) // 2001:db8::1 may stand in brackets
	hostList = startsOf(func(c byte) bool { return isHost(c) || isIP(c) || c == ',' || c == ' ' })
	ends     = startsOf(func(c byte) bool { return c == ' ' || c == '\r' || c == '\n' })
)

func (s *starts) all() { *s = starts{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} }

// begin collects the bytes that a message may begin with from pc on.
func (s *starts) begin(p *Pattern, pc int32, seen map[int32]bool) {
	if seen[pc] {
		return
	}
	seen[pc] = true
	switch o := &p.ops[pc]; o.code {
	case opLit, opExact:
		s.put(o.lit[0])
	case opSplit:
		s.begin(p, pc+1, seen)
		s.begin(p, o.alt, seen)
	case opJump:
		s.begin(p, o.alt, seen)
	case opCap:
		switch o.scan {
		case Int:
			s.union(&digits)
		case IP:
			s.union(&ips)
		case Hex:
			s.union(&hexes)
		case Expr:
			s.union(&o.expr.first)
		case Text, Word, Last, Rest, Addr, Addrs:
			s.all()
		}
	case opEnd:
		s.union(&ends)
	}
}

// maxLeads bounds the texts that a pattern is looked for by.
const maxLeads = 32

// leading appends the texts that messages begin with from op pc on, behind text. False:
// some begin with a capture, or there are too many.
func (p *Pattern) leading(pc int32, text string, leads []string) (all []string, ok bool) {
	for {
		o := &p.ops[pc]
		switch o.code {
		case opLit, opExact:
			text += o.lit
			pc++
		case opJump:
			pc = o.alt
		case opSplit:
			if leads, ok = p.leading(pc+1, text, leads); !ok {
				return nil, false
			}
			pc = o.alt
		default:
			if !slices.Contains(leads, text) {
				leads = append(leads, text)
			}
			return leads, text != "" && len(leads) <= maxLeads
		}
	}
}

// mayFit says whether msg can fit by its first byte and by a text that it needs: most
// messages that do not fit are told by these two.
func (p *Pattern) mayFit(msg string) bool {
	return (msg == "" || p.starts.has(msg[0])) && (len(p.need) < minNeed || strings.Contains(msg, p.need))
}

// missing is the text for which mayFit has said no, "" if it was for the first byte.
func (p *Pattern) missing(msg string) string {
	if msg != "" && !p.starts.has(msg[0]) || len(p.need) < minNeed {
		return ""
	}
	return p.need
}

// minNeed is the shortest text that is searched for: shorter ones stand in any message.
const minNeed = 2

// firstBytes are those that what an expression takes may begin with.
func firstBytes(re *syntax.Regexp) (out starts) {
	if !out.expr(re.Simplify()) {
		out.all()
	}
	return out
}

// expr adds the first bytes of an expression. False: it may take nothing, or any byte.
func (s *starts) expr(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return s.runes(re.Flags&syntax.FoldCase != 0, re.Rune[0], re.Rune[0])
	case syntax.OpCharClass:
		return s.runes(false, re.Rune...)
	case syntax.OpCapture, syntax.OpPlus:
		return s.expr(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && s.expr(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if empty := sub.Op == syntax.OpQuest || sub.Op == syntax.OpStar; empty {
				if !s.expr(sub.Sub[0]) {
					return false
				}
				continue // what follows may be the first too
			}
			return s.expr(sub)
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !s.expr(sub) {
				return false
			}
		}
		return true
	}
	return false
}

// allBytes are those that stand in anything that an expression takes.
func allBytes(re *syntax.Regexp) (out starts) {
	out.taken(re)
	return out
}

func (s *starts) taken(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			s.all()
		}
		for _, c := range string(re.Rune) {
			s.runes(false, c, c)
		}
	case syntax.OpCharClass:
		s.runes(false, re.Rune...)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.all()
	}
	for _, sub := range re.Sub {
		s.taken(sub)
	}
}

// run is how many bytes at the beginning of text are of s.
func (s *starts) run(text string) int {
	for i := 0; i < len(text); i++ {
		if !s.has(text[i]) {
			return i
		}
	}
	return len(text)
}

// runes adds the first bytes of ranges of runes.
func (s *starts) runes(fold bool, ranges ...rune) bool {
	if fold {
		return false
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		s.ascii(ranges[i], ranges[i+1])
		if ranges[i+1] >= utf8.RuneSelf {
			s.span(utf8.RuneSelf, 0xff)
		}
	}
	return true
}
