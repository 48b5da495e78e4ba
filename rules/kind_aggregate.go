package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// The functions of an aggregate.
const (
	functionAverage    = "average"
	functionCount      = "count"
	functionDistinct   = "distinct"
	functionMaximum    = "maximum"
	functionMedian     = "median"
	functionMinimum    = "minimum"
	functionPercentile = "percentile"
	functionSum        = "sum"
)

// Limit is what a number is compared with.
type Limit struct {
	Op string // the key: above, at_least, below, at_most; of other languages also equal, unequal
	X  float64
}

// Holds says whether v is on the right side of the limit.
func (l Limit) Holds(v float64) bool {
	switch l.Op {
	case "above":
		return v > l.X
	case "at_least":
		return v >= l.X
	case "below":
		return v < l.X
	case "equal":
		return v == l.X
	case "unequal":
		return v != l.X
	}
	return v <= l.X
}

// limits are several of which each has to hold: a range.
type limits []Limit

func (ls limits) hold(v float64) bool {
	for _, l := range ls {
		if !l.Holds(v) {
			return false
		}
	}
	return true
}

// never says that nothing the function can come to is within the limits. What counts comes to a whole
// number, of events to one from least on, and only most are kept.
func (ls limits) never(function string, least, most int) bool {
	switch function {
	case functionDistinct:
		least = 1
	case functionCount:
	default: // if there is a number, there is one at a limit or just beside it
		return len(ls) > 0 && !slices.ContainsFunc(ls, func(l Limit) bool {
			return ls.hold(l.X) || ls.hold(math.Nextafter(l.X, math.Inf(1))) || ls.hold(math.Nextafter(l.X, math.Inf(-1)))
		})
	}
	for n := least; n <= most; n++ {
		if ls.hold(float64(n)) {
			return false
		}
	}
	return true
}

func (ls limits) String() string {
	var out []string
	for _, l := range ls {
		out = append(out, fmt.Sprint(l.Op, " ", l.X))
	}
	return strings.Join(out, " ")
}

func (r *reader) aggregate(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	r.window(doc, sp)
	out.function = r.word(doc, sp.Function, "function", "", functionAverage, functionCount, functionDistinct, functionMaximum, functionMedian, functionMinimum, functionPercentile, functionSum)
	switch percentile := out.function == functionPercentile; {
	case percentile && !(sp.Percentile > 0 && sp.Percentile <= 100):
		r.failKey(doc, "percentile", "a number above 0, up to 100 (50 is the lower median)")
	case !percentile && sp.Percentile != 0:
		r.failKey(doc, "percentile", "belongs to function: percentile")
	}
	out.centile = sp.Percentile
	if out.Count = max(sp.Count, 1); sp.Count < 0 || sp.Count > r.set.opt.MaxEntries {
		r.failKey(doc, "count", "the least number of values, from 1 to %d", r.set.opt.MaxEntries)
	}
	r.counted(doc, out, sp)
	r.limits(doc, out, sp)
	out.decides = fmt.Sprintf("%s %q %v %s", out.function, out.value, out.centile, out.bounds)
}

// counted reads what an aggregate reckons with.
func (r *reader) counted(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.number = out.function != functionCount && out.function != functionDistinct
	switch {
	case out.function == functionCount && sp.Value != nil:
		r.fail(sp.Value, "function: count counts events and takes no value; function: distinct counts the values of a field")
		return
	case out.function == functionCount:
		return
	case sp.Value == nil:
		r.fail(doc, "value is missing: the field that holds the values")
		return
	}
	out.value, out.valueOf = sp.Value.Value, r.field(sp.Value, sp.Value.Value)
	if f, ok := r.set.fields.Lookup(out.value); ok && out.number {
		if s := r.set.schema.Spec(f.Number); !s.Vendor && s.Type != event.Long && s.Type != event.Double {
			r.fail(sp.Value, "value: %s holds no numbers", out.value)
		}
	}
}

