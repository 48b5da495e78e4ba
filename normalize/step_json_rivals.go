package normalize

import (
	"cmp"
	"slices"

	"sluice/event"
	"sluice/internal/jsontape"
)

// The keys of an object have no order: who sorts them, or writes them from a map, says the same. Where a
// pack names several paths for one field, their values wait until the document is walked, and the one that
// the pack names last counts, as of steps. A field that one path sets, as most are, waits for nobody.

// waiting is a value for a field that another path may set, too.
type waiting struct {
	target *target
	value  jsontape.Value
	rank   uint32
	more   bool // one of a list, for a field that holds one
}

// maxWaiting is how many values of a line wait; those of longer lists are set as they come.
const maxWaiting = 1024

// waits keeps a value for a target that has rivals until the document is walked; false: it is to be set now.
func (r *run) waits(t *target, v jsontape.Value, more bool) bool {
	if t.rank == 0 || len(r.rivals) == maxWaiting {
		return false
	}
	r.rivals = append(r.rivals, waiting{t, v, t.rank, more})
	return true
}

// settle sets what waited, in the order of the pack.
func (r *run) settle(at string) bool {
	ok := true
	inOrder(r.rivals)
	for i := range r.rivals {
		w := &r.rivals[i]
		switch t := w.target; {
		case w.more:
			ok = r.ev.Add(t.field, w.value.Text()) && ok
		case w.value.Kind() >= jsontape.Array:
			ok = r.setJSON(t, w.value) && ok
		case !t.putJSON(r, w.value):
			r.bad(at, t.name, w.value.Text())
			ok = false
		}
	}
	r.rivals = r.rivals[:0]
	return ok
}

// inOrder sorts by rank. Most lines have a few, and devices write keys in the order of their documents,
// which packs follow.
func inOrder(rivals []waiting) {
	if len(rivals) > 64 {
		slices.SortStableFunc(rivals, func(a, b waiting) int { return cmp.Compare(a.rank, b.rank) })
		return
	}
	for i := 1; i < len(rivals); i++ {
		if rivals[i-1].rank <= rivals[i].rank {
			continue
		}
		w, j := rivals[i], i
		for ; j > 0 && rivals[j-1].rank > w.rank; j-- {
			rivals[j] = rivals[j-1]
		}
		rivals[j] = w
	}
}

// contest gives the targets of a step that set one field from several paths their ranks.
func (n *jsonNode) contest() {
	var all []contender
	n.contenders(&all)
	by := map[event.Field][]contender{}
	for _, c := range all {
		for _, f := range c.target.sets() {
			by[f] = append(by[f], c)
		}
	}
	for _, of := range by {
		if !slices.ContainsFunc(of, func(c contender) bool { return c.node != of[0].node }) {
			continue
		}
		for _, c := range of {
			c.target.rank = c.target.order
		}
	}
}

type contender struct {
	node   *jsonNode
	target *target
}

// contenders are all targets below a node that set a field.
func (n *jsonNode) contenders(dst *[]contender) {
	for i := range n.targets {
		*dst = append(*dst, contender{n, &n.targets[i]})
	}
	if n.kids != nil {
		for i := range n.kids.list {
			n.kids.list[i].of.contenders(dst)
		}
	}
	for _, e := range n.each {
		if e.take != nil {
			e.take.contenders(dst)
		}
		if e.pairs != nil {
			e.pairs.contenders(dst)
		}
	}
}

// sets are the fields that a target sets; one that adds to a list takes nothing from others.
func (t *target) sets() (out []event.Field) {
	if t.kind == vSkip || t.kind == vFlag || t.kind == vMAC || t.several() {
		return nil
	}
	if t.field != event.None {
		out = append(out, t.field)
	}
	for _, kid := range t.kids {
		if kid != event.None {
			out = append(out, kid)
		}
	}
	return out
}
