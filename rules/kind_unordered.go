package rules

import (
	"slices"

	"sluice/internal/strictyaml"
)

func (r *reader) unordered(doc *strictyaml.Node, out *Rule, sp *spec) {
	r.window(doc, sp)
	r.steps(doc, out, sp)
}

// judgeUnordered judges one instant: true where the window (t-T, t] holds a different
// event for each of the steps.
//
// The latest n events of each of n steps are enough: where a way to give each step an
// event of its own takes an older one, at most n-1 of those n are taken by other steps,
// so one is free to take its place. TestUnorderedTruth compares with the definition.
func (k *keyState) judgeUnordered(c *Correlator, t int64, group []entry) {
	k.expire(t)
	k.kept = append(k.kept, group...)
	if k.rule.seen != nil {
		k.judgeSeen(c, t)
		return
	}
	n := len(k.rule.steps)
	var seen [maxSteps]int
	use := make([]bool, len(k.kept))
	for i, e := range slices.Backward(k.kept) {
		for s := range n {
			if e.steps&(1<<s) != 0 && seen[s] < n {
				seen[s]++
				use[i] = true
			}
		}
	}
	left := k.kept[:0:0]
	for i := range k.kept {
		if use[i] {
			left = append(left, k.kept[i])
		}
	}
	k.kept = left
	if behind := assign(k.kept, n); behind != nil {
		k.fire(c, t, behind)
	}
}

// assign gives each of n steps an event of its own, a late one rather than an early one;
// nil: there is no way. The events are in order.
func assign(es []entry, n int) []*entry {
	owner := make([]int, len(es)) // step+1
	var place func(s int, tried []bool) bool
	place = func(s int, tried []bool) bool {
		for i := len(es) - 1; i >= 0; i-- {
			if es[i].steps&(1<<s) == 0 || tried[i] {
				continue
			}
			tried[i] = true
			if owner[i] == 0 || place(owner[i]-1, tried) {
				owner[i] = s + 1
				return true
			}
		}
		return false
	}
	for s := range n {
		if !place(s, make([]bool, len(es))) {
			return nil
		}
	}
	var out []*entry
	for i := range es {
		if owner[i] != 0 {
			out = append(out, &es[i])
		}
	}
	return out
}

// judgeSeen is judgeUnordered where one event may meet several steps: the latest event
// of each step says whether the window has seen it.
func (k *keyState) judgeSeen(c *Correlator, t int64) {
	seen := uint32(0)
	var left []entry
	for _, e := range slices.Backward(k.kept) {
		if e.steps&^seen != 0 {
			seen |= e.steps
			left = append(left, e)
		}
	}
	slices.Reverse(left)
	k.kept = left
	if !k.rule.seen(seen) {
		return
	}
	behind := make([]*entry, len(k.kept))
	for i := range k.kept {
		behind[i] = &k.kept[i]
	}
	k.fire(c, t, behind)
}