// limits reads what the aggregate is compared with: one limit, or a range.
func (r *reader) limits(doc *strictyaml.Node, out *Rule, sp *spec) {
	before := r.src.Count()
	for _, l := range []struct {
		op   string
		node *strictyaml.Node
	}{{"above", sp.Above}, {"at_least", sp.AtLeast}, {"below", sp.Below}, {"at_most", sp.AtMost}} {
		if l.node == nil {
			continue
		}
		x, ok := number(l.node.Value)
		if !ok {
			r.fail(l.node, "%s: %.60q is no number", l.op, l.node.Value)
		}
		out.bounds = append(out.bounds, Limit{l.op, x})
		switch {
		case out.function == functionDistinct && l.op == "above":
			r.enough(l.node, l.op, out.value, out.valueOf, out.when, x+1)
		case out.function == functionDistinct && l.op == "at_least":
			r.enough(l.node, l.op, out.value, out.valueOf, out.when, x)
		}
		if out.number && out.function != functionSum && out.when != nil {
			r.beyond(l.node, l.op, out, x)
		}
		if !out.number && (l.op == "below" && x <= 1 || l.op == "at_most" && x < 1) {
			r.fail(l.node, "%s: when an event is there to count, the number is at least 1; kind absence finds what is missing", l.op)
		}
	}
	switch lower, upper := sp.Above != nil || sp.AtLeast != nil, sp.Below != nil || sp.AtMost != nil; {
	case len(out.bounds) == 0:
		r.fail(doc, "an aggregate has one of above, at_least, below and at_most, or two that make a range")
	case sp.Above != nil && sp.AtLeast != nil, sp.Below != nil && sp.AtMost != nil:
		r.fail(doc, "of above and at_least, and of below and at_most, only one makes sense")
	case lower && upper && out.bounds[0].X > out.bounds[1].X:
		r.failKey(doc, out.bounds[1].Op, "no number is %s", out.bounds)
	case r.src.Count() > before || !out.bounds.never(out.function, out.Count, r.set.opt.MaxEntries):
	case out.number:
		r.failKey(doc, out.bounds[0].Op, "no number is %s", out.bounds)
	default:
		r.failKey(doc, out.bounds[0].Op, "no number of them, from %d to %d, which are kept of one key, is %s", out.Count, r.set.opt.MaxEntries, out.bounds)
	}
}

// beyond looks for a limit that no value is on the right side of.
func (r *reader) beyond(n *strictyaml.Node, op string, out *Rule, x float64) {
	least, most := r.set.leaves.Range(out.when, out.valueOf)
	for _, s := range ranges {
		if isPart(out.value, s.field) {
			least, most = max(least, s.least), min(most, s.most)
		}
	}
	lower := op == "above" || op == "at_least"
	if lower && (x > most || x == most && op == "above") || !lower && (x < least || x == least && op == "below") {
		r.fail(n, "%s: no %s that the condition leaves is %s %g", op, out.value, op, x)
	}
}

// number reads a finite number.
func number(s string) (float64, bool) {
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// numbers are the values of what a key keeps.
type numbers struct {
	byTime []float64      // one for each kept entry
	sorted []float64      // of a percentile: the same by size
	texts  []string       // of distinct: one for each kept entry
	counts map[string]int // how many of those are the same
}

func (n *numbers) size() int64 {
	if n == nil {
		return 0
	}
	return int64(48 + 8*len(n.byTime) + 8*len(n.sorted) + 16*len(n.texts) + 48*len(n.counts))
}

// count takes the texts of entries that follow.
func (n *numbers) count(es []entry) {
	for i := range es {
		n.texts = append(n.texts, es[i].value)
		n.counts[es[i].value]++
	}
}

// uncount takes away the oldest texts, until as many are left as entries are kept.
func (n *numbers) uncount(left int) {
	gone := len(n.texts) - left
	for _, v := range n.texts[:gone] {
		if n.counts[v]--; n.counts[v] == 0 {
			delete(n.counts, v)
		}
	}
	n.texts = n.texts[gone:]
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
	sorted := k.rule.function == functionPercentile || k.rule.function == functionMedian
	if !k.rule.number {
		k.judgeCount(c, t, group)
		return
	}
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
	k.compare(c, t, k.numbers.value)
}

// judgeCount is judgeAggregate for what is counted: events, or distinct texts.
func (k *keyState) judgeCount(c *Correlator, t int64, group []entry) {
	distinct := k.rule.function == functionDistinct
	if distinct && (k.numbers == nil || len(k.numbers.texts) < len(k.kept)) {
		k.numbers = &numbers{counts: map[string]int{}}
		k.numbers.count(k.kept)
	}
	if distinct {
		k.numbers.uncount(len(k.kept))
		k.numbers.count(group)
	}
	k.kept = append(k.kept, group...)
	k.keepAtMost(c, "values")
	k.compare(c, t, func(*Rule) float64 {
		if !distinct {
			return float64(len(k.kept))
		}
		k.numbers.uncount(len(k.kept))
		return float64(len(k.numbers.counts))
	})
}

// compare fires where what the window came to is beyond the limit.
func (k *keyState) compare(c *Correlator, t int64, value func(*Rule) float64) {
	if len(k.kept) < k.rule.Count {
		return
	}
	x := value(k.rule)
	if !k.rule.bounds.hold(x) {
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
	switch r.function {
	case functionMaximum:
		return slices.Max(n.byTime)
	case functionMinimum:
		return slices.Min(n.byTime)
	case functionMedian:
		mid := len(n.sorted) / 2
		if len(n.sorted)%2 == 1 {
			return n.sorted[mid]
		}
		return n.sorted[mid-1] + (n.sorted[mid]-n.sorted[mid-1])/2
	case functionPercentile:
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
