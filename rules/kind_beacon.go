package rules

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"sluice/internal/strictyaml"
)

const (
	beaconWindow    = 24 * time.Hour
	beaconSpan      = time.Hour
	beaconShortest  = 10 * time.Second
	beaconCount     = 10  // beats: nine intervals; of fewer, chance makes some that are alike
	beaconDeviation = 0.1 // of the median: half of the intervals are within a tenth of it, as with a jitter of 20 %
	maxBeats        = 512 // of one key, the latest: 2.5 KB packed
	beatPart        = 10  // events within a tenth of the shortest interval are one beat
	beatSample      = 4   // matches of which the alert shows what they were like
)

// beaconFigures are what a beacon's alert shows: the median interval in seconds, its
// deviation as a part of it, and of how many beats.
var beaconFigures = []string{"interval", "deviation", "beats"}

func (r *reader) beacon(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	if sp.GroupBy == nil {
		r.fail(doc, "group_by is missing: from whom to whom the events go")
	}
	span := func(d time.Duration, key string, def, least, most time.Duration) time.Duration {
		if d == 0 {
			d = def
		}
		if d < least || d > most {
			r.failKey(doc, key, "from %s to %s", least, most)
		}
		return d
	}
	out.Window = span(sp.Window, "window", beaconWindow, time.Minute, maxWindow)
	out.span = span(sp.Span, "span", min(beaconSpan, out.Window), time.Minute, out.Window)
	out.shortest = span(sp.Shortest, "shortest", beaconShortest, time.Second, out.Window)
	if sp.Suppress < 0 || sp.Suppress > maxWindow {
		r.failKey(doc, "suppress", "from 0s to %s", maxWindow)
	}
	if out.span > (maxBeats-1)*out.shortest {
		r.failKey(doc, "span", "%d beats are kept, which do not span %s at the shortest interval of %s: make that longer", maxBeats, out.span, out.shortest)
	}
	if out.Count = sp.Count; out.Count == 0 {
		out.Count = beaconCount
	}
	if out.Count < 4 || out.Count > maxBeats {
		r.failKey(doc, "count", "the least number of beats, from 4 to %d", maxBeats)
	}
	if least := time.Duration(out.Count-1) * out.shortest; least > out.Window {
		r.failKey(doc, "shortest", "%d beats at the interval of %s take %s, longer than the window of %s", out.Count, out.shortest, least, out.Window)
	}
	deviation := beaconDeviation
	if sp.Deviation != nil {
		x, ok := number(sp.Deviation.Value)
		if !ok || x < 0 || x > 0.5 {
			r.fail(sp.Deviation, "deviation: a part of the median interval, from 0 to 0.5")
		}
		deviation = x
	}
	out.bounds = limits{{"at_most", deviation}}
	out.decides = fmt.Sprintf("%d %d %v", out.span, out.shortest, deviation)
}

// beat is one event, or several that come at once.
type beat struct {
	t int64
	n uint64 // matches of it that no alert has counted
}

// unpackBeats reads what packBeats wrote: the first time in 8 bytes, then for each beat its
// matches and the time to the next as varints.
func unpackBeats(out []beat, b []byte) []beat {
	if len(b) < 8 {
		return out
	}
	t := int64(binary.LittleEndian.Uint64(b))
	for b = b[8:]; ; {
		n, w := binary.Uvarint(b)
		if w <= 0 {
			return out
		}
		out = append(out, beat{t, n})
		d, v := binary.Uvarint(b[w:])
		if v <= 0 {
			return out
		}
		t, b = t+int64(d), b[w+v:]
	}
}

func packBeats(out []byte, beats []beat) []byte {
	out = binary.LittleEndian.AppendUint64(out[:0], uint64(beats[0].t))
	for i, b := range beats {
		if i > 0 {
			out = binary.AppendUvarint(out, uint64(b.t-beats[i-1].t))
		}
		out = binary.AppendUvarint(out, b.n)
	}
	return out
}

