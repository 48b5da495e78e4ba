package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/internal/condition"
)

// asked is what a window is explained by.
type asked struct {
	at    *Match
	same  []Match // all of the key, by time
	in    []Match // those of the window
	until time.Time
}

// missing says by kind, in words, why a window that does not hold does not. It tells of
// what the Correlator has decided; a kind without an entry is told by its matches alone.
var missing = map[string]func(r *Rule, w *Window, x *asked) []string{
	KindAbsence:   missingAbsence,
	KindAggregate: missingAggregate,
	KindBeacon:    missingBeacon,
	KindNewTerms:  missingTerm,
	KindRate:      missingRate,
	KindRisk:      missingRisk,
	KindScan:      missingScan,
	KindSequence:  missingSteps,
	KindThreshold: missingCount,
	KindTravel:    missingTravel,
	KindUnordered: missingSteps,
}

func missingCount(r *Rule, w *Window, x *asked) []string {
	if r.Distinct == "" {
		return []string{fmt.Sprintf("%d of %d matches", w.Count, r.Count)}
	}
	return []string{fmt.Sprintf("%d of %d values of %s", distinct(x.in), r.Count, r.Distinct)}
}

func missingSteps(r *Rule, w *Window, x *asked) (out []string) {
	if r.seen != nil {
		return []string{"what was met in the window is not what the rule asks for"}
	}
	for s, n := range w.Steps {
		if n == 0 {
			out = append(out, fmt.Sprintf("step %d: no event in the window meets it", s+1))
		}
	}
	if len(out) > 0 {
		return out
	}
	if r.until != nil && slices.ContainsFunc(x.in, func(m Match) bool { return m.Steps&untilStep != 0 }) {
		return []string{"an event that meets until has ended it, or the steps are not in their order"}
	}
	if r.Kind == KindUnordered {
		return []string{"no way gives each step an event of its own"}
	}
	last := len(r.steps) - 1
	at := &x.in[len(x.in)-1]
	if !slices.ContainsFunc(x.in, func(m Match) bool { return m.Time.Equal(at.Time) && m.Steps&(1<<last) != 0 }) {
		return []string{fmt.Sprintf("step %d, the last: it is what fires, and this event does not meet it", last+1)}
	}
	return []string{"the steps are all there, but not in their order by different events"}
}

func missingAggregate(r *Rule, w *Window, x *asked) []string {
	in := x.in
	if len(in) < r.Count {
		return []string{fmt.Sprintf("%d of %d values", len(in), r.Count)}
	}
	v, what := float64(len(in)), r.function
	switch {
	case r.number:
		n := &numbers{}
		for i := range in {
			n.add([]entry{{value: in[i].Value}}, true)
		}
		v = n.value(r)
	case r.function == functionDistinct:
		v = float64(distinct(in))
	}
	if r.value != "" {
		what += " of " + r.value
	}
	return []string{fmt.Sprintf("the %s is %s, not %s", what, strconv.FormatFloat(v, 'g', -1, 64), r.bounds)}
}

func distinct(in []Match) int {
	values := map[string]bool{}
	for i := range in {
		values[in[i].Value] = true
	}
	return len(values)
}

