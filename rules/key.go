package rules

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// keyState is the state of one key of one rule in one lane.
type keyState struct {
	rule      *Rule
	lane      *lane
	ns, key   string
	pending   []entry  // not settled, in order
	kept      []entry  // settled and of use for later instants, in order
	chains    *chains  // of a sequence
	numbers   *numbers // of an aggregate
	packed    []byte   // what a kind keeps for long, in a form of its own
	countedTo int64    // where kept stands in panes: matches up to it were counted by an alert
	ep        *episode
	settled   int64 // the last instant judged
	due       int64
	bytes     int64
	degraded  string       // why the promise is void for this key
	early     *episode     // what was announced and is not settled
	tried     int          // how much was pending when that was last looked for
	tallies   *paneTallies // of many distinct values
	began     tally        // what the episode that begins has counted
	waits     string       // of an absence: the source that the oldest open question waits for
	pos       int          // in the book's heap; -1: not there

	partial bool // restored, but the records of its seconds may still be to come

	// What the changelog has to be told.
	queued bool // in Correlator.dirty
	main   bool // the main record changed
	stored bool // a main record is there
	empty  bool // nothing is left
	panes  map[int64]paneState
}

// paneState is what the changelog knows of a second of pending entries.
type paneState uint8

const (
	paneStored paneState = 1 << iota
	paneDirty
)

// paneWidth is how much time one record of pending entries covers: a busy key writes
// only the seconds that it touched.
const paneWidth = int64(time.Second)

func pane(t int64) int64 {
	p := t / paneWidth
	if t%paneWidth < 0 {
		p--
	}
	return p
}

func (k *keyState) dirtyPane(p int64) {
	if k.panes == nil {
		k.panes = map[int64]paneState{}
	}
	k.panes[p] |= paneDirty
}

// knows says whether the match is part of the state already.
func (k *keyState) knows(t int64, id string) bool {
	same := func(e entry) bool { return e.t == t && e.id == id }
	return slices.ContainsFunc(k.kept, same) || k.chains.knows(t, id)
}

// observe adds a match; false: it is there already.
func (k *keyState) observe(c *Correlator, m *Match, t int64) bool {
	e := entry{t: t, id: m.ID, value: m.Value, fields: k.share(m.Fields), n: 1, steps: m.Steps}
	if k.rule.Kind == KindAbsence {
		e.value = m.Origin
	}
	at, known := slices.BinarySearchFunc(k.pending, &e, func(a entry, b *entry) int {
		switch {
		case a.before(b):
			return -1
		case b.before(&a):
			return 1
		}
		return 0
	})
	if known {
		return false
	}
	k.pending = slices.Insert(k.pending, at, e)
	k.dirtyPane(pane(t))
	if over := len(k.pending) - c.set.opt.MaxEntries; over > 0 {
		c.stats.Evicted += int64(over)
		c.mark(k.rule, k.key, "more than "+strconv.Itoa(c.set.opt.MaxEntries)+" matches of one key within the lateness", k.pending[0].t, int64(over))
		k.degrade("too many matches at once: the oldest were dropped")
		for _, e := range k.pending[:over] {
			k.dirtyPane(pane(e.t))
		}
		k.pending = slices.Delete(k.pending, 0, over)
	}
	return true
}

// share returns a text equal to fields that another entry already holds, so that a
// key's entries, which mostly say the same, keep it once.
func (k *keyState) share(fields string) string {
	for _, es := range [][]entry{k.pending, k.kept} {
		if n := len(es); n > 0 {
			for _, e := range []*entry{&es[n-1], &es[0]} {
				if e.fields == fields {
					return e.fields
				}
			}
		}
	}
	return fields
}

