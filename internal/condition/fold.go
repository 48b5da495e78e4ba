package condition

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Fold is the one definition of "case does not matter": runes that differ in case only, also
// for a regular expression with (?i), become the same one, mostly their unicode.ToLower; bytes
// that are no UTF-8 stay as they are.
func Fold(s string) string {
	if lowerPrefix(s) == len(s) {
		return s
	}
	return string(appendFold(nil, s))
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// upper marks the high bit of every byte of w that is an ASCII capital. w must be ASCII.
func upper(w uint64) uint64 {
	return (w + (0x80-'A')*ones) &^ (w + (0x80-'Z'-1)*ones) & highs
}

// lowerPrefix is the length of a start of s that folding does not change.
func lowerPrefix(s string) int {
	i := 0
	for b := unsafe.Slice(unsafe.StringData(s), len(s)); i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		m := w & highs
		if m == 0 {
			m = upper(w)
		}
		if m != 0 {
			return i + bits.TrailingZeros64(m&highs)>>3
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c-'A' < 26 {
			return i
		}
	}
	return i
}

// isASCII says whether s is nothing else.
func isASCII(s string) bool {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	var all uint64
	for ; len(b) >= 8; b = b[8:] {
		all |= binary.LittleEndian.Uint64(b)
	}
	for _, c := range b {
		all |= uint64(c)
	}
	return all&highs == 0
}

// appendFold appends the folded form of s, eight bytes at once where they are ASCII.
func appendFold(dst []byte, s string) []byte {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	i := 0
	for i < len(b) {
		if i+8 <= len(b) {
			if w := binary.LittleEndian.Uint64(b[i:]); w&highs == 0 {
				dst = binary.LittleEndian.AppendUint64(dst, w|upper(w)>>2)
				i += 8
				continue
			}
		}
		c := b[i]
		if c < utf8.RuneSelf {
			if c-'A' < 26 {
				c |= 0x20
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, lowerRune(r))
		}
		i += n
	}
	return dst
}

// lowerRune is oneCase without its search in the tables of Unicode for each rune: a text of 64 KiB
// that is all accents took 5 ms.
func lowerRune(r rune) rune {
	switch {
	case r < rune(len(lowered)):
		return rune(lowered[r])
	case r >= '\u2e80' && r < '\ua640', r >= '\uac00' && r <= '\ud7a3': // of East Asia, which has no case
		return r
	case r >= '\u1c80' && r <= '\u1c88', r == '\u1e9b', r == '\u1fbe', r == '\ua64a', r == '\ua64b':
		return oneCase(r)
	}
	return unicode.ToLower(r)
}

// oneCase is one rune for all that differ in case only: ſ is an s too, and ς a σ.
func oneCase(r rune) rune {
	one := unicode.ToLower(r)
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		one = min(one, unicode.ToLower(other))
	}
	return one
}

// lowered are the lower-case forms of the alphabets of Europe, by rune.
var lowered = func() (out [0x590]uint16) {
	for r := range out {
		out[r] = uint16(oneCase(rune(r)))
	}
	return out
}()
