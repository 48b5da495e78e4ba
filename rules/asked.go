package rules

import (
	"sluice/event"

	"sluice/internal/condition"
)

// Asked is a question of a condition about one field that a pack, a table or ECS defines.
type Asked struct {
	Rule         *Rule
	Field        string
	Values       []string // that it compares the field with, as they stand; nil: it asks something else
	Line, Column int
	Packs        []string // that the condition is about there; nil: all
}

// Asked calls do for every question that our own rules ask of events, with what is known of the
// events that it is about.
func (s *Set) Asked(src Sources, do func(a Asked, src Sources)) {
	for _, r := range s.rules {
		if r.chained || r.Foreign() {
			continue
		}
		for _, n := range s.roots(r) {
			c := coverer{set: s, src: src}
			c.asked(r, n, do)
		}
		for i := range r.Exceptions {
			c := coverer{set: s, src: src}
			if r.when != nil {
				c.narrow(r.when) // it is asked of what the rule is about
			}
			c.asked(r, r.Exceptions[i].when, do)
		}
	}
}

func (c *coverer) asked(r *Rule, n *condition.Node, do func(Asked, Sources)) {
	if n.Kind != condition.Ask {
		if n.Kind == condition.And {
			defer c.narrow(n)()
		}
		for _, k := range n.Kids {
			c.asked(r, k, do)
		}
		return
	}
	l := c.set.leaves.Leaf(n)
	if l.Field == condition.Any || l.Op == condition.Program {
		return
	}
	sp := c.set.schema.Spec(l.Field)
	if sp.Vendor {
		return
	}
	a := Asked{Rule: r, Field: sp.Name, Line: n.Line, Column: n.Column, Packs: c.about}
	if l.Op == condition.Equal && l.Cased && l.OfText() {
		a.Values = l.Values
	}
	do(a, c.src)
}

// Unnamed is a question of somebody else's rule about a field that nothing loaded names.
type Unnamed struct {
	Rule         *Rule
	Field        string
	Line, Column int
	Beside       [][]string // for each other field that the rule asks, where events may hold it
}

// Unnamed are those of all rules.
func (s *Set) Unnamed(src Sources) (out []Unnamed) {
	for _, r := range s.rules {
		if !r.Foreign() {
			continue
		}
		before := len(out)
		var beside [][]string
		for _, n := range s.roots(r) {
			s.unnamed(n, src, func(n *condition.Node, places []string, known bool) {
				if known {
					beside = append(beside, places)
				} else {
					out = append(out, Unnamed{Rule: r, Field: places[0], Line: n.Line, Column: n.Column})
				}
			})
		}
		for _, n := range r.beside {
			if places, known := s.places(n.Fields, src); !known {
				out = append(out, Unnamed{Rule: r, Field: places[0], Line: n.Line, Column: n.Column})
			}
		}
		for i := range out[before:] {
			out[before+i].Beside = beside
		}
	}
	return out
}

// unnamed calls do for each question about a field, with the names under which events may hold it.
func (s *Set) unnamed(n *condition.Node, src Sources, do func(n *condition.Node, places []string, known bool)) {
	for _, k := range n.Kids {
		s.unnamed(k, src, do)
	}
	if n.Kind != condition.Ask {
		return
	}
	l := s.leaves.Leaf(n)
	if l.Field == condition.Any || l.Op == condition.Program {
		return
	}
	places, known := s.places(append([]event.Field{l.Field}, l.Also...), src)
	do(n, places, known)
}

// places are the names of the fields that may hold one of somebody else's, and whether a pack gives one.
func (s *Set) places(fields []event.Field, src Sources) (names []string, known bool) {
	for _, f := range fields {
		sp := s.schema.Spec(f)
		names = append(names, sp.Name)
		known = known || src.Gives(sp.Name, sp.Vendor) == ByPacks
	}
	return names, known
}
