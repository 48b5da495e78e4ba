package normalize

import "sluice/normalize/header"

// rule is one way to recognize a pack's lines: all texts stand in the message,
// or the program of the syslog header is one of these.
type rule struct {
	texts    []string
	programs []string
}

// maxLook is how much of a message the recognizer reads: anchors stand early.
const maxLook = 512

// maxTexts is how many texts one rule may ask for together: a bit each.
const maxTexts = 8

// recognizer finds the packs that may read a message. All texts of all packs are
// searched in one pass (Aho-Corasick over byte classes), so a pack more costs a
// line nothing. It is immutable; a lookup's scratch is a look.
type recognizer struct {
	class    [256]uint8
	classes  int
	next     []int32 // by state + class: the next state, a multiple of classes; -1 - state: with hits
	out      [][]hit // by state / classes
	programs map[string][]*pack
	rules    []ruleState
}

type hit struct {
	rule int16
	text uint8
}

type ruleState struct {
	pack *pack
	want uint8 // bits, one a text
}

// look is the scratch of one lookup.
type look struct {
	seen  []uint8 // by rule: the texts found
	dirty []int16 // rules with a bit in seen
	found []*pack
}

func newRecognizer(packs []*pack) *recognizer {
	r := &recognizer{programs: map[string][]*pack{}, classes: 1}
	var lits []string
	var hits []hit
	for _, p := range packs {
		for _, ru := range p.recognize {
			for _, prog := range ru.programs {
				r.programs[prog] = append(r.programs[prog], p)
			}
			if len(ru.texts) == 0 {
				continue
			}
			id := int16(len(r.rules))
			r.rules = append(r.rules, ruleState{pack: p, want: 1<<len(ru.texts) - 1})
			for i, t := range ru.texts {
				lits, hits = append(lits, t), append(hits, hit{id, uint8(i)})
			}
		}
	}
	r.build(lits, hits)
	return r
}

// build makes the automaton: a trie, then failure links breadth first, folded
// into the transition table.
func (r *recognizer) build(lits []string, hits []hit) {
	for _, l := range lits {
		for i := 0; i < len(l); i++ {
			if r.class[l[i]] == 0 {
				r.class[l[i]] = uint8(r.classes)
				r.classes++
			}
		}
	}
	n := r.classes
	r.next, r.out = make([]int32, n), make([][]hit, 1)
	for i, l := range lits {
		st := int32(0)
		for j := 0; j < len(l); j++ {
			at := st*int32(n) + int32(r.class[l[j]])
			if r.next[at] == 0 {
				r.next[at] = int32(len(r.out))
				r.next = append(r.next, make([]int32, n)...)
				r.out = append(r.out, nil)
			}
			st = r.next[at]
		}
		r.out[st] = append(r.out[st], hits[i])
	}
	fail := make([]int32, len(r.out))
	var queue []int32
	for c := range n {
		if s := r.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		r.out[s] = append(r.out[s], r.out[fail[s]]...)
		for c := range n {
			at := int(s)*n + c
			if t := r.next[at]; t != 0 {
				fail[t] = r.next[int(fail[s])*n+c]
				queue = append(queue, t)
			} else {
				r.next[at] = r.next[int(fail[s])*n+c]
			}
		}
	}
	for i, st := range r.next { // ready for find, which does this a byte
		r.next[i] = st * int32(n)
		if len(r.out[st]) > 0 {
			r.next[i] = -1 - r.next[i]
		}
	}
}

// find returns the pack for a message, or nil. The rule whose texts are complete
// first wins: anchors stand where the device's own part begins. Where rules of
// several packs complete at the same byte, the origin's last pack is taken, else
// the first one loaded.
func (r *recognizer) find(h *header.Header, last *pack, look *look) *pack {
	if h.Program != "" {
		if p := prefer(r.programs[h.Program], last); p != nil {
			return p
		}
	}
	if len(look.seen) < len(r.rules) {
		look.seen = make([]uint8, len(r.rules))
	}
	msg := h.Message
	if len(msg) > maxLook {
		msg = msg[:maxLook]
	}
	look.found = look.found[:0]
	st := int32(0)
	for i := 0; i < len(msg); i++ {
		if st = r.next[st+int32(r.class[msg[i]])]; st >= 0 {
			continue
		}
		st = -1 - st
		if r.hits(r.out[int(st)/r.classes], look) {
			break
		}
	}
	for _, d := range look.dirty {
		look.seen[d] = 0
	}
	look.dirty = look.dirty[:0]
	return prefer(look.found, last)
}

// hits notes the texts that end here, and says whether a rule has all of its texts.
func (r *recognizer) hits(found []hit, look *look) bool {
	for _, h := range found {
		if look.seen[h.rule] == 0 {
			look.dirty = append(look.dirty, h.rule)
		}
		look.seen[h.rule] |= 1 << h.text
		if ru := &r.rules[h.rule]; look.seen[h.rule] == ru.want {
			look.found = append(look.found, ru.pack)
		}
	}
	return len(look.found) > 0
}

// prefer picks last if it is among packs, else the one that was loaded first.
func prefer(packs []*pack, last *pack) *pack {
	var best *pack
	for _, p := range packs {
		if p == last {
			return p
		}
		if best == nil || p.order < best.order {
			best = p
		}
	}
	return best
}
