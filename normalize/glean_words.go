package normalize

import (
	"strings"

	"sluice/event"
	"sluice/normalize/pattern"
)

// splitWords cuts text at spaces, brackets, quotes, bars and semicolons, and takes the
// punctuation off; an arrow is a word of its own, and [2001:db8::1]:443 is one.
func splitWords(ev *event.Event, text string, out []word) []word {
	all, before := len(text), byte(0)
	for text != "" && len(out) < maxGleanWords {
		i := wordEnd(text)
		tok := text[:i]
		sep := byte(0)
		w := word{open: before, at: uint16(all - len(text))}
		before = 0
		switch {
		case i == len(text):
			text = ""
		case i == 0 && strings.HasPrefix(text, "> "):
			out = append(out, word{text: "->", lower: "->", sense: senseOf("->")})
			text = text[2:]
			continue
		case i == 0 && arrowAt(text) > 0:
			n := arrowAt(text)
			out = append(out, word{text: text[:n], lower: text[:n], sense: senseOf(text[:n])})
			text = text[n:]
			continue
		case arrowAt(text[i:]) > 0:
			text = text[i:]
		default:
			sep = text[i]
			before, w.shut = sep, sep
			text = text[i+1:]
		}
		if sep == '|' || sep == ';' {
			w.mark = ','
		}
		for tok != "" {
			c := tok[len(tok)-1]
			if c >= 0x80 {
				if n := len(tok) - len(trimCurly(tok, strings.TrimSuffix)); n > 0 {
					w.shut, tok = curly, tok[:len(tok)-n]
					continue
				}
				break
			}
			if strings.IndexByte("',:.=!", c) < 0 || c == ':' && strings.HasSuffix(tok, "::") {
				break
			}
			if strings.IndexByte(",:=", c) >= 0 && w.mark == 0 {
				w.mark = c // the last of them: behind "user=|" no value follows
			}
			if c == '\'' {
				w.shut = c
			}
			tok = tok[:len(tok)-1]
		}
		if len(tok) > 0 && tok[0] == '\'' {
			w.open = '\''
			w.at++
			tok = strings.TrimLeft(tok, "'")
		} else if len(tok) > 0 && tok[0] >= 0x80 {
			if bare := trimCurly(tok, strings.TrimPrefix); len(bare) < len(tok) {
				w.open = curly
				w.at += uint16(len(tok) - len(bare))
				tok = bare
			}
		}
		if tok == "" {
			continue
		}
		w.text, w.lower = tok, lower(ev, tok)
		w.sense = senseOf(w.lower)
		out = append(out, w)
	}
	return out
}

// curly stands in word.open and word.shut for the quotes of typography, which are several bytes.
const curly = 0x93

// curlyQuotes are they, of all tongues: each may open in one and shut in another.
var curlyQuotes = [...]string{"\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u201a", "\u00ab", "\u00bb", "\u2039", "\u203a"}

// trimCurly takes one of them off, by strings.TrimPrefix or strings.TrimSuffix.
func trimCurly(s string, trim func(s, quote string) string) string {
	for _, q := range curlyQuotes {
		if t := trim(s, q); len(t) < len(s) {
			return t
		}
	}
	return s
}

// ends says of a byte whether a word ends in front of it.
var ends = func() (of [256]byte) {
	for _, c := range []byte(" \t\r\n()]{}<>\"`|;") {
		of[c] = endsWord
	}
	for _, c := range []byte("-=[") {
		of[c] = endsPerhaps
	}
	return of
}()

const (
	endsNot = iota
	endsWord
	endsPerhaps // it depends on what follows
)

// wordEnd is where the word at the beginning of s ends.
func wordEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch ends[s[i]] {
		case endsNot:
			continue
		case endsWord:
			return i
		}
		switch s[i] {
		case '-', '=':
			if arrowAt(s[i:]) > 0 {
				return i
			}
		case '[':
			inner := s[i:]
			end := strings.IndexByte(inner, ']')
			switch {
			case end < 0 || i > 0 && !strings.HasSuffix(s[:i], "://"):
				return i
			case strings.Count(inner[:end], ":") > 1, i == 0 && strings.HasPrefix(inner[end:], "]:") && s[1]-'0' < 10:
				i += end // an address, perhaps with a port; http://[2001:db8::1]/
				continue
			}
			return i
		}
	}
	return len(s)
}

// arrowAt is the length of the arrow that s begins with.
func arrowAt(s string) int {
	if len(s) < 2 || s[0] != '-' && s[0] != '=' {
		return 0
	}
	n := 2
	if s[1] == s[0] {
		n = 3
	}
	if len(s) < n || !arrows[s[:n]] {
		return 0
	}
	return n
}

// quoted says whether a word stands in quotes of its own.
func (w *word) quoted() bool {
	return (w.open == '"' || w.open == '\'' || w.open == '`' || w.open == curly) && w.shut == w.open
}

// inQuotes is the text in quotes that w begins, behind a word that is none of another's.
func inQuotes(text string, before, w *word) string {
	if before.shut != ' ' || w.open != '"' && w.open != '\'' && w.open != '`' && w.open != curly {
		return ""
	}
	inner := text[w.at:]
	if w.open == curly {
		for end := 0; end < min(len(inner), 256); end++ {
			if inner[end] >= 0x80 && len(trimCurly(inner[end:], strings.TrimPrefix)) < len(inner)-end {
				return inner[:end]
			}
		}
		return ""
	}
	if end := strings.IndexByte(inner, w.open); end > 0 && end < 256 {
		if w.open == '\'' {
			end = pattern.Apostrophe(inner, end)
		}
		return inner[:end]
	}
	return ""
}

// isWord says whether a text is one word of letters.
func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if (s[i]|0x20)-'a' >= 26 {
			return false
		}
	}
	return len(s) > 2 && len(s) < 32
}
