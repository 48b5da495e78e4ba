package normalize

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"sluice/normalize/header"
	"sluice/normalize/pattern"
)

// rule is one way to recognize a pack's lines: all texts stand in the message, the
// message starts with a text, is a JSON object with certain keys or fits a pattern, or
// the program of the syslog header is one of these.
type rule struct {
	texts    []string
	programs []string
	start    string
	json     []jsonClaim
	pattern  *pattern.Pattern
	format   format
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
	programs keys[[]*pack]
	rules    []ruleState
	objects  objects // rules over JSON objects
	shapes   []shaped
}

// shaped is a rule by pattern or by format: for what has no text to search for.
type shaped struct {
	pack    *pack
	pattern *pattern.Pattern
	format  format
}

// fits says whether the message is of the rule's shape.
func (s *shaped) fits(msg string, json *fastjson.Object, look *look) bool {
	if s.pattern == nil {
		return s.format.of(msg, json)
	}
	caps, ok := s.pattern.Fits(msg, look.caps[:0])
	look.caps = caps
	return ok
}

type hit struct {
	rule   int16
	length int16
	text   uint8
}

type ruleState struct {
	pack  *pack
	want  uint8 // bits, one a text
	start bool  // the text begins the message
}

// look is the scratch of one lookup.
type look struct {
	seen  []uint8 // by rule: the texts found
	dirty []int16 // rules with a bit in seen
	found []*pack
	tried []*pack // they recognized the line and could not read it
	keys  keysSeen
	caps  []pattern.Span
}

func newRecognizer(packs []*pack) *recognizer {
	r := &recognizer{classes: 1}
	var lits []string
	var hits []hit
	for _, p := range packs {
		for _, ru := range p.recognize {
			for _, prog := range ru.programs {
				of := r.programs.at(prog)
				*of = append(*of, p)
			}
			if len(ru.json) > 0 {
				r.objects.add(p, ru.json)
			}
			if ru.pattern != nil || ru.format != formatNone {
				r.shapes = append(r.shapes, shaped{p, ru.pattern, ru.format})
			}
			texts := ru.texts
			if ru.start != "" {
				texts = []string{ru.start}
			}
			if len(texts) == 0 {
				continue
			}
			id := int16(len(r.rules))
			r.rules = append(r.rules, ruleState{pack: p, want: 1<<len(texts) - 1, start: ru.start != ""})
			for i, t := range texts {
				lits, hits = append(lits, t), append(hits, hit{rule: id, text: uint8(i), length: int16(len(t))})
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
	n, most := r.classes, 1
	for _, l := range lits {
		most += len(l)
	}
	r.next, r.out = make([]int32, n, n*most), make([][]hit, 1, most)
	for i, l := range lits {
		st := int32(0)
		for j := 0; j < len(l); j++ {
			at := st*int32(n) + int32(r.class[l[j]])
			if r.next[at] == 0 {
				r.next[at] = int32(len(r.out))
				r.next = r.next[:len(r.next)+n]
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

// find returns the pack for a message, or nil; json is the message where it is a JSON
// object. Who reads a format in general (generic) yields to who knows the device. Of
// JSON objects the rule that asks for most decides; of other messages the rule whose
// texts are complete first: anchors stand where the device's own part begins. Where
// rules of several packs are complete at once, the origin's last pack is taken, else
// the first one loaded. Patterns are asked last. Packs in look.tried are passed over.
func (r *recognizer) find(h *header.Header, json *fastjson.Object, last *pack, look *look) *pack {
	if h.Program != "" {
		if of := r.programs.get(h.Program); of != nil {
			if p := prefer(*of, last, look.tried); p != nil {
				return p
			}
		}
	}
	if json != nil {
		if p := r.objects.find(json, last, look); p != nil {
			return p
		}
	}
	msg := strings.TrimLeft(h.Message, " ") // relays leave the space behind the header they took off
	p := r.texts(msg, last, look)
	if p != nil && !p.generic {
		return p
	}
	for i := range r.shapes {
		s := &r.shapes[i]
		if p != nil && s.pack.generic || slices.Contains(look.tried, s.pack) {
			continue
		}
		if !s.fits(msg, json, look) {
			continue
		}
		if !s.pack.generic {
			return s.pack
		}
		p = s.pack // until one is found that knows the device
	}
	return p
}

// texts searches the message for the texts of all rules.
func (r *recognizer) texts(msg string, last *pack, look *look) *pack {
	if len(look.seen) < len(r.rules) {
		look.seen = make([]uint8, len(r.rules))
	}
	if len(msg) > maxLook {
		msg = msg[:maxLook]
	}
	var general *pack
	look.found = look.found[:0]
	st := int32(0)
	for i := 0; i < len(msg); i++ {
		if st = r.next[st+int32(r.class[msg[i]])]; st >= 0 {
			continue
		}
		st = -1 - st
		if !r.hits(r.out[int(st)/r.classes], i+1, look) {
			continue
		}
		p := prefer(look.found, last, look.tried)
		if p != nil && !p.generic {
			general = p
			break
		}
		if general == nil {
			general = p
		}
		look.found = look.found[:0]
	}
	for _, d := range look.dirty {
		look.seen[d] = 0
	}
	look.dirty = look.dirty[:0]
	return general
}

// hits notes the texts that end at byte end, and says whether a rule has all of its texts.
func (r *recognizer) hits(found []hit, end int, look *look) bool {
	for _, h := range found {
		ru := &r.rules[h.rule]
		if ru.start && int(h.length) != end {
			continue
		}
		if look.seen[h.rule] == 0 {
			look.dirty = append(look.dirty, h.rule)
		}
		look.seen[h.rule] |= 1 << h.text
		if look.seen[h.rule] == ru.want {
			look.found = append(look.found, ru.pack)
		}
	}
	return len(look.found) > 0
}

// prefer picks last if it is among packs, else the one that was loaded first; one that
// is generic only where no other is. Those in tried are passed over.
func prefer(packs []*pack, last *pack, tried []*pack) *pack {
	var best *pack
	for _, p := range packs {
		switch {
		case len(tried) > 0 && slices.Contains(tried, p):
		case best == nil, best.generic && !p.generic:
			best = p
		case p.generic != best.generic:
		case p == last, best != last && p.order < best.order:
			best = p
		}
	}
	return best
}
