package normalize

import (
	"strings"

	"sluice/internal/jsontape"
)

// format is a way of writing that many devices share.
type format uint8

const (
	formatNone format = iota
	formatJSON
	formatKV
	formatXML
	formatList
)

// formats are the names that packs use under recognize: format.
var formats = map[string]format{"json": formatJSON, "kv": formatKV, "list": formatList, "xml": formatXML}

// minPairs is how many key=value pairs make a line one of pairs: prose has one or two.
const minPairs = 4

// of says whether a message is written so; json is the message where it is an object.
func (f format) of(msg string, json jsontape.Value) bool {
	switch f {
	case formatJSON:
		return json.OK()
	case formatList:
		msg = strings.TrimLeft(msg, " \t")
		switch {
		case msg == "":
			return false
		case msg[0] == '{' && !json.OK():
			return len(oneBehindOther(nil, msg)) > 0
		case msg[0] != '[' && json.Len() != 1:
			return false
		}
		found, ok := elements(nil, msg)
		return ok && len(found) > 0
	case formatXML:
		msg = strings.TrimLeft(msg, " \t")
		if len(msg) < 3 || msg[0] != '<' || (msg[1]|0x20)-'a' >= 26 && msg[1] != '?' {
			return false
		}
		end := strings.IndexByte(msg, '>')
		return end > 0 && (msg[end-1] == '/' || strings.Contains(msg[end:], "</") || strings.Contains(msg[end:], "/>")) // <alert>;src= is a word of some
	case formatKV:
		n := 0
		if msg == "" || strings.IndexByte("<{[", msg[0]) >= 0 && !isMap(msg) {
			return false
		}
		if logged(msg) {
			return true
		}
		for rest := msg[:min(len(msg), maxLook)]; ; n++ {
			eq := strings.IndexByte(rest, '=')
			if eq < 0 || n >= minPairs {
				return n >= minPairs
			}
			if !keyStands(rest, eq) {
				n-- // an = that no key stands before
			}
			rest = rest[eq+1:]
		}
	}
	return false
}

// keyStands says whether a key stands before the = at eq, in quotes or with a blank between where a mark
// ends the value before it.
func keyStands(text string, eq int) bool {
	if eq > 1 && text[eq-1] == ' ' && strings.HasPrefix(text[eq:], "= ") {
		key := strings.LastIndexByte(text[:eq-1], ' ') + 1 // key = value
		if key > 1 && strings.IndexByte(`,;|"`, text[key-2]) < 0 {
			return false
		}
		eq--
	}
	if eq > 2 && text[eq-1] == '"' && text[eq-2] != '=' && strings.HasPrefix(text[min(eq+1, len(text)):], `"`) {
		eq-- // "key"="value"
	}
	return eq > 0 && isKey(text[eq-1:eq])
}

// isMap says of a line that it begins as Java writes a map: {user=ann, action=export}.
func isMap(msg string) bool {
	eq := strings.IndexByte(msg[:min(len(msg), 40)], '=')
	if msg[0] != '{' || eq < 2 || msg[len(msg)-1] != '}' {
		return false
	}
	for i := 1; i < eq; i++ {
		if !isKey(msg[i : i+1]) {
			return false
		}
	}
	return true
}

// loggerKeys are what a line of a program's logger begins with.
var loggerKeys = wordSet("time ts timestamp t level lvl")

// logged says of a line that a program's logger wrote it, in however few pairs: level= msg=.
func logged(msg string) bool {
	key, _, ok := strings.Cut(msg[:min(len(msg), 16)], "=")
	if !ok || !loggerKeys[key] {
		return false
	}
	front := msg[:min(len(msg), maxLook)]
	return strings.Contains(front, " msg=") && (strings.Contains(front, "level=") || strings.Contains(front, "lvl="))
}
