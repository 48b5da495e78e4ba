package tables

import (
	"bytes"

	"sluice/event"
)

// labels gathers what tables say of one event beside ECS, as the members of a JSON
// object, so that several tables can add to it.
type labels struct{ json, whole []byte }

// add appends a label, unless it is there.
func (l *labels) add(key, text string) {
	at := len(l.json)
	if at > 0 {
		l.json = append(l.json, ',')
	}
	from := len(l.json)
	l.json = append(event.AppendString(l.json, key), ':')
	if bytes.Contains(l.json[:at], l.json[from:]) {
		l.json = l.json[:at]
		return
	}
	l.json = event.AppendString(l.json, text)
}

// write sets the field labels, behind what the source has set there.
func (l *labels) write(ev *event.Event, f event.Field) {
	if len(l.json) == 0 || f == event.None {
		return
	}
	had := ev.Text(f)
	if len(had) < 2 || had[0] != '{' || had[len(had)-1] != '}' {
		had = "{}"
	}
	l.whole = append(l.whole[:0], had[:len(had)-1]...)
	if len(l.whole) > 1 {
		l.whole = append(l.whole, ',')
	}
	l.whole = append(append(l.whole, l.json...), '}')
	ev.SetText(f, ev.Own(l.whole))
}
