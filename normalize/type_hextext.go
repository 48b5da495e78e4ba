package normalize

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// fromHexText gives the text that the kernel's audit wrote as hex digits. It
// does so where a text holds a blank, a quote or what is no ASCII, so that what
// holds none of them was no such number: it stays as it is. The zeros between
// the arguments of a command become blanks.
func fromHexText(text string) string {
	if len(text) < 2 || len(text)%2 != 0 || !isHex(text) {
		return text
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return text
	}
	needed := false
	for i, c := range b {
		needed = needed || c <= ' ' || c == '"' || c > '~'
		if c == 0 {
			b[i] = ' '
		}
	}
	plain := strings.TrimRight(string(b), " ")
	if !needed || plain == "" || !utf8.ValidString(plain) {
		return text
	}
	return plain
}
