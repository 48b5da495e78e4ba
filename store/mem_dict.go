package store

import (
	"hash/maphash"
	"unsafe"
)

// memDict gives codes in the order of arrival. It is a hash table of its own since a map
// of strings took a fifth of what indexing costs: its values need no memory each, and what
// it holds has no pointers for the collector to follow but those of vals.
type memDict struct {
	vals  []string
	slots []uint64   // hash << 32 | 1 + code, 0: free; a power of two of them, at most 3/4 full
	near  [16]uint32 // codes of values met lately, see nearOf: most fields say few things
}

// dictEntry is what a value costs beside its bytes: a string header, and its slot with
// what is free.
const dictEntry = 40

var dictSeed = maphash.MakeSeed()

// add gives v's code; grown is what it took to keep it, 0: it was there.
func (d *memDict) add(v []byte, block *valueBlock) (code uint32, grown int) {
	near := &d.near[nearOf(v)]
	if int(*near) < len(d.vals) && d.vals[*near] == string(v) {
		return *near, 0
	}
	if len(d.vals) >= len(d.slots)/4*3 {
		d.grow()
	}
	hash := maphash.Bytes(dictSeed, v)
	mask := uint64(len(d.slots) - 1)
	at := hash >> 32 & mask
	for ; d.slots[at] != 0; at = (at + 1) & mask {
		if s := d.slots[at]; (s^hash)>>32 == 0 && d.vals[uint32(s)-1] == string(v) {
			*near = uint32(s) - 1
			return *near, 0
		}
	}
	*near = uint32(len(d.vals))
	d.vals = append(d.vals, block.keep(v))
	d.slots[at] = hash&^(1<<32-1) | uint64(len(d.vals))
	return *near, len(v) + dictEntry
}

func (d *memDict) grow() {
	old := d.slots
	d.slots = make([]uint64, max(8, 2*len(old)))
	mask := uint64(len(d.slots) - 1)
	for _, s := range old {
		if s == 0 {
			continue
		}
		at := s >> 32 & mask
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = s
	}
}

// nearOf is a value's place among those met lately: cheap, not even.
func nearOf(v []byte) int {
	n := len(v)
	if n == 0 {
		return 0
	}
	return (n ^ int(v[n-1])*5 ^ int(v[n/2])*3) & 15
}

// valueBlock keeps strings in blocks, so that each needs no allocation.
type valueBlock struct{ block []byte }

const valueBlockSize = 64 << 10

func (b *valueBlock) keep(v []byte) string {
	if len(v) == 0 {
		return ""
	}
	if len(v) > valueBlockSize/8 {
		return string(v)
	}
	if len(v) > cap(b.block)-len(b.block) {
		b.block = make([]byte, 0, valueBlockSize)
	}
	from := len(b.block)
	b.block = append(b.block, v...)
	return unsafe.String(&b.block[from], len(v)) // nobody writes to these bytes again
}
