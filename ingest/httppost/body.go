package httppost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// A body holds lines of text, or JSON: values one behind another, as NDJSON and Splunk's collector have
// them, or one list. Which of them it is shows in its bytes, since few senders say it.

var mark = []byte("\xef\xbb\xbf") // of UTF-8, before the first byte

// split cuts a body into its events, which are parts of it but for texts in JSON. strict: it is JSON or an error.
func split(body []byte, strict bool) ([][]byte, error) {
	body = bytes.TrimPrefix(body, mark)
	start := skipBlanks(body, 0)
	if start < len(body) && (strict || body[start] == '{' || body[start] == '[') {
		all, err := values(body, start)
		if err == nil || strict {
			return all, err
		}
	}
	return lines(body), nil // what only looks like JSON too
}

// lines are the lines of a body that hold anything.
func lines(body []byte) (all [][]byte) {
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(bytes.TrimSpace(line)) > 0 {
			all = append(all, line)
		}
	}
	return all
}

var errEnd = errors.New("the body ends within a value")

// values are the JSON values from a place on, and the elements where there is one list.
func values(body []byte, at int) (all [][]byte, err error) {
	if body[at] == '[' {
		if all, at, err = elements(body, at+1); err != nil {
			return nil, err
		}
		if at = skipBlanks(body, at); at < len(body) {
			return nil, fmt.Errorf("byte %d: something stands behind the list", at)
		}
		return all, nil
	}
	for at < len(body) {
		end, err := value(body, at)
		if err != nil {
			return nil, err
		}
		if all, err = add(all, body, at, end); err != nil {
			return nil, err
		}
		at = skipBlanks(body, end)
	}
	return all, nil
}

// elements are those of a list, from behind its bracket on.
func elements(body []byte, at int) (all [][]byte, end int, err error) {
	at = skipBlanks(body, at)
	if at < len(body) && body[at] == ']' {
		return nil, at + 1, nil
	}
	for {
		if end, err = value(body, at); err != nil {
			return nil, 0, err
		}
		if all, err = add(all, body, at, end); err != nil {
			return nil, 0, err
		}
		at = skipBlanks(body, end)
		switch {
		case at == len(body):
			return nil, 0, errEnd
		case body[at] == ']':
			return all, at + 1, nil
		case body[at] != ',':
			return nil, 0, fmt.Errorf("byte %d: neither a comma nor the end of the list", at)
		}
		at = skipBlanks(body, at+1)
	}
}

// add adds the value that stands in a body from at to end: an object as it is, a text without its quotes.
func add(all [][]byte, body []byte, at, end int) ([][]byte, error) {
	v := body[at:end]
	switch {
	case !json.Valid(v):
		return nil, fmt.Errorf("byte %d: no JSON value", at)
	case v[0] == '{':
		return append(all, v), nil
	case v[0] == '"':
		var text string
		if err := json.Unmarshal(v, &text); err != nil {
			return nil, fmt.Errorf("byte %d: %w", at, err)
		}
		if text == "" {
			return all, nil
		}
		return append(all, []byte(text)), nil
	}
	return nil, fmt.Errorf("byte %d: an event is an object or a text, and this is %.20q", at, v)
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
