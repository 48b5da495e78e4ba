package normalize

import (
	"encoding/json"
	"strings"
)

// Bounds of the work on one list.
const (
	maxFirst      = 16 << 10
	maxFirstDepth = 8
	maxFirstKeys  = 200
)

// objectReader reads the first object of a list of JSON that was checked already.
type objectReader struct {
	text  string
	at    int
	path  []byte
	left  int
	every bool // of the outermost list all elements count
	yield func(path, value string)
}

// firstObject calls yield with the scalars of the first object of a JSON list, by their
// paths; of lists inside it their first elements count.
func firstObject(text string, yield func(path, value string)) {
	if len(text) > maxFirst {
		return
	}
	first := [3]pair{}
	n := 0
	o := objectReader{text: text, left: maxFirstKeys, yield: func(path, value string) {
		if n < len(first) {
			first[n] = pair{path, value}
		}
		n++
	}}
	o.value(0)
	if n == 2 && pairNames[first[0].key] && pairValues[first[1].key] {
		o = objectReader{text: text, left: maxFirstKeys, every: true}
		name := ""
		o.yield = func(path, value string) {
			switch {
			case pairNames[path]:
				name = value
			case name != "":
				yield(name, value)
				name = ""
			}
		}
		o.value(0)
		return
	}
	o = objectReader{text: text, left: maxFirstKeys, yield: yield}
	o.value(0)
}

// What pairs in lists call their names and values.
var (
	pairNames  = map[string]bool{"name": true, "key": true, "Name": true, "Key": true, "field": true, "label": true}
	pairValues = map[string]bool{"value": true, "Value": true, "val": true, "values": true, "Values": true}
)

func (o *objectReader) peek() byte {
	for o.at < len(o.text) && strings.IndexByte(" \t\r\n,:", o.text[o.at]) >= 0 {
		o.at++
	}
	if o.at >= len(o.text) {
		return 0
	}
	return o.text[o.at]
}

// value reads one value; false: the text or the patience is at its end.
func (o *objectReader) value(depth int) bool {
	if depth > maxFirstDepth || o.left <= 0 {
		return false
	}
	o.left--
	switch o.peek() {
	case 0:
		return false
	case '{':
		return o.object(depth)
	case '[':
		o.at++
		if o.peek() != ']' && !o.value(depth+1) {
			return false
		}
		for o.every && depth == 0 && o.peek() == '{' {
			if !o.value(depth + 1) {
				return false
			}
		}
		return depth > 0 && o.skipList()
	case '"':
		s, ok := o.quoted()
		if ok && len(o.path) > 0 {
			o.yield(string(o.path), s)
		}
		return ok
	}
	end := strings.IndexAny(o.text[o.at:], ",]} \t\r\n")
	if end < 0 {
		return false
	}
	s := o.text[o.at : o.at+end]
	o.at += end
	if s != "null" && len(o.path) > 0 {
		o.yield(string(o.path), s)
	}
	return end > 0
}

func (o *objectReader) object(depth int) bool {
	o.at++
	before := len(o.path)
	for o.peek() == '"' {
		key, ok := o.quoted()
		if !ok {
			return false
		}
		if before > 0 {
			o.path = append(o.path, '.')
		}
		o.path = append(o.path, key...)
		ok = o.value(depth + 1)
		o.path = o.path[:before]
		if !ok {
			return false
		}
	}
	if o.peek() != '}' {
		return false
	}
	o.at++
	return true
}

// skipList goes behind the end of a list, some elements of which are not wanted.
func (o *objectReader) skipList() bool {
	for depth := 1; depth > 0; {
		switch o.peek() {
		case 0:
			return false
		case '"':
			if _, ok := o.quoted(); !ok {
				return false
			}
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		o.at++
	}
	return true
}

// quoted reads a text.
func (o *objectReader) quoted() (string, bool) {
	escaped := false
	for i := o.at + 1; i < len(o.text); i++ {
		switch o.text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			raw := o.text[o.at : i+1]
			o.at = i + 1
			if !escaped {
				return raw[1 : len(raw)-1], true
			}
			var s string
			ok := json.Unmarshal([]byte(raw), &s) == nil
			return s, ok
		}
	}
	return "", false
}
