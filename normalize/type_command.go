package normalize

import (
	"strings"

	"sluice/event"
)

// maxArgs bounds process.args.
const maxArgs = 200

// putCommand splits a command line at spaces outside quotes, without changing it.
func (t *target) putCommand(ev *event.Event, text string) bool {
	ok := ev.SetText(t.kids[0], text)
	if t.kids[1] == event.None || event.Nothing(text) {
		return ok
	}
	n, start, quote := 0, -1, byte(0)
	var args []string
	for i := 0; i <= len(text) && n < maxArgs; i++ {
		switch {
		case i == len(text) || text[i] == ' ' && quote == 0:
			if start >= 0 {
				args = append(args, unquoted(text[start:i]))
				n++
			}
			start = -1
		case quote != 0 && text[i] == quote:
			quote = 0
		case quote == 0 && (text[i] == '"' || text[i] == '\'' && start < 0):
			quote = text[i]
			fallthrough
		default:
			if start < 0 {
				start = i
			}
		}
	}
	if n == 0 {
		return ok
	}
	if t.kids[2] != event.None {
		ev.SetInt(t.kids[2], int64(n))
	}
	return ev.SetList(t.kids[1], args) && ok
}

// unquoted takes the quotes off a word that is quoted as a whole, or off the value
// of an option, --name="a b": neither reaches the program.
func unquoted(s string) string {
	n := len(s)
	if n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : n-1]
	}
	if eq := strings.Index(s, `="`); eq > 0 {
		if value := s[eq+2:]; value != "" && strings.IndexByte(value, '"') == len(value)-1 {
			return s[:eq+1] + value[:len(value)-1]
		}
	}
	return s
}
