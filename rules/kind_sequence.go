package rules

import (
	"math"
	"slices"

	"sluice/internal/strictyaml"
)

func (r *reader) sequence(doc *strictyaml.Node, out *Rule, sp *spec) {
	r.window(doc, sp)
	r.steps(doc, out, sp)
	if sp.Until == nil {
		return
	}
	out.until = r.condition(doc, sp.Until, "until")
	for i, n := range out.steps {
		if n != nil && out.until != nil && r.covers(out.until, n) {
			r.fail(sp.Until, "until: whatever is step %d ends the sequence too, so the rule never fires", i+1)
		}
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
	r.together(doc, out, "steps", out.steps)
}

// chains are the open beginnings of a sequence: for each step but the last the way to it
// that began last. Only that can matter: where an older way leads on, so does this one.
type chains struct {
	byStep []chain // by step; nil: there is none
	until  int64   // the last instant at which the ending condition was true
}

// chain is matches of steps 1 to n, in order, all distinct events.
type chain []entry

func (cs *chains) knows(t int64, id string) bool {
	return cs != nil && slices.ContainsFunc(cs.byStep, func(ch chain) bool {
		return slices.ContainsFunc(ch, func(e entry) bool { return e.t == t && e.id == id })
	})
}

// newest is the latest beginning of any chain.
func (cs *chains) newest() (t int64, ok bool) {
	if cs == nil {
		return 0, false
	}
	t = math.MinInt64
	for _, ch := range cs.byStep {
		if ch != nil {
			t, ok = max(t, ch[0].t), true
		}
	}
	return t, ok
}

// expire drops the chains that began before t; true: some were.
func (cs *chains) expire(t int64) (gone bool) {
	if cs == nil {
		return false
	}
	for step, ch := range cs.byStep {
		if ch != nil && ch[0].t < t {
			cs.byStep[step], gone = nil, true
		}
	}
	return gone
}

func (cs *chains) size() int64 {
	if cs == nil {
		return 0
	}
	n := int64(64)
	for _, ch := range cs.byStep {
		for i := range ch {
			n += 64 + int64(len(ch[i].id)+len(ch[i].fields))
		}
	}
	return n
}

// judgeSequence judges one instant: for every match of the last step, the way to it that
// began last. It fires where that lies within T and nothing that ends a sequence lies
// between. TestSequenceTruth compares with the definition.
func (k *keyState) judgeSequence(c *Correlator, t int64, group []entry) {
	last := len(k.rule.steps) - 1
	if k.chains == nil {
		k.chains = &chains{byStep: make([]chain, last), until: math.MinInt64}
	}
	k.chains.expire(t - k.window())
	for i := range group {
		if group[i].steps&untilStep != 0 {
			k.chains.until = t
		}
	}
	before, few := slices.Clone(k.chains.byStep), fewOf(group, last+1)
	for step := range last {
		var best chain
		for _, e := range slices.Backward(few) {
			if ch := k.way(before, few, step, e); ch != nil && (best == nil || ch[0].t > best[0].t) {
				best = ch
			}
		}
		if best != nil {
			k.chains.byStep[step] = best
		}
	}
	counted := map[string]bool{}
	for _, e := range group {
		ch := k.way(before, few, last, e)
		if ch == nil {
			continue
		}
		ch.count(counted)
		behind := make([]*entry, len(ch))
		for j := range ch {
			behind[j], counted[ch[j].id] = &ch[j], true
		}
		k.fire(c, t, behind)
	}
	for _, ch := range k.chains.byStep {
		ch.count(counted)
	}
}

// count marks the matches that an alert has counted already.
func (ch chain) count(counted map[string]bool) {
	for i := range ch {
		if counted[ch[i].id] {
			ch[i].n = 0
		}
	}
}

// fewOf are the latest n matches of each of n steps: of those that stand at one instant
// no way needs more, as in judgeUnordered.
func fewOf(group []entry, n int) (few []entry) {
	seen := make([]int, n)
	for _, e := range slices.Backward(group) {
		use := false
		for step := range seen {
			if e.steps&(1<<step) != 0 && seen[step] < n {
				seen[step]++
				use = true
			}
		}
		if use {
			few = append(few, e)
		}
	}
	slices.Reverse(few)
	return few
}

// way is the chain to e as a match of a step that begins last; nil: there is none. It goes
// through as many events of e's own instant as it can, then on what was there before.
func (k *keyState) way(before []chain, few []entry, step int, e entry) chain {
	if e.steps&(1<<step) == 0 {
		return nil
	}
	for from := range step + 1 {
		if k.rule.strict && from < step {
			continue
		}
		var ch chain
		if from > 0 {
			if ch = before[from-1]; ch == nil {
				continue
			}
		}
		var others []entry
		for _, o := range few {
			if o.steps >>= from; o.id != e.id && o.steps != 0 {
				others = append(others, o)
			}
		}
		between := assign(others, step-from)
		if between == nil && from < step {
			continue
		}
		ch = slices.Clone(ch)
		for _, o := range between {
			o.steps <<= from
			ch = append(ch, *o)
		}
		if ch = append(ch, e); ch[0].t > k.chains.until {
			return ch
		}
	}
	return nil
}

func (cs *chains) empty() bool { _, ok := cs.newest(); return !ok }
