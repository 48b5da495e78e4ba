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
	var quotes, odd uint64
	for j := 0; j < 64; j += 8 {
		w := binary.LittleEndian.Uint64(b[j : j+8])
		l := w & low7
		quote := (l ^ '"'*ones) + low7           // the high bit is clear in bytes that are a quote
		slash := (l ^ '\\'*ones) + low7          // or a backslash
		control := l + (0x80-' ')*ones           // or a control byte
		quotes |= gather(^(quote | w)) << j      //
		odd |= gather(^(slash&control | w)) << j //
	}
	if odd|carry != 0 {
		var slashes uint64
		for j := 0; j < 64; j += 8 {
			w := binary.LittleEndian.Uint64(b[j : j+8])
			slashes |= gather(^((w&low7 ^ '\\'*ones) + low7 | w)) << j
		}
		var escaped uint64
		escaped, carry = escapedBy(slashes, carry)
		quotes &^= escaped
	}
	m.quotes, m.odd = quotes, odd
	return carry
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
