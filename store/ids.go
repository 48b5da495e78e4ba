package store

import "math/bits"

// idFilter tells which of the newest segments may hold an id. The filters of up to 64
// segments lie crosswise: word i holds bit i of each, so one look-up asks 64 segments at the
// cost of one. 100 million ids in 200 MB take some 300 memory reads.
type idFilter struct {
	max    int64
	groups []*idGroup // oldest first
}

type idGroup struct {
	words []uint64 // by bit of the filters
	segs  []*segment
	used  uint64 // segments that are still there
}

// filterWords is the length of a filter of n ids: a power of two, so that segments of
// nearly the same size share a group.
func filterWords(n int) int { return max(16, 1<<bits.Len(uint(max(1, n*idBits-1)))/64) }

func (f *idFilter) bytes() (n int64) {
	for _, g := range f.groups {
		n += int64(8 * len(g.words))
	}
	return n
}

// add takes a segment with the bytes of its filter. The oldest groups go when there is no
// room: ids in them are no longer checked by create.
func (f *idFilter) add(s *segment, filter []byte) {
	n := 8 * len(filter)
	var g *idGroup
	for i := len(f.groups) - 1; i >= 0 && g == nil; i-- {
		if x := f.groups[i]; len(x.words) == n && len(x.segs) < 64 {
			g = x
		}
	}
	if g == nil {
		g = &idGroup{words: make([]uint64, n)}
		f.groups = append(f.groups, g)
	}
	bit := uint64(1) << len(g.segs)
	g.segs = append(g.segs, s)
	g.used |= bit
	for i, b := range filter {
		for ; b != 0; b &= b - 1 {
			g.words[8*i+bits.TrailingZeros8(b)] |= bit
		}
	}
	for len(f.groups) > 1 && f.bytes() > f.max {
		f.groups = f.groups[1:]
	}
}

func (f *idFilter) remove(s *segment) {
	for i, g := range f.groups {
		for k, x := range g.segs {
			if x == s {
				g.used &^= 1 << k
			}
		}
		if g.used == 0 {
			f.groups = append(f.groups[:i:i], f.groups[i+1:]...)
			return
		}
	}
}

// find gives the segments that may hold the id with this hash, newest first.
func (f *idFilter) find(id string, h uint64, dst []*segment) []*segment {
	for i := len(f.groups) - 1; i >= 0; i-- {
		g := f.groups[i]
		w, x, mask := g.used, h, uint64(len(g.words)-1)
		for p := 0; p < bloomProbes && w != 0; p++ {
			w &= g.words[x&mask]
			x = nextProbe(x)
		}
		for ; w != 0; w &= w - 1 {
			s := g.segs[bits.TrailingZeros64(w)]
			if id >= s.sum.minID && id <= s.sum.maxID {
				dst = append(dst, s)
			}
		}
	}
	return dst
}
