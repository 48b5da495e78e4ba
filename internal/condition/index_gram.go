package condition

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"
)

// grams finds literals in a text by one four-byte window of each: its rarest among all
// literals. A bitmap of 4 KiB turns most positions away; it stays in the first cache,
// which an automaton over ten thousand literals does not.
type grams struct {
	bits  [bitmapSize / 64]uint64
	keys  []uint32 // open addressing; by slot
	heads []int32  // by slot: first literal with that window, -1 none
	mask  uint32
	lits  []gramText
	step  int        // how far apart the windows are that are looked up
	short []gramText // less than four bytes: searched one by one
	loose uint32     // or'ed to each window: what is not compared
}

// loosely compares texts without the bit that tells capitals: all that is equal but for
// case is equal then, and a little more.
const loosely = 0x20202020

type gramText struct {
	text   string
	anchor anchor
	offset int32 // where its window begins
	next   int32 // next literal with the same window, -1 none
	rules  []int32
}

const (
	gramWindow = 4
	bitmapSize = 1 << 15
	gramSpread = 2654435761 // Knuth's multiplicative hash
)

// maxStride is the most positions that a search for a few long texts steps over at once.
const maxStride = 4

// newGrams builds the finder. The order of lits does not matter. Where they are long, a
// stride above 1 looks only at every second, third or fourth position of a text: of each
// literal as many neighbouring windows are known, so one of them is seen. That fills the
// bitmap, so it is for few literals. loose is what is not compared, 0 or loosely.
func newGrams(lits []gramText, stride int, loose uint32) *grams {
	for _, l := range lits {
		stride = max(1, min(stride, len(l.text)-gramWindow+1))
	}
	freq := map[uint32]int{}
	for _, l := range lits {
		for i := 0; i+gramWindow <= len(l.text); i++ {
			freq[gramAt(l.text, i)|loose]++
		}
	}
	size := 16
	for size < 4*len(lits)*stride {
		size *= 2
	}
	g := &grams{keys: make([]uint32, size), heads: make([]int32, size), mask: uint32(size - 1), step: stride, loose: loose}
	for i := range g.heads {
		g.heads[i] = -1
	}
	for _, l := range lits {
		if len(l.text) < gramWindow {
			g.short = append(g.short, l)
			continue
		}
		best := 0
		for i := 0; i+gramWindow+stride-1 <= len(l.text); i++ {
			if freq[gramAt(l.text, i)|loose] < freq[gramAt(l.text, best)|loose] {
				best = i
			}
		}
		for i := range stride {
			l.offset = int32(best + i)
			g.add(l)
		}
	}
	return g
}

func gramAt(s string, i int) uint32 {
	return binary.LittleEndian.Uint32(unsafe.Slice(unsafe.StringData(s), len(s))[i:])
}

func (g *grams) add(l gramText) {
	w := gramAt(l.text, int(l.offset)) | g.loose
	h := w * gramSpread
	g.bits[h>>17>>6] |= 1 << (h >> 17 & 63)
	slot := h & g.mask
	for g.heads[slot] >= 0 && g.keys[slot] != w {
		slot = (slot + 1) & g.mask
	}
	l.next = g.heads[slot]
	g.keys[slot], g.heads[slot] = w, int32(len(g.lits))
	g.lits = append(g.lits, l)
}

// scan calls hit with the rules of every literal that stands in s.
func (g *grams) scan(s string, hit func([]int32)) {
	g.scanShort(s, hit)
	g.scanLong(s, hit)
}

// scanShort is scan for the literals of less than four bytes, which are never compared loosely.
func (g *grams) scanShort(s string, hit func([]int32)) {
	for i := range g.short {
		if l := &g.short[i]; l.stands(s) {
			hit(l.rules)
		}
	}
}

// scanLong is scan for the other literals.
func (g *grams) scanLong(s string, hit func([]int32)) {
	if len(g.lits) == 0 {
		return
	}
	p, loose, step := unsafe.Pointer(unsafe.StringData(s)), g.loose, g.step
	for i := 0; i+gramWindow <= len(s); i += step {
		w := binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(p, i))[:]) | loose
		h := w * gramSpread
		if g.bits[h>>23]>>(h>>17&63)&1 != 0 {
			g.window(s, i, w, h, hit)
		}
	}
}

