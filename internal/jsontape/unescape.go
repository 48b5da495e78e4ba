package jsontape

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unescape writes s to dst without its escapes and returns the length. dst is as long as s.
// Escapes that JSON does not know stay as they are; half a surrogate becomes U+FFFD, as with
// encoding/json.
func unescape(dst []byte, s string) int {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	dst = dst[:len(b)]
	i, n := 0, 0
	for i < len(b) {
		for len(b)-i >= 8 { // n <= i: there is room for all eight
			w := binary.LittleEndian.Uint64(b[i:])
			binary.LittleEndian.PutUint64(dst[n:], w)
			slash := w ^ '\\'*ones
			if m := (slash - ones) &^ slash & high; m != 0 { // the first is right
				k := bits.TrailingZeros64(m) >> 3
				i, n = i+k, n+k
				break
			}
			i, n = i+8, n+8
		}
		for i < len(b) && b[i] != '\\' {
			dst[n] = b[i]
			i, n = i+1, n+1
		}
		if i < len(b) {
			from, to := oneEscape(dst[n:], b[i:])
			i, n = i+from, n+to
		}
	}
	return n
}

// plainOf are the bytes of the escapes of two bytes; 0: no such escape.
var plainOf = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// oneEscape writes what the escape at the beginning of b stands for. It returns the lengths
// of both.
func oneEscape(dst, b []byte) (from, to int) {
	if len(b) < 2 {
		return copy(dst, b), len(b)
	}
	if c := plainOf[b[1]]; c != 0 {
		dst[0] = c
		return 2, 1
	}
	r, ok := rune(0), false
	if b[1] == 'u' {
		r, ok = hex4(b[2:])
	}
	if !ok {
		return copy(dst, b[:2]), 2
	}
	from = 6
	if utf16.IsSurrogate(r) {
		pair := rune(utf8.RuneError)
		if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hex4(b[8:]); ok {
				pair = utf16.DecodeRune(r, low)
			}
		}
		if r = pair; r != utf8.RuneError {
			from = 12
		}
	}
	return from, utf8.EncodeRune(dst, r)
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c-'0' < 10:
			c -= '0'
		case (c|0x20)-'a' < 6:
			c = (c | 0x20) - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// isText says whether a string is one by the grammar of JSON.
func isText(s string) bool {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c < ' ':
			return false
		case c == '\\':
			if i+1 == len(b) {
				return false
			}
			if i++; b[i] == 'u' {
				if _, ok := hex4(b[i+1:]); !ok {
					return false
				}
			} else if plainOf[b[i]] == 0 {
				return false
			}
		}
	}
	return true
}
