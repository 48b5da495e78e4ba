package rules

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"sluice/internal/strictyaml"
)

const (
	week          = 7 * 24 * time.Hour
	rateHistory   = 4 * week // as many hours as one of a week needs for a median that one bad week does not move
	ratePanes     = 3        // of these, so that it begins to judge in the fourth week
	rateDeviation = 6.0      // an hour in a million, were counts normal; they are not
	maxRatePanes  = 10_000   // that one history holds: 7 weeks of 7 minutes, 30 KB a key
)

// rateFigures are what a rate's alert shows of its last pane.
var rateFigures = []string{"rate", "usual", "deviation"}

func (r *reader) rate(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	if sp.Window < time.Minute || 24*time.Hour%sp.Window != 0 || time.Hour%sp.Window != 0 && sp.Window%time.Hour != 0 {
		r.failKey(doc, "window", "the width of a pane, such as 1h: what divides an hour or a day evenly, from 1m to 24h")
		return
	}
	if sp.Suppress < 0 || sp.Suppress > maxWindow {
		r.failKey(doc, "suppress", "from 0s to %s", maxWindow)
	}
	if out.history = sp.History; out.history == 0 {
		out.history = rateHistory
	}
	if out.history < week || out.history > maxHistory {
		r.failKey(doc, "history", "from %s (a week) to %s", week, maxHistory)
	} else if n := out.history / sp.Window; n > maxRatePanes {
		r.failKey(doc, "history", "%d panes of %s, at most %d are kept: make the window wider or the history shorter", n, sp.Window, maxRatePanes)
	}
	slot, _ := out.slots()
	most := int(out.history/week) * int(slot)
	if out.panes = sp.Panes; out.panes == 0 {
		out.panes = min(ratePanes, most)
	}
	switch {
	case most < 2:
		r.failKey(doc, "history", "two weeks at least: an hour is compared with the same hour of weeks before")
	case out.panes < 2 || out.panes > most:
		r.failKey(doc, "panes", "from 2 to %d, which is how many of one hour of the week the history holds", most)
	}
	if sp.Count < 1 {
		r.failKey(doc, "count", "the least number of events in a pane that is judged, at least 1")
	}
	out.bounds = limits{{"above", rateDeviation}}
	if sp.Above != nil {
		x, ok := number(sp.Above.Value)
		if !ok || x <= 0 {
			r.fail(sp.Above, "above: %.60q is no number above 0", sp.Above.Value)
		}
		out.bounds[0].X = x
	}
	out.decides = fmt.Sprintf("%d %d %v", out.history, out.panes, out.bounds[0].X)
}

// slots divides a week: a slot is an hour, or one pane where that is wider.
func (r *Rule) slots() (panes, inWeek int64) {
	width := max(r.Window, time.Hour)
	return int64(width / r.Window), int64(week / width)
}

