package event

import "strings"

// Group is a set of constant values, all fields of one object, that many events share, such as
// the name of a data stream. They are set and encoded together.
type Group struct {
	values      []Value // in field order
	first, last Field
	parent      int32  // the object that holds the group's
	json        string // `"facility":{"code":10,"name":"authpriv"}`; empty: not written together
}

// Group captures the values of e under object; there must be no lists among them, and their texts
// must outlive e. If they are not all the fields of that object, other fields may be written in
// between, and the group is then set together but encoded one by one.
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

// Batch is a list of groups and single constant values that are set at once.
type Batch struct {
	values []Value // group: 1 + index in groups
	groups []*Group
	marks  []keyWord // of Event.set
}

// add notes a value.
func (b *Batch) add(v Value) {
	b.values = append(b.values, v)
	at, bit := uint32(v.field>>6), uint64(1)<<(v.field&63)
	for i := range b.marks {
		if m := &b.marks[i]; m.at == at {
			m.bits |= bit
			return
		}
	}
	b.marks = append(b.marks, keyWord{at, bit})
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
		b.add(v)
	}
}

// Add adds the values that e holds; there must be no lists among them, and their texts must
// outlive e.
func (b *Batch) Add(e *Event) {
	for _, v := range e.Range {
		b.add(*v)
	}
}

// SetBatch sets all values of b, or none and returns false if the event has no room for them.
func (e *Event) SetBatch(b *Batch) bool {
	n, base := e.count, uint8(len(e.groups))
	if n+len(b.values) > e.limit {
		e.refused = true
		return false
	}
	had := uint64(0)
	for i := range b.marks {
		m := &b.marks[i]
		word := &e.set[m.at]
		had |= *word & m.bits
		*word |= m.bits
		e.used[m.at>>6] |= 1 << (m.at & 63)
	}
	e.groups = append(e.groups, b.groups...)
	e.count += copy(e.vals[n:], b.values)
	if had != 0 || base != 0 {
		e.join(b, n, base, had != 0)
		return true
	}
	for i := range b.values {
		e.slot[b.values[i].field] = uint8(n + i)
	}
	return true
}

// join gives the values of b from n on their slots and the numbers of their groups, base of
// which were there; had: some of the fields were set.
func (e *Event) join(b *Batch, n int, base uint8, had bool) {
	for i := range b.values {
		v := &e.vals[n+i]
		if old := int(e.slot[v.field]); had && old < n && e.vals[old].field == v.field {
			e.ungroup(&e.vals[old])
		}
		e.slot[v.field] = uint8(n + i)
		if v.group != 0 {
			v.group += base
		}
	}
}

// ungroup lets the encoder write the values of v's group one by one: one of them is
// about to change.
func (e *Event) ungroup(v *Value) {
	if v.group != 0 {
		e.groups[v.group-1] = nil
	}
}
