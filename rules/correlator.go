package rules

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Correlator is the state of one partition of sluice.matches. It is not safe for concurrent use.
// Its alerts do not depend on arrival order, duplicates or restarts: the state of a key is a set
// of matches, and each instant is judged once, when the watermark of its lane has passed it.
type Correlator struct {
	set   *Set
	lanes map[string]*lane
	dirty []*keyState // touched since the last Drain
	begun []*book     // whose since changed
	out   map[string]Alert
	order []string // ids in out, as they came
	bytes int64
	marks map[string]*Degraded
	stats Stats
	heard

	beats     []beat // room that judging beacons uses again
	intervals []float64

	announces bool        // early alerts
	trial     *Correlator // that judges what is not settled
	dry       bool        // it is one: nothing follows from what it finds

	tap func([]Match) // told of what alerts say to the rules above; nil: nobody asks

	lives   bool // the live lane has advanced since the start
	spread  bool
	above   *Matcher // of alerts; nil: none was needed
	chained []Match  // of alerts, for the rules above them
}

// Stats counts what became of matches.
type Stats struct {
	Observed int64 // taken in
	Doubles  int64 // known already
	Unknown  int64 // of a rule that is gone or has changed
	Late     int64 // behind their lane: went to the lane of their origin
	TooLate  int64 // behind that one too: dropped
	Evicted  int64 // entries dropped by a bound
}

// Degraded says that a rule's promise is void for some keys, and since when.
type Degraded struct {
	Rule   string
	Reason string
	Key    string    // the first one
	Since  time.Time // window time of the first entry dropped
	Count  int64     // entries dropped
}

// lane is one line of time with state of its own.
type lane struct {
	name      string
	watermark int64   // every instant before it is settled, of the rules over events
	above     []int64 // the same of each level of rules over alerts
	seen      int64   // the greatest t
	touched   int64   // the live watermark when a match last came
	books     map[string]*book
}

// NewCorrelator makes an empty one.
func (s *Set) NewCorrelator() *Correlator {
	return &Correlator{set: s, lanes: map[string]*lane{}, out: map[string]Alert{}, marks: map[string]*Degraded{}, heard: newHeard()}
}

// forever is a watermark that settles everything.
const forever = math.MaxInt64

// Stats are the counts so far.
func (c *Correlator) Stats() Stats { return c.stats }

// Degraded lists the rules whose promise was broken by a bound, by id.
func (c *Correlator) Degraded() []Degraded {
	out := make([]Degraded, 0, len(c.marks))
	for _, d := range c.marks {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Degraded) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}

// Keys returns the number of keys that have state.
func (c *Correlator) Keys() int {
	n := 0
	for _, l := range c.lanes {
		for _, b := range l.books {
			n += len(b.keys)
		}
	}
	return n
}

// Bytes estimates the memory that the state takes.
func (c *Correlator) Bytes() int64 { return c.bytes }

// Observe takes in one match. A match behind its lane's watermark goes to the lane of its origin.
func (c *Correlator) Observe(m *Match) {
	r := c.set.byID[m.Rule]
	if r == nil || r.Hash != m.Hash || !r.Stateful() {
		c.stats.Unknown++
		return
	}
	l, t := c.lane(m.Lane), m.Time.UnixNano()
	key := bookKey(m.Namespace, m.Key)
	if m.Lane != "" || t < *l.passed(r.level) {
		c.answerLate(r, m, key)
	}
	if t < *l.passed(r.level) {
		if b := l.books[r.ID]; b != nil && b.keys[key] != nil && b.keys[key].knows(t, m.ID) {
			c.stats.Doubles++
			return
		}
		if m.Lane != "" {
			c.late(r, m)
			return
		}
		c.stats.Late++
		if l = c.lane(lateLane(m.Origin)); t < *l.passed(r.level) {
			c.late(r, m)
			return
		}
	}
	l.seen = max(l.seen, t)
	if live := c.lanes[""]; live != nil && c.lives { // else its watermark is of before a restart, maybe long ago
		l.touched = live.watermark
	}
	b := l.book(r)
	k := b.keys[key]
	if k == nil {
		k = &keyState{rule: r, lane: l, ns: m.Namespace, key: m.Key, pos: -1, settled: math.MinInt64}
		b.keys[key] = k
	}
	if !k.observe(c, m, t) {
		c.stats.Doubles++
		return
	}
	c.stats.Observed++
	b.observed(c, t)
	c.source(b, m, t)
	c.touch(k)
	b.fix(c, k)
	c.announce(k)
	c.bound(b)
}

// late drops a match that came behind the lane of its origin.
func (c *Correlator) late(r *Rule, m *Match) {
	c.stats.TooLate++
	c.mark(r, m.Key, "matches came later than the lateness of their own lane", m.Time.UnixNano(), 1)
}

// lateLane is the lane of an origin whose matches came too late for the live one.
func lateLane(origin string) string {
	if origin == "" {
		return "late"
	}
	return origin
}