// paneOf is the number of the pane that holds t; panes are aligned to the epoch.
func (r *Rule) paneOf(t int64) int64 { return floorDiv(t, int64(r.Window)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// judgeRate counts the matches of one instant. Earlier panes were closed before.
func (k *keyState) judgeRate(_ *Correlator, _ int64, group []entry) {
	for i := range group {
		k.sample(&group[i])
	}
}

// What a pane keeps of its matches: enough for an alert to show what they were like.
const (
	sampleFirst = 4  // whatever they say
	sampleMost  = 12 // as long as they say something new
)

// sample counts a match, and keeps it where it shows something.
func (k *keyState) sample(e *entry) {
	n := len(k.kept)
	same := n - 1
	if n >= sampleFirst {
		if at := slices.IndexFunc(k.kept, func(o entry) bool { return o.fields == e.fields }); at >= 0 {
			same = at
		} else if n < sampleMost {
			same = -1
		}
	}
	if n < sampleFirst || same < 0 {
		k.kept = append(k.kept, *e)
		return
	}
	k.kept[same].n += e.n
}

// rateDue: the open pane is over, or the last one that is remembered is out of reach.
func rateDue(k *keyState) int64 {
	if len(k.kept) > 0 {
		return (k.rule.paneOf(k.kept[0].t)+1)*int64(k.rule.Window) - 1
	}
	if len(k.packed) >= countsHead {
		return (counts(k.packed).last()+1+k.rule.historyPanes())*int64(k.rule.Window) - 1
	}
	return math.MaxInt64
}

func (r *Rule) historyPanes() int64 { return int64(r.history / r.Window) }

// passRate closes the pane that is over: judges it, and makes it part of the history.
func passRate(k *keyState, c *Correlator, watermark int64) bool {
	changed := false
	if len(k.kept) > 0 {
		pane := k.rule.paneOf(k.kept[0].t)
		if end := (pane + 1) * int64(k.rule.Window); end <= watermark {
			k.closePane(c, pane, end)
			changed = true
		}
	}
	if len(k.kept) == 0 && len(k.packed) > 0 && rateDue(k) < watermark {
		k.packed = nil
		changed = true
	}
	return changed
}

func (k *keyState) closePane(c *Correlator, pane, end int64) {
	n := int64(0)
	behind := make([]*entry, len(k.kept))
	for i := range k.kept {
		behind[i] = &k.kept[i]
		n += int64(k.kept[i].n)
	}
	past := counts(k.packed)
	if len(past) >= countsHead && past.last() < pane-k.rule.historyPanes() {
		past = nil // nothing within reach: the key is new
	}
	k.closeBefore(c, end)
	if base := past.before(k.rule, pane); n >= int64(k.rule.Count) && len(base) >= k.rule.panes {
		if usual, deviation := unusual(base, float64(n)); deviation > k.rule.bounds[0].X {
			k.fire(c, end, behind, float64(n), usual, math.Round(deviation*100)/100)
		}
	}
	k.packed = past.add(pane, n, pane-k.rule.historyPanes())
	k.kept = nil
}

// unusual compares x with what the counts were: their median, and by how many robust
// standard deviations x lies above it. The deviation is 1.4826 times the median of the
// distances from the median, but no less than that of a Poisson process of this rate,
// nor than 1: a key that is as regular as a clock may be a little off.
func unusual(base []float64, x float64) (usual, deviation float64) {
	usual = median(base)
	distances := make([]float64, len(base))
	for i, b := range base {
		distances[i] = math.Abs(b - usual)
	}
	return usual, (x - usual) / max(1.4826*median(distances), math.Sqrt(usual), 1)
}

// median sorts xs, of which there is at least one.
func median(xs []float64) float64 {
	slices.Sort(xs)
	n := len(xs)
	return (xs[(n-1)/2] + xs[n/2]) / 2
}

// counts is how many matches each pane of a key had, packed: the first pane of the key,
// that of the oldest count and that of the last, 8 bytes each; then for each pane with
// matches how many panes it is after the one before, and its count, as varints.
type counts []byte

const countsHead = 24

func (h counts) first() int64  { return int64(binary.LittleEndian.Uint64(h)) }
func (h counts) oldest() int64 { return int64(binary.LittleEndian.Uint64(h[8:])) }
func (h counts) last() int64   { return int64(binary.LittleEndian.Uint64(h[16:])) }

// each calls f for the panes with matches in their order, with where the next one stands.
func (h counts) each(f func(pane, n int64, next int) bool) {
	if len(h) < countsHead {
		return
	}
	pane := h.oldest()
	for at := countsHead; at < len(h); {
		d, w := binary.Uvarint(h[at:])
		n, v := binary.Uvarint(h[at+max(w, 0):])
		if w <= 0 || v <= 0 {
			return
		}
		at += w + v
		if pane += int64(d); !f(pane, int64(n), at) {
			return
		}
	}
}

// add is the history with one more pane, and without those before from.
func (h counts) add(pane, n, from int64) counts {
	out := make(counts, countsHead, len(h)+8+countsHead)
	first, oldest, last := pane, pane, pane
	if len(h) >= countsHead {
		first = h.first()
		h.each(func(p, count int64, next int) bool {
			if p < from {
				return true
			}
			oldest, last = p, h.last()
			out = binary.AppendUvarint(append(out, 0), uint64(count))
			out = append(out, h[next:]...)
			return false
		})
	}
	if oldest == pane { // the only one
		last = pane
	}
	out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(pane-last)), uint64(n))
	binary.LittleEndian.PutUint64(out, uint64(first))
	binary.LittleEndian.PutUint64(out[8:], uint64(oldest))
	binary.LittleEndian.PutUint64(out[16:], uint64(pane))
	return out
}

// before are the counts that a pane is compared with: of all panes of the same hour of
// earlier weeks that lie within the history, none before the key's first, 0 where
// nothing came.
func (h counts) before(r *Rule, pane int64) []float64 {
	if len(h) < countsHead {
		return nil
	}
	panes, inWeek := r.slots()
	slot := floorDiv(pane, panes)
	from := max(pane-r.historyPanes(), h.first())
	total := 0
	for s := slot - inWeek; (s+1)*panes > from; s -= inWeek {
		total += int((s+1)*panes - max(s*panes, from))
	}
	out := make([]float64, 0, total)
	h.each(func(p, n int64, _ int) bool {
		s := floorDiv(p, panes)
		if p >= from && s < slot && (slot-s)%inWeek == 0 {
			out = append(out, float64(n))
		}
		return true
	})
	return out[:max(total, len(out))] // the rest is zero
}
