package sigma

import (
	"slices"
	"strings"

	"sluice/internal/condition"
)

// pattern is a Sigma string: literal pieces with stars between them. A piece may
// hold condition.AnyRune for '?'.
type pattern struct {
	pieces []string // n+1 pieces for n stars
	bytes  bool     // it is what an encoding made, of any bytes: AnyRune is one of them
}

// parsePattern reads Sigma's escapes: \* \? and \\ stand for the plain character,
// a backslash before anything else for itself.
func parsePattern(s string) pattern {
	if strings.IndexByte(s, '*') < 0 && strings.IndexByte(s, '?') < 0 && !strings.Contains(s, `\\`) {
		return pattern{pieces: []string{s}}
	}
	var p pattern
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`*?\`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case c == '*':
			p.pieces = append(p.pieces, b.String())
			b.Reset()
		case c == '?':
			b.WriteByte(condition.AnyRune)
		default:
			b.WriteByte(c)
		}
	}
	p.pieces = append(p.pieces, b.String())
	return p
}

// plain is the text of a pattern without wildcards.
func (p pattern) plain() (string, bool) {
	return p.pieces[0], len(p.pieces) == 1 && (p.bytes || strings.IndexByte(p.pieces[0], condition.AnyRune) < 0)
}

// open puts a star before and behind the pattern where asked.
func (p pattern) open(front, back bool) pattern {
	if front && p.pieces[0] != "" || front && len(p.pieces) == 1 {
		p.pieces = append(make([]string, 1, len(p.pieces)+2), p.pieces...)
	}
	if back && p.pieces[len(p.pieces)-1] != "" {
		p.pieces = append(p.pieces, "")
	}
	return p
}

// each applies f to the literal pieces.
func (p pattern) each(f func(string) string) pattern {
	out := pattern{pieces: make([]string, len(p.pieces))}
	for i, s := range p.pieces {
		if strings.IndexByte(s, condition.AnyRune) < 0 {
			out.pieces[i] = f(s)
			continue
		}
		parts := strings.Split(s, string([]byte{condition.AnyRune}))
		for j := range parts {
			parts[j] = f(parts[j])
		}
		out.pieces[i] = strings.Join(parts, string([]byte{condition.AnyRune}))
	}
	return out
}

// lower is the cheapest question that the pattern can be turned into.
func (p pattern) lower() (op condition.Op, literal string, wild condition.Wild) {
	n := len(p.pieces)
	first, last := p.pieces[0], p.pieces[n-1]
	simple := !slices.ContainsFunc(p.pieces, func(s string) bool { return strings.IndexByte(s, condition.AnyRune) >= 0 })
	switch {
	case simple && n == 1:
		return condition.Equal, first, wild
	case simple && n == 2 && first == "" && last == "":
		return condition.Exists, "", wild
	case simple && n == 2 && first == "":
		return condition.Suffix, last, wild
	case simple && n == 2 && last == "":
		return condition.Prefix, first, wild
	case simple && n == 3 && first == "" && last == "":
		return condition.Contains, p.pieces[1], wild
	}
	wild = condition.Wild{Start: first != "", End: last != "" || n == 1}
	for _, s := range p.pieces {
		if s != "" {
			wild.Pieces = append(wild.Pieces, s)
		}
	}
	if len(wild.Pieces) == 0 {
		return condition.Exists, "", wild // only stars
	}
	return condition.Glob, "", wild
}
