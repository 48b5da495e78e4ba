package rules

import (
	"slices"
	"strconv"

	"sluice/internal/strictyaml"
)

// A rule may announce its alert before it is settled, where more matches can't make it
// false: at the arrival of the match that makes it true, under a provisional id. When it
// is settled, the alert names that in supersedes. What is announced depends on the order
// of arrival, so it is no part of what a shuffle leaves equal.

// emission reads when a rule speaks.
func (r *reader) emission(doc *strictyaml.Node, out *Rule, sp *spec) {
	if r.word(doc, sp.Emit, "emit", "settled", "early", "settled") != "early" {
		return
	}
	switch {
	case out.Kind != KindThreshold && out.Kind != KindSequence:
		r.fail(sp.Emit, "emit: only rules of kind threshold and sequence can be early: others can become false again")
	case out.until != nil:
		r.fail(sp.Emit, "emit: a sequence with until can't be early: what ends it may still come")
	case out.sketched:
		r.fail(sp.Emit, "emit: more than %d distinct values are counted by settled panes, so this can't be early", exactValues)
	case out.chained:
		r.fail(sp.Emit, "emit: a rule over alerts can't be early: these are settled themselves")
	}
	out.early = true
}

// Announce lets rules that say so announce alerts that are not settled yet, in the live
// lane.
func (c *Correlator) Announce() { c.announces = true }

// announce looks whether what has arrived makes the rule true already: by judging a copy
// of the key, in a Correlator of its own.
func (c *Correlator) announce(k *keyState) {
	if !c.announces || !k.rule.early || k.lane.name != "" || k.ep != nil || k.early != nil {
		return
	}
	n := len(k.pending)
	if k.rule.Kind == KindThreshold && n+len(k.kept) < k.rule.Count || n < k.tried+k.tried/8 {
		return // a busy key is looked at when it has grown, not at every match
	}
	k.tried = n
	if c.trial == nil {
		c.trial = c.set.NewCorrelator()
		c.trial.spread, c.trial.dry = true, true
	}
	copied := &keyState{
		rule: k.rule, lane: k.lane, ns: k.ns, key: k.key, pos: -1, settled: k.settled, degraded: k.degraded,
		kept: slices.Clone(k.kept), chains: k.chains.clone(),
	}
	pending := slices.Clone(k.pending)
	for len(pending) > 0 && copied.ep == nil {
		t, n := pending[0].t, 1
		for n < len(pending) && pending[n].t == t {
			n++
		}
		k.rule.kind.judge(copied, c.trial, t, pending[:n])
		pending = pending[n:]
	}
	clear(c.trial.out)
	c.trial.order = c.trial.order[:0]
	if copied.ep == nil {
		return
	}
	k.early = copied.ep
	k.early.id = alertID(k.rule.ID, k.ns, k.key, "early", strconv.FormatInt(k.early.first, 10))
	k.early.revision, k.early.provisional = 0, true
	c.say(c.set.alert(k.rule, k.key, k.ns, k.lane.name, k.early, false))
	k.main = true
	c.touch(k)
}

// confirm makes an alert the one that was announced, if there is such.
func (k *keyState) confirm(c *Correlator) {
	if k.early != nil {
		k.ep.supersedes = append(k.ep.supersedes, k.early.id)
		k.withdraw(c)
	}
}

// withdraw closes what was announced: it is settled, whether it became an alert or not.
func (k *keyState) withdraw(c *Correlator) {
	c.say(c.set.alert(k.rule, k.key, k.ns, k.lane.name, k.early, true))
	k.early, k.main = nil, true
}

// clone is a copy that may be judged by itself.
func (cs *chains) clone() *chains {
	if cs == nil {
		return nil
	}
	out := &chains{byStep: make([]chain, len(cs.byStep)), until: cs.until}
	for i, ch := range cs.byStep {
		out.byStep[i] = slices.Clone(ch)
	}
	return out
}
