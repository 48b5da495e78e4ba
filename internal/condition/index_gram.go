package condition

import (
	"encoding/binary"
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
}

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
// bitmap, so it is for few literals.
func newGrams(lits []gramText, stride int) *grams {
	for _, l := range lits {
		stride = max(1, min(stride, len(l.text)-gramWindow+1))
	}
	freq := map[uint32]int{}
	for _, l := range lits {
		for i := 0; i+gramWindow <= len(l.text); i++ {
			freq[gramAt(l.text, i)]++
		}
	}
	size := 16
	for size < 4*len(lits)*stride {
		size *= 2
	}
	g := &grams{keys: make([]uint32, size), heads: make([]int32, size), mask: uint32(size - 1), step: stride}
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
			if freq[gramAt(l.text, i)] < freq[gramAt(l.text, best)] {
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
	w := gramAt(l.text, int(l.offset))
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
	for i := range g.short {
		if l := &g.short[i]; l.stands(s) {
			hit(l.rules)
		}
	}
	if len(g.lits) == 0 {
		return
	}
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for i := 0; i+gramWindow <= len(b); i += g.step {
		w := binary.LittleEndian.Uint32(b[i:])
		h := w * gramSpread
		if g.bits[h>>23]>>(h>>17&63)&1 != 0 {
			g.window(s, i, w, h, hit)
		}
	}
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
			if l := &g.lits[n]; l.at(s, i-int(l.offset)) {
				hit(l.rules)
			}
		}
		return
	}
}

// at says whether the literal stands at position i of s.
func (l *gramText) at(s string, i int) bool {
	end := i + len(l.text)
	if i < 0 || end > len(s) || l.anchor&atStart != 0 && i != 0 || l.anchor&atEnd != 0 && end != len(s) {
		return false
	}
	return s[i:end] == l.text
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
