package condition

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sluice/event"
)

// Clash says why a condition can be true for no event, whatever its values: two of its
// questions cannot both have the answers that it needs, or one asks for a part of a time that
// no time has. "": none was found, which is no proof that there is none.
func (ls *Leaves) Clash(schema *event.Schema, n *Node) string {
	return (&clashes{ls, schema}).of(n, true)
}

type clashes struct {
	ls     *Leaves
	schema *event.Schema
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
			return c.ls.all[n.Leaf].outside()
		}
		return ""
	case Const:
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
					return fmt.Sprintf("%s and %s exclude each other", others[j].text(), all[i].text())
				}
			}
		}
	}
	return ""
}

func (w *want) text() string {
	text := fmt.Sprintf("%s (%d:%d)", w.node.Text, w.node.Line, w.node.Column)
	if !w.yes {
		return "not " + text
	}
	return text
}

// clash says whether a and b cannot both be so. Only fields that hold one value can
// exclude anything: a list may hold both.
func (c *clashes) clash(a, b *want) bool {
	if a.leaf == b.leaf {
		return a.yes != b.yes
	}
	l, m := a.leaf, b.leaf
	if l.Op == Program || m.Op == Program || l.Field == Any || l.Field != m.Field || !a.yes || len(l.Also)+len(m.Also) > 0 {
		return false
	}
	if m.Op == Exists && !b.yes {
		return true // what is not set has no value
	}
	sp := c.schema.Spec(l.Field)
	if !b.yes || sp.Array || sp.Vendor || sp.Type == event.JSON || l.Part != 0 || m.Part != 0 {
		return false
	}
	switch {
	case l.Op == Equal && len(l.Values) > 0:
		return !slices.ContainsFunc(l.Values, func(v string) bool { return m.mayBe(v) })
	case l.Op >= EqualNum && l.Op <= GreaterEq && m.Op >= EqualNum && m.Op <= GreaterEq:
		from, to := l.span()
		low, high := m.span()
		return from > high || low > to || from == high && (l.Op == Greater || m.Op == Less) || to == low && (l.Op == Less || m.Op == Greater)
	}
	return false
}

// mayBe says whether the leaf can hold for a text, in whatever case where either does not
// tell cases apart.
func (l *Leaf) mayBe(text string) bool {
	text = strings.ToLower(text)
	switch l.Op {
	case Equal, Prefix, Suffix, Contains:
		return slices.ContainsFunc(l.Values, func(v string) bool { return compare(l.Op, text, strings.ToLower(v)) })
	}
	return true
}

// span is the range that the leaf's numbers leave.
func (l *Leaf) span() (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	for _, n := range l.Numbers {
		switch l.Op {
		case EqualNum:
			from, to = min(from, n.Float), max(to, n.Float)
		case Less, LessEq:
			from, to = math.Inf(-1), max(to, n.Float)
		default:
			from, to = min(from, n.Float), math.Inf(1)
		}
	}
	if len(l.Numbers) == 0 {
		return math.Inf(-1), math.Inf(1)
	}
	return from, to
}