// next is the least time that the watermark has to pass for something to be done:
// strictly, so an instant is due when watermark > t. MaxInt64: there is nothing left.
func (k *keyState) next() int64 {
	due := int64(math.MaxInt64)
	if len(k.pending) > 0 {
		due = k.pending[0].t
	}
	if k.partial {
		due = min(due, k.settled)
	}
	if k.early != nil {
		due = min(due, k.early.first)
	}
	if k.ep != nil && (k.rule.kind.open == nil || k.ep.last+int64(k.rule.Suppress) < k.rule.kind.open(k)) {
		due = min(due, k.ep.last+int64(k.rule.Suppress))
	}
	if t, ok := k.unsaid(); ok {
		due = min(due, t)
	}
	if k.rule.kind.due != nil {
		due = min(due, k.rule.kind.due(k))
	} else if n := len(k.kept); n > 0 {
		due = min(due, k.kept[n-1].t+k.window())
	}
	if t, ok := k.chains.newest(); ok {
		due = min(due, t+k.window())
	}
	return due
}

// window is T, of (t-T, t]; a match rule that is suppressed has none, only ties. A
// history is closed on both sides.
func (k *keyState) window() int64 {
	if k.rule.kind.history {
		return int64(k.rule.Window) + 1
	}
	return max(int64(k.rule.Window), 1)
}

// settle judges the instants before watermark in their order; true: something changed
// that the changelog has to know.
func (k *keyState) settle(c *Correlator, watermark int64) bool {
	changed := k.partial
	k.partial = false
	for len(k.pending) > 0 && k.pending[0].t < watermark {
		t, n := k.pending[0].t, 1
		for n < len(k.pending) && k.pending[n].t == t {
			n++
		}
		k.pass(c, t)
		k.revise(c, t)
		k.closeBefore(c, t)
		k.rule.kind.judge(k, c, t, k.pending[:n])
		k.settled = t
		k.dirtyPane(pane(t))
		k.pending = k.pending[n:]
		changed = true
	}
	if k.tried = 0; k.early != nil && k.early.first < watermark {
		k.withdraw(c) // a bound dropped what it stood on
		changed = true
	}
	if len(k.pending) == 0 {
		k.pending = nil // what was settled shall not stay in memory
	}
	if k.pass(c, watermark) {
		changed = true
	}
	if k.revise(c, watermark) {
		changed = true
	}
	if k.closeBefore(c, watermark) {
		changed = true
	}
	if k.rule.kind.pass == nil && k.expire(watermark) && (k.rule.kind.panes || k.next() == math.MaxInt64) {
		changed = true // tombstones
	}
	k.main = k.main || changed
	return changed
}

// pass does what time alone brings.
func (k *keyState) pass(c *Correlator, watermark int64) bool {
	return k.rule.kind.pass != nil && k.rule.kind.pass(k, c, watermark)
}

// expire drops what no instant from t on can have in its window.
func (k *keyState) expire(t int64) bool {
	n := 0
	for n < len(k.kept) && k.kept[n].t <= t-k.window() {
		n++
	}
	k.forget(n)
	k.tallies.expire(k.rule, t)
	if len(k.kept) == 0 {
		k.kept = nil
	}
	gone := k.chains.expire(t - k.window())
	return n > 0 || gone
}

// forget drops the n oldest entries that are kept.
func (k *keyState) forget(n int) {
	if k.rule.kind.panes {
		for i := range k.kept[:n] {
			k.dirtyPane(pane(k.kept[i].t))
		}
	}
	k.kept = k.kept[n:]
}

// degrade says that the promise is void for this key.
func (k *keyState) degrade(why string) {
	k.degraded = why
	if k.ep != nil {
		k.ep.degraded = why
	}
}

// keepAtMost drops the oldest of what is kept where it is more than the bound.
func (k *keyState) keepAtMost(c *Correlator, what string) {
	over := len(k.kept) - c.set.opt.MaxEntries
	if over <= 0 {
		return
	}
	c.stats.Evicted += int64(over)
	c.mark(k.rule, k.key, "more than "+strconv.Itoa(c.set.opt.MaxEntries)+" "+what+" of one key in a window", k.kept[0].t, int64(over))
	k.degrade("too many " + what + " in a window: the oldest were dropped")
	k.forget(over)
}

