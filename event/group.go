package event

import "strings"

// Group is all fields of one object with values that many events hold alike, such as
// a data stream's name: they are set and written together.
type Group struct {
	values      []Value // in field order
	first, last Field
	parent      int32  // the object that holds the group's
	json        string // `"facility":{"code":10,"name":"authpriv"}`; empty: not written together
}

// Group makes one of what e holds: values of fields under object, no lists, with
// texts that outlive e. Where those are not all fields of the object, others may come
// between: then they are only set together.
func (e *Event) Group(object string) *Group {
	s, g := e.schema, &Group{}
	for f, v := range e.Range {
		if g.first == None {
			g.first = f
		}
		g.last = f
		g.values = append(g.values, *v)
	}
	for f, name := range s.Names {
		if s.shown[f>>6]&(1<<(f&63)) != 0 && strings.HasPrefix(name, object+".") != e.Has(f) {
			return g
		}
	}
	depth := int32(strings.Count(object, ".") + 1)
	for g.parent = s.leaves[g.first].parent; s.objs[g.parent].depth >= depth; {
		g.parent = s.objs[g.parent].parent
	}
	g.json = string(e.AppendJSON(nil)) // `{"log":{"syslog":{"facility":{"code":10}}}}`
	for range depth {
		_, g.json, _ = strings.Cut(g.json[:len(g.json)-1], "{")
	}
	return g
}

// SetGroup sets all fields of g. False: the event is full.
func (e *Event) SetGroup(g *Group) bool {
	n := uint8(0)
	if g.json != "" && len(e.groups) < maxValues {
		e.groups = append(e.groups, g)
		n = uint8(len(e.groups))
	}
	for i := range g.values {
		v := e.put(g.values[i].field)
		if v == nil {
			e.ungroup(&Value{group: n})
			return false
		}
		*v = g.values[i]
		v.group = n
	}
	return true
}

// ungroup lets the encoder write the values of v's group one by one: one of them is
// about to change.
func (e *Event) ungroup(v *Value) {
	if v.group != 0 {
		e.groups[v.group-1] = nil
	}
}
