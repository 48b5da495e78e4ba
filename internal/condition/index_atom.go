package condition

import "sluice/event"

// anchor says where an atom's text must stand in the value.
type anchor uint8

const (
	anywhere anchor = 0
	atStart  anchor = 1
	atEnd    anchor = 2
	whole    anchor = atStart | atEnd
)

// atom is a folded text that must stand in a field.
type atom struct {
	field  event.Field
	anchor anchor
	text   string
}

// chooser picks the atoms of conditions. A text that many conditions name, such as
// \powershell.exe, is also frequent in events; so it prefers unpopular ones.
type chooser struct {
	schema     *event.Schema
	leaves     *Leaves
	popularity map[atom]int
}

func newChooser(schema *event.Schema, ls *Leaves, roots []*Node) *chooser {
	c := &chooser{schema: schema, leaves: ls, popularity: map[atom]int{}}
	for _, n := range roots {
		c.count(n)
	}
	return c
}

func (c *chooser) count(n *Node) {
	if n.Kind == Ask {
		for _, a := range c.atoms(c.leaves.all[n.Leaf]) {
			c.popularity[a]++
		}
	}
	for _, k := range n.Kids {
		c.count(k)
	}
}

// price is the guessed number of events that show the atom, on no certain scale.
func (c *chooser) price(a atom) float64 {
	byLength := [...]float64{1e6, 400, 100, 20, 4, 2}
	p := float64(c.popularity[a] + 1)
	if len(a.text) < len(byLength) && a.anchor != whole {
		p *= byLength[len(a.text)]
	}
	return p
}

// choose returns atoms of which one must be present where n is true, and their
// price. ok is false where there are none: n can be true without any text.
func (c *chooser) choose(n *Node) (best []atom, price float64, ok bool) {
	switch n.Kind {
	case Ask:
		best = c.atoms(c.leaves.all[n.Leaf])
		for _, a := range best {
			price += c.price(a)
		}
		return best, price, len(best) > 0
	case And:
		for _, k := range n.Kids {
			if as, p, can := c.choose(k); can && (!ok || p < price) {
				best, price, ok = as, p, true
			}
		}
		return best, price, ok
	case Or:
		for _, k := range n.Kids {
			as, p, can := c.choose(k)
			if !can {
				return nil, 0, false
			}
			best, price = append(best, as...), price+p
		}
		return best, price, len(n.Kids) > 0
	case Const:
		return nil, 0, !n.Value // what is never true needs no candidate
	case Not:
	}
	return nil, 0, false
}

// atoms are texts of which one must be present where the leaf says yes: in its field or
// in those that stand in for it. Only fields of text have them.
func (c *chooser) atoms(l *Leaf) (out []atom) {
	if l.Field == Any {
		return nil
	}
	for _, f := range append([]event.Field{l.Field}, l.Also...) {
		if c.schema.Spec(f).Type != event.Keyword {
			return nil
		}
		of := fieldAtoms(f, l)
		if len(of) == 0 {
			return nil
		}
		out = append(out, of...)
	}
	return out
}

func fieldAtoms(f event.Field, l *Leaf) (out []atom) {
	add := func(an anchor, text string) bool {
		if text = Fold(text); text == "" && an != whole {
			return false
		}
		out = append(out, atom{f, an, text})
		return true
	}
	kinds := map[Op]anchor{Equal: whole, Prefix: atStart, Suffix: atEnd, Contains: anywhere}
	if an, ok := kinds[l.Op]; ok {
		for _, v := range l.Values {
			if !add(an, v) {
				return nil
			}
		}
	}
	if l.Op == Glob {
		for i := range l.Globs {
			if !add(anywhere, longest(l.Globs[i].Literals())) {
				return nil
			}
		}
	}
	if l.Op == Regex {
		for _, re := range l.Regexps {
			texts := Required(re.String())
			if len(texts) == 0 {
				return nil
			}
			for _, t := range texts {
				if !add(anywhere, t) {
					return nil
				}
			}
		}
	}
	return out
}

func longest(texts []string) (best string) {
	for _, t := range texts {
		if len(t) > len(best) {
			best = t
		}
	}
	return best
}
