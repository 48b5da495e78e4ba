package jsontape

import (
	"encoding/binary"
	"math/bits"
)

// marks has a bit for each of 64 bytes of the text. All of them are found first, eight bytes at
// a time and without a branch: to look for the end of each text is to guess its length, and
// a wrong guess costs the processor more than ten bytes do.
type marks struct {
	quotes uint64 // quotes that no backslash stands before
	odd    uint64 // backslashes and control bytes
}

const (
	ones = 0x0101010101010101
	low7 = 0x7f * ones
	high = 0x80 * ones
	even = 0x5555555555555555
)

// mark finds the marks of a text.
func mark(to []marks, b []byte) []marks {
	n := (len(b) + 63) >> 6
	if cap(to) < n {
		to = make([]marks, n+n/4)
	}
	to = to[:n]
	var carry uint64 // the first byte is escaped
	for k := range to {
		if len(b) >= 64 {
			carry = to[k].find((*[64]byte)(b), carry)
			b = b[64:]
			continue
		}
		var rest [64]byte
		copy(rest[:], b)
		carry = to[k].find(&rest, carry)
	}
	return to
}

func (m *marks) find(b *[64]byte, carry uint64) uint64 {
	w0, w1, w2, w3 := word(b, 0), word(b, 8), word(b, 16), word(b, 24)
	w4, w5, w6, w7 := word(b, 32), word(b, 40), word(b, 48), word(b, 56)
	m.quotes = each(w0, '"') | each(w1, '"')<<8 | each(w2, '"')<<16 | each(w3, '"')<<24 |
		each(w4, '"')<<32 | each(w5, '"')<<40 | each(w6, '"')<<48 | each(w7, '"')<<56
	m.odd = 0
	if (odd8(w0)|odd8(w1)|odd8(w2)|odd8(w3)|odd8(w4)|odd8(w5)|odd8(w6)|odd8(w7))&high|carry != 0 {
		var slashes uint64
		for j := 0; j < 64; j += 8 {
			w := word(b, j)
			slashes |= each(w, '\\') << j
			m.odd |= gather(odd8(w)) << j
		}
		var escaped uint64
		escaped, carry = escapedBy(slashes, carry)
		m.quotes &^= escaped
	}
	return carry
}

func word(b *[64]byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at : at+8]) }

// each has a bit for each byte of w that is c, which is ASCII.
func each(w uint64, c uint64) uint64 { return gather(^((w&low7 ^ c*ones) + low7 | w)) }

// odd8 has the high bit of each byte of w that is a backslash or a control byte.
func odd8(w uint64) uint64 {
	l := w & low7
	return ^(((l^'\\'*ones)+low7)&(l+(0x80-' ')*ones) | w)
}

// gather puts the high bits of eight bytes side by side.
func gather(w uint64) uint64 { return (w & high) * 0x0002040810204081 >> 56 }

// escapedBy has a bit for each byte that a backslash stands before that is not escaped itself.
// The carry says so of the byte in front of the first. (Runs of backslashes are added up: the
// sum carries to the byte behind a run, and whether that is an even or an odd place tells
// whether the run's length is; this is simdjson's way.)
func escapedBy(slashes, carry uint64) (escaped, next uint64) {
	slashes &^= carry
	follows := slashes<<1 | carry
	starts := slashes &^ even &^ follows
	sum, next := bits.Add64(starts, slashes, 0)
	return (even ^ sum<<1) & follows, next
}
