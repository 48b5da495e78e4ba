package condition

import (
	"regexp/syntax"
	"strings"
)

// required are folded literals of which one must stand in the folded form of
// every text that the expression fits; none: there are no such literals.
func required(expression string) []string {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	out := literals(re.Simplify())
	for i := range out {
		out[i] = Fold(out[i])
	}
	return out
}

// literals does it for a part of an expression.
func literals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return literals(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literals(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, s := range re.Sub {
			if r := literals(s); shortest(r) > shortest(best) {
				best = r
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, s := range re.Sub {
			r := literals(s)
			if len(r) == 0 {
				return nil
			}
			all = append(all, r...)
		}
		return all
	}
	return nil
}

// inOrder are sets of folded literals: the folded form of every text that the expression fits
// holds one of each set, one behind the other.
func inOrder(expression string) [][]string {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	return sequence(nil, re.Simplify())
}

// sequence adds those of a part of an expression.
func sequence(dst [][]string, re *syntax.Regexp) [][]string {
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return sequence(dst, re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return sequence(dst, re.Sub[0])
		}
	case syntax.OpConcat:
		for _, s := range re.Sub {
			dst = sequence(dst, s)
		}
	case syntax.OpLiteral, syntax.OpAlternate:
		if set := literals(re); len(set) > 0 {
			for i := range set {
				set[i] = Fold(set[i])
			}
			return append(dst, set)
		}
	}
	return dst
}

// missing says that a text does not hold one literal of each set, in this order, so that the
// expression need not be tried: that costs as much as twenty searches, or many more.
func missing(text string, sets [][]string) bool {
	for _, set := range sets {
		end := -1
		for _, lit := range set {
			if at := strings.Index(text, lit); at >= 0 && (end < 0 || at+len(lit) < end) {
				end = at + len(lit)
			}
		}
		if end < 0 {
			return true
		}
		text = text[end:]
	}
	return false
}

func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	n := len(texts[0])
	for _, t := range texts {
		n = min(n, len(t))
	}
	return n
}

// fewest is how many bytes a text has at least that the expression fits.
func fewest(expression string) int {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0
	}
	return atLeast(re)
}

// atLeast does it for a part of an expression: each of its runes is a byte or more.
func atLeast(re *syntax.Regexp) (n int) {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return atLeast(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * atLeast(re.Sub[0])
	case syntax.OpConcat:
		for _, s := range re.Sub {
			n += atLeast(s)
		}
	case syntax.OpAlternate:
		n = atLeast(re.Sub[0])
		for _, s := range re.Sub[1:] {
			n = min(n, atLeast(s))
		}
	}
	return n
}
