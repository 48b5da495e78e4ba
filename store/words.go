package store

import (
	"unicode"
	"unicode/utf8"
)

// wordByte maps an ASCII byte to its lower case if it belongs to a word, else to 0.
var wordByte = func() (t [128]byte) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c == '_':
			t[c] = byte(c)
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c) + 'a' - 'A'
		}
	}
	return t
}()

// maxWord cuts words that are none, such as base64: as much as Elasticsearch's standard analyzer.
const maxWord = 255

// eachWord calls f with every word of s in lower case, in order, and where it starts, until f
// returns false. The word is only good during the call. A word is letters, digits and _, so
// that any part of an address or a host name is found by itself.
func eachWord[T string | []byte](s T, buf []byte, f func(word []byte, at int) bool) []byte {
	buf = buf[:0]
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			w := wordByte[c]
			if w != 0 && len(buf) < maxWord {
				if len(buf) == 0 {
					start = i
				}
				buf = append(buf, w)
				i++
				continue
			}
			if len(buf) > 0 {
				if !f(buf, start) {
					return buf
				}
				buf = buf[:0]
			}
			if w == 0 {
				i++
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			if len(buf) == 0 {
				start = i
			}
			buf = utf8.AppendRune(buf, unicode.ToLower(r))
		} else if len(buf) > 0 {
			if !f(buf, start) {
				return buf
			}
			buf = buf[:0]
		}
		i += n
		if len(buf) >= maxWord {
			if !f(buf, start) {
				return buf
			}
			buf = buf[:0]
		}
	}
	if len(buf) > 0 {
		f(buf, start)
	}
	return buf
}

// splitWords gives the words of a query.
func splitWords(s string) (out []string) {
	eachWord(s, nil, func(w []byte, _ int) bool {
		out = append(out, string(w))
		return len(out) < maxClauses
	})
	return out
}