func missingTerm(r *Rule, w *Window, x *asked) []string {
	in := x.in
	at := in[len(in)-1]
	for i := len(in) - 2; i >= 0; i-- {
		if in[i].Value == at.Value && in[i].Time.Before(at.Time) {
			return []string{fmt.Sprintf("%s %q is not new: it was there at %s", r.value, at.Value, stamp(in[i].Time))}
		}
	}
	return []string{fmt.Sprintf("what is known of the history does not reach back %s", r.Window)}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func missingAbsence(r *Rule, w *Window, x *asked) []string {
	if x.at.Steps&absenceWhen == 0 {
		n := 0
		for i := range x.in {
			if x.in[i].Steps&absenceWhen != 0 {
				n++
			}
		}
		return []string{fmt.Sprintf("a beginning: this event answers those before it, here %d, and begins nothing", n)}
	}
	for i := range x.in {
		m := &x.in[i]
		if m.Steps&absenceWithout != 0 && m.ID != x.at.ID && (m.Time.After(x.at.Time) || m.Steps&absenceWhen == 0) {
			return []string{fmt.Sprintf("the absence: event %s at %s meets without", m.ID, stamp(m.Time))}
		}
	}
	if !x.until.After(w.To) {
		return []string{fmt.Sprintf("time: the last event that is known of was at %s, and the window ends at %s", stamp(x.until), stamp(w.To))}
	}
	return []string{"a word of the source: it said nothing at or after the end of the window, so it may have happened unseen"}
}

func missingBeacon(r *Rule, _ *Window, x *asked) []string {
	var beats []beat
	for i := range x.in {
		beats, _ = r.beat(beats, x.in[i].Time.UnixNano(), 1)
	}
	n := len(beats)
	if n < r.Count {
		return []string{fmt.Sprintf("%d of %d beats", n, r.Count)}
	}
	if span := time.Duration(beats[n-1].t - beats[0].t); span < r.span {
		return []string{fmt.Sprintf("%d beats span %s of %s", n, span, r.span)}
	}
	interval, deviation := regularity(intervals(nil, beats))
	switch {
	case interval < float64(r.shortest):
		return []string{fmt.Sprintf("longer intervals: their median is %s, at least %s", time.Duration(interval).Round(time.Millisecond), r.shortest)}
	case deviation > r.bounds[0].X:
		return []string{fmt.Sprintf("regularity: intervals of %s in the middle deviate by %.3g of that, at most %v", time.Duration(interval).Round(time.Millisecond), deviation, r.bounds[0].X)}
	}
	return []string{"a beat: this event is one with the beat before it"}
}

func missingRate(r *Rule, w *Window, x *asked) []string {
	if x.until.Before(w.To) {
		return []string{fmt.Sprintf("time: the pane is judged when it is over, at %s; %d events are in it", stamp(w.To), w.Count)}
	}
	if w.Count < r.Count {
		return []string{fmt.Sprintf("%d of %d events in the pane", w.Count, r.Count)}
	}
	pane, past := r.paneOf(x.at.Time.UnixNano()), counts(nil)
	for i := 0; i < len(x.same); {
		p, n := r.paneOf(x.same[i].Time.UnixNano()), 0
		for ; i < len(x.same) && r.paneOf(x.same[i].Time.UnixNano()) == p; i++ {
			n++
		}
		if p >= pane {
			break
		}
		if len(past) >= countsHead && past.last() < p-r.historyPanes() {
			past = nil
		}
		past = past.add(p, int64(n), p-r.historyPanes())
	}
	base := past.before(r, pane)
	if len(base) < r.panes {
		return []string{fmt.Sprintf("%d of %d panes of this hour of the week to compare with", len(base), r.panes)}
	}
	usual, deviation := unusual(base, float64(w.Count))
	return []string{fmt.Sprintf("%d events are %.3g measures above the usual %v, not more than %v", w.Count, deviation, usual, r.bounds[0].X)}
}

func missingRisk(r *Rule, w *Window, x *asked) []string {
	k := &keyState{rule: r}
	for i := range x.in {
		k.kept = append(k.kept, entry{t: x.in[i].Time.UnixNano(), id: x.in[i].ID, value: x.in[i].Value, n: 1})
	}
	slices.SortFunc(k.kept, func(a, b entry) int { return cmp.Or(cmp.Compare(a.t, b.t), strings.Compare(a.id, b.id)) })
	score, rules := k.risk()
	return []string{fmt.Sprintf("a score of %v of %v, by %d of %d rules", round(score, 100), r.bounds[0].X, rules, r.Count)}
}

func missingScan(r *Rule, _ *Window, x *asked) (out []string) {
	targets, reach := map[string]bool{}, newReach()
	for i := range x.in {
		value := x.in[i].Value
		if host, _ := target(value); host == "" || targets[value] {
			continue
		}
		targets[value] = true
		reach.add(value)
	}
	if r.ports > 0 {
		out = append(out, fmt.Sprintf("%d of %d ports of one host", reach.ports, r.ports))
	}
	if r.hosts > 0 {
		out = append(out, fmt.Sprintf("%d of %d hosts with one port", reach.hosts, r.hosts))
	}
	return append(out, fmt.Sprintf("%d of %d targets", len(targets), r.targets))
}

func missingTravel(r *Rule, _ *Window, x *asked) []string {
	at := slices.IndexFunc(x.in, func(m Match) bool { return m.ID == x.at.ID })
	here, ok := condition.ParsePoint(x.at.Value)
	for i := at - 1; i >= 0 && ok; i-- {
		there, known := condition.ParsePoint(x.in[i].Value)
		if !known {
			continue
		}
		km, hours := there.Kilometres(here), max(x.at.Time.Sub(x.in[i].Time), time.Second).Hours()
		text := fmt.Sprintf("%.0f km from the place at %s, %.0f km/h: ", km, stamp(x.in[i].Time), km/hours)
		if km < r.distance {
			return []string{text + fmt.Sprintf("less than %v km err as much as the place does", r.distance)}
		}
		return []string{text + fmt.Sprintf("not more than %v km/h", r.bounds[0].X)}
	}
	return []string{fmt.Sprintf("a place before: there is none within %s", r.Window)}
}
