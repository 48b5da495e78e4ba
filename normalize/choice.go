package normalize

import (
	"fmt"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/normalize/header"
	"sluice/normalize/pattern"
)

// Choice says how the pack of a line was found, for people.
type Choice struct {
	Pack   string
	Why    string
	Missed []Candidate // packs that were asked before and could not read the line, and what they missed
	Also   []Candidate // packs that recognize the line too
	Near   []Candidate // of a miss: packs that would with a little more
	Left   []string    // fields that took one value of a list that held more

	// Decoded is the text in whose place the raw line was read, if that is another one: of UTF-16, or with
	// codes of a terminal. Nothing can be said of the places in the raw line then.
	Decoded string

	// Read is what the header and the steps took of the raw line, also what patterns only
	// compare, if Trace was called.
	Read []Stretch
}

// Stretch is bytes of the raw line, from Start to before End.
type Stretch struct{ Start, End int }

// Trace has the worker note for Choice what steps read, which takes time.
func (w *Worker) Trace() { w.tracing = true }

// trace notes that a pattern has read the text, but for what it skipped.
func (r *run) trace(text string, skipped []pattern.Span) {
	at, ok := r.ev.At(text)
	if !ok {
		return
	}
	var not []Stretch
	for _, s := range skipped {
		not = append(not, Stretch{at + int(s.Start), at + int(s.End)})
	}
	r.traceBut(at, len(text), not)
}

// traceBut notes that a text of n bytes, which begins at at, was read but for some stretches in it.
func (r *run) traceBut(at, n int, not []Stretch) {
	from := at
	for _, s := range not {
		r.traced = append(r.traced, Stretch{from, max(from, s.Start)})
		from = max(from, s.End)
	}
	r.traced = append(r.traced, Stretch{from, at + n})
}

// traceStep notes that a step has read the text, if it is one of those that read all of it:
// what they do not map is kept as the vendor's.
func (r *run) traceStep(s step) {
	switch s.(type) {
	case *cefStep, *csvStep, *grokStep, *jsonStep, *kvStep, *labelsStep, *leefStep, *xmlStep:
		if at, ok := r.ev.At(r.text); ok {
			slices.SortFunc(r.unheld, func(a, b Stretch) int { return a.Start - b.Start })
			r.traceBut(at, len(r.text), r.unheld)
		}
	}
}

// Candidate is a pack and what of its recognition holds.
type Candidate struct{ Pack, Why string }

// maxNear bounds how many packs are named beside the one that was chosen.
const maxNear = 3