// loosely says whether one of the literals may stand in s, and whether all of s is ASCII.
// None is short, and no step is longer than eight bytes.
func (g *grams) loosely(s string) (found, ascii bool) {
	p, loose, step := unsafe.Pointer(unsafe.StringData(s)), g.loose, g.step
	var all uint64
	i := 0
	for ; i+8 <= len(s); i += step {
		w := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
		all |= w
		h := (uint32(w) | loose) * gramSpread
		if g.bits[h>>23]>>(h>>17&63)&1 != 0 && g.stands(s, i, uint32(w)|loose, h) {
			return true, false
		}
	}
	for _, c := range []byte(s[min(i, len(s)):]) {
		all |= uint64(c)
	}
	for ; i+gramWindow <= len(s); i += step {
		w := binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(p, i))[:]) | loose
		if h := w * gramSpread; g.stands(s, i, w, h) {
			return true, false
		}
	}
	return false, all&highs == 0
}

// stands says whether a literal whose window stands at i of s does.
func (g *grams) stands(s string, i int, w, h uint32) (found bool) {
	g.window(s, i, w, h, func([]int32) { found = true })
	return found
}

// any says whether one of the literals stands in s.
func (g *grams) any(s string) bool {
	found := false
	g.scan(s, func([]int32) { found = true })
	return found
}

// window calls hit for the literals whose window stands at i of s.
func (g *grams) window(s string, i int, w, h uint32, hit func([]int32)) {
	for slot := h & g.mask; g.heads[slot] >= 0; slot = (slot + 1) & g.mask {
		if g.keys[slot] != w {
			continue
		}
		for n := g.heads[slot]; n >= 0; n = g.lits[n].next {
			if l := &g.lits[n]; l.at(s, i-int(l.offset), g.loose) {
				hit(l.rules)
			}
		}
		return
	}
}

// at says whether the literal stands at position i of s.
func (l *gramText) at(s string, i int, loose uint32) bool {
	end := i + len(l.text)
	if i < 0 || end > len(s) || l.anchor&atStart != 0 && i != 0 || l.anchor&atEnd != 0 && end != len(s) {
		return false
	}
	if loose == 0 {
		return s[i:end] == l.text
	}
	n := len(l.text) - gramWindow
	for k := 0; k < n; k += gramWindow {
		if (gramAt(s, i+k)^gramAt(l.text, k))|loose != loose {
			return false
		}
	}
	return (gramAt(s, i+n)^gramAt(l.text, n))|loose == loose
}

// stands says whether the literal stands where it must.
func (l *gramText) stands(s string) bool {
	switch l.anchor {
	case atStart:
		return strings.HasPrefix(s, l.text)
	case atEnd:
		return strings.HasSuffix(s, l.text)
	}
	return strings.Contains(s, l.text)
}

// looseHash is the same for texts that are equal but for the case of ASCII; ascii says that
// s has nothing else.
func looseHash(s string) (h uint64, ascii bool) {
	const spread = 0x9e3779b97f4a7c15
	n := len(s)
	p := unsafe.Pointer(unsafe.StringData(s))
	h = uint64(n)
	var all, last uint64
	switch {
	case n >= 8:
		for i := 0; i < n-8; i += 8 {
			w := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
			all |= w
			h = bits.RotateLeft64((h^(w|ones*0x20))*spread, 29)
		}
		last = *(*uint64)(unsafe.Add(p, n-8))
	case n >= 4:
		last = uint64(*(*uint32)(p)) | uint64(*(*uint32)(unsafe.Add(p, n-4)))<<32
	case n > 0:
		last = uint64(s[0]) | uint64(s[n>>1])<<8 | uint64(s[n-1])<<16
	}
	all |= last
	h = (h ^ (last | ones*0x20)) * spread
	return h ^ h>>32, all&highs == 0
}
