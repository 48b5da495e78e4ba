package condition

import (
	"fmt"
	"math"
	"net/netip"
	"slices"

	"sluice/event"
)

// Clash says why a condition can be true for no event, whatever its values: two of its
// questions cannot both have the answers that it needs, or one asks for a part of a time that
// no time has. "": none was found, which is no proof that there is none.
func (ls *Leaves) Clash(schema *event.Schema, n *Node) string {
	return (&clashes{ls: ls, schema: schema}).of(n, true)
}

// Always says why a part of a condition decides nothing, since it has the same answer for all
// events that have its fields; "": none was found. Such a part of two is mostly an "or" that was
// to be an "and".
func (ls *Leaves) Always(schema *event.Schema, n *Node) (at *Node, why string) {
	c := &clashes{ls: ls, schema: schema, always: true}
	return c.decided(n, true)
}

const constant = "it is always so, whatever the event"

type clashes struct {
	ls     *Leaves
	schema *event.Schema
	always bool // whether the opposite can be is asked, of events that have the fields
}

// decided finds a part that is wanted to be yes, and always is.
func (c *clashes) decided(n *Node, yes bool) (*Node, string) {
	switch n.Kind {
	case Not:
		return c.decided(n.Kids[0], !yes)
	case Ask:
		if of := c.ls.all[n.Leaf].of; yes && of != nil && of.name != "" && c.ls.all[n.Leaf].all(of.least, of.most) {
			return n, n.Text + " is always so"
		}
		return nil, ""
	case Const:
		if n.Value == yes {
			return n, constant
		}
		return nil, ""
	case And, Or:
	}
	if (n.Kind == Or) == yes { // one of them
		if why := c.of(n, !yes); why != "" {
			return n, why
		}
	}
	for _, k := range n.Kids {
		if at, why := c.decided(k, yes); at != nil {
			return at, why
		}
	}
	return nil, ""
}

// want is a leaf with the answer that is needed.
type want struct {
	node *Node
	leaf *Leaf
	yes  bool
}

func (c *clashes) of(n *Node, yes bool) string {
	switch n.Kind {
	case Not:
		return c.of(n.Kids[0], !yes)
	case Ask:
		if yes {
			return c.ls.all[n.Leaf].outside(n)
		}
		return ""
	case Const:
		if n.Value != yes && c.always {
			return constant
		}
		if n.Value != yes {
			return "it is never so"
		}
		return ""
	case And, Or:
	}
	if (n.Kind == And) == yes { // all of them
		var all []want
		var any []need
		c.conjuncts(n, yes, &all, &any)
		if why := c.pairs(all, nil); why != "" {
			return why
		}
		for _, one := range any {
			if why := c.none(one, all); why != "" {
				return why
			}
		}
		for _, k := range n.Kids {
			if why := c.of(k, yes); why != "" {
				return why
			}
		}
		return ""
	}
	first := ""
	for _, k := range n.Kids {
		why := c.of(k, yes)
		if why == "" {
			return ""
		}
		if first == "" {
			first = why
		}
	}
	return first
}

// need is a part of a condition with the answer that is needed.
type need struct {
	node *Node
	yes  bool
}

// conjuncts are the leaves whose answers n needs all, and the parts of which it needs one
// kid each.
func (c *clashes) conjuncts(n *Node, yes bool, out *[]want, any *[]need) {
	switch {
	case n.Kind == Ask:
		*out = append(*out, want{n, c.ls.all[n.Leaf], yes})
	case n.Kind == Not:
		c.conjuncts(n.Kids[0], !yes, out, any)
	case n.Kind == And && yes, n.Kind == Or && !yes:
		for _, k := range n.Kids {
			c.conjuncts(k, yes, out, any)
		}
	case n.Kind == Or, n.Kind == And:
		*any = append(*any, need{n, yes})
	}
}

