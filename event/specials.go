package event

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// specials are the bytes of Raw that JSON does not hold as they are, a bit each: one look
// at the line says of every part of it whether it can be written as it is.
type specials struct {
	bits []uint64 // bit i&63 of word i>>6; the last word has a bit for the end of Raw
	some bool     // there are any
	wide bool     // there are bytes above ASCII
	odd  bool     // there is more than ASCII that one sees and quotes
}

// blockBytes is how many bytes one word of bits stands for.
const blockBytes = 64

// look notes the specials of s.
func (x *specials) look(s string) {
	words := len(s)/blockBytes + 1
	x.bits = slices.Grow(x.bits[:0], words)[:words]
	var some, wide, odd uint64
	for n := range words - 1 {
		block := (*[blockBytes]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), n*blockBytes))
		w0, w1, w2, w3 := word(block, 0), word(block, 8), word(block, 16), word(block, 24)
		w4, w5, w6, w7 := word(block, 32), word(block, 40), word(block, 48), word(block, 56)
		x.bits[n] = 0
		if (special(w0)|special(w1)|special(w2)|special(w3)|special(w4)|special(w5)|special(w6)|special(w7))&high == 0 {
			continue
		}
		m0, o0 := exactly(w0)
		m1, o1 := exactly(w1)
		m2, o2 := exactly(w2)
		m3, o3 := exactly(w3)
		m4, o4 := exactly(w4)
		m5, o5 := exactly(w5)
		m6, o6 := exactly(w6)
		m7, o7 := exactly(w7)
		x.bits[n] = gather(m0) | gather(m1)<<8 | gather(m2)<<16 | gather(m3)<<24 | gather(m4)<<32 | gather(m5)<<40 | gather(m6)<<48 | gather(m7)<<56
		some |= x.bits[n]
		wide |= w0 | w1 | w2 | w3 | w4 | w5 | w6 | w7
		odd |= o0 | o1 | o2 | o3 | o4 | o5 | o6 | o7
	}
	rest, bits := s[(words-1)*blockBytes:], uint64(0)
	for i := 0; i < len(rest); i += 8 {
		var w uint64
		if i+8 <= len(rest) {
			w = binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(rest[i:]), 8))
		} else {
			w = lastOf(s, len(rest)-i)
		}
		m, o := exactly(w)
		bits |= gather(m) << i
		wide, odd = wide|w, odd|o
	}
	x.bits[words-1] = bits
	x.some, x.wide, x.odd = some|bits != 0, wide&high != 0, odd != 0
}

func word(b *[blockBytes]byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at : at+8]) }

// lastOf is the last n bytes of s, 1 to 7, with spaces behind them.
func lastOf(s string, n int) (w uint64) {
	if len(s) >= 8 {
		b := unsafe.Slice(unsafe.StringData(s), len(s))
		w = binary.LittleEndian.Uint64(b[len(b)-8:]) >> (8 * (8 - n))
	} else {
		for i := range n {
			w |= uint64(s[len(s)-n+i]) << (8 * i)
		}
	}
	return w | ones*' '<<(8*n)
}

// exactly has the highest bit of each byte of w set that is special, and in odd of those
// that are no quotes. Unlike in special, no bit is wrong: nothing is carried from one
// byte into the next.
func exactly(w uint64) (m, odd uint64) {
	low := w &^ high
	quote := (low ^ ones*'"') + ones*0x7f
	slash := (low ^ ones*'\\') + ones*0x7f
	visible := low + ones*(0x80-' ')
	odd = (w | ^(slash & visible)) & high
	return odd | ^quote&^w&high, odd
}

// gather makes the highest bits of eight bytes one byte.
func gather(m uint64) uint64 { return (m >> 7) * 0x0102040810204080 >> 56 }

// in says whether there are any in the bytes [from, to) of Raw.
func (x *specials) in(from, to uint32) bool {
	if to <= from {
		return false
	}
	a, b := from/blockBytes, (to-1)/blockBytes
	first, last := ^uint64(0)<<(from%blockBytes), ^uint64(0)>>((-to)%blockBytes)
	if a == b {
		return x.bits[a]&first&last != 0
	}
	if x.bits[a]&first != 0 || x.bits[b]&last != 0 {
		return true
	}
	for a++; a < b; a++ {
		if x.bits[a] != 0 {
			return true
		}
	}
	return false
}

// appendPart writes the bytes [from, to) of Raw as they stand inside a JSON string. Bytes
// that are no UTF-8 become U+FFFD.
func (e *Event) appendPart(dst []byte, from, to uint32) []byte {
	raw, i, end := e.Raw, int(from), int(to)
	n := i / blockBytes
	word := e.special.bits[n] & (^uint64(0) << (i % blockBytes))
	for {
		for word == 0 {
			if n++; n*blockBytes >= end {
				return append(dst, raw[i:end]...)
			}
			word = e.special.bits[n]
		}
		at := n*blockBytes + bits.TrailingZeros64(word)
		if word &= word - 1; at < i { // a rune of several bytes
			continue
		}
		if at >= end {
			return append(dst, raw[i:end]...)
		}
		if i+run <= len(raw) {
			dst = appendRun(dst, raw[i:at])
		} else {
			dst = append(dst, raw[i:at]...)
		}
		c := raw[at]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < utf8.RuneSelf:
			dst = appendSpecial(dst, c)
		default:
			r, size := utf8.DecodeRuneInString(raw[at:end])
			dst = appendWide(dst, r)
			at += size - 1
		}
		i = at + 1
	}
}

// run is how many bytes are copied at once, whether they are wanted or not: a call of
// memmove takes longer.
const run = 32

// padded is text with run bytes behind it.
func padded(text string) string { return (text + strings.Repeat(" ", run))[:len(text)] }

// appendRun appends s, behind whose start there are run bytes that may be read.
func appendRun(dst []byte, s string) []byte {
	n := len(dst)
	if len(s) > run || cap(dst)-n < run {
		return append(dst, s...)
	}
	*(*[run]byte)(dst[n : n+run]) = *(*[run]byte)(unsafe.Pointer(unsafe.StringData(s)))
	return dst[:n+len(s)]
}

// appendRuns appends lead, text and a quote; behind the start of each there are run bytes that may be read.
func appendRuns(dst []byte, lead, text string) []byte {
	n := len(dst)
	if len(lead) > run || len(text) > run || cap(dst)-n <= 2*run {
		return append(append(append(dst, lead...), text...), '"')
	}
	out := unsafe.Add(unsafe.Pointer(unsafe.SliceData(dst)), n)
	*(*[run]byte)(out) = *(*[run]byte)(unsafe.Pointer(unsafe.StringData(lead)))
	out = unsafe.Add(out, len(lead))
	*(*[run]byte)(out) = *(*[run]byte)(unsafe.Pointer(unsafe.StringData(text)))
	*(*byte)(unsafe.Add(out, len(text))) = '"'
	return dst[:n+len(lead)+len(text)+1]
}