// closeBefore ends the episode where no true instant can join it any more.
func (k *keyState) closeBefore(c *Correlator, watermark int64) bool {
	if k.rule.kind.open != nil {
		watermark = min(watermark, k.rule.kind.open(k))
	}
	if k.ep == nil || watermark-int64(k.rule.Suppress) <= k.ep.last {
		return false
	}
	k.close(c)
	return true
}

// close says the alert's last revision.
func (k *keyState) close(c *Correlator) {
	c.emit(k, k.ep.last, true)
	k.ep = nil
	k.main = true
}

// revisionEvery is how much window time lies between two revisions of an open alert.
const revisionEvery = int64(10 * time.Second)

// unsaid is when the next revision is due for what the last one does not say; false: it says all, or the
// alert is closed before. Kinds that wait for a source decide instants that have long passed: what of them
// is said when would hang on the order in which things arrive.
func (k *keyState) unsaid() (int64, bool) {
	if k.ep == nil || k.ep.last <= k.ep.emitted || k.rule.kind.open != nil {
		return 0, false
	}
	due := k.ep.emitted + revisionEvery
	return due, due <= k.ep.last+int64(k.rule.Suppress)
}

// revise says before t what came since the last revision: else the end of a burst would only be told
// when the alert is closed.
func (k *keyState) revise(c *Correlator, t int64) bool {
	due, ok := k.unsaid()
	if !ok || t <= due {
		return false
	}
	c.emit(k, due, false)
	k.main = true
	return true
}

// fire makes t a true instant of the episode: begins one, or goes on with it.
func (k *keyState) fire(c *Correlator, t int64, behind []*entry, figures ...float64) {
	k.revise(c, t)
	begins := k.ep == nil
	if begins {
		id := alertID(k.rule.ID, k.ns, k.key, strconv.FormatInt(t, 10))
		k.ep = newEpisode(id, t)
		k.confirm(c)
		k.ep.many, k.began = k.began, nil
	}
	for _, e := range behind {
		if k.rule.kind.tally != nil && e.n > 0 {
			k.rule.kind.tally(k.ep, e)
		}
		k.ep.add(e, !k.rule.number && k.rule.kind.tally == nil)
	}
	for _, s := range k.ep.tallies {
		figures = append(figures, s.count())
	}
	k.ep.last = t
	if k.degraded != "" {
		k.ep.degraded = k.degraded
	}
	if k.rule.number && len(figures) == 1 {
		k.ep.number = figures[0]
	} else {
		k.ep.figures = figures
	}
	if begins || t-k.ep.emitted >= revisionEvery {
		a := c.emit(k, t, false)
		if begins {
			c.feed(a)
		}
	}
}

// oldest is the earliest time in the state.
func (k *keyState) oldest() int64 {
	switch {
	case len(k.kept) > 0:
		return k.kept[0].t
	case len(k.pending) > 0:
		return k.pending[0].t
	case k.ep != nil:
		return k.ep.start
	}
	return max(k.settled, 0)
}

// size is about how many bytes the state takes.
func (k *keyState) size() int64 {
	const perKey, perEntry = 320, 64
	if k.empty {
		return 0
	}
	n := int64(perKey + 2*(len(k.ns)+len(k.key)))
	last := ""
	for _, es := range [][]entry{k.pending, k.kept} {
		for i := range es {
			n += perEntry + int64(len(es[i].id)+len(es[i].value))
			if es[i].fields != last {
				last = es[i].fields
				n += int64(len(last))
			}
		}
	}
	return n + k.ep.size() + k.early.size() + k.chains.size() + k.numbers.size() + k.tallies.size() + int64(cap(k.packed))
}
