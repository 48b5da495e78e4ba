package normalize

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unsafe"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// eventsStep says that a list in the JSON message holds events, each a line of its own:
//
//	events: Records                  # of a path; of several the first that is there
//	events: a[].b                    # a list below each object of a list, with what stands around it
//	events: a.*                      # the list below each key of an object, likewise
//	events: list                     # the message is the list, or an object of nothing else, or objects one behind the other
//	events: {list: logEvents, steps: [{json: {message: _message}, inner: _message}]}
//	events: {list: events, whole: true}
//
// The elements are read when the pack is through, by their own steps or as the step
// inner does, each upon a copy of what was read of the envelope. Those of a list that is
// part of one record are read whole: as a line that holds the one element alone, be it a
// text, of all the paths that are lists; a single one needs nothing. A list that is not there is no fault; one that cannot be cut is, and
// the line stays one event.
type eventsStep struct {
	paths [][]string // none: the message itself
	steps program
	whole bool
	at    string
}

// Bounds of a list, so that a short line cannot become more events than a sender could
// have sent as lines.
const (
	maxEvents   = 4096 // a file of CloudTrail that max_line lets in holds some 1,300
	fewEvents   = 16   // so many may be as short as they like
	minElement  = 32   // bytes that each further one needs; the shortest of CloudWatch Logs have 40
	maxEnvelope = 4096 // bytes around the list: each element keeps them
)

// found is a list of events in a line, or several of them.
type found struct {
	text     string // that the elements stand in
	spot     spot   // of text, where there is one list
	elements []span
	groups   []group // the lists of several, by their first elements; none: there is one
	whole    bool    // each element is read as a line that holds it alone
	behind   bool    // there is no list: the elements stand one behind the other
	refused  bool    // there was one that cannot be cut
	steps    program
	exprs    *condition.Machine // of the steps' pack
	envelope string             // the text with one empty object in the list
}

// span is where an element begins and ends.
type span struct{ start, end int }

// group is one of several lists.
type group struct {
	first    int    // its first element
	envelope string // what stands around it alone
	hole     int    // where its elements stood in that, as an empty object
}

func (f *found) reset() {
	f.elements, f.groups = f.elements[:0], f.groups[:0]
	f.whole, f.behind, f.refused = false, false, false
}

func (s *eventsStep) apply(r *run) bool {
	f := &r.found
	if len(f.elements) > 0 || f.refused {
		return true // another step was first
	}
	f.reset()
	why := s.find(r)
	switch n := len(f.elements); {
	case why != "":
	case n == 0, s.whole && n == 1:
		f.reset()
		return true
	case r.nested && !s.whole && n == 1:
		one := r.text[f.elements[0].start:f.elements[0].end]
		f.reset()
		return s.only(r, one)
	case r.nested && !s.whole:
		why = "a list of events inside another one"
	case n > maxEvents || len(r.text) < (n-fewEvents)*minElement:
		why = "too many events for a line"
	case len(f.groups) > 0:
		f.envelope = f.groups[0].envelope
	default:
		f.spot = spotOf(r.ev.Raw, r.text)
		if f.envelope = f.spot.envelope(r.ev.Raw, r.text, f.elements, "{}"); len(f.envelope) > maxEnvelope {
			why = "too much stands around the list"
		}
	}
	if why != "" {
		f.reset()
		f.refused = true
		r.miss(s.at, why, 0)
		return false
	}
	if len(f.groups) == 1 && !s.whole {
		f.groups = f.groups[:0]
	}
	f.text, f.steps, f.exprs, f.whole = r.text, s.steps, r.exprs, s.whole || f.behind
	return true
}

// find finds the elements. It returns why they are none.
func (s *eventsStep) find(r *run) (why string) {
	const more = "the list holds more than objects"
	f, ok := &r.found, true
	if s.paths == nil {
		f.elements = oneBehindOther(f.elements, r.text)
		if f.behind = len(f.elements) > 0; !f.behind {
			f.elements, ok = elements(f.elements, r.text, nil, onlyObjects)
		}
	}
	before, after := "", ""
	if off, in := r.ev.At(r.text); in {
		before, after = r.ev.Raw[:off], r.ev.Raw[off+len(r.text):]
	}
	also := onlyObjects
	switch {
	case s.whole:
		also = listsAndTexts
	case len(s.steps) > 0:
		also = alsoLists
	}
	if s.whole && len(s.paths) > 1 && !slices.ContainsFunc(s.paths, isNested) {
		return f.beside(r.text, s.paths, before, after)
	}
	for _, p := range s.paths {
		if isNested(p) {
			why = f.nested(r.text, span{0, len(r.text)}, p, before, after, also)
		} else {
			f.elements, ok = elements(f.elements, r.text, p, also)
		}
		if why != "" || !ok || len(f.elements) > 0 {
			break
		}
	}
	if !ok && !s.whole { // of one record something else may stand there
		why = more
	}
	return why
}

