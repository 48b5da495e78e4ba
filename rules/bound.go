package rules

import (
	"cmp"
	"slices"
)

// bound drops the keys that are oldest where there are too many, or too many bytes.
func (c *Correlator) bound(b *book) {
	for len(b.keys) > c.set.opt.MaxKeys {
		c.evict(b, "too many keys at once; group by something with fewer values, or ask a narrower condition")
	}
	for c.bytes > c.set.opt.MaxBytes {
		largest := b
		for _, l := range c.lanes {
			for _, o := range l.books {
				if len(o.keys) > len(largest.keys) {
					largest = o
				}
			}
		}
		if len(largest.heap) == 0 {
			return
		}
		c.evict(largest, "the state of all rules together is too large")
	}
}

// evict drops the key of a book that was silent the longest; what it was about to say is
// said.
func (c *Correlator) evict(b *book, reason string) { c.drop(b, b.silent(), reason) }

// drop forgets a key before its time.
func (c *Correlator) drop(b *book, k *keyState, reason string) {
	n := int64(len(k.pending) + len(k.kept))
	c.stats.Evicted += n
	c.mark(b.rule, k.key, reason, k.oldest(), n)
	if k.ep != nil {
		k.ep.degraded = reason
		k.close(c)
	}
	if k.early != nil {
		k.withdraw(c)
	}
	c.unhold(k)
	k.tallies.drop()
	k.pending, k.kept, k.chains, k.numbers, k.packed = nil, nil, nil, nil, nil
	k.partial = false // or it would stay, and be the one to drop for ever
	for p := range k.panes {
		k.dirtyPane(p)
	}
	c.touch(k)
	b.fix(c, k)
}

// latest is the time of the last match that a key had.
func (k *keyState) latest() int64 {
	if n := len(k.pending); n > 0 {
		return max(k.settled, k.pending[n-1].t)
	}
	return k.settled
}

// silentKey is a key that may go, unless it has spoken since.
type silentKey struct {
	k      *keyState
	latest int64
}

// silentPart is how many of the keys are looked for at once: one in so many, so that
// a full book does not sort itself for each key that is new.
const silentPart = 16

// silent is the key whose last match is the oldest. A book has one key at least.
func (b *book) silent() *keyState {
	for {
		for len(b.quiet) > 0 {
			next := b.quiet[0]
			b.quiet = b.quiet[1:]
			if !next.k.empty && next.k.latest() == next.latest {
				return next.k
			}
		}
		b.quiet = make([]silentKey, len(b.heap))
		for i, k := range b.heap {
			b.quiet[i] = silentKey{k, k.latest()}
		}
		slices.SortFunc(b.quiet, func(a, b silentKey) int {
			return cmp.Or(cmp.Compare(a.latest, b.latest), cmp.Compare(a.k.ns, b.k.ns), cmp.Compare(a.k.key, b.k.key))
		})
		b.quiet = slices.Clone(b.quiet[:1+len(b.quiet)/silentPart])
	}
}
