package pattern

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// neededBy are the bytes that no message of nodes can do without, but spaces.
func neededBy(nodes []node) (out starts) {
	for _, n := range nodes {
		var of starts
		switch n.kind {
		case literal, exact:
			of.text(n.text)
		case capture:
			if n.re != nil {
				for _, text := range demanded(n.re) {
					of.text(text)
				}
			}
		case choice:
			of.all()
			for _, kid := range n.kids {
				of.meet(neededBy(kid))
			}
		case optional:
		}
		out.union(&of)
	}
	return out
}

func (s *starts) text(text string) {
	for i := 0; i < len(text); i++ {
		if text[i] != ' ' {
			s.put(text[i])
		}
	}
}

func (s *starts) meet(o starts) {
	for i := range s {
		s[i] &= o[i]
	}
}

// within says whether o has every byte of s.
func (s *starts) within(o *starts) bool {
	for i := range s {
		if s[i]&^o[i] != 0 {
			return false
		}
	}
	return true
}

// demanded are texts that everything holds that an expression takes.
func demanded(re *syntax.Regexp) []string {
	return appendDemanded(nil, re.Simplify())
}

func appendDemanded(out []string, re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if text := string(re.Rune); re.Flags&syntax.FoldCase == 0 && !strings.ContainsRune(text, utf8.RuneError) { // which takes any odd byte
			out = append(out, text)
		}
	case syntax.OpCapture, syntax.OpPlus:
		out = appendDemanded(out, re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			out = appendDemanded(out, sub)
		}
	}
	return out
}
