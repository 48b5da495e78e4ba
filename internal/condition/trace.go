package condition

import (
	"slices"

	"sluice/event"
)

// Trace is a condition as one event answers it, for people: the tree that decides, with
// the answer of each of its nodes.
type Trace struct {
	Holds  bool     `json:"holds"`
	Kind   string   `json:"kind"`           // all, any, not, leaf, constant
	Name   string   `json:"name,omitempty"` // the part of the rule that it came from
	Text   string   `json:"text,omitempty"` // of a leaf: as the rule says it
	Line   int      `json:"line,omitempty"`
	Column int      `json:"column,omitempty"`
	Fields []Actual `json:"fields,omitempty"` // of a leaf: what it looked at
	Kids   []*Trace `json:"parts,omitempty"`
}

// Actual is what an event has in one field; no values: it is not set.
type Actual struct {
	Field  string   `json:"field"`
	Values []string `json:"values"`
}

var kindWords = map[Kind]string{And: "all", Or: "any", Not: "not", Ask: "leaf", Const: "constant"}

// maxActual bounds the values that a trace shows of one list.
const maxActual = 100

// Trace says how the event of Begin answers a condition. The answers are those of Eval:
// there is no second evaluator that could think otherwise. All leaves are asked, also
// those that Eval would have no need to ask.
func (m *Machine) Trace(n *Node) *Trace {
	t := &Trace{Holds: m.Eval(n), Kind: kindWords[n.Kind], Name: n.Name, Text: n.Text, Line: n.Line, Column: n.Column}
	if n.Kind == Ask {
		for _, f := range m.leaves.all[n.Leaf].reads() {
			t.Fields = append(t.Fields, m.actual(f))
		}
	}
	for _, k := range n.Kids {
		t.Kids = append(t.Kids, m.Trace(k))
	}
	return t
}

// reads are the fields that a leaf looks at.
func (l *Leaf) reads() []event.Field {
	switch {
	case l.Op == Program:
		return l.program.needs
	case l.Field == Any:
		return nil
	case l.Op == SameAs:
		return []event.Field{l.Field, l.Other}
	}
	return append([]event.Field{l.Field}, l.Also...)
}

// actual is what the event has in f.
func (m *Machine) actual(f event.Field) Actual {
	sp := m.ev.Schema().Spec(f)
	a := Actual{Field: sp.Name, Values: []string{}}
	if sp.Vendor {
		a.Field = VendorPrefix + sp.Name
	}
	if v := m.ev.Get(f); v != nil {
		texts := m.texts(f, v, true)
		a.Values = slices.Clone(texts[:min(len(texts), maxActual)])
		for i := range a.Values { // texts live until the next event only
			a.Values[i] = string([]byte(a.Values[i]))
		}
	}
	return a
}
