package normalize

import (
	"math/bits"
	"slices"
	"strings"
	"unsafe"
)

// keys finds what a pack says of a key. Keys are looked up for every pair of every line,
// and a map's hash of a short text takes longer than all the rest of it: here the length
// and the first and last eight bytes decide the place.
type keys[T any] struct {
	slots []uint16 // a power of two, at most a quarter of them used: 1 + an index in list; 0: free
	shift uint8    // of a place, to an index of slots
	list  []entry[T]
}

type entry[T any] struct {
	key string
	of  T
}

// get returns what belongs to key, or nil.
func (k *keys[T]) get(key string) *T {
	if len(k.list) == 0 {
		return nil
	}
	mask := uint64(len(k.slots) - 1)
	for at := place(key) >> k.shift; ; at++ {
		n := k.slots[at&mask]
		if n == 0 {
			return nil
		}
		if e := &k.list[n-1]; e.key == key {
			return &e.of
		}
	}
}

// at is what belongs to key, which is added where it is not there. It is valid until the
// next key is added.
func (k *keys[T]) at(key string) *T {
	if of := k.get(key); of != nil {
		return of
	}
	k.list = append(k.list, entry[T]{key: key})
	if len(k.list)*4 > len(k.slots) {
		k.slots = make([]uint16, max(16, 2*len(k.slots)))
		k.shift = uint8(64 - bits.TrailingZeros(uint(len(k.slots))))
		for i := range k.list {
			k.enter(i)
		}
	} else {
		k.enter(len(k.list) - 1)
	}
	return &k.list[len(k.list)-1].of
}

func (k *keys[T]) set(key string, of T) { *k.at(key) = of }

// enter notes where the i-th of the list is.
func (k *keys[T]) enter(i int) {
	mask := uint64(len(k.slots) - 1)
	at := place(k.list[i].key) >> k.shift
	for k.slots[at&mask] != 0 {
		at++
	}
	k.slots[at&mask] = uint16(i + 1)
}

// spread is 2^64 over the golden ratio: the high bits of a product with it depend on all bits.
const spread = 0x9e3779b97f4a7c15

// place spreads keys over 64 bits.
func place(key string) uint64 {
	n := len(key)
	p := unsafe.Pointer(unsafe.StringData(key))
	var a, b uint64
	switch {
	case n >= 8:
		a, b = *(*uint64)(p), *(*uint64)(unsafe.Add(p, n-8))
	case n >= 4:
		a, b = uint64(*(*uint32)(p)), uint64(*(*uint32)(unsafe.Add(p, n-4)))
	case n > 0:
		a, b = uint64(*(*uint8)(p)), uint64(key[n>>1])<<8|uint64(key[n-1])
	}
	return (a ^ bits.RotateLeft64(b, 29) ^ uint64(n)*0x9fb21c651e98df25) * spread
}

// placeOf is place for the keys of several owners that share one table.
func placeOf(owner unsafe.Pointer, key string) uint64 {
	return (place(key) ^ uint64(uintptr(owner))) * spread
}

// voids are the values that mean nothing.
type voids struct {
	words []string
	ends  uint64 // a bit each, by length and last byte: most values are told by theirs
}

func newVoids(words []string) voids {
	b := voids{words: words}
	for _, w := range words {
		b.ends |= endBit(w)
	}
	return b
}

func (b *voids) has(value string) bool {
	return isBlank(value) || b.ends&endBit(value) != 0 && slices.Contains(b.words, value)
}

// isBlank says whether a value is nothing, or nothing but blanks: a column of a fixed width, mostly.
func isBlank(value string) bool {
	return value == "" || value[len(value)-1] <= ' ' && strings.TrimSpace(value) == ""
}

func endBit(s string) uint64 {
	if s == "" {
		return 1
	}
	return 1 << ((len(s)*7 + int(s[len(s)-1])) & 63)
}
