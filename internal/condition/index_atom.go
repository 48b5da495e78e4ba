package condition

import (
	"strings"

	"sluice/event"
)

// anchor says where an atom's text must stand in the value.
type anchor uint8

const (
	anywhere anchor = 0
	atStart  anchor = 1
	atEnd    anchor = 2
	whole    anchor = atStart | atEnd
)

// atom is a folded text that must stand in one of a group of fields: those of which a
// leaf reads the first that is set.
type atom struct {
	group  int32
	anchor anchor
	text   string
}

// chooser picks the atoms of conditions. A text that many conditions name, such as
// \powershell.exe, is also frequent in events; so it prefers unpopular ones. Atoms are
// known by number, so that what thousands of rules share is hashed once.
type chooser struct {
	schema     *event.Schema
	leaves     *Leaves
	groups     [][]event.Field
	groupOf    map[string]int32
	all        []atom
	number     map[atom]int32
	popularity []int32   // by number of atom
	ofLeaf     [][]int32 // by leaf: numbers of atoms; nil where it was not asked, empty where it has none
}

func newChooser(schema *event.Schema, ls *Leaves, roots []*Node) *chooser {
	n := len(ls.all) // about as many atoms
	c := &chooser{
		schema: schema, leaves: ls, groupOf: map[string]int32{}, number: make(map[atom]int32, n), ofLeaf: make([][]int32, n),
		all: make([]atom, 0, n), popularity: make([]int32, 0, n),
	}
	for _, n := range roots {
		c.count(n)
	}
	return c
}

func (c *chooser) count(n *Node) {
	if n.Kind == Ask {
		for _, a := range c.atoms(n.Leaf) {
			c.popularity[a]++
		}
	}
	for _, k := range n.Kids {
		c.count(k)
	}
}

// price is the guessed number of events that show the atom, on no certain scale.
func (c *chooser) price(n int32) float64 {
	byLength := [...]float64{1e6, 400, 100, 20, 4, 2}
	p := float64(c.popularity[n] + 1)
	if a := &c.all[n]; len(a.text) < len(byLength) && a.anchor != whole {
		p *= byLength[len(a.text)]
	}
	return p
}

// choose returns atoms of which one must be present where n is true, and their
// price. ok is false where there are none: n can be true without any text.
func (c *chooser) choose(n *Node) (best []int32, price float64, ok bool) {
	switch n.Kind {
	case Ask:
		best = c.atoms(n.Leaf)
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
			best, price = append(best[:len(best):len(best)], as...), price+p
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
func (c *chooser) atoms(leaf int32) []int32 {
	if c.ofLeaf[leaf] != nil {
		return c.ofLeaf[leaf]
	}
	out := []int32{}
	if g, ok := c.group(c.leaves.all[leaf]); ok {
		for _, a := range leafAtoms(g, c.leaves.all[leaf]) {
			n, ok := c.number[a]
			if !ok {
				n = int32(len(c.all))
				c.number[a] = n
				c.all, c.popularity = append(c.all, a), append(c.popularity, 0)
			}
			out = append(out, n)
		}
	}
	c.ofLeaf[leaf] = out
	return out
}

// group numbers the fields that a leaf reads; false: not all of them hold texts.
func (c *chooser) group(l *Leaf) (int32, bool) {
	if l.Field == Any {
		return 0, false
	}
	fields := append([]event.Field{l.Field}, l.Also...)
	var key strings.Builder
	for _, f := range fields {
		if c.schema.Spec(f).Type != event.Keyword {
			return 0, false
		}
		key.Write([]byte{byte(f), byte(f >> 8)})
	}
	g, ok := c.groupOf[key.String()]
	if !ok {
		g = int32(len(c.groups))
		c.groupOf[key.String()] = g
		c.groups = append(c.groups, fields)
	}
	return g, true
}

// anchors are where the texts of a question must stand.
var anchors = map[Op]anchor{Equal: whole, Prefix: atStart, Suffix: atEnd, Contains: anywhere}

func leafAtoms(g int32, l *Leaf) (out []atom) {
	add := func(an anchor, text string) bool {
		if text = Fold(text); text == "" && an != whole {
			return false
		}
		out = append(out, atom{g, an, text})
		return true
	}
	if an, ok := anchors[l.Op]; ok {
		for _, v := range l.Values {
			if !add(an, v) {
				return nil
			}
		}
	}
	if l.Op == Glob {
		for i := range l.Globs {
			if !add(anywhere, longest(l.Globs[i].literals())) {
				return nil
			}
		}
	}
	if l.Op == Regex {
		for _, re := range l.Regexps {
			texts := required(re.String())
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
