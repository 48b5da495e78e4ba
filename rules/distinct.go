package rules

import (
	"errors"
	"slices"
	"strconv"

	"sluice/internal/strictyaml"
)

// A threshold of more than exactValues distinct values counts them by pane of T/16: the
// window of an instant is its pane and the 15 before. A pane is a tally, and tallies can
// be put together, in whatever order; so it stays shuffle-proof, and a key costs 136 KB
// at most.

const (
	distinctPanes = 16
	distinctMost  = 1_000_000
)

// paneTally is the values of one pane.
type paneTally struct {
	pane   int64
	values tally
	dirty  bool // to be written
	stored bool
}

// paneTallies are the panes of a key, in order.
type paneTallies struct {
	panes []paneTally
	gone  []int64 // panes whose records are to be deleted
	past  tally   // of all panes but the last
	count float64 // of all, at the last instant
}

// countOf checks a threshold's count.
func (r *reader) countOf(doc *strictyaml.Node, out *Rule, sp *spec) {
	most := r.set.opt.MaxEntries
	if sp.Distinct != nil {
		most = distinctMost
	}
	if sp.Count < 2 || sp.Count > most {
		r.failKey(doc, "count", "from 2 to %d (for one event there is kind match)", most)
	}
	out.sketched = sp.Distinct != nil && sp.Count > exactValues
}

func (r *Rule) distinctPane(t int64) int64 { return floorDiv(t, max(int64(r.Window)/distinctPanes, 1)) }

// judgeDistinct judges one instant of such a threshold.
func (k *keyState) judgeDistinct(c *Correlator, t int64, group []entry) {
	k.expire(t)
	if k.tallies == nil {
		k.tallies = &paneTallies{}
	}
	news := false
	for i := range group {
		news = k.tallies.add(k.rule.distinctPane(t), group[i].value) || news
		k.keepSample(group[i])
	}
	if !news && k.tallies.count >= 0 && k.tallies.count < float64(k.rule.Count) {
		return
	}
	all := k.tallies.all(news)
	if k.tallies.count < float64(k.rule.Count) {
		return
	}
	behind := make([]*entry, len(k.kept))
	for i := range k.kept {
		behind[i] = &k.kept[i]
	}
	if k.ep == nil {
		k.began = all // before the alert is made
	} else {
		k.ep.many.merge(all)
	}
	k.fire(c, t, behind)
}

// keepSample keeps the latest matches, for an alert to show; they count for those before.
func (k *keyState) keepSample(e entry) {
	k.kept = append(k.kept, e)
	if len(k.kept) > listed {
		k.kept[1].n += k.kept[0].n
		k.kept = slices.Delete(k.kept, 0, 1)
	}
}

// add counts a value; true: it may be a new one.
func (d *paneTallies) add(pane int64, value string) bool {
	if n := len(d.panes); n == 0 || d.panes[n-1].pane != pane {
		d.panes = append(d.panes, paneTally{pane: pane})
		d.past = nil
		for i := range n {
			d.past.merge(d.panes[i].values)
		}
	}
	p := &d.panes[len(d.panes)-1]
	if !p.values.add(value) {
		return false
	}
	p.dirty = true
	return true
}

// all is the values of all panes; news says that there may be more than at the last
// instant.
func (d *paneTallies) all(news bool) tally {
	all := slices.Clone(d.past)
	all.merge(d.panes[len(d.panes)-1].values)
	if news || d.count < 0 {
		d.count = all.count()
	}
	return all
}

// expire drops the panes that no instant from t on can have in its window.
func (d *paneTallies) expire(r *Rule, t int64) {
	if d == nil {
		return
	}
	last, n := r.distinctPane(t)-distinctPanes, 0
	for n < len(d.panes) && d.panes[n].pane <= last {
		d.forget(n)
		n++
	}
	if n > 0 {
		d.panes, d.past, d.count = d.panes[n:], nil, -1
		for i := range max(len(d.panes)-1, 0) {
			d.past.merge(d.panes[i].values)
		}
	}
}

func (d *paneTallies) forget(i int) {
	if d.panes[i].stored {
		d.gone = append(d.gone, d.panes[i].pane)
	}
}

// drop forgets all: a bound was reached.
func (d *paneTallies) drop() {
	if d == nil {
		return
	}
	for i := range d.panes {
		d.forget(i)
	}
	d.panes, d.past, d.count = nil, nil, -1
}

func (d *paneTallies) size() (n int64) {
	if d == nil {
		return 0
	}
	for i := range d.panes {
		n += 64 + int64(cap(d.panes[i].values))
	}
	return n + int64(cap(d.past))
}

var errTally = errors.New("it counts nothing")

// distinctRecord begins the last part of the key of a pane's record.
const distinctRecord = "d"

// tallyRecords are the changelog records of the panes that were touched.
func (k *keyState) tallyRecords(out []StateRecord) []StateRecord {
	if k.tallies == nil {
		return out
	}
	key := func(pane int64) []byte { return k.recordKey(distinctRecord + strconv.FormatInt(pane, 10)) }
	for _, pane := range k.tallies.gone {
		out = append(out, StateRecord{Key: key(pane), Hash: k.rule.Hash})
	}
	k.tallies.gone = nil
	for i := range k.tallies.panes {
		if p := &k.tallies.panes[i]; p.dirty {
			w := &wireState{Packed: p.values}
			out = append(out, StateRecord{key(p.pane), w.encode(), k.rule.Hash})
			p.dirty, p.stored = false, true
		}
	}
	return out
}

// restoreTally takes the record of a pane back.
func (k *keyState) restoreTally(part string, w *wireState, there bool) error {
	pane, err := strconv.ParseInt(part, 10, 64)
	switch {
	case err != nil:
		return err
	case !tally(w.Packed).whole():
		return errTally
	}
	if k.tallies == nil {
		k.tallies = &paneTallies{}
	}
	d := k.tallies
	d.panes = slices.DeleteFunc(d.panes, func(p paneTally) bool { return p.pane == pane })
	if there {
		k.partial = true // until the first settle: the rest of it may be to come
		at, _ := slices.BinarySearchFunc(d.panes, pane, func(p paneTally, pane int64) int { return int(min(max(p.pane-pane, -1), 1)) })
		d.panes = slices.Insert(d.panes, at, paneTally{pane: pane, values: w.Packed, stored: true})
	}
	d.past, d.count = nil, -1
	for i := range max(len(d.panes)-1, 0) {
		d.past.merge(d.panes[i].values)
	}
	return nil
}
