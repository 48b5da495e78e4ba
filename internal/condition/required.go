package condition

import (
	"regexp/syntax"
)

// Required are folded literals of which one must stand in the folded form of
// every text that the expression fits; none: there are no such literals.
func Required(expression string) []string {
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
