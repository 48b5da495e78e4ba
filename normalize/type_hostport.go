package normalize

import (
	"strings"

	"sluice/event"
)

// putHostPort reads host, host:port, host/port and [address]:port.
func (t *target) putHostPort(ev *event.Event, text string) bool {
	host, port := text, ""
	if i := strings.LastIndexAny(text, ":/"); i > 0 && strings.Trim(text[i+1:], "0123456789") == "" && (text[i] == '/' || text[i-1] == ']' || strings.Count(text, ":") == 1) {
		host, port = text[:i], text[i+1:]
	}
	if port != "" && t.kids[3] != event.None {
		ev.SetText(t.kids[3], port)
	}
	return t.putAddr(ev, strings.Trim(host, "[]"))
}
