package rules

import (
	"math"
	"slices"
	"time"

	"sluice/internal/strictyaml"
)

// The steps of an absence: what happened, and what ought to have followed.
const (
	absenceWhen    = 1 << 0
	absenceWithout = 1 << 1
)

// maxHold is how long it stays open whether something is absent while the source that
// would tell is silent: a host that is repaired within a day has its lines then.
const maxHold = 24 * time.Hour

const whyUnknown = "a source was silent for too long: what ought to have followed may have happened unseen"

func (r *reader) absence(doc *strictyaml.Node, out *Rule, sp *spec) {
	r.window(doc, sp)
	for _, part := range []struct {
		key string
		n   *strictyaml.Node
	}{{"when", sp.When}, {"without", sp.Without}} {
		out.steps = append(out.steps, r.condition(doc, part.n, part.key))
	}
	r.together(doc, out, "without", out.steps)
	if sp.Without != nil {
		out.decides = "without " + sp.Without.Value
	}
}

// judgeAbsence judges one instant: what it answers is kept no longer, and what it begins
// is kept until it is decided. An event that meets both conditions is the answer to those
// before it and begins anew.
func (k *keyState) judgeAbsence(c *Correlator, t int64, group []entry) {
	answered, again := false, -1
	for i := range group {
		switch group[i].steps & (absenceWhen | absenceWithout) {
		case absenceWithout:
			answered = true
		case absenceWhen | absenceWithout:
			again = i
		}
	}
	if answered || again >= 0 {
		k.answer(t)
	}
	switch {
	case answered:
	case again >= 0:
		k.kept = append(k.kept, group[again])
	default:
		for i := range group {
			if group[i].steps&absenceWhen != 0 {
				k.kept = append(k.kept, group[i])
			}
		}
	}
	k.keepAtMost(c, "open questions")
}

// answer drops what is followed at t by what ought to follow; true: something was.
func (k *keyState) answer(t int64) bool {
	before := len(k.kept)
	k.kept = slices.DeleteFunc(k.kept, func(e entry) bool {
		gone := e.t <= t && e.t >= t-int64(k.rule.Window)
		if gone {
			k.dirtyPane(pane(e.t))
		}
		return gone
	})
	return len(k.kept) < before
}

// answerLate lets what came too late for the live lane answer there all the same: the
// line of a collector that was cut off is what an open question waits for.
func (c *Correlator) answerLate(r *Rule, m *Match, key string) {
	if r.Kind != KindAbsence || m.Steps&absenceWithout == 0 {
		return
	}
	b := c.lane("").book(r)
	if k := b.keys[key]; k != nil && k.answer(m.Time.UnixNano()) {
		k.main = true
		c.unhold(k)
		c.touch(k)
		b.fix(c, k)
	}
}

// deadline is when the oldest open question can be decided.
func (k *keyState) deadline() int64 {
	if len(k.kept) == 0 {
		return math.MaxInt64
	}
	return k.kept[0].t + int64(k.rule.Window)
}

// passAbsence decides, in order, what no answer can come for any more. A question of
// which a source is silent holds up those behind it.
func (k *keyState) passAbsence(c *Correlator, watermark int64) (changed bool) {
	c.unhold(k)
	for k.deadline() < watermark {
		due, n := k.deadline(), 1
		for n < len(k.kept) && k.kept[n].t == k.kept[0].t {
			n++
		}
		group := slices.Clone(k.kept[:n])
		if source := c.silent(k, group, due); source != "" && watermark != forever && watermark-due <= int64(maxHold) {
			c.hold(k, source)
			return changed
		} else if source != "" {
			group = k.known(c, group, due, watermark)
		}
		k.forget(n)
		changed = true
		if len(group) == 0 {
			continue
		}
		k.closeBefore(c, due)
		behind := make([]*entry, len(group))
		for i := range group {
			group[i].value = "" // the origin
			behind[i] = &group[i]
		}
		k.fire(c, due, behind)
	}
	return changed
}

// known are those questions of which no source is silent: the wait for the others is over.
func (k *keyState) known(c *Correlator, group []entry, due, watermark int64) []entry {
	n := len(group)
	group = slices.DeleteFunc(group, func(e entry) bool { return c.silent(k, []entry{e}, due) != "" })
	if gone := n - len(group); gone > 0 && watermark != forever {
		c.mark(k.rule, k.key, whyUnknown, due, int64(gone))
	}
	return group
}

// absenceDue: while a source is silent, only the end of patience is due.
func (k *keyState) absenceDue() int64 {
	if k.waits != "" {
		return k.deadline() + int64(maxHold)
	}
	return k.deadline()
}
