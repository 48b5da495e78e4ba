package condition

import (
	"math"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"sluice/event"
)

// everything is all values of an event as texts, made when a leaf first asks for all.
type everything struct {
	textsOf, joinedOf uint32 // gen of the event that they belong to
	texts             []bothForms
	joined            string // the folded forms, with textEnd behind each
	buf               []byte
}

// bothForms is a text and its folded form.
type bothForms struct{ text, fold string }

// textEnd stands between texts that are searched at once; a log's text rarely holds it.
const textEnd = "\x00"

// maxJoined is how much of joined texts' memory is kept from event to event.
const maxJoined = 1 << 20

// allTexts are the values of the event of Begin, gathered once.
func (m *Machine) allTexts() []bothForms {
	e := &m.every
	if e.textsOf == m.gen {
		return e.texts
	}
	e.textsOf, e.texts = m.gen, e.texts[:0]
	withRaw := false
	for f, v := range m.ev.Range {
		if v.IsList() {
			items := m.ev.List(f)
			for i, fold := range m.folds(f, items) {
				e.texts = append(e.texts, bothForms{items[i], fold})
			}
			continue
		}
		text := m.text(v)
		e.texts = append(e.texts, bothForms{text, m.fold(f, text)})
		withRaw = withRaw || isRaw(text, m.ev.Raw)
	}
	m.ev.Undeclared(!withRaw, func(text string) bool {
		fold := text
		if lowerPrefix(text) < len(text) {
			fold = m.ownFolded(text)
		}
		e.texts = append(e.texts, bothForms{text, fold})
		return true
	})
	return e.texts
}

// isRaw says whether text is the line as it came.
func isRaw(text, raw string) bool {
	return len(text) == len(raw) && unsafe.StringData(text) == unsafe.StringData(raw)
}

// joined are the folded values of the event of Begin in one text, gathered once, to look
// for what stands in any of them. What stands in another value as it is, is left out: the
// line as it came is mostly one of them, and holds most others.
func (m *Machine) joined() string {
	e := &m.every
	if e.joinedOf == m.gen {
		return e.joined
	}
	if cap(e.buf) > maxJoined {
		e.buf = nil
	}
	e.joinedOf, e.buf = m.gen, e.buf[:0]
	if !m.join(true) {
		e.buf = e.buf[:0]
		m.join(false)
	}
	e.joined = unsafe.String(unsafe.SliceData(e.buf), len(e.buf))
	return e.joined
}

// join joins the values; withoutParts leaves out those that are a part of the raw line, which
// is right if that is a value too: then it says so.
func (m *Machine) join(withoutParts bool) (ok bool) {
	e, raw := &m.every, m.ev.Raw
	for f, v := range m.ev.Range {
		if v.IsList() {
			for _, text := range m.ev.List(f) {
				if withoutParts && partOf(v, text, raw) {
					continue
				}
				e.buf = append(appendFold(e.buf, text), textEnd...)
			}
			continue
		}
		text := m.text(v)
		switch {
		case !withoutParts:
		case isRaw(text, raw):
			ok = true
		case partOf(v, text, raw):
			continue
		}
		e.buf = append(appendFold(e.buf, text), textEnd...)
	}
	m.ev.Undeclared(!withoutParts, func(text string) bool {
		e.buf = append(appendFold(e.buf, text), textEnd...)
		return true
	})
	return ok
}

// partOf says whether text stands in raw as it is: it is a part of it, or a copy of one and the
// value says where that is. The runes at both ends are whole, so that both fold alike.
func partOf(v *event.Value, text, raw string) bool {
	from := int(uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(raw))))
	if from < 0 || from+len(text) > len(raw) {
		if from = int(v.Start); int(v.End)-from != len(text) || int(v.End) > len(raw) || raw[from:v.End] != text {
			return false
		}
	}
	to := from + len(text)
	return text != "" && utf8.RuneStart(raw[from]) && (to == len(raw) || utf8.RuneStart(raw[to]))
}

// hint tells most events that hold none of the values of a leaf over every field, without
// folding or copying a text.
type hint struct {
	once  sync.Once
	grams *grams // nil: the values are not such that it could
	least int    // bytes that the shortest value has
	whole bool   // what it looks for stands in a JSON text as it does without the text's escapes
	dates bool   // one of the values may stand in a date or number
}

// build makes the hint for values, where they are ASCII and not too short. It looks for the
// longest part of each that JSON does not escape, if that is long enough.
func (h *hint) build(values []string) {
	lits := make([]gramText, len(values))
	parts := make([]gramText, len(values))
	h.least, h.whole = math.MaxInt, true
	for i, v := range values {
		if _, ascii := looseHash(v); !ascii || len(v) < gramWindow {
			return
		}
		lits[i] = gramText{text: v}
		parts[i] = gramText{text: longest(strings.FieldsFunc(v, func(r rune) bool { return r < ' ' || strings.ContainsRune(`"\/`, r) }))}
		h.least, h.whole = min(h.least, len(v)), h.whole && len(parts[i].text) >= minPart
		h.dates = h.dates || strings.Trim(v, "0123456789-:.tz") == ""
	}
	if h.whole {
		lits = parts
	}
	h.grams = newGrams(lits, 2*maxStride, loosely)
}

// minPart is the length of a part that is rare enough to be looked for in place of the whole.
const minPart = 6

// mayHold says whether one of the values may stand in a value of the machine's event.
func (h *hint) mayHold(m *Machine, values []string) (may bool) {
	h.once.Do(func() { h.build(values) })
	if h.grams == nil || h.in(m.ev.Raw) {
		return true
	}
	m.ev.Elsewhere(h.least, func(v *event.Value, text string) bool {
		if text == "" {
			if typ := v.Type(); !h.dates && (typ == event.Date || typ == event.Long) {
				return true
			}
			text = m.text(v)
		} else if h.whole {
			if part := m.ev.Escaped(v); part != "" && !strings.Contains(part, `\u`) { // it was looked at in the line
				return true
			}
		}
		may = h.in(text)
		return !may
	})
	if !may {
		m.ev.Undeclared(false, func(text string) bool {
			may = len(text) >= h.least && h.in(text)
			return !may
		})
	}
	return may
}

// in says whether one of the values may stand in text. Of what is not ASCII only two runes
// become ASCII when they are folded.
func (h *hint) in(text string) bool {
	found, ascii := h.grams.loosely(text)
	return found || !ascii && (strings.Contains(text, "\u0130") || strings.Contains(text, "\u212a"))
}
