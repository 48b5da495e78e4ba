package store

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wildcard is the pattern itself, or of what a person typed on text the words in it.
func (e *eval) wildcard(q Wildcard) (node, error) {
	l := e.leaf(q.Field)
	if !q.Typed || !l.isWords() {
		return e.pattern(q.Field, wildcardExpr(q.Pattern), q.Fold, q.Pattern)
	}
	words := patternWords(q.Pattern)
	switch len(words) {
	case 0:
		return noneNode{}, nil
	case 1:
		return e.pattern(q.Field, wildcardExpr(words[0]), false, words[0])
	}
	if len(q.Pattern) > 4096 {
		return nil, badQuery("the pattern on field [%s] is longer than 4096 bytes", q.Field)
	}
	n := &wordsNode{l: l, words: words, tests: make([]func([]byte) bool, len(words))}
	for i, w := range words {
		if strings.ContainsAny(w, "*?") {
			re, err := regexp.Compile("(?s)" + wildcardExpr(w))
			if err != nil {
				return nil, badQuery("failed to create query: %s", err)
			}
			n.tests[i] = re.Match
		}
	}
	return n, nil
}

// patternWords splits a pattern as eachWord splits text; * and ? belong to their words.
func patternWords(p string) []string {
	var b strings.Builder
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRuneInString(p[i:])
		wild := r == '*' || r == '?'
		if r == '\\' && i+n < len(p) {
			i += n
			r, n = utf8.DecodeRuneInString(p[i:])
		}
		i += n
		if wild || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(unicode.ToLower(r))
		} else {
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// anyFieldNode asks the fields of a part whose names fit.
type anyFieldNode struct {
	name  *regexp.Regexp
	query func(field string) Query
}

func (e *eval) anyField(q AnyField) (node, error) {
	if len(q.Pattern) > 512 {
		return nil, badQuery("the field name [%s] is longer than 512 bytes", clip(q.Pattern))
	}
	re, err := regexp.Compile("(?s)" + wildcardExpr(q.Pattern))
	if err != nil {
		return nil, badQuery("failed to create query: %s", err)
	}
	return &anyFieldNode{re, q.Query}, nil
}

func (n *anyFieldNode) run(e *eval, p part) (rows64, error) {
	out := newRows(p.rows())
	names, err := p.columnsBelow("")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.Contains(name, "\x00") || !n.name.MatchString(name) {
			continue
		}
		sub := &eval{s: e.s, now: e.now} // each name has a bound of clauses of its own
		m, err := sub.prepare(n.query(name))
		if err != nil {
			continue // source.*:10.0.0.1 asks a port too
		}
		b, err := m.run(sub, p)
		if err != nil {
			return nil, err
		}
		out.or(b)
	}
	return out, nil
}
