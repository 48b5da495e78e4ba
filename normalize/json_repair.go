package normalize

import (
	"slices"

	"github.com/valyala/fastjson"

	"sluice/event"
)

// maxOpen is how deep a truncated object may be for its beginning to be read.
const maxOpen = 64

// closed is the beginning of a JSON object that was cut off: up to its last whole
// value, with what is open closed. The cut is how much of text it took; 0: text is not
// the beginning of an object.
func closed(dst []byte, text string) (repaired []byte, cut int) {
	var open [maxOpen]byte
	depth, goodDepth := 0, 0
	key := false // the next text is a key
	good := func(at int) { cut, goodDepth = at, depth }
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
		case '{', '[':
			if depth == maxOpen {
				return nil, 0
			}
			open[depth] = c + 2 // its closing bracket in ASCII
			depth++
			key = c == '{'
			good(i + 1)
		case '}', ']':
			if depth == 0 || open[depth-1] != c {
				return nil, 0
			}
			if depth--; depth == 0 {
				return nil, 0 // whole: something else is wrong with it
			}
			good(i + 1)
		case ',':
			key = depth > 0 && open[depth-1] == '}'
		case ':':
			key = false
		case '"':
			end := closingQuote(text, i)
			if end < 0 {
				return finishJSON(dst, text[:cut], open[:goodDepth]), cut
			}
			if i = end; !key {
				good(i + 1)
			}
		default:
			end := i
			for end < len(text) && !slices.Contains([]byte(",]} \t\r\n:\""), text[end]) {
				end++
			}
			if end == len(text) || depth == 0 {
				return finishJSON(dst, text[:cut], open[:goodDepth]), cut
			}
			i = end - 1
			good(end)
		}
	}
	return finishJSON(dst, text[:cut], open[:goodDepth]), cut
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

func finishJSON(dst []byte, text string, open []byte) []byte {
	if text == "" {
		return nil
	}
	dst = append(dst, text...)
	for _, c := range slices.Backward(open) {
		dst = append(dst, c)
	}
	return dst
}

// salvage parses the beginning of an object that was cut off, and marks the event.
func (r *run) salvage(text string, was error) (*fastjson.Value, error) {
	repaired, cut := closed(nil, text)
	if cut < 2 {
		return nil, was
	}
	v, err := r.parser().ParseBytes(repaired)
	if err != nil {
		return nil, was
	}
	b := append(r.buf[:0], "the JSON object is cut off behind byte "...)
	r.buf = appendInt(b, cut)
	r.cutOff = r.ev.Own(r.buf)
	return v, nil
}

// appendUnique writes a value without the keys that an object gives again later: the
// last one counts, and an index refuses an object that has both.
func appendUnique(dst []byte, v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		o := v.GetObject()
		n, i := o.Len(), 0
		keys := make(map[string]int, n)
		o.Visit(func(key []byte, _ *fastjson.Value) { keys[string(key)] = i; i++ })
		if len(keys) == n && !nests(o) {
			return v.MarshalTo(dst)
		}
		dst, i = append(dst, '{'), 0
		first := true
		o.Visit(func(key []byte, kid *fastjson.Value) {
			if keys[string(key)] == i {
				if !first {
					dst = append(dst, ',')
				}
				first = false
				dst = append(event.AppendString(dst, string(key)), ':')
				dst = appendUnique(dst, kid)
			}
			i++
		})
		return append(dst, '}')
	case fastjson.TypeArray:
		dst = append(dst, '[')
		for i, kid := range v.GetArray() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendUnique(dst, kid)
		}
		return append(dst, ']')
	}
	return v.MarshalTo(dst)
}

// nests says whether an object holds objects or lists.
func nests(o *fastjson.Object) bool {
	found := false
	o.Visit(func(_ []byte, v *fastjson.Value) {
		found = found || v.Type() == fastjson.TypeObject || v.Type() == fastjson.TypeArray
	})
	return found
}