// beaconDue: the last match leaves the window.
func beaconDue(k *keyState) int64 {
	if n := len(k.kept); n > 0 {
		return k.kept[n-1].t + k.window()
	}
	return math.MaxInt64
}

func passBeacon(k *keyState, _ *Correlator, watermark int64) bool {
	if beaconDue(k) >= watermark {
		return false
	}
	k.kept, k.packed = nil, nil
	return true
}

// judgeBeacon judges one instant that begins a beat: true where the beats of (t-T, t], of
// which the latest 512 count, are enough, span enough time, and come at intervals that
// differ little from their median. Which events make one beat is decided in the order of
// their times, so arrival does not show.
func (k *keyState) judgeBeacon(c *Correlator, t int64, group []entry) {
	beats := unpackBeats(c.beats[:0], k.packed)
	from := 0
	for from < len(beats) && beats[from].t <= t-k.window() {
		from++
	}
	beats = beats[from:]
	beats, begins := k.rule.beat(beats, t, uint64(len(group)))
	k.kept = append(k.kept, group...)
	if over := len(k.kept) - beatSample; over > 0 {
		k.kept = append(make([]entry, 0, beatSample), k.kept[over:]...)
	}
	if begins {
		if interval, deviation, ok := k.rule.regular(c, beats); ok {
			k.fire(c, t, k.beatsBehind(beats), round(interval/1e9, 100), round(deviation, 1000), float64(len(beats)))
		}
	}
	k.packed = packBeats(k.packed, beats)
	c.beats = beats[:0]
}

// beat adds n matches at t: to the last beat, or they begin the next. The latest beats stay.
func (r *Rule) beat(beats []beat, t int64, n uint64) (_ []beat, begins bool) {
	begins = len(beats) == 0 || t-beats[len(beats)-1].t >= int64(r.shortest)/beatPart
	if begins {
		beats = append(beats, beat{t: t})
	}
	beats[len(beats)-1].n += n
	return beats[max(len(beats)-maxBeats, 0):], begins
}

func round(x, part float64) float64 { return math.Round(x*part) / part }

// regular compares the intervals between beats with their median; the deviation is the
// median of the distances from it, as a part of it.
func (r *Rule) regular(c *Correlator, beats []beat) (interval, deviation float64, ok bool) {
	n := len(beats)
	if n < r.Count {
		return 0, 0, false
	}
	span := beats[n-1].t - beats[0].t
	// At most half of the intervals can be twice as long as all are on average.
	if span < int64(r.span) || 2*span/int64(n-1) < int64(r.shortest) {
		return 0, 0, false
	}
	c.intervals = intervals(c.intervals[:0], beats)
	interval, deviation = regularity(c.intervals)
	return interval, deviation, interval >= float64(r.shortest) && deviation <= r.bounds[0].X
}

// intervals appends the times between beats.
func intervals(xs []float64, beats []beat) []float64 {
	for i := 1; i < len(beats); i++ {
		xs = append(xs, float64(beats[i].t-beats[i-1].t))
	}
	return xs
}

// regularity is the median of intervals, and the median of how far they are from it as a
// share of it. It overwrites them.
func regularity(intervals []float64) (interval, deviation float64) {
	interval = median(intervals)
	for i, x := range intervals {
		intervals[i] = math.Abs(x - interval)
	}
	return interval, median(intervals) / interval
}

// beatsBehind are the matches that no alert has counted: those of which something is kept,
// and one entry for all others.
func (k *keyState) beatsBehind(beats []beat) []*entry {
	others := entry{t: math.MaxInt64}
	for i := range beats {
		if beats[i].n > 0 {
			others.t = min(others.t, beats[i].t)
			others.n += uint32(beats[i].n)
			beats[i].n = 0
		}
	}
	behind := []*entry{&others}
	for i := range k.kept {
		if e := &k.kept[i]; e.n > 0 {
			behind = append(behind, e)
			others.n -= min(others.n, e.n)
		}
	}
	return behind
}
