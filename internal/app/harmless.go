package app

import (
	"bytes"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// leads are the bytes that what Harmless escapes begins with: most lines have none of them.
var leads = []byte{0x7f, 0xc2, 0xd8, 0xe2}

// Harmless escapes what JSON lets stand and a terminal may obey: DEL and the second set of
// control characters, U+009B among them, which begins a sequence as ESC [ does, and what turns the
// direction of a line, so that it reads as something else.
func Harmless(line []byte) []byte {
	if !slices.ContainsFunc(leads, func(b byte) bool { return bytes.IndexByte(line, b) >= 0 }) {
		return line
	}
	var out []byte
	from := 0
	for i, b := range line {
		if b < 0x7f || b >= 0x80 && b < 0xc2 || b > 0xe2 { // none of them begins with it
			continue
		}
		c, n := utf8.DecodeRune(line[i:])
		if c != 0x7f && (c < 0x80 || c > 0x9f) && !unicode.Is(unicode.Bidi_Control, c) {
			continue
		}
		out = fmt.Appendf(append(out, line[from:i]...), `\u%04x`, c)
		from = i + n
	}
	if from == 0 {
		return line
	}
	return append(out, line[from:]...)
}