// none says why no kid of a part goes together with what is needed beside it.
func (c *clashes) none(of need, beside []want) (first string) {
	for _, k := range of.node.Kids {
		var all []want
		c.conjuncts(k, of.yes, &all, &[]need{})
		why := c.pairs(all, beside)
		if why == "" {
			return ""
		}
		if first == "" {
			first = why
		}
	}
	return first
}

// maxClash bounds the leaves that are looked at: lists of Sigma have thousands.
const maxClash = 200

// pairs looks for two leaves that exclude each other: both of all, or one of beside.
func (c *clashes) pairs(all, beside []want) string {
	all, beside = all[:min(len(all), maxClash)], beside[:min(len(beside), maxClash)]
	for i := range all {
		for _, others := range [][]want{all[:i], beside} {
			for j := range others {
				if c.clash(&others[j], &all[i]) || c.clash(&all[i], &others[j]) {
					return c.say(others[j], all[i])
				}
			}
		}
	}
	return ""
}

// say tells of two leaves that cannot both have the answer that is asked for.
func (c *clashes) say(a, b want) string {
	if c.always {
		a.yes, b.yes = !a.yes, !b.yes
		return fmt.Sprintf("%s or %s is always so: was and meant?", a.text(), b.text())
	}
	over := ""
	if l := a.leaf; l.of != nil && l.of.wraps && a.yes && b.yes && l.op() != EqualNum && b.leaf.op() != EqualNum {
		over = "; over midnight it is or"
	}
	return fmt.Sprintf("%s and %s exclude each other%s", a.text(), b.text(), over)
}

func (w *want) text() string {
	text := fmt.Sprintf("%s (%d:%d)", w.node.Text, w.node.Line, w.node.Column)
	if !w.yes {
		return "not " + text
	}
	return text
}

// ClashOn says why events that are as several conditions say cannot all have the same value of
// a field; "": none was found.
func (ls *Leaves) ClashOn(schema *event.Schema, field event.Field, conditions []*Node) string {
	c := &clashes{ls: ls, schema: schema}
	var all []want
	for _, n := range conditions {
		var own []want
		c.conjuncts(n, true, &own, &[]need{})
		all = append(all, slices.DeleteFunc(own, func(w want) bool { return w.leaf.Op == Program || w.leaf.Field != field })...)
	}
	return c.pairs(all, nil)
}

// about are the questions about a field whose answers a condition needs.
func (ls *Leaves) about(n *Node, field event.Field) (out []want) {
	var all []want
	(&clashes{ls: ls}).conjuncts(n, true, &all, &[]need{})
	return slices.DeleteFunc(all, func(w want) bool { return w.leaf.Op == Program || w.leaf.Field != field || len(w.leaf.Also) > 0 })
}

// Most is how many values a field can have where a condition holds; false: it does not say.
func (ls *Leaves) Most(n *Node, field event.Field) (int, bool) {
	for _, w := range ls.about(n, field) {
		switch l := w.leaf; {
		case !w.yes:
		case l.Op == Equal && l.Cased:
			return len(l.Values), true
		case l.Op == EqualNum && l.Part == 0:
			return len(l.Numbers), true
		case l.Op == CIDR && !slices.ContainsFunc(l.Nets, func(n netip.Prefix) bool { return !n.IsSingleIP() }):
			return len(l.Nets), true
		}
	}
	return 0, false
}

// Lacks says whether a field is not set where a condition holds.
func (ls *Leaves) Lacks(n *Node, field event.Field) bool {
	return slices.ContainsFunc(ls.about(n, field), func(w want) bool { return w.leaf.Op == Exists && !w.yes })
}

// Range is between which numbers a field is where a condition holds.
func (ls *Leaves) Range(n *Node, field event.Field) (least, most float64) {
	least, most = math.Inf(-1), math.Inf(1)
	for _, w := range ls.about(n, field) {
		if w.yes && w.leaf.Op.numeric() && w.leaf.Part == 0 {
			low, high := w.leaf.span()
			least, most = max(least, low), min(most, high)
		}
	}
	return least, most
}
