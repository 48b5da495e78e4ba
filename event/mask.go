package event

import (
	"math/bits"
	"slices"
)

// Mask asks an event for many fields at once. It is immutable.
type Mask struct{ words []maskWord }

// maskWord is the fields of one word of Event.set.
type maskWord struct {
	word   int
	bits   uint64
	places []uint8 // of the bits in the list, lowest first
}

// NewMask makes one for a list of at most 64 fields, none of them twice.
func NewMask(fields []Field) Mask {
	if len(fields) > 64 {
		panic("BUG: a mask holds 64 fields")
	}
	var m Mask
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(fields[a]) - int(fields[b]) })
	for _, i := range order {
		w := int(fields[i] >> 6)
		if n := len(m.words); n == 0 || m.words[n-1].word != w {
			m.words = append(m.words, maskWord{word: w})
		}
		mw := &m.words[len(m.words)-1]
		mw.bits |= 1 << (fields[i] & 63)
		mw.places = append(mw.places, uint8(i))
	}
	return m
}

// Which are the fields of m that are set: bit i is the i-th of its list.
func (e *Event) Which(m *Mask) (found uint64) {
	for i := range m.words {
		mw := &m.words[i]
		for hit := e.set[mw.word] & mw.bits; hit != 0; hit &= hit - 1 {
			low := hit & -hit
			found |= 1 << mw.places[bits.OnesCount64(mw.bits&(low-1))]
		}
	}
	return found
}
