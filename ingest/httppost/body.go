package httppost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"sluice/internal/jsontape"
)

// A body holds lines of text, or JSON: values one behind another, as NDJSON and Splunk's collector have
// them, or one list. Which of them it is shows in its bytes, since few senders say it.

const (
	// maxEvents are those of one body: each takes memory beyond its bytes.
	maxEvents = 100_000
	// maxValues are the values of JSON in one event.
	maxValues = 1 << 20
)

var errMany = fmt.Errorf("the body holds more than %d events; send less at a time", maxEvents)

var mark = []byte("\xef\xbb\xbf") // of UTF-8, before the first byte

// split cuts a body into its events, which are parts of it but for texts in JSON. strict: it is JSON or an error.
func split(body []byte, strict bool) ([][]byte, error) {
	body = bytes.TrimPrefix(body, mark)
	start := skipBlanks(body, 0)
	if start < len(body) && (strict || body[start] == '{' || body[start] == '[') {
		all, err := (&splitter{body: body, doc: jsontape.Doc{Max: maxValues}}).values(start)
		if err == nil || strict || errors.Is(err, errMany) {
			return all, err
		}
	}
	return lines(body) // what only looks like JSON too
}

// lines are the lines of a body that hold anything.
func lines(body []byte) (all [][]byte, err error) {
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if len(all) == maxEvents {
			return nil, errMany
		}
		all = append(all, line)
	}
	return all, nil
}

var errEnd = errors.New("the body ends within a value")

// splitter cuts one body that is JSON.
type splitter struct {
	body []byte
	all  [][]byte
	doc  jsontape.Doc
}

// values are the JSON values from a place on, and the elements where there is one list.
func (s *splitter) values(at int) (all [][]byte, err error) {
	if s.body[at] == '[' {
		if at, err = s.elements(at + 1); err != nil {
			return nil, err
		}
		if at = skipBlanks(s.body, at); at < len(s.body) {
			return nil, fmt.Errorf("byte %d: something stands behind the list", at)
		}
		return s.all, nil
	}
	for at < len(s.body) {
		if at, err = s.add(at); err != nil {
			return nil, err
		}
		at = skipBlanks(s.body, at)
	}
	return s.all, nil
}

// elements takes those of a list, from behind its bracket on, and returns its end.
func (s *splitter) elements(at int) (end int, err error) {
	at = skipBlanks(s.body, at)
	if at < len(s.body) && s.body[at] == ']' {
		return at + 1, nil
	}
	for {
		if at, err = s.add(at); err != nil {
			return 0, err
		}
		at = skipBlanks(s.body, at)
		switch {
		case at == len(s.body):
			return 0, errEnd
		case s.body[at] == ']':
			return at + 1, nil
		case s.body[at] != ',':
			return 0, fmt.Errorf("byte %d: neither a comma nor the end of the list", at)
		}
		at = skipBlanks(s.body, at+1)
	}
}

// add takes the value at a place, an object as it is, a text without its quotes, and returns its end.
func (s *splitter) add(at int) (end int, err error) {
	if end, err = value(s.body, at); err != nil {
		return 0, err
	}
	if end == at {
		return 0, fmt.Errorf("byte %d: a value is missing", at)
	}
	v := s.body[at:end]
	if err := s.doc.ParseBytes(v); err != nil {
		return 0, fmt.Errorf("byte %d: %w", at, err)
	}
	switch {
	case len(s.all) == maxEvents:
		return 0, errMany
	case v[0] == '{':
		s.all = append(s.all, v)
		return end, nil
	case v[0] == '"':
		text, err := unquoted(v)
		if err != nil {
			return 0, fmt.Errorf("byte %d: %w", at, err)
		}
		if len(text) > 0 {
			s.all = append(s.all, text)
		}
		return end, nil
	}
	return 0, fmt.Errorf("byte %d: an event is an object or a text, and this is %.20q", at, v)
}

// unquoted is what a text of JSON says. Bytes that are no UTF-8, as senders of old encodings write them, stay
// as they are: encoding/json would put one and the same character in the place of each.
func unquoted(v []byte) (text []byte, err error) {
	for v = v[1 : len(v)-1]; len(v) > 0; {
		n := 0
		for n < len(v) {
			r, size := utf8.DecodeRune(v[n:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			n += size
		}
		if bytes.IndexByte(v[:n], '\\') < 0 {
			n = min(n+1, len(v)) // and the byte that is none
			text, v = append(text, v[:n]...), v[n:]
			continue
		}
		var said string
		if err := json.Unmarshal(slices.Concat([]byte{'"'}, v[:n], []byte{'"'}), &said); err != nil {
			return nil, err
		}
		text, v = append(text, said...), v[n:]
	}
	return text, nil
}

// value finds the end of the value at a place. It only counts quotes and brackets: what is between them
// is looked at behind it.
func value(body []byte, at int) (end int, err error) {
	depth, quoted := 0, false
	for i := at; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
			continue
		case c == '"':
			quoted = !quoted
		case quoted:
			continue
		case c == '{' || c == '[':
			depth++
			continue
		case c == '}' || c == ']':
			depth--
		case depth == 0 && (c == ',' || blank(c)):
			return i, nil
		default:
			continue
		}
		if depth <= 0 && !quoted {
			if depth < 0 { // the end of the list that a bare word stands in
				return i, nil
			}
			return i + 1, nil
		}
	}
	if depth > 0 || quoted {
		return 0, errEnd
	}
	return len(body), nil
}

func skipBlanks(b []byte, at int) int {
	for at < len(b) && blank(b[at]) {
		at++
	}
	return at
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
