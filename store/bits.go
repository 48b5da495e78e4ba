package store

import "math/bits"

// rows64 is a set of rows, one bit each.
type rows64 []uint64

func newRows(n int) rows64 { return make(rows64, (n+63)/64) }

func allRows(n int) rows64 {
	b := newRows(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

func (b rows64) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b rows64) clear(i uint32)    { b[i/64] &^= 1 << (i % 64) }
func (b rows64) has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b rows64) and(o rows64) {
	for i := range b {
		b[i] &= o[i]
	}
}

func (b rows64) or(o rows64) {
	for i := range b {
		b[i] |= o[i]
	}
}

// without removes o, which may be shorter.
func (b rows64) without(o rows64) {
	for i := range min(len(b), len(o)) {
		b[i] &^= o[i]
	}
}

func (b rows64) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b rows64) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// each calls f with the rows in order until it returns false.
func (b rows64) each(f func(uint32) bool) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			if !f(uint32(i*64 + bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}

// any tells whether a row in [from, to) is set.
func (b rows64) any(from, to int) bool {
	for i := from; i < to; {
		if i%64 == 0 && i+64 <= to {
			if b[i/64] != 0 {
				return true
			}
			i += 64
			continue
		}
		if b.has(uint32(i)) {
			return true
		}
		i++
	}
	return false
}