// lane finds or makes a lane.
func (c *Correlator) lane(name string) *lane {
	l := c.lanes[name]
	if l == nil {
		l = &lane{name: name, watermark: math.MinInt64, seen: math.MinInt64, touched: math.MinInt64, books: map[string]*book{}}
		for range c.set.levels {
			l.above = append(l.above, math.MinInt64)
		}
		if len(c.lanes) > c.set.opt.MaxLanes {
			c.endOldest()
		}
		c.lanes[name] = l
	}
	return l
}

// endOldest ends the lane that has been silent the longest.
func (c *Correlator) endOldest() {
	var oldest *lane
	for name, l := range c.lanes {
		if name != "" && (oldest == nil || l.touched < oldest.touched || l.touched == oldest.touched && name < oldest.name) {
			oldest = l
		}
	}
	if oldest != nil {
		c.end(oldest)
	}
}

// end settles what a lane holds and forgets it.
func (c *Correlator) end(l *lane) {
	c.settleAll(l)
	delete(c.lanes, l.name)
}

// Advance says that no match before watermark will arrive in a lane any more, which settles every
// instant before it. The live lane ("") is also the clock by which other lanes end.
func (c *Correlator) Advance(name string, watermark time.Time) {
	if name == "" {
		live := c.lane("")
		c.settle(live, watermark.UnixNano())
		c.lives = true
		c.endIdle(live.watermark)
		return
	}
	if l := c.lanes[name]; l != nil {
		c.settle(l, watermark.UnixNano())
	}
}

// Resume says how far the live lane had come when the state that was restored was written. What comes
// behind that is late, as it was then; no other lane ages by it.
func (c *Correlator) Resume(watermark time.Time) { c.settle(c.lane(""), watermark.UnixNano()) }

// Restart settles all that the live lane holds and begins it anew, at any time, if its watermark is
// behind right: the clock was ahead and is right again.
func (c *Correlator) Restart(right time.Time) bool {
	live := c.lane("")
	if live.watermark <= right.UnixNano() {
		return false
	}
	c.settleAll(live)
	live.watermark, live.seen = math.MinInt64, math.MinInt64
	for i := range live.above {
		live.above[i] = math.MinInt64
	}
	for _, l := range c.lanes {
		l.touched = math.MinInt64
	}
	c.swept = 0
	return true
}

// End settles all lanes completely: there will be no more input.
func (c *Correlator) End() {
	for _, l := range c.sorted() {
		c.settleAll(l)
	}
}

func (c *Correlator) sorted() []*lane {
	out := make([]*lane, 0, len(c.lanes))
	for _, l := range c.lanes {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b *lane) int { return strings.Compare(a.name, b.name) })
	return out
}

// endIdle ends the lanes that were silent for long by the live clock.
func (c *Correlator) endIdle(now int64) {
	for _, l := range c.sorted() {
		switch {
		case l.name == "":
		case l.touched == math.MinInt64: // restored, or older than the first watermark
			l.touched = now
		case c.spread && c.endLevels(l, now-l.touched):
			delete(c.lanes, l.name)
		case !c.spread && now-l.touched > int64(c.set.opt.LaneIdle):
			c.end(l)
		}
	}
}

// Drain returns what has happened since the last Drain: the latest revision of each alert that
// changed, and the changelog records of the state that was touched. Both have to become durable
// together with the input that was given to Observe.
func (c *Correlator) Drain() ([]Alert, []StateRecord) {
	for _, l := range c.sorted() {
		if l.name != "" && l.seen > math.MinInt64 {
			c.settle(l, l.seen-int64(c.set.opt.Lateness))
		}
	}
	c.observeChained()
	alerts := make([]Alert, 0, len(c.order))
	for _, id := range c.order {
		alerts = append(alerts, c.out[id])
	}
	clear(c.out)
	c.order = c.order[:0]
	slices.SortFunc(alerts, func(a, b Alert) int {
		if d := a.Last.Compare(b.Last); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	return alerts, c.records()
}

// emit makes the next revision of an episode's alert.
func (c *Correlator) emit(k *keyState, t int64, closed bool) *Alert {
	k.ep.emitted = t
	return c.say(c.set.alert(k.rule, k.key, k.ns, k.lane.name, k.ep, closed))
}

// say keeps the last revision of an alert for Drain.
func (c *Correlator) say(a Alert) *Alert {
	if c.set.byID[a.Rule].silent && c.tap == nil {
		return &a
	}
	old, ok := c.out[a.ID]
	if !ok {
		c.order = append(c.order, a.ID)
	}
	a.New = a.New || old.New
	c.out[a.ID] = a
	return &a
}

// touch notes that a key's records have to be written.
func (c *Correlator) touch(k *keyState) {
	if !k.queued {
		k.queued = true
		c.dirty = append(c.dirty, k)
	}
}

// resize keeps the sum of all sizes.
func (c *Correlator) resize(k *keyState) {
	size := k.size()
	c.bytes += size - k.bytes
	k.bytes = size
}

// mark notes that a bound broke a rule's promise.
func (c *Correlator) mark(r *Rule, key, reason string, since int64, n int64) {
	d := c.marks[r.ID]
	if d == nil {
		d = &Degraded{Rule: r.ID, Reason: reason, Key: key, Since: time.Unix(0, since).UTC()}
		c.marks[r.ID] = d
	}
	d.Count += n
}
