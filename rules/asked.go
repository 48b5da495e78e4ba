package rules

import (
	"slices"

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
		nodes := slices.Clone(s.roots(r))
		for i := range r.Exceptions {
			nodes = append(nodes, r.Exceptions[i].when)
		}
		for _, n := range nodes {
			c := coverer{set: s, src: src}
			c.asked(r, n, do)
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
