package condition

import (
	"strings"
	"unicode/utf8"
)

// Wild is a pattern with wildcards: literal pieces with '*' between them, where
// a piece may hold AnyRune. It needs no backtracking over stars: the first fit
// of a middle piece leaves the most for the rest.
type Wild struct {
	Pieces []string
	Start  bool // the first piece stands at the start
	End    bool // the last piece stands at the end
}

// AnyRune in a piece stands for exactly one rune ('?'). It cannot occur in
// UTF-8, so no literal can hold it.
const AnyRune = '\xff'

// Match says whether the pattern describes all of s.
func (w *Wild) Match(s string) bool {
	p := w.Pieces
	if len(p) == 0 { // "" describes only itself; stars alone describe anything
		return !w.Start || s == ""
	}
	if w.Start {
		n := fit(s, p[0])
		if n < 0 {
			return false
		}
		s, p = s[n:], p[1:]
		if len(p) == 0 {
			return !w.End || s == ""
		}
	}
	last := len(p)
	if w.End {
		last--
	}
	for _, piece := range p[:max(last, 0)] {
		n := find(s, piece)
		if n < 0 {
			return false
		}
		s = s[n:]
	}
	if !w.End {
		return true
	}
	return endsWith(s, p[last])
}

// fit is how much of s the piece takes at its start, -1 if it does not stand there.
func fit(s, piece string) int {
	at := 0
	for i := 0; i < len(piece); i++ {
		if at >= len(s) {
			return -1
		}
		if piece[i] == AnyRune {
			_, n := utf8.DecodeRuneInString(s[at:])
			at += n
			continue
		}
		if s[at] != piece[i] {
			return -1
		}
		at++
	}
	return at
}

// find is the end of the first place where piece stands in s, or -1.
func find(s, piece string) int {
	if strings.IndexByte(piece, AnyRune) < 0 {
		n := strings.Index(s, piece)
		if n < 0 {
			return -1
		}
		return n + len(piece)
	}
	for i := 0; i <= len(s); i++ {
		if n := fit(s[i:], piece); n >= 0 {
			return i + n
		}
		for i+1 < len(s) && !utf8.RuneStart(s[i+1]) {
			i++
		}
	}
	return -1
}

// endsWith says whether piece stands at the very end of s.
func endsWith(s, piece string) bool {
	if strings.IndexByte(piece, AnyRune) < 0 {
		return strings.HasSuffix(s, piece)
	}
	for at := len(s); ; {
		if fit(s[at:], piece) == len(s)-at {
			return true
		}
		if at == 0 || len(s)-at > utf8.UTFMax*len(piece) {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
	}
}

// literals are the pieces without AnyRune, longest part of each.
func (w *Wild) literals() (out []string) {
	for _, p := range w.Pieces {
		out = append(out, strings.Split(p, string([]byte{AnyRune}))...)
	}
	return out
}

// ParseWild reads a plain glob: '*' is any text, '?' any rune.
func ParseWild(s string) Wild {
	s = strings.ReplaceAll(s, "?", string([]byte{AnyRune}))
	w := Wild{Start: !strings.HasPrefix(s, "*"), End: !strings.HasSuffix(s, "*")}
	for _, p := range strings.Split(s, "*") {
		if p != "" {
			w.Pieces = append(w.Pieces, p)
		}
	}
	return w
}

// String writes the pattern as a person would.
func (w Wild) String() string {
	s := strings.Join(w.Pieces, "*")
	if !w.Start {
		s = "*" + s
	}
	if !w.End {
		s += "*"
	}
	return strings.ReplaceAll(s, string([]byte{AnyRune}), "?")
}
