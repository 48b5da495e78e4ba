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
	within := object + "."
	for f, name := range s.Names {
		if s.shown[f>>6]&(1<<(f&63)) != 0 && strings.HasPrefix(name, within) != e.Has(f) {
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

// Batch is constant values that are set at once: groups, and others alone.
type Batch struct {
	values []Value // group: 1 + index in groups
	groups []*Group
}

// Group adds all values of g.
func (b *Batch) Group(g *Group) {
	n := uint8(0)
	if g.json != "" {
		b.groups = append(b.groups, g)
		n = uint8(len(b.groups))
	}
	for _, v := range g.values {
		v.group = n
		b.values = append(b.values, v)
	}
}

// Add adds what e holds: no lists, and texts that outlive e.
func (b *Batch) Add(e *Event) {
	for _, v := range e.Range {
		b.values = append(b.values, *v)
	}
}

// SetBatch sets all values of b; false: the event is too full, and none was set.
func (e *Event) SetBatch(b *Batch) bool {
	n, base := len(e.vals), uint8(len(e.groups))
	if n+len(b.values) > maxValues {
		return false
	}
	e.vals = append(e.vals, b.values...)
	e.groups = append(e.groups, b.groups...)
	for i := range b.values {
		f := b.values[i].field
		if e.Has(f) {
			e.ungroup(&e.vals[e.slot[f]])
		}
		e.mark(f)
		e.slot[f] = uint8(n + i)
		if g := &e.vals[n+i].group; *g != 0 {
			*g += base
		}
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
