package event

import (
	"math/bits"
	"slices"
	"sync/atomic"
	"unsafe"
)

// plan is how the events that hold certain fields are written: between their values stands
// always the same. Devices write lines of a few kinds, so a schema keeps the plans of what
// it met. A plan never changes.
type plan struct {
	key   []keyWord
	hash  uint64 // of key
	steps []step
	text  string // what stands in front of the values, one behind the other, then the last brackets
	end   int    // of text; there are run bytes behind it
}

// step is a value, and where in plan.text that ends which stands in front of it: brackets
// and keys, with the quote that texts begin with.
type step struct {
	end   uint32
	field Field
	group uint8 // as Value.group: the whole group is written
}

// keyWord is a word of Event.set without what is not written, or one of its groups.
type keyWord struct {
	at   uint32
	bits uint64
}

// groupWord is added to the number of a group to tell it from a word of Event.set.
const groupWord = 1 << 16

// maxKey bounds a key: a word or a group holds one value at least.
const maxKey = 2 * maxValues

// planCount is how many plans a schema keeps, of two kilobytes or three. The lines of a
// hundred products have a thousand.
const (
	planBits  = 12
	planCount = 1 << planBits
)

// plans are those of a schema, each in one of planWays places that the hash of its key leads
// to. What finds them taken takes one over, if it comes twice shortly after one another.
type plans [planCount / planWays][planWays]atomic.Pointer[plan]

const planWays = 4

const missedBits = 8

// planner is an event's scratch for finding its plan.
type planner struct {
	key    []keyWord
	missed [1 << missedBits]uint64 // hashes that no plan was found for
	own    plan                    // for what came once
	text   []byte                  // of own
	open   []int32                 // objects that are to be opened
}

// plan finds the event's plan, or makes it.
func (e *Event) plan() *plan {
	if e.planner == nil {
		e.planner = new(planner)
	}
	q := e.planner
	hash := e.shape(q)
	places := &e.schema.plans[hash>>(64-planBits)/planWays]
	place := &places[hash%planWays] // if all are taken
	for i := range places {
		p := places[i].Load()
		if p == nil {
			place = &places[i]
			break
		}
		if p.hash == hash && slices.Equal(p.key, q.key) {
			return p
		}
	}
	e.lay(q)
	missed := &q.missed[hash>>(64-missedBits)]
	if *missed != hash {
		*missed = hash
		return &q.own
	}
	p := &plan{key: slices.Clone(q.key), hash: hash, steps: slices.Clone(q.own.steps), text: string(q.text), end: q.own.end}
	place.Store(p)
	return p
}

// shape sets the key of what e holds, and returns its hash.
func (e *Event) shape(q *planner) (hash uint64) {
	key, n := slices.Grow(q.key[:0], maxKey)[:maxKey], 0
	add := func(at uint32, word uint64) {
		key[n] = keyWord{at, word}
		n++
		hash = (hash ^ word ^ uint64(at)<<32) * 0x9e3779b97f4a7c15
		hash ^= hash >> 29
	}
	for u, used := range e.used {
		for ; used != 0; used &= used - 1 {
			w := u<<6 + bits.TrailingZeros64(used)
			if word := e.set[w] & e.schema.shown[w]; word != 0 {
				add(uint32(w), word)
			}
		}
	}
	for i, g := range e.groups {
		if g != nil {
			add(uint32(groupWord+i), uint64(g.first)<<48|uint64(g.last)<<32|uint64(uint32(g.parent)))
		}
	}
	q.key = key[:n]
	return hash * 0x9e3779b97f4a7c15
}

// outside is the place in front of the document: no object is open.
const outside = int32(-1)

// lay makes q.own the plan of e.
func (e *Event) lay(q *planner) {
	s, p, cur := e.schema, &q.own, outside
	q.text, p.steps = q.text[:0], p.steps[:0]
	last := None // of the group that was written last
	for f, v := range e.Range {
		if s.shown[f>>6]&(1<<(f&63)) == 0 || f <= last {
			continue
		}
		to, key := s.leaves[f].parent, s.leaves[f].key
		st := step{field: f}
		if v.group != 0 {
			if g := e.groups[v.group-1]; g != nil {
				to, key, last, st.group = g.parent, ",", g.last, v.group
			}
		}
		q.lead(s.objs, cur, to, key)
		cur = to
		st.end = uint32(len(q.text))
		p.steps = append(p.steps, st)
	}
	if cur == outside {
		q.text, cur = append(q.text, '{'), 0
	}
	for ; cur >= 0; cur = s.objs[cur].parent {
		q.text = append(q.text, '}')
	}
	p.end = len(q.text)
	q.text = append(q.text, make([]byte, run)...)
	p.text = unsafe.String(unsafe.SliceData(q.text), len(q.text))
}

// lead adds what stands between the last value, in object cur, and the next one, in object
// to. key is written last, without its comma where it is an object's first.
func (q *planner) lead(objs []object, cur, to int32, key string) {
	skip := 0 // 1: the next key is an object's first
	if cur == outside {
		q.text, cur, skip = append(q.text, '{'), 0, 1
	}
	open := q.open[:0]
	for objs[to].depth > objs[cur].depth {
		open = append(open, to)
		to = objs[to].parent
	}
	for cur != to {
		q.text, skip = append(q.text, '}'), 0
		cur = objs[cur].parent
		if objs[to].depth > objs[cur].depth {
			open = append(open, to)
			to = objs[to].parent
		}
	}
	for i := len(open) - 1; i >= 0; i-- {
		q.text = append(q.text, objs[open[i]].open[skip:]...)
		skip = 1
	}
	q.text = append(q.text, key[skip:]...)
	q.open = open
}
