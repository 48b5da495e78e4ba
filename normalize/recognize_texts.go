package normalize

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"
)

// textTable finds the rules whose texts stand in a message. Of each rule it looks for four
// bytes only, the rarest of all its texts, and where they are for the rest. Four bytes of
// the message at a time are asked for by a bit of their hash; nearly everywhere that is
// all. An automaton over all texts has five megabytes, so that each byte of a message
// waits for memory.
type textTable struct {
	rules   []textRule
	filter  [1 << 10]uint64 // by hash of four bytes: they may be of a rule
	slots   [1 << 12]uint32 // by hash of four bytes: 1 + an index in anchors; 0: none
	anchors []anchor
	starts  []int    // rules whose text begins the message, by its first byte
	first   [257]int // where in starts those of a byte begin
}

// textRule asks for texts, or for one that begins the message.
type textRule struct {
	pack  *pack
	texts []string
	start string
}

// anchor says that where four bytes are, a rule's text may begin off bytes in front.
type anchor struct {
	bytes, mask uint32
	rule, off   uint32
	next        uint32 // 1 + the next one in its slot; 0: none
	which       uint32 // of the rule's texts
	text        string
}

// anchorLen is how many bytes of a rule are looked for.
const anchorLen = 4

// textsFound is the scratch of a search.
type textsFound struct {
	asked []uint64   // a bit a rule: it was looked at already
	dirty []uint32   // words of asked
	done  []textDone // rules that hold, by the end of the text that is complete last
	packs []*pack
}

type textDone struct {
	end  int
	pack *pack
}

func (t *textTable) build() {
	uses := map[string]int{}
	for _, r := range t.rules {
		for _, text := range r.texts {
			for i := range len(text) - anchorLen + 1 {
				uses[text[i:i+anchorLen]]++
			}
		}
	}
	for c := range 256 {
		t.first[c] = len(t.starts)
		for id, r := range t.rules {
			if r.start != "" && int(r.start[0]) == c {
				t.starts = append(t.starts, id)
			}
		}
	}
	t.first[256] = len(t.starts)
	for id, r := range t.rules {
		if r.start == "" {
			t.add(rarest(id, r.texts, uses))
		}
	}
}

// rarest is the part of a rule's texts that fewest others have.
func rarest(id int, texts []string, uses map[string]int) anchor {
	best, least := anchor{rule: uint32(id), text: texts[0]}, 1<<30
	for which, text := range texts {
		for i := range len(text) - anchorLen + 1 {
			if n := uses[text[i:i+anchorLen]]; n < least {
				best.which, best.text, best.off, least = uint32(which), text, uint32(i), n
			}
		}
	}
	return best
}

// add puts an anchor where its four bytes are looked up; of a text of three bytes, the
// fourth may be any.
func (t *textTable) add(a anchor) {
	a.bytes, a.mask = four(a.text[a.off:]), ^uint32(0)
	if len(a.text) < anchorLen {
		for c := range uint32(256) {
			t.enter(a, a.bytes|c<<24, ^uint32(0)>>8)
		}
		return
	}
	t.enter(a, a.bytes, ^uint32(0))
}

func (t *textTable) enter(a anchor, bytes, mask uint32) {
	h := hash4(bytes)
	t.filter[h>>6] |= 1 << (h & 63)
	slot := &t.slots[h>>4]
	a.mask, a.next = mask, *slot
	t.anchors = append(t.anchors, a)
	*slot = uint32(len(t.anchors))
}

// four are the first bytes of s, behind its end 0.
func four(s string) (w uint32) {
	for i := range min(len(s), anchorLen) {
		w |= uint32(s[i]) << (8 * i)
	}
	return w
}

func hash4(w uint32) uint32 { return w * 0x9e3779b1 >> 16 }

// next is the first place at or behind i where bytes of a rule may stand. Those at the
// very end, where four are no more, are always looked at.
func (t *textTable) next(msg string, i int) int {
	b := unsafe.Slice(unsafe.StringData(msg), len(msg))
	for ; i+anchorLen <= len(b); i++ {
		h := hash4(binary.LittleEndian.Uint32(b[i:]))
		if t.filter[h>>6]&(1<<(h&63)) != 0 {
			return i
		}
	}
	return i
}

// find returns the pack whose rule is complete first: the texts stand in the first bytes
// of the message. Who reads a format in general yields to who knows the device.
func (t *textTable) find(msg string, last *pack, look *look) *pack {
	f := &look.texts
	if f.asked == nil {
		f.asked = make([]uint64, len(t.rules)/64+1)
	}
	msg = msg[:min(len(msg), maxLook)]
	f.done = f.done[:0]
	if msg != "" {
		for _, id := range t.starts[t.first[msg[0]]:t.first[int(msg[0])+1]] {
			if r := &t.rules[id]; strings.HasPrefix(msg, r.start) {
				f.add(len(r.start), r.pack)
			}
		}
	}
	var general *pack
	for i := 0; ; i++ {
		i = t.next(msg, i)
		p := f.settle(i+minText-1, last, look.tried) // what is found from here on ends later
		if p != nil && !p.generic {
			general = p
			break
		}
		if general == nil {
			general = p
		}
		if i+minText > len(msg) {
			break
		}
		t.ask(msg, i, f)
	}
	for _, w := range f.dirty {
		f.asked[w] = 0
	}
	f.dirty = f.dirty[:0]
	return general
}

// ask looks at the rules that the bytes at i may be of.
func (t *textTable) ask(msg string, i int, f *textsFound) {
	bytes := four(msg[i:])
	for n := t.slots[hash4(bytes)>>4]; n != 0; {
		a := &t.anchors[n-1]
		n = a.next
		w, bit := a.rule/64, uint64(1)<<(a.rule%64)
		if (a.bytes^bytes)&a.mask != 0 || i < int(a.off) || f.asked[w]&bit != 0 || !strings.HasPrefix(msg[i-int(a.off):], a.text) {
			continue
		}
		if f.asked[w] == 0 {
			f.dirty = append(f.dirty, w)
		}
		f.asked[w] |= bit
		if end := t.rules[a.rule].end(msg, int(a.which), i-int(a.off)); end >= 0 {
			f.add(end, t.rules[a.rule].pack)
		}
	}
}

// end is where the last of the rule's texts is complete, of which one was found at a place,
// its first; -1: one is missing.
func (r *textRule) end(msg string, found, at int) int {
	end := 0
	for which, text := range r.texts {
		i := at
		if which != found {
			i = strings.Index(msg, text)
		}
		if i < 0 {
			return -1
		}
		end = max(end, i+len(text))
	}
	return end
}

func (f *textsFound) add(end int, p *pack) {
	at := len(f.done)
	for at > 0 && f.done[at-1].end > end {
		at--
	}
	f.done = slices.Insert(f.done, at, textDone{end, p})
}

// settle goes through the rules that are complete at byte end, in their order, until one
// knows the device; else it returns the first that knows the format.
func (f *textsFound) settle(end int, last *pack, tried []*pack) *pack {
	var general *pack
	n := 0
	for n < len(f.done) && f.done[n].end <= end {
		f.packs = f.packs[:0]
		for at := f.done[n].end; n < len(f.done) && f.done[n].end == at; n++ {
			f.packs = append(f.packs, f.done[n].pack)
		}
		p := prefer(f.packs, last, tried)
		if p != nil && !p.generic {
			return p
		}
		if general == nil {
			general = p
		}
	}
	if n > 0 {
		f.done = slices.Delete(f.done, 0, n)
	}
	return general
}
