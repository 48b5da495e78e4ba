package normalize

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"sluice/internal/jsontape"
	"sluice/normalize/header"
	"sluice/normalize/pattern"
)

// rule is one way to recognize a pack's lines: all texts stand in the message, the
// message starts with a text, is a JSON object with certain keys or fits a pattern, the
// program of the syslog header is one of these, or what RFC 5424's header names fits a pattern
// or has structured data of one of these ids.
type rule struct {
	texts    []string
	programs []string
	common   bool // the programs' names are words that others use, too
	start    string
	json     []jsonClaim
	pattern  *pattern.Pattern
	head     *pattern.Pattern // of program, process and message id of RFC 5424's header
	elements []string         // ids of its structured data; one that ends in *: what they begin with
	format   format
}

// maxLook is how much of a message the recognizer reads: anchors stand early.
const maxLook = 512

// maxTexts is how many texts one rule may ask for together: a bit each.
const maxTexts = 8

// recognizer finds the packs that may read a message. The texts of all packs are searched
// in one pass, so a pack more costs a line nothing. It is immutable; a lookup's scratch is
// a look.
type recognizer struct {
	texts    textTable
	programs keys[[]*pack]
	commons  keys[[]shaped] // of programs, the packs to which the name is a common one, and the form of their texts
	fronts   []shaped       // rules over the header
	elements []elementRule  // and over its structured data
	objects  objects        // rules over JSON objects
	shapes   []shaped
	heads    *pattern.Heads // of shapes
}

// shaped is a rule by pattern or by format: for what has no text to search for.
type shaped struct {
	pack    *pack
	pattern *pattern.Pattern
	format  format
	open    bool // the pattern lets a text begin with anything, so with what wraps it, too
}

// fits says whether the message is of the rule's shape.
func (s *shaped) fits(msg string, json jsontape.Value, look *look) bool {
	if s.pattern == nil {
		return s.format.of(msg, json)
	}
	caps, ok := s.pattern.Fits(msg, look.caps[:0])
	look.caps = caps
	return ok
}

// look is the scratch of one lookup.
type look struct {
	texts textsFound
	tried []*pack // they recognized the line and could not read it

	byProgram bool   // what was found last was found by the program's name
	common    bool   // by one that others use, too, and the origin's line before was another's
	nameless  bool   // such names count for nothing, since the pack did not know the text
	byFront   bool   // by what RFC 5424's header names, which is a form of its own
	front     []byte // that, a blank between each
	nests     bool   // the object has objects in it, or nobody looked
	keys      keysSeen
	caps      []pattern.Span
	may       []uint64 // a bit a shape
}

func newRecognizer(packs []*pack) *recognizer {
	r := &recognizer{}
	for _, p := range packs {
		for _, ru := range p.recognize {
			for _, prog := range ru.programs {
				of := r.programs.at(prog)
				*of = append(*of, p)
				if ru.common {
					commons := r.commons.at(prog)
					*commons = append(*commons, shaped{pack: p, pattern: ru.pattern})
				}
			}
			if ru.head != nil {
				r.fronts = append(r.fronts, shaped{pack: p, pattern: ru.head})
			}
			for _, id := range ru.elements {
				r.elements = append(r.elements, elementRule{id, p})
			}
			if len(ru.json) > 0 {
				r.objects.add(p, ru.json)
			}
			if ru.pattern != nil && !ru.common || ru.format != formatNone {
				r.shapes = append(r.shapes, shaped{pack: p, pattern: ru.pattern, format: ru.format})
			}
			if len(ru.texts) > 0 || ru.start != "" {
				r.texts.rules = append(r.texts.rules, textRule{pack: p, texts: ru.texts, start: ru.start})
			}
		}
	}
	r.texts.build()
	r.objects.build()
	var patterns []*pattern.Pattern
	for i := range r.shapes {
		patterns = append(patterns, r.shapes[i].pattern)
	}
	r.heads = pattern.NewHeads(patterns)
	for i := range r.shapes {
		r.shapes[i].open = r.shapes[i].pattern != nil && r.heads.Open(i)
	}
	return r
}

// find returns the pack for a message, or nil; json is the message where it is a JSON
// object. Who reads a format in general (generic) yields to who knows the device. Of
// JSON objects the rule that asks for most decides; of other messages the rule whose
// texts are complete first: anchors stand where the device's own part begins. Where
// rules of several packs are complete at once, the origin's last pack is taken, else
// the first one loaded. Patterns are asked last. Packs in look.tried are passed over, and
// those whose lines have a form that the message has not (only).
func (r *recognizer) find(h *header.Header, json jsontape.Value, last *pack, look *look) *pack {
	tried := len(look.tried)
	defer func() { look.tried = look.tried[:tried] }()
	for {
		p := r.claims(h, json, last, look)
		if p == nil || look.byFront || p.admits(strings.TrimLeft(h.Message, " "), look) {
			return p
		}
		look.tried = append(look.tried, p)
	}
}

