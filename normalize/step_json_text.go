package normalize

import (
	"slices"

	"sluice/event"
	"sluice/internal/jsontape"
)

// maxInText is how many JSON texts of one event are read.
const maxInText = 32

// inText is the object or list that a text holds as JSON, in place of the object itself: tables
// of Log Analytics have columns that are such texts, and a query gives all columns so.
func (r *run) inText(v jsontape.Value) jsontape.Value {
	if v.Kind() != jsontape.String {
		return jsontape.Value{}
	}
	text := v.Str()
	if len(text) < 2 || !isPair(text[0], text[len(text)-1]) || r.parsed >= maxInText {
		return jsontape.Value{}
	}
	d := r.document()
	if d.Parse(text) != nil {
		return jsontape.Value{}
	}
	return d.Root()
}

func isPair(first, last byte) bool {
	return first == '{' && last == '}' || first == '[' && last == ']'
}

// wantsList says whether a field takes the texts of a list one by one.
func (n *jsonNode) wantsList(r *run) bool {
	return slices.ContainsFunc(n.targets, func(t target) bool {
		switch t.kind {
		case vAddr, vClient, vIPs, vAdd:
			return true
		case vPlain:
			return t.field != event.None && r.ev.Schema().Spec(t.field).Array
		}
		return false
	})
}
