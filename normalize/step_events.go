package normalize

import (
	"slices"
	"strings"

	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// eventsStep says that a list in the JSON message holds events, each a line of its own:
//
//	events: Records                  # of a path; of several all that are there
//	events: a[].b                    # a list below each object of a list, with what stands around it
//	events: a.*                      # the list or the object below each key of an object, likewise
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
	keys  []string   // the first of each, with its quotes; "": not to be looked for
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
			if f.elements, ok = elements(f.elements, r.text); !ok && !s.whole {
				return more
			}
		}
		return ""
	}
	l := lists{text: r.text, also: onlyObjects, elements: f.elements}
	switch {
	case s.whole:
		l.also = listsAndTexts
	case len(s.steps) > 0:
		l.also = alsoLists
	}
	nested := false
	for i, p := range s.paths {
		if s.keys[i] != "" && !strings.Contains(r.text, s.keys[i]) {
			continue
		}
		n, found := len(l.elements), len(l.all)
		if !l.at(span{0, len(r.text)}, p, nil, nil) { // something else: the other paths count
			l.elements, l.all, ok = l.elements[:n], l.all[:found], false
		}
		nested = nested || isNested(p) && len(l.all) > found
	}
	f.elements = l.elements
	switch {
	case len(l.all) == 0 && !ok && !s.whole: // of one record something else may stand there
		return more
	case len(l.all) == 0, len(l.all) == 1 && !nested:
		return ""
	}
	before, after := "", ""
	if off, in := r.ev.At(r.text); in {
		before, after = r.ev.Raw[:off], r.ev.Raw[off+len(r.text):]
	}
	f.groups, ok = l.groups(f.groups, before, after)
	if !ok {
		return "too much stands around the list"
	}
	return ""
}

// lists are those of a text that hold events. What stands around one of them has the others empty.
type lists struct {
	text     string
	also     string // what may be an element, beside objects
	elements []span
	all      []listOf
}

// listOf is a list by its first element, and what of the text stands around it alone.
type listOf struct {
	first         int
	before, after []span
}

// groups are the lists with the text around each of them, before and after which stands what is given; false: that
// is too much.
func (l *lists) groups(dst []group, before, after string) ([]group, bool) {
	var cuts []span // from the first to the last element of each list
	for i, of := range l.all {
		end := len(l.elements)
		if i+1 < len(l.all) {
			end = l.all[i+1].first
		}
		cuts = append(cuts, span{l.elements[of.first].start, l.elements[end-1].end})
	}
	slices.SortFunc(cuts, func(a, b span) int { return a.start - b.start })
	for _, of := range l.all {
		b := l.without([]byte(before), of.before, cuts)
		g := group{first: of.first, hole: len(b)}
		b = l.without(append(b, "{}"...), of.after, cuts)
		if len(b)+len(after) > maxEnvelope {
			return dst, false
		}
		g.envelope = string(b) + after
		dst = append(dst, g)
	}
	return dst, true
}

// without appends pieces of the text without the cuts, as far as they may be kept.
func (l *lists) without(dst []byte, pieces, cuts []span) []byte {
	for _, p := range pieces {
		i, _ := slices.BinarySearchFunc(cuts, p.start, func(c span, at int) int { return c.start - at })
		for ; i < len(cuts) && cuts[i].start < p.end && len(dst) <= maxEnvelope; i++ {
			if cuts[i].start >= p.start { // else the one in it was cut
				dst = append(dst, l.text[p.start:cuts[i].start]...)
				p.start = max(p.start, cuts[i].end)
			}
		}
		if p.start < p.end && len(dst) <= maxEnvelope {
			dst = append(dst, l.text[p.start:min(p.end, p.start+maxEnvelope+1)]...)
		}
	}
	return dst
}

// each behind a key of a path: the rest of it is below each element of that list. keyed at
// the end of a path: there is a list, or an object, below each key.
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

// at finds the lists at a path of the object at within, around which stand the pieces before and after: one, or
// those below every element of others. False: there is something else.
func (l *lists) at(within span, path []string, before, after []span) bool {
	text, at := l.text, blanks(l.text, within.start)
	for i, key := range path {
		if key == keyed {
			return l.below(within, at, before, after)
		}
		key, list := strings.CutSuffix(key, each)
		if at = member(text, at, key); at < 0 || at >= len(text) { // the line may be cut off behind the key
			return true
		}
		if !list {
			continue
		}
		outer, _ := listAt(nil, text, at, onlyObjects)
		if len(outer) == 0 {
			return true // perhaps the text ends here
		}
		closing := max(valueEnd(text, at)-1, at)
		before, after = append(slices.Clip(before), span{within.start, at + 1}), append([]span{{closing, within.end}}, after...)
		for _, one := range outer {
			if len(l.all) > maxEvents || !l.at(one, path[i+1:], before, after) {
				return false
			}
		}
		return true
	}
	return l.list(within, at, before, after)
}

// below finds the lists, or the objects, below the keys of the object at.
func (l *lists) below(within span, at int, before, after []span) bool {
	text := l.text
	if at >= len(text) || text[at] != '{' {
		return true
	}
	before, after = append(slices.Clip(before), span{within.start, at + 1}), append([]span{{max(valueEnd(text, at)-1, at), within.end}}, after...)
	for key := blanks(text, at+1); key < len(text) && text[key] == '"'; {
		_, value, next := pairAt(text, key)
		if value < 0 || value >= len(text) {
			break
		}
		within := span{key, valueEnd(text, value)}
		switch {
		case len(l.all) > maxEvents:
			return false
		case text[value] == '{':
			l.all = append(l.all, listOf{len(l.elements), append(slices.Clip(before), span{key, value}), after})
			l.elements = append(l.elements, span{value, within.end})
		case !l.list(within, value, before, after):
			return false
		}
		key = next
	}
	return true
}

// list finds the elements of the list at, which is in the object at within.
func (l *lists) list(within span, at int, before, after []span) bool {
	first, ok := len(l.elements), false
	if l.elements, ok = listAt(l.elements, l.text, at, l.also); !ok {
		return false
	}
	if len(l.elements) > first {
		last := l.elements[len(l.elements)-1]
		l.all = append(l.all, listOf{first, append(slices.Clip(before), span{within.start, l.elements[first].start}), append([]span{{last.end, within.end}}, after...)})
	}
	return true
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

// elements finds the objects of the list that a JSON text is: byte for byte, without parsing what is in them.
// ok is false where it holds something else; a text that is no list has none. A list that is cut off ends with the
// text.
func elements(dst []span, text string) (found []span, ok bool) {
	at := onlyList(text, blanks(text, 0))
	if at < 0 || at >= len(text) || text[at] != '[' {
		return dst, true
	}
	return listAt(dst, text, at, onlyObjects)
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
		path, key := strings.Split(w.Value, "."), ""
		if star := slices.Index(path, keyed); slices.Contains(path, "") || slices.Contains(path, each) || star == 0 || star > 0 && star < len(path)-1 {
			l.Fail(w, "a path has no empty parts, and * ends one: a.b, a[].b, a.*")
		}
		if first := strings.TrimSuffix(path[0], each); first != keyed && first[:min(1, len(first))] > "9" { // a number may be an element's
			key = `"` + first + `"`
		}
		s.paths, s.keys = append(s.paths, path), append(s.keys, key)
	}
	return s
}
