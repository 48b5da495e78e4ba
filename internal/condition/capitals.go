package condition

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Capitals says whether each text that the leaf fits has a capital letter, so that it fits
// nothing that was written small.
func (l *Leaf) Capitals() bool {
	switch op := l.op(); {
	case !l.Cased:
		return false
	case l.Op == Regex:
		return !slices.ContainsFunc(l.Regexps, func(re *regexp.Regexp) bool { return !needsCapital(re.String()) })
	case l.Op == Glob:
		return !slices.ContainsFunc(l.Globs, func(w Wild) bool { return !hasCapital(strings.Join(w.Pieces, "")) })
	case op.textual():
		return len(l.Values) > 0 && !slices.ContainsFunc(l.Values, func(v string) bool { return !hasCapital(v) })
	}
	return false
}

func hasCapital(s string) bool { return strings.ContainsFunc(s, unicode.IsUpper) }

func needsCapital(expression string) bool {
	re, err := syntax.Parse(expression, syntax.Perl)
	return err == nil && capital(re)
}

// capital says it of a part of an expression.
func capital(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return re.Flags&syntax.FoldCase == 0 && hasCapital(string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return capital(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && capital(re.Sub[0])
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, capital)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return !capital(s) })
	}
	return false
}