// beside finds the lists of one record that stand side by side: what is around one of them has
// the others empty.
func (f *found) beside(text string, paths [][]string, before, after string) (why string) {
	var lists [][]span
	for _, p := range paths {
		if l, _ := elements(nil, text, p, listsAndTexts); len(l) > 0 {
			lists = append(lists, l)
		}
	}
	slices.SortFunc(lists, func(a, b []span) int { return a[0].start - b[0].start })
	for i, l := range lists {
		g, at := group{first: len(f.elements), envelope: before}, 0
		for j, other := range lists {
			g.envelope += text[at:other[0].start]
			if j == i {
				g.hole = len(g.envelope)
				g.envelope += "{}"
			}
			at = other[len(other)-1].end
		}
		if g.envelope += text[at:] + after; len(g.envelope) > maxEnvelope {
			return "too much stands around the list"
		}
		f.groups, f.elements = append(f.groups, g), append(f.elements, l...)
	}
	return ""
}

// each behind a key of a path: the rest of it is below each element of that list. keyed at
// the end of a path: there is a list below each key.
const (
	each  = "[]"
	keyed = "*"
)

// The bytes that an element of a list may begin with, beside the brace of an object.
const (
	onlyObjects   = ""
	alsoLists     = "["
	listsAndTexts = "[\""
)

func isNested(path []string) bool {
	return slices.ContainsFunc(path, func(key string) bool { return strings.HasSuffix(key, each) || key == keyed })
}

// nested finds the lists at a path below every element of others. Before and after stand
// around the object at within, which is one of them.
func (f *found) nested(text string, within span, path []string, before, after, also string) (why string) {
	at := blanks(text, within.start)
	for i, key := range path {
		if key == keyed {
			return f.listsOf(text, within, at, before, after, also)
		}
		key, list := strings.CutSuffix(key, each)
		if at = member(text, at, key); at < 0 || at >= len(text) { // the line may be cut off behind the key
			return ""
		}
		if !list {
			continue
		}
		outer, _ := listAt(nil, text, at, onlyObjects)
		if len(outer) == 0 {
			return "" // perhaps the text ends here
		}
		closing := max(valueEnd(text, at)-1, at)
		before, after = before+text[within.start:at+1], text[closing:within.end]+after
		for _, one := range outer {
			if len(before)+len(after) > maxEnvelope || len(f.groups) > maxEvents {
				return "too much stands around the list"
			}
			if why = f.nested(text, one, path[i+1:], before, after, also); why != "" {
				return why
			}
		}
		return ""
	}
	return f.list(text, within, at, before, after, also)
}

// listsOf finds the lists below the keys of the object at.
func (f *found) listsOf(text string, within span, at int, before, after, also string) (why string) {
	if at >= len(text) || text[at] != '{' {
		return ""
	}
	before, after = before+text[within.start:at+1], text[max(valueEnd(text, at)-1, at):within.end]+after
	for key := blanks(text, at+1); key < len(text) && text[key] == '"' && why == ""; {
		_, value, next := pairAt(text, key)
		if value < 0 || value >= len(text) {
			break
		}
		why = f.list(text, span{key, valueEnd(text, value)}, value, before, after, also)
		key = next
	}
	return why
}

// list finds the elements of the list at, which is one of several.
func (f *found) list(text string, within span, at int, before, after, also string) (why string) {
	first, ok := len(f.elements), false
	if f.elements, ok = listAt(f.elements, text, at, also); !ok {
		return "the list holds more than objects"
	}
	if len(f.elements) > first {
		last := f.elements[len(f.elements)-1]
		if len(before)+f.elements[first].start-within.start+within.end-last.end+len(after) > maxEnvelope {
			return "too much stands around the list"
		}
		around := before + text[within.start:f.elements[first].start]
		f.groups = append(f.groups, group{first, around + "{}" + text[last.end:within.end] + after, len(around)})
	}
	return ""
}

// oneBehindOther are two objects or more that make up a text: senders write the lines of a
// batch so.
func oneBehindOther(dst []span, text string) []span {
	first := len(dst)
	for at := blanks(text, 0); at < len(text) && text[at] == '{'; at = blanks(text, at) {
		if key := blanks(text, at+1); key >= len(text) || text[key] != '"' {
			break
		}
		end := valueEnd(text, at)
		dst = append(dst, span{at, end})
		if at = end; at >= len(text) && len(dst) > first+1 {
			return dst
		}
	}
	return dst[:first]
}

// only reads the one element of a list that stands in another list: it is no further event.
func (s *eventsStep) only(r *run, element string) bool {
	if len(s.steps) == 0 {
		r.inner = element
		return true
	}
	around := r.text
	r.text = element
	ok := s.steps.run(r)
	r.text = around
	return ok
}

// spot is where the text of a list stands in the line. It is looked for once: elements that are
// read whole ask for it each.
type spot struct {
	from, to int  // as a JSON string, with its quotes; to is 0: it is none
	plain    bool // as it is, from
	in64     bool // in base64
}

