package rules

import (
	"slices"

	"sluice/internal/strictyaml"
)

func (r *reader) threshold(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	r.window(doc, sp)
	r.countOf(doc, out, sp)
	if sp.Distinct != nil {
		name, fields := r.choice(sp.Distinct)
		out.Distinct, out.value, out.valueOf, out.valueElse = name, name, fields[0], fields[1:]
		if info, ok := r.set.fields.Lookup(name); ok && !info.Array && slices.Contains(out.GroupBy, name) {
			r.fail(sp.Distinct, "distinct: %s is in group_by, so each key has one value of it and the rule never fires", name)
		}
		if len(fields) == 1 {
			r.enough(at(doc, "count"), "count", name, fields[0], out.when, float64(sp.Count))
		}
	}
}

// judgeThreshold judges one instant of a threshold: true where the window (t-T, t] holds
// Count matches, or matches with Count distinct values.
//
// What is kept afterwards is the latest Count-1 matches, or the latest Count values, since
// the next match may bring one of them again: any later window that holds anything older
// holds these too, so nothing else can matter, and a key costs no more than its threshold.
// At an instant that is not true there are fewer than Count, so the alert of the next true
// one counts every match in its window. TestThresholdTruth compares with the definition.
func (k *keyState) judgeThreshold(c *Correlator, t int64, group []entry) {
	if k.rule.sketched {
		k.judgeDistinct(c, t, group)
		return
	}
	k.expire(t)
	if k.rule.Distinct == "" {
		k.kept = append(k.kept, group...)
	} else {
		for i := range group {
			k.keepValue(group[i])
		}
	}
	if len(k.kept) >= k.rule.Count {
		behind := make([]*entry, len(k.kept))
		for i := range k.kept {
			behind[i] = &k.kept[i]
		}
		k.fire(c, t, behind)
		keep := k.rule.Count
		if k.rule.Distinct == "" {
			keep--
		}
		k.kept = slices.Clone(k.kept[len(k.kept)-keep:])
	}
}

// keepValue makes e the last match of its value, and counts the ones before with it.
func (k *keyState) keepValue(e entry) {
	at := slices.IndexFunc(k.kept, func(o entry) bool { return o.value == e.value })
	if at >= 0 {
		e.n += k.kept[at].n
		k.kept = slices.Delete(k.kept, at, at+1)
	}
	k.kept = append(k.kept, e)
}
