package tables

import (
	"slices"

	"sluice/event"
	"sluice/internal/jsontape"
)

// labels gathers what tables say of one event beside ECS, as the members of a JSON
// object one behind the other, so that several tables can add to it.
type labels struct {
	json, whole []byte
	keys        []key
	had         jsontape.Doc // what the source has set
}

// key is where a label is in labels.json.
type key struct {
	name     string
	from, to int
}

func (l *labels) reset() { l.json, l.keys = l.json[:0], l.keys[:0] }

// add appends a label, unless it is there.
func (l *labels) add(name, text string) {
	if slices.ContainsFunc(l.keys, func(k key) bool { return k.name == name }) {
		return
	}
	from := len(l.json)
	l.json = append(event.AppendString(l.json, name), ':')
	l.json = event.AppendString(l.json, text)
	l.keys = append(l.keys, key{name, from, len(l.json)})
}

// write sets the field labels, behind what the source has set there: of a name that both have, the
// source's stays. Elasticsearch refuses an object with one name twice.
func (l *labels) write(ev *event.Event, f event.Field) {
	if len(l.keys) == 0 || f == event.None {
		return
	}
	had := ev.Text(f)
	if len(had) < 2 || had[0] != '{' || had[len(had)-1] != '}' {
		had = "{}"
	}
	if l.had.Parse(had) != nil {
		return // what the source said stays
	}
	root := l.had.Root()
	l.whole = append(l.whole[:0], had[:len(had)-1]...)
	first := !root.First().OK()
	for _, k := range l.keys {
		if root.Get(k.name).OK() {
			continue
		}
		if !first {
			l.whole = append(l.whole, ',')
		}
		l.whole, first = append(l.whole, l.json[k.from:k.to]...), false
	}
	l.whole = append(l.whole, '}')
	ev.SetText(f, ev.Own(l.whole))
}
