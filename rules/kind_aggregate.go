package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// The functions of an aggregate.
const (
	functionAverage    = "average"
	functionPercentile = "percentile"
	functionSum        = "sum"
)

// limit is what an aggregate is compared with.
type limit struct {
	op string // the key: above, at_least, below, at_most
	x  float64
}

func (l limit) holds(v float64) bool {
	switch l.op {
	case "above":
		return v > l.x
	case "at_least":
		return v >= l.x
	case "below":
		return v < l.x
	}
	return v <= l.x
}

func (r *reader) aggregate(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	r.window(doc, sp)
	out.number = true
	out.function = r.word(doc, sp.Function, "function", "", functionAverage, functionPercentile, functionSum)
	switch percentile := out.function == functionPercentile; {
	case percentile && !(sp.Percentile > 0 && sp.Percentile <= 100):
		r.fail(doc, "percentile: a number above 0, up to 100 (50 is the median)")
	case !percentile && sp.Percentile != 0:
		r.fail(doc, "percentile belongs to function: percentile")
	}
	out.centile = sp.Percentile
	if out.Count = max(sp.Count, 1); sp.Count < 0 || sp.Count > r.set.opt.MaxEntries {
		r.fail(doc, "count: the least number of values, from 1 to %d", r.set.opt.MaxEntries)
	}
	if sp.Value == nil {
		r.fail(doc, "value is missing: the field that holds the numbers")
		return
	}
	out.value, out.valueOf = sp.Value.Value, r.field(sp.Value, sp.Value.Value)
	if f, ok := r.set.fields.Lookup(out.value); ok {
		if s := r.set.schema.Spec(f.Number); !s.Vendor && s.Type != event.Long && s.Type != event.Double {
			r.fail(sp.Value, "value: %s holds no numbers", out.value)
		}
	}
	r.limit(doc, out, sp)
	out.decides = fmt.Sprintf("%s %q %v %s %v", out.function, out.value, out.centile, out.bound.op, out.bound.x)
}

// limit reads what the aggregate is compared with.
func (r *reader) limit(doc *strictyaml.Node, out *Rule, sp *spec) {
	n := 0
	for _, l := range []struct {
		op   string
		node *strictyaml.Node
	}{{"above", sp.Above}, {"at_least", sp.AtLeast}, {"below", sp.Below}, {"at_most", sp.AtMost}} {
		if l.node == nil {
			continue
		}
		n++
		x, ok := number(l.node.Value)
		if !ok {
			r.fail(l.node, "%s: %.60q is no number", l.op, l.node.Value)
		}
		out.bound = limit{l.op, x}
	}
	if n != 1 {
		r.fail(doc, "an aggregate has one of above, at_least, below and at_most")
	}
}

// number reads a finite number.
func number(s string) (float64, bool) {
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// numbers are the values of what a key keeps.
type numbers struct {
	byTime []float64 // one for each kept entry
	sorted []float64 // of a percentile: the same by size
}

func (n *numbers) size() int64 {
	if n == nil {
		return 0
	}
	return int64(48 + 8*len(n.byTime) + 8*len(n.sorted))
}

// add takes the numbers of entries that follow.
func (n *numbers) add(es []entry, sorted bool) {
	for i := range es {
		x, _ := number(es[i].value)
		n.byTime = append(n.byTime, x)
		if sorted {
			at, _ := slices.BinarySearch(n.sorted, x)
			n.sorted = slices.Insert(n.sorted, at, x)
		}
	}
}

// drop takes away the oldest, until as many are left as entries are kept.
func (n *numbers) drop(left int) {
	gone := len(n.byTime) - left
	for _, x := range n.byTime[:gone] {
		if at, ok := slices.BinarySearch(n.sorted, x); ok {
			n.sorted = slices.Delete(n.sorted, at, at+1)
		}
	}
	n.byTime = n.byTime[gone:]
}

// judgeAggregate judges one instant: true where what the values of the window (t-T, t]
// come to, in the order of (t, id), is beyond the limit. Sums are added up anew each
// time: a running one would carry the rounding of values that are long gone, and so
// show after a restart.
func (k *keyState) judgeAggregate(c *Correlator, t int64, group []entry) {
	k.expire(t)
	sorted := k.rule.function == functionPercentile
	if k.numbers == nil || len(k.numbers.byTime) < len(k.kept) {
		k.numbers = &numbers{}
		k.numbers.add(k.kept, sorted)
	}
	k.numbers.drop(len(k.kept))
	for i := range group {
		if _, ok := number(group[i].value); ok { // sluice.matches may carry anything
			k.kept = append(k.kept, group[i])
			k.numbers.add(group[i:i+1], sorted)
		}
	}
	k.keepAtMost(c, "values")
	k.numbers.drop(len(k.kept))
	if len(k.kept) < k.rule.Count {
		return
	}
	x := k.numbers.value(k.rule)
	if !k.rule.bound.holds(x) {
		return
	}
	behind := make([]*entry, 0, len(k.kept))
	for i := range k.kept {
		if k.kept[i].n > 0 {
			behind = append(behind, &k.kept[i])
		}
	}
	k.fire(c, t, behind, x)
	k.countedTo = t
}

// value is what the numbers come to.
func (n *numbers) value(r *Rule) float64 {
	if r.function == functionPercentile {
		rank := int(math.Ceil(r.centile*float64(len(n.sorted))/100 - 1e-9))
		return n.sorted[min(max(rank, 1), len(n.sorted))-1]
	}
	sum := 0.0
	for _, x := range n.byTime {
		sum = min(max(sum+x, -math.MaxFloat64), math.MaxFloat64) // what a log claims may overflow
	}
	if r.function == functionAverage {
		return sum / float64(len(n.byTime))
	}
	return sum
}
