package normalize

import (
	"encoding/json"
	"strings"
	"unsafe"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// eventsStep says that a list in the JSON message holds events, each a line of its own:
//
//	events: Records                  # of a path; of several the first that is there
//	events: list                     # the message is the list, or an object of nothing else
//	events: {list: logEvents, steps: [{json: {message: _message}, inner: _message}]}
//
// The elements are read when the pack is through, by their own steps or as the step
// inner does, each upon a copy of what was read of the envelope. A list that is not
// there is no fault; one that cannot be cut is, and the line stays one event.
type eventsStep struct {
	paths [][]string // none: the message itself
	steps program
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

// found is a list of events in a line.
type found struct {
	text     string // that the elements stand in
	elements []span
	steps    program
	exprs    *condition.Machine // of the steps' pack
	envelope string             // the text with one empty object in the list
}

// span is where an element begins and ends.
type span struct{ start, end int }

func (s *eventsStep) apply(r *run) bool {
	f := &r.found
	if len(f.elements) > 0 {
		return true // another step was first
	}
	var ok bool
	if s.paths == nil {
		f.elements, ok = elements(f.elements[:0], r.text, nil)
	}
	for _, p := range s.paths {
		if f.elements, ok = elements(f.elements[:0], r.text, p); !ok || len(f.elements) > 0 {
			break
		}
	}
	why := ""
	switch n := len(f.elements); {
	case !ok:
		why = "the list holds more than objects"
	case n == 0:
		return true
	case r.nested:
		why = "a list of events inside another one"
	case n > maxEvents || len(r.text) < (n-fewEvents)*minElement:
		why = "too many events for a line"
	default:
		if f.envelope = envelope(r.ev.Raw, r.text, f.elements); len(f.envelope) > maxEnvelope {
			why = "too much stands around the list"
		}
	}
	if why != "" {
		f.elements = f.elements[:0]
		r.miss(s.at, why, 0)
		return false
	}
	f.text, f.steps, f.exprs = r.text, s.steps, r.exprs
	return true
}

// envelope is what stands around the elements: of the whole line where text is a part
// of it. One empty object stands for them, so that it is recognized as they were.
func envelope(raw, text string, elements []span) string {
	start, end := elements[0].start, elements[len(elements)-1].end
	off := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(raw)))
	if off < uintptr(len(raw)) {
		start, end, text = start+int(off), end+int(off), raw
	} else if from, to := quoted(raw, text); to > 0 && len(raw)-(to-from)+len(text)-(end-start) <= maxEnvelope {
		alone := event.AppendString(nil, text[:start]+"{}"+text[end:])
		return raw[:from] + string(alone) + raw[to:]
	}
	if start+len(text)-end > maxEnvelope { // not to be kept: it need not be made
		return text[:maxEnvelope+1]
	}
	return text[:start] + "{}" + text[end:]
}

// quoted is where text stands in raw as a JSON string, with its quotes; 0, 0: nowhere.
func quoted(raw, text string) (from, to int) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		end := closingQuote(raw, i)
		if end < 0 {
			break
		}
		var s string
		if end-i > len(text) && json.Unmarshal([]byte(raw[i:end+1]), &s) == nil && s == text {
			return i, end + 1
		}
		i = end
	}
	return 0, 0
}

// elements finds the objects of the list at path in a JSON text: byte for byte, without
// parsing what is in them. ok is false where the value there is something else; a path
// that is not there has none. A list that is cut off ends with the text.
func elements(dst []span, text string, path []string) (found []span, ok bool) {
	at := blanks(text, 0)
	if path == nil {
		at = onlyList(text, at)
	}
	for _, key := range path {
		if key == onlyOne {
			at = onlyElement(text, at)
		} else {
			at = member(text, at, key)
		}
		if at < 0 {
			return dst, true
		}
	}
	if at < 0 || at >= len(text) || text[at] != '[' {
		return dst, path == nil
	}
	for at = blanks(text, at+1); at < len(text) && text[at] != ']'; at = blanks(text, at) {
		if text[at] != '{' {
			return dst[:0], false
		}
		end := valueEnd(text, at)
		dst = append(dst, span{at, end})
		if at = blanks(text, end); at < len(text) && text[at] == ',' {
			at++
		} else if at < len(text) && text[at] != ']' {
			return dst[:0], false
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

// onlyOne in a path is the one element of a list that holds no more: resourceLogs.0.scopeLogs.0.logRecords.
const onlyOne = "0"

// onlyElement is where the one element of the list at begins; -1: there are more, or none.
func onlyElement(text string, at int) int {
	if at >= len(text) || text[at] != '[' {
		return -1
	}
	first := blanks(text, at+1)
	if end := blanks(text, valueEnd(text, first)); end >= len(text) || text[end] != ']' || text[first] == ']' {
		return -1
	}
	return first
}

// member is where the value of a key of the object at begins; -1: there is none.
func member(text string, at int, key string) int {
	if at >= len(text) || text[at] != '{' {
		return -1
	}
	for at = blanks(text, at+1); at < len(text) && text[at] == '"'; at = blanks(text, at) {
		end := valueEnd(text, at)
		name := text[at+1 : max(at+1, end-1)]
		if at = blanks(text, end); at >= len(text) || text[at] != ':' {
			return -1
		}
		at = blanks(text, at+1)
		if name == key {
			return at
		}
		at = blanks(text, valueEnd(text, at))
		if at < len(text) && text[at] == ',' {
			at = blanks(text, at+1)
		}
	}
	return -1
}

// blanks is the first byte from at that is no white space.
func blanks(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r') {
		at++
	}
	return at
}

// valueEnd is behind the JSON value at: where its quotes or brackets close, or the text
// ends.
func valueEnd(text string, at int) int {
	depth := 0
	for i := at; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i = closingQuote(text, i); i < 0 {
				return len(text)
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return i // the end of what a scalar stood in
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
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
			default:
				l.Fail(k, "events has list and steps, not %s", key)
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

func closingQuote(text string, at int) int {
	for i := at + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
