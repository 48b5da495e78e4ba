package normalize

import (
	"strings"

	"sluice/event"
)

func (t *target) putEmail(ev *event.Event, text string) bool {
	text = strings.Trim(text, "<> ")
	at := strings.LastIndexByte(text, '@')
	if at <= 0 {
		return t.kids[1] == event.None || ev.SetText(t.kids[1], text)
	}
	ok := ev.SetText(t.kids[0], text)
	if t.kids[1] != event.None {
		ev.SetText(t.kids[1], text[:at])
	}
	if t.kids[2] != event.None && at+1 < len(text) {
		ev.SetText(t.kids[2], text[at+1:])
	}
	return ok
}