// headNames appends what RFC 5424's header names, a blank between each.
func headNames(dst []byte, h *header.Header) []byte {
	return append(append(append(append(append(dst, h.Program...), ' '), cmp.Or(h.PID, "-")...), ' '), h.MsgID...)
}

// admits says whether a message has the form of the pack's lines.
func (p *pack) admits(msg string, look *look) bool {
	for _, form := range p.only {
		caps, ok := form.Fits(msg, look.caps[:0])
		if look.caps = caps; ok {
			return true
		}
	}
	return len(p.only) == 0
}

// quotes says whether a message that is no object of JSON holds such: in a list, behind a tag or a time
// there, or one behind the other.
func quotes(msg string) bool {
	if len(msg) < 4 {
		return false
	}
	switch msg[0] {
	case '{':
		return len(oneBehindOther(nil, msg)) > 0
	case '[':
		at := blanks(msg, 1)
		c := msg[min(at, len(msg)-1)]
		return (c == '"' || c == '{' || c-'0' < 10) && strings.HasSuffix(strings.TrimRight(msg, " \r\n"), "]") && strings.Contains(msg, `{"`)
	}
	return false
}

// claims finds a pack that recognizes the message.
func (r *recognizer) claims(h *header.Header, json jsontape.Value, last *pack, look *look) *pack {
	look.byProgram, look.common, look.byFront, look.nests = false, false, false, true
	if h.Program != "" {
		if of := r.programs.get(h.Program); of != nil {
			if p := prefer(*of, last, look.tried); p != nil {
				look.byProgram = true
				look.common = p != last && r.common(h, p, look)
				if !look.common || !look.nameless {
					return p
				}
				look.byProgram, look.common = false, false
			}
		}
	}
	if h.MsgID != "" && h.Program != "" && len(r.fronts) > 0 {
		look.front = headNames(look.front[:0], h)
		front := view(look.front)
		for i := range r.fronts {
			if s := &r.fronts[i]; !slices.Contains(look.tried, s.pack) && s.fits(front, json, look) {
				look.byFront = true
				return s.pack
			}
		}
	}
	if h.StructuredData != "" && len(r.elements) > 0 {
		if p := r.ofElements(h.StructuredData, look); p != nil {
			look.byFront = true
			return p
		}
	}
	if json.OK() {
		if p := r.objects.find(json, last, look); p != nil {
			return p
		}
	}
	msg := strings.TrimLeft(h.Message, " ") // relays leave the space behind the header they took off
	var p *pack
	quoted := json.OK() || quotes(msg) // what an object quotes is a line of its own: its envelope is read first
	if !quoted {
		p = r.texts.find(msg, last, look)
	}
	if p != nil && !p.generic {
		return p
	}
	if msg == "" {
		return p
	}
	look.may = r.heads.May(msg, look.may[:0])
	for n, word := range look.may {
		for ; word != 0; word &= word - 1 {
			s := &r.shapes[n*64+bits.TrailingZeros64(word)]
			if p != nil && s.pack.generic || quoted && s.open || slices.Contains(look.tried, s.pack) || !s.fits(msg, json, look) {
				continue
			}
			if !s.pack.generic {
				return s.pack
			}
			p = s.pack // until one is found that knows the device
		}
	}
	return p
}

// elementRule says that structured data with an element of that id is the pack's.
type elementRule struct {
	id   string
	pack *pack
}

func (e *elementRule) is(id string) bool {
	start, all := strings.CutSuffix(e.id, "*")
	return id == e.id || all && strings.HasPrefix(id, start)
}

// ofElements finds the pack of the first element that one asks for.
func (r *recognizer) ofElements(sd string, look *look) *pack {
	for id, _, rest := header.NextElement(sd); id != ""; id, _, rest = header.NextElement(rest) {
		for i := range r.elements {
			if e := &r.elements[i]; e.is(id) && !slices.Contains(look.tried, e.pack) {
				return e.pack
			}
		}
	}
	return nil
}

// common says that the program's name is one that p shares with anybody, and that the text has no form
// by which p tells its own.
func (r *recognizer) common(h *header.Header, p *pack, look *look) bool {
	of := r.commons.get(h.Program)
	if of == nil {
		return false
	}
	found := false
	for i := range *of {
		if s := &(*of)[i]; s.pack == p {
			if found = true; s.pattern != nil && s.fits(strings.TrimLeft(h.Message, " "), jsontape.Value{}, look) {
				return false
			}
		}
	}
	return found
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
