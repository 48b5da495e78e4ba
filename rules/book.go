package rules

import (
	"container/heap"
	"math"
)

// book is the keys of one rule in one lane, the one that is due first on top of a heap.
type book struct {
	rule *Rule
	lane string
	keys map[string]*keyState
	heap dueHeap

	quiet []silentKey // those that go first where there are too many, in order
	since int64       // the first match of any key, where the kind asks; MaxInt64: none

	answers    map[string]int64 // of an absence: since when which origins tell of what ought to follow
	newAnswers []string         // those of them to be written
}

func bookKey(namespace, key string) string { return namespace + "\x00" + key }

func (l *lane) book(r *Rule) *book {
	b := l.books[r.ID]
	if b == nil {
		b = &book{rule: r, lane: l.name, keys: map[string]*keyState{}, since: math.MaxInt64}
		l.books[r.ID] = b
	}
	return b
}

// settle judges what is due before watermark.
func (b *book) settle(c *Correlator, watermark int64) {
	for len(b.heap) > 0 && b.heap[0].due < watermark {
		k := b.heap[0]
		if k.settle(c, watermark) {
			c.touch(k)
		}
		if b.fix(c, k); !k.empty && k.due < watermark { // restored out of a damaged record: it would be due for ever
			c.drop(b, k, "the state of a key was damaged")
		}
	}
}

// fix puts a key where it is due now, and forgets it where nothing is left of it.
func (b *book) fix(c *Correlator, k *keyState) {
	k.due = k.next()
	switch {
	case k.due == math.MaxInt64:
		if k.pos >= 0 {
			heap.Remove(&b.heap, k.pos)
		}
		delete(b.keys, bookKey(k.ns, k.key))
		k.empty = true
	case k.pos < 0:
		heap.Push(&b.heap, k)
	default:
		heap.Fix(&b.heap, k.pos)
	}
	c.resize(k)
}

// dueHeap orders keys by when they are due.
type dueHeap []*keyState

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].due < h[j].due }
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i, j
}

// Push adds x, a *keyState.
func (h *dueHeap) Push(x any) {
	k := x.(*keyState)
	k.pos = len(*h)
	*h = append(*h, k)
}

// Pop removes the last.
func (h *dueHeap) Pop() any {
	old := *h
	k := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	k.pos = -1
	return k
}
