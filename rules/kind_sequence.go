package rules

import (
	"math"
	"slices"

	"sluice/internal/strictyaml"
)

func (r *reader) sequence(doc *strictyaml.Node, out *Rule, sp *spec) {
	r.window(doc, sp)
	r.steps(doc, out, sp)
	if sp.Until != nil {
		out.until = r.condition(doc, sp.Until, "until")
	}
}

// steps reads the conditions of several events.
func (r *reader) steps(doc *strictyaml.Node, out *Rule, sp *spec) {
	if len(sp.Steps) < 2 || len(sp.Steps) > maxSteps {
		r.failKey(doc, "steps", "a rule of kind %s has from 2 to %d conditions", out.Kind, maxSteps)
	}
	for _, n := range sp.Steps {
		out.steps = append(out.steps, r.condition(doc, n, "steps"))
	}
}

// chains are the open beginnings of a sequence: for each step but the last, the latest
// matches of it with the best way that led there. Only those can matter: a later match
// of a step has a way that began no earlier.
type chains struct {
	byStep [][]chain // by step: newest first, at most as many as there are steps
	until  int64     // the last instant at which the ending condition was true
}

// chain is matches of steps 1 to n, in order, all distinct events.
type chain []entry

func (ch chain) has(id string) bool {
	return slices.ContainsFunc(ch, func(e entry) bool { return e.id == id })
}

func (cs *chains) knows(t int64, id string) bool {
	if cs == nil {
		return false
	}
	for _, step := range cs.byStep {
		for _, ch := range step {
			if slices.ContainsFunc(ch, func(e entry) bool { return e.t == t && e.id == id }) {
				return true
			}
		}
	}
	return false
}

// newest is the latest beginning of any chain.
func (cs *chains) newest() (t int64, ok bool) {
	if cs == nil {
		return 0, false
	}
	t = math.MinInt64
	for _, step := range cs.byStep {
		for _, ch := range step {
			t, ok = max(t, ch[0].t), true
		}
	}
	return t, ok
}

// expire drops the chains that began before t; true: some were.
func (cs *chains) expire(t int64) bool {
	if cs == nil {
		return false
	}
	gone := false
	for i, step := range cs.byStep {
		left := slices.DeleteFunc(step, func(ch chain) bool { return ch[0].t < t })
		gone = gone || len(left) < len(step)
		cs.byStep[i] = left
	}
	return gone
}

func (cs *chains) size() int64 {
	if cs == nil {
		return 0
	}
	n := int64(64)
	for _, step := range cs.byStep {
		for _, ch := range step {
			for i := range ch {
				n += 64 + int64(len(ch[i].id)+len(ch[i].fields))
			}
		}
	}
	return n
}

// judgeSequence judges one instant: for every match of the last step, take the latest
// match of the step before it, then the latest before that. It fires where the first of
// them lies within T and nothing that ends a sequence lies between.
func (k *keyState) judgeSequence(c *Correlator, t int64, group []entry) {
	last := len(k.rule.steps) - 1
	if k.chains == nil {
		k.chains = &chains{byStep: make([][]chain, last), until: math.MinInt64}
	}
	k.chains.expire(t - k.window())
	for i := range group {
		if group[i].steps&untilStep != 0 {
			k.chains.until = t
		}
	}
	for step := 0; step <= last; step++ {
		for i := range group {
			e := group[i]
			if e.steps&(1<<step) == 0 {
				continue
			}
			ch, ok := k.extend(step, e)
			switch {
			case !ok:
			case step < last:
				k.chains.byStep[step] = slices.Insert(k.chains.byStep[step], 0, ch)
			default:
				behind := make([]*entry, len(ch))
				for j := range ch {
					behind[j] = &ch[j]
				}
				k.fire(c, t, behind)
				k.counted(ch)
			}
		}
		if step < last {
			if s := k.chains.byStep[step]; len(s) > last+1 {
				k.chains.byStep[step] = slices.Clone(s[:last+1])
			}
		}
	}
}

// counted marks in all chains the matches that the alert has counted.
func (k *keyState) counted(done chain) {
	for _, step := range k.chains.byStep {
		for _, ch := range step {
			for i := range ch {
				if done.has(ch[i].id) {
					ch[i].n = 0
				}
			}
		}
	}
}

// extend is the best chain that ends in e as a match of a step.
func (k *keyState) extend(step int, e entry) (chain, bool) {
	if step == 0 {
		return chain{e}, e.t > k.chains.until
	}
	for _, ch := range k.chains.byStep[step-1] {
		switch {
		case ch.has(e.id), k.rule.strict && ch[len(ch)-1].t >= e.t, ch[0].t <= k.chains.until:
			continue
		}
		return append(slices.Clone(ch), e), true
	}
	return nil, false
}

func (cs *chains) empty() bool { _, ok := cs.newest(); return !ok }
