package condition

import (
	"slices"

	"sluice/event"
)

// Index finds, for one event, the few of many conditions that can be true: by texts
// that a condition cannot do without, chosen by how unpopular they are. It never
// decides: who asks evaluates what it proposes, and a test proves that it leaves none
// out. It is immutable.
type Index struct {
	groups  []*groupIndex
	byField [][]inGroup    // by field: the groups that it is in
	fields  event.FieldSet // that are in some
	always  []int32        // conditions that need no text: candidates of every event
	count   int
}

// inGroup is where a field stands in a group: only the first that is set is searched.
type inGroup struct {
	group  *groupIndex
	before []event.Field
}

// groupIndex holds the atoms of one group of fields: those of which a leaf reads the first
// that is set.
type groupIndex struct {
	exact byHash // of whole values
	grams *grams
}

// byHash finds rules by the hash of a text. Texts of the same hash share them.
type byHash struct {
	slots []hashed // a power of two, at most half of them used; no rules: free
	used  int
}

type hashed struct {
	hash  uint64
	rules []int32
}

func (t *byHash) get(h uint64) []int32 {
	if t.used == 0 {
		return nil
	}
	mask := uint64(len(t.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		if s := &t.slots[at]; s.hash == h || s.rules == nil {
			return s.rules
		}
	}
}

// add adds rules, at least one.
func (t *byHash) add(h uint64, rules []int32) {
	if t.get(h) == nil {
		if t.used++; 2*t.used > len(t.slots) {
			old := t.slots
			t.slots = make([]hashed, max(4, 2*len(old)))
			for _, s := range old {
				if s.rules != nil {
					*t.at(s.hash) = s
				}
			}
		}
	}
	s := t.at(h)
	s.hash, s.rules = h, append(s.rules[:len(s.rules):len(s.rules)], rules...)
}

// at is the slot of a hash, or a free one for it.
func (t *byHash) at(h uint64) *hashed {
	mask := uint64(len(t.slots) - 1)
	at := h & mask
	for t.slots[at].rules != nil && t.slots[at].hash != h {
		at = (at + 1) & mask
	}
	return &t.slots[at]
}

// NewIndex indexes conditions over leaves, by their number in roots; a condition may be
// several nodes of which any may be true.
func NewIndex(schema *event.Schema, ls *Leaves, roots [][]*Node) *Index {
	ix := &Index{byField: make([][]inGroup, schema.Len()), fields: schema.NewFieldSet(), count: len(roots)}
	var all []*Node
	for _, r := range roots {
		all = append(all, r...)
	}
	c := newChooser(schema, ls, all)
	lists := make([][]int32, len(c.all))
	for n, r := range roots {
		atoms, _, ok := c.choose(&Node{Kind: Or, Kids: r})
		if !ok {
			ix.always = append(ix.always, int32(n))
			continue
		}
		for _, a := range atoms {
			if l := lists[a]; len(l) == 0 || l[len(l)-1] != int32(n) {
				lists[a] = append(l, int32(n))
			}
		}
	}
	lits := make([][]gramText, len(c.groups))
	ix.groups = make([]*groupIndex, len(c.groups))
	for n, rules := range lists {
		if rules == nil {
			continue
		}
		a := &c.all[n]
		gi := ix.groups[a.group]
		if gi == nil {
			gi = &groupIndex{}
			ix.groups[a.group] = gi
			for i, f := range c.groups[a.group] {
				ix.byField[f] = append(ix.byField[f], inGroup{gi, c.groups[a.group][:i]})
				ix.fields.Add(f)
			}
		}
		if a.anchor == whole {
			h, _ := looseHash(a.text)
			gi.exact.add(h, rules)
		} else {
			lits[a.group] = append(lits[a.group], gramText{text: a.text, anchor: a.anchor, rules: rules})
		}
	}
	for g, l := range lits {
		if len(l) > 0 {
			ix.groups[g].grams = newGrams(l, 1, loosely)
		}
	}
	return ix
}

// Finder asks an Index. It belongs to one goroutine, with its Machine.
type Finder struct {
	ix    *Index
	m     *Machine
	seen  []uint32
	gen   uint32
	cands []int32
	note  func([]int32) // hit, made once
	field func(event.Field, *event.Value) bool
}

// NewFinder makes a finder over the machine that evaluates the candidates.
func NewFinder(ix *Index, m *Machine) *Finder {
	f := &Finder{ix: ix, m: m, seen: make([]uint32, ix.count)}
	f.note = f.hit
	f.field = func(n event.Field, v *event.Value) bool {
		places := ix.byField[n]
		if !v.IsList() {
			f.look(places, n, -1, m.text(v))
			return true
		}
		for i, text := range m.ev.List(n) {
			f.look(places, n, i, text)
		}
		return true
	}
	return f
}

// Candidates are the numbers of the conditions that can be true for the event of the
// machine's Begin, in their order. The slice is valid until the next call.
func (f *Finder) Candidates() []int32 {
	if f.gen++; f.gen == 0 {
		clear(f.seen)
		f.gen = 1
	}
	f.cands = append(f.cands[:0], f.ix.always...)
	f.m.ev.RangeOf(f.ix.fields, f.field)
	slices.Sort(f.cands)
	return f.cands
}

// look searches a text of a field, the i-th of its list or its only one. Case is taken off
// each byte where it is compared, and only from what is not ASCII before that.
func (f *Finder) look(places []inGroup, n event.Field, i int, text string) {
	h, ascii := looseHash(text)
	if !ascii {
		text = f.folded(n, i, text)
		h, _ = looseHash(text)
	}
	for k := range places {
		p := &places[k]
		if f.m.hasAny(p.before) {
			continue
		}
		if rules := p.group.exact.get(h); rules != nil {
			f.hit(rules)
		}
		if g := p.group.grams; g != nil {
			if g.short != nil {
				g.scanShort(f.folded(n, i, text), f.note)
			}
			g.scanLong(text, f.note)
		}
	}
}

func (f *Finder) folded(n event.Field, i int, text string) string {
	if i < 0 {
		return f.m.fold(n, text)
	}
	return f.m.folds(n, f.m.ev.List(n))[i]
}

func (f *Finder) hit(rules []int32) {
	for _, n := range rules {
		if f.seen[n] != f.gen {
			f.seen[n] = f.gen
			f.cands = append(f.cands, n)
		}
	}
}