func spotOf(raw, text string) spot {
	off := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(raw)))
	if off < uintptr(len(raw)) {
		return spot{from: int(off), plain: true}
	}
	from, to := quoted(raw, text)
	return spot{from: from, to: to, in64: to > 0 && in64(raw[from:to], text)}
}

// envelope is what stands around the elements: of the whole line where text is a part
// of it. Instead stands for them: an empty object, so that it is recognized as they were, or
// one of them.
func (s spot) envelope(raw, text string, elements []span, instead string) string {
	start, end := elements[0].start, elements[len(elements)-1].end
	if s.plain {
		start, end, text = start+s.from, end+s.from, raw
	} else if s.to > 0 && len(raw)-(s.to-s.from)+len(text)-(end-start) <= maxEnvelope {
		alone := text[:start] + instead + text[end:]
		if s.in64 {
			alone = base64.StdEncoding.EncodeToString([]byte(alone))
		}
		return raw[:s.from] + string(event.AppendString(nil, alone)) + raw[s.to:]
	}
	if start+len(text)-end > maxEnvelope { // not to be kept: it need not be made
		return text[:maxEnvelope+1]
	}
	return text[:start] + instead + text[end:]
}

// in64 says whether a JSON string, with its quotes, holds text in base64.
func in64(quoted, text string) bool {
	if len(quoted) < 2 || strings.IndexByte(quoted, ' ') >= 0 {
		return false
	}
	plain, ok := fromBase64(quoted[1 : len(quoted)-1])
	return ok && plain == text
}

// quoted is where text stands in raw as a JSON string, with its quotes, or in one in base64;
// 0, 0: nowhere.
func quoted(raw, text string) (from, to int) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		end := closingQuote(raw, i)
		if end < 0 {
			break
		}
		if in64(raw[i:end+1], text) {
			return i, end + 1
		}
		var s string
		if end-i > len(text) && json.Unmarshal([]byte(raw[i:end+1]), &s) == nil && s == text {
			return i, end + 1
		}
		i = end
	}
	return 0, 0
}

// elements finds the objects of the list at path in a JSON text, and what else may be one of
// its elements: byte for byte, without parsing what is in them. ok is false where the value there is
// something else; a path that is not there has none. A list that is cut off ends with the text.
func elements(dst []span, text string, path []string, also string) (found []span, ok bool) {
	at := blanks(text, 0)
	if path == nil {
		at = onlyList(text, at)
	}
	for _, key := range path {
		if at = member(text, at, key); at < 0 {
			return dst, true
		}
	}
	if path == nil && (at < 0 || at >= len(text) || text[at] != '[') {
		return dst, true
	}
	return listAt(dst, text, at, also)
}

// listAt finds the elements of the list at.
func listAt(dst []span, text string, at int, also string) (found []span, ok bool) {
	if at >= len(text) || text[at] != '[' {
		return dst, false
	}
	first := len(dst)
	for at = blanks(text, at+1); at < len(text) && text[at] != ']'; at = blanks(text, at) {
		if text[at] != '{' && strings.IndexByte(also, text[at]) < 0 {
			return dst[:first], false
		}
		end := valueEnd(text, at)
		dst = append(dst, span{at, end})
		if at = blanks(text, end); at < len(text) && text[at] == ',' {
			at++
		} else if at < len(text) && text[at] != ']' {
			return dst[:first], false
		}
	}
	return dst, true
}

// onlyList is where the list begins that the text is, or the object that has no other
// key; -1: it is something else.
func onlyList(text string, at int) int {
	if at >= len(text) || text[at] != '{' {
		return at
	}
	key := blanks(text, at+1)
	if key >= len(text) || text[key] != '"' {
		return -1
	}
	at = blanks(text, valueEnd(text, key))
	if at >= len(text) || text[at] != ':' {
		return -1
	}
	list := blanks(text, at+1)
	if end := blanks(text, valueEnd(text, list)); end < len(text) && text[end] == ',' {
		return -1
	}
	return list
}

func (l *loader) events(n *strictyaml.Node) step {
	s := &eventsStep{at: l.place(n)}
	list := n
	if n.Kind == strictyaml.Mapping {
		list = nil
		l.Pairs(n, func(key string, k, v *strictyaml.Node) {
			switch key {
			case "list":
				list = v
			case "steps":
				s.steps = newProgram(l.blocks(v))
			case "whole":
				s.whole = l.flag(v)
			default:
				l.Fail(k, "events has list, steps and whole, not %s", key)
			}
		})
		if list == nil {
			l.Fail(n, "events needs list: the path of the list")
			return s
		}
	}
	l.body.lists = true
	for _, w := range l.Words(list) {
		if w.Value == "list" {
			if len(l.Words(list)) > 1 {
				l.Fail(w, "list is the message itself, and stands alone")
			}
			return s
		}
		s.paths = append(s.paths, strings.Split(w.Value, "."))
	}
	return s
}