// Choice explains the pack of the line that Normalize read last; of a wrapped line,
// that of the line inside.
func (w *Worker) Choice() Choice {
	var c Choice
	for _, l := range w.left {
		text := l.to + " took the first of a list"
		if l.from != event.None {
			if all := w.ev.List(l.from); len(all) > 1 { // none: an envelope's variable, and the line inside was read
				text += ", without " + strings.Join(all[1:], ", ")
			}
		}
		c.Left = append(c.Left, text)
	}
	for _, m := range w.missed {
		if m.pack != w.chosen {
			c.Missed = append(c.Missed, Candidate{m.pack.name, string(m.why)})
		}
	}
	c.Read = slices.Clone(w.traced)
	if at, ok := w.ev.At(w.head.Message); ok && w.head.Found() {
		c.Read = append(c.Read, Stretch{0, at})
	}
	if text := w.readable(w.ev.Raw); text != "" {
		if _, same := w.ev.At(text); !same {
			c.Decoded = strings.Clone(text)
		}
	}
	if w.unfolded.text != "" {
		c.Decoded = strings.Clone(w.unfolded.text)
	}
	h, obj := &w.head, w.object()
	type near struct {
		Candidate
		share float64
	}
	var nears []near
	for _, p := range w.engine.packs {
		best, why := 0.0, ""
		for i := range p.recognize {
			if share, text := p.recognize[i].share(h, obj); share > best {
				best, why = share, text
			}
		}
		switch {
		case w.chosen == p:
			c.Pack, c.Why = p.name, why
			if best < 1 {
				c.Why = "named by the input, or by the line that wraps this one"
			}
			if p.lastResort {
				c.Why = "no other pack recognizes the line"
			}
		case slices.ContainsFunc(w.missed, func(m missed) bool { return m.pack == p }):
		case best == 1:
			c.Also = append(c.Also, Candidate{p.name, why})
		case best >= 0.5:
			nears = append(nears, near{Candidate{p.name, why}, best})
		}
	}
	slices.SortStableFunc(nears, func(a, b near) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	if w.chosen == nil || w.chosen.lastResort || len(c.Missed) > 0 || w.ev.Has(w.engine.f.unparsed) { // else nobody looks for another
		for i := range min(len(nears), maxNear) {
			c.Near = append(c.Near, nears[i].Candidate)
		}
	}
	return c
}

// share says how much of a rule holds, 1 for all of it, and what.
func (ru *rule) share(h *header.Header, obj jsontape.Value) (float64, string) {
	msg := h.Message[:min(len(h.Message), maxLook)]
	switch {
	case len(ru.programs) > 0:
		if slices.Contains(ru.programs, h.Program) {
			return 1, "the header's program is " + h.Program
		}
	case ru.head != nil:
		if front := headNames(nil, h); h.MsgID != "" && h.Program != "" {
			if _, _, ok := ru.head.Match(string(front), nil); ok {
				return 1, "the header names " + string(front)
			}
		}
	case len(ru.elements) > 0:
		for id, _, rest := header.NextElement(h.StructuredData); id != ""; id, _, rest = header.NextElement(rest) {
			for _, want := range ru.elements {
				if e := (elementRule{id: want}); e.is(id) {
					return 1, "the header has structured data " + id
				}
			}
		}
	case len(ru.json) > 0 && obj.OK():
		var have, miss []string
		for i := range ru.json {
			if v := obj.Get(ru.json[i].path[0]); v.OK() && ru.json[i].holds(v) {
				have = append(have, ru.json[i].source)
			} else {
				miss = append(miss, ru.json[i].source)
			}
		}
		return share(have, miss, "the object has")
	case ru.start != "":
		if strings.HasPrefix(msg, ru.start) {
			return 1, fmt.Sprintf("the message starts with %q", ru.start)
		}
	case ru.pattern != nil:
		if _, _, ok := ru.pattern.Match(h.Message, nil); ok {
			return 1, "the message fits the pack's pattern"
		}
	case ru.format != formatNone:
		if ru.format.of(h.Message, obj) {
			return 1, "the message is of that format"
		}
	case len(ru.texts) > 0:
		var have, miss []string
		for _, t := range ru.texts {
			if strings.Contains(msg, t) {
				have = append(have, fmt.Sprintf("%q", t))
			} else {
				miss = append(miss, fmt.Sprintf("%q", t))
			}
		}
		return share(have, miss, "the message has")
	}
	return 0, ""
}

func share(have, miss []string, verb string) (float64, string) {
	text := verb + " " + strings.Join(have, ", ")
	if len(miss) > 0 {
		text += "; not " + strings.Join(miss, ", ")
	}
	return float64(len(have)) / float64(len(have)+len(miss)), text
}

// String is the rule as people read it.
func (ru *rule) String() string {
	switch {
	case len(ru.programs) > 0:
		return "program " + strings.Join(ru.programs, ", ")
	case ru.head != nil:
		return "header"
	case len(ru.elements) > 0:
		return "structured data " + strings.Join(ru.elements, ", ")
	case len(ru.json) > 0:
		var paths []string
		for i := range ru.json {
			paths = append(paths, ru.json[i].source)
		}
		return "object with " + strings.Join(paths, ", ")
	case ru.start != "":
		return fmt.Sprintf("starts with %q", ru.start)
	case ru.pattern != nil:
		return "pattern"
	case ru.format != formatNone:
		for name, f := range formats {
			if f == ru.format {
				return "format " + name
			}
		}
	}
	return fmt.Sprintf("%q", ru.texts)
}
