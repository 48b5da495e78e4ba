package app

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sluice/bus"
	"sluice/internal/crash"
	"sluice/internal/metrics"
	"sluice/pipeline"
	"sluice/rules"
)

// silence is how long a raw partition may say nothing before the windows go on without it.
const silence = 10 * time.Minute

// metaKey is the key of the record that says what the rest of a partition's state
// includes. Keys of rules' state begin with another byte.
const metaKey = "\x00meta"

// meta is the part of a correlator's state that is not the rules'.
type meta struct {
	Through    int64             `json:"through"` // offset of the last match included, + 1
	Watermarks map[int]watermark `json:"watermarks"`

	// Levels is how far each partition has told the rules over alerts, by level.
	Levels map[int]map[int]watermark `json:"levels,omitempty"`
}

// keyPosition begins the key of the record that says how far one source has been
// observed. Each has its own: a fleet of collectors has thousands, of which a batch
// moves a few.
const keyPosition = "\x00position "

// staleAtOnce bounds how much of stale state is deleted with one batch: a rule may have had a million keys.
const staleAtOnce = 1000

// correlator keeps the windows of one partition of sluice.matches.
type correlator struct {
	log *slog.Logger
	bus bus.Bus
	set *atomic.Pointer[pipeline.Set]
	now func() time.Time
	a   bus.Assignment

	alone bool // see processor

	have *pipeline.Set
	core *rules.Correlator

	meta   meta
	seen   bus.Seen
	newer  map[bus.Source]bool        // seen since the last record
	silent []string                   // keys of positions that are forgotten
	stale  []string                   // keys of state that no rule takes back any more
	since  func() time.Time           // when a source must have said something last for that not to be so
	heard  map[int]time.Time          // when a raw partition last spoke
	mute   []int                      // raw partitions that the windows go on without
	large  map[string]*rules.Degraded // rules with state that could not be kept
	levels levels
	moved  bool
	began  bool      // of its messages, it has handled some
	told   time.Time // when the metrics were last set
	// counted is what of core's totals the metrics have.
	counted rules.Stats
	stats   *ruleStats
	note    func(partition int, d []rules.Degraded)
}

func (n *Node) openCorrelator(ctx context.Context, a bus.Assignment) (bus.Worker, error) {
	c := &correlator{log: n.log, bus: n.bus, set: &n.set, now: n.now, a: a, alone: n.kafka == nil, since: n.silentSince, heard: map[int]time.Time{}, large: map[string]*rules.Degraded{}, note: n.health.degrade, stats: n.stats}
	return c, c.load(ctx)
}

// load reads the partition's state back into the present set of rules: when the
// partition is assigned, and after a reload. Rules that did not change keep their state.
func (c *correlator) load(ctx context.Context) error {
	state, err := c.read(ctx)
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	if err := c.restoreMeta(state[metaKey]); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	delete(state, metaKey)
	if err := c.restorePositions(state); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	c.have = c.set.Load()
	if c.core != nil {
		c.count()
	}
	c.core, c.counted = c.spread(), rules.Stats{}
	var dropped []error
	for key, value := range state {
		if err := c.core.Restore([]byte(key), value); err != nil {
			dropped = append(dropped, err)
		}
	}
	if len(dropped) > 0 {
		c.log.Warn("correlation state of changed rules is dropped", "partition", c.a.Partition, "records", len(dropped), "first", dropped[0])
	}
	if w := c.settled(); !w.IsZero() { // as far as the state had come
		c.core.Resume(w)
	}
	return nil
}

// read gives the last value of each key.
func (c *correlator) read(ctx context.Context) (map[string][]byte, error) {
	type stamp struct {
		gen, offset int64
		at          time.Time
	}
	stamps, state := map[string]stamp{}, map[string][]byte{}
	err := c.bus.Table(ctx, bus.TopicState, c.a.Partition, func(m bus.Message) error {
		key := string(m.Key)
		text := m.Value
		if text == nil { // a deletion can be old as well
			text = m.Get(bus.HeaderStamp)
		}
		gen, offset, value, err := unstamp(text)
		if err != nil {
			c.log.Warn("a record of correlation state cannot be read; the rest is", "partition", c.a.Partition, "key", key, "why", err)
			return nil
		}
		// A worker that had lost its partition may have written behind its successor.
		if old := stamps[key]; gen < old.gen || gen == old.gen && offset < old.offset {
			return nil
		}
		stamps[key] = stamp{gen, offset, m.Time}
		if state[key] = append([]byte(nil), value...); m.Value == nil {
			delete(state, key)
		}
		return nil
	})
	since, now, set := c.since(), c.now(), c.set.Load().Rules
	c.silent, c.stale = nil, nil
	for key, s := range stamps {
		switch {
		case s.at.IsZero() || state[key] == nil:
		case strings.HasPrefix(key, keyPosition) && s.at.Before(since):
			delete(state, key)
			c.silent = append(c.silent, key)
		case set.Stale([]byte(key), now.Sub(s.at)):
			delete(state, key)
			c.stale = append(c.stale, key)
		}
	}
	return state, err
}

func (c *correlator) restoreMeta(value []byte) error {
	c.meta = meta{Watermarks: map[int]watermark{}}
	if value == nil {
		return nil
	}
	if err := json.Unmarshal(value, &c.meta); err != nil {
		return err
	}
	for raw := range c.meta.Watermarks {
		c.started(raw)
	}
	return nil
}

// restorePositions takes the positions out of state.
func (c *correlator) restorePositions(state map[string][]byte) error {
	c.seen, c.newer = bus.Seen{}, map[bus.Source]bool{}
	for key, value := range state {
		if !strings.HasPrefix(key, keyPosition) {
			continue
		}
		p, err := bus.ParsePosition(string(value))
		if err != nil {
			return err
		}
		c.seen[p.Source()] = p
		delete(state, key)
	}
	return nil
}

// Handle implements bus.Worker.
func (c *correlator) Handle(ctx context.Context, in []bus.Message) ([]bus.Message, error) {
	if c.set.Load().Rules != c.have.Rules { // and not other tables alone
		if err := c.load(ctx); err != nil {
			return nil, err
		}
	}
	if len(in) > 0 && in[0].Offset < c.meta.Through {
		if err := c.renewed(ctx, in[0].Offset); err != nil {
			return nil, err
		}
	}
	c.began = c.began || len(in) > 0
	var out []bus.Message
	for i := range in {
		if in[i].Offset < c.meta.Through {
			continue // the state includes it already: a crash came before the commit
		}
		if err := c.one(&in[i]); err != nil {
			metrics.CorrelateDead.WithLabelValues().Inc()
			out = append(out, deadLetter(&in[i], "correlate", err))
		}
		c.meta.Through, c.moved = in[i].Offset+1, true
	}
	crash.Point("correlate/after-batch")
	before := c.levels.done // durable: the bus has committed the Handle before
	if w := c.settled(); !w.IsZero() {
		c.core.Advance("", w)
		c.advance(w)
	}
	out = c.drain(out, before)
	if now := c.now(); now.Sub(c.told) > time.Second {
		c.told = now
		c.tell()
	}
	return out, nil
}

// renewed finds out whether a message that seems to be in the state already is another, since the topic was
// made anew or lost its tail: all messages up to where the state says that it reaches would be passed over.
// What comes again is known by its position. Records of state count by generation and offset, so a worker
// that has written some makes room for one of the next generation.
func (c *correlator) renewed(ctx context.Context, first int64) error {
	lags, err := c.bus.Lag(ctx, bus.Group{Name: bus.GroupCorrelate, Topic: bus.TopicMatches})
	if err != nil {
		return fmt.Errorf("how far %s reaches: %w", bus.TopicMatches, err)
	}
	for _, l := range lags {
		switch {
		case l.Partition != c.a.Partition || l.End >= c.meta.Through:
		case c.began:
			return fmt.Errorf("%s/%d ends at offset %d, and what it held up to %d was read: it was made anew or has lost its tail", bus.TopicMatches, l.Partition, l.End, c.meta.Through)
		default:
			c.log.Warn("matches begin anew before the offset that the windows include", "partition", l.Partition, "at", first, "windows", c.meta.Through)
			c.meta.Through = first
		}
	}
	return nil
}

// tell sets the metrics, and tells the health of degraded rules.
func (c *correlator) tell() {
	part := strconv.Itoa(c.a.Partition)
	metrics.CorrelateKeys.WithLabelValues(part).Set(float64(c.core.Keys()))
	metrics.CorrelateBytes.WithLabelValues(part).Set(float64(c.core.Bytes()))
	c.count()
	degraded := c.core.Degraded()
	for _, d := range c.large {
		degraded = append(degraded, *d)
	}
	for _, r := range c.have.Rules.Rules() {
		if len(c.mute) > 0 && r.Stateful() {
			degraded = append(degraded, rules.Degraded{
				Rule: r.ID, Since: c.heard[c.mute[0]].Add(silence),
				Reason: fmt.Sprintf("its windows go on without raw partitions %v, of which no process worker has spoken for %v", c.mute, silence),
			})
		}
	}
	metrics.CorrelateDegraded.DeletePartialMatch(map[string]string{"partition": part})
	for _, d := range degraded {
		metrics.CorrelateDegraded.WithLabelValues(part, d.Rule).Set(1)
	}
	c.note(c.a.Partition, degraded)
}

// count adds to the counters what core's totals have grown by; each load begins a new core.
func (c *correlator) count() {
	part, stats := strconv.Itoa(c.a.Partition), c.core.Stats()
	metrics.CorrelateLate.WithLabelValues(part).Add(float64(stats.Late - c.counted.Late))
	metrics.CorrelateTooLate.WithLabelValues(part).Add(float64(stats.TooLate - c.counted.TooLate))
	metrics.CorrelateEvicted.WithLabelValues(part).Add(float64(stats.Evicted - c.counted.Evicted))
	c.counted = stats
}

func (c *correlator) one(m *bus.Message) error {
	if string(m.Get(bus.HeaderSchema)) == schemaWatermark {
		return c.watermark(m.Value)
	}
	pos, err := bus.ParsePosition(string(m.Get(bus.HeaderPosition)))
	if err != nil {
		return err
	}
	if old, ok := c.seen[pos.Source()]; ok && !pos.After(old) {
		metrics.ProcessDoubles.WithLabelValues().Inc()
		return nil
	}
	match, err := rules.ParseMatch(m.Value)
	if err != nil {
		return err
	}
	c.seen[pos.Source()], c.newer[pos.Source()] = pos, true
	c.core.Observe(&match)
	return nil
}

// watermark notes how far a raw partition has come. One of an older generation is of
// a worker that had lost the partition: its present is not the partition's.
func (c *correlator) watermark(value []byte) error {
	var w watermark
	if err := json.Unmarshal(value, &w); err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	if w.Level > 0 {
		c.hear(w)
		return nil
	}
	if w.Lane != "" {
		c.core.Advance(w.Lane, w.Time)
		return nil
	}
	old := c.meta.Watermarks[w.Raw]
	if w.Generation < old.Generation {
		return nil
	}
	if w.Origins != nil {
		for origin, t := range w.Origins {
			c.core.Progress(origin, t)
		}
		return nil
	}
	switch {
	case !c.wentBack(old, w):
		w.Time = later(w.Time, old.Time)
	case c.core.Restart(w.Time.Add(c.step())): // once for all raw partitions
		c.log.Warn("the clock was set back; windows begin anew", "partition", c.a.Partition, "was", old.Time, "is", w.Time)
		c.meta.Levels, c.levels = nil, levels{heard: map[int]map[int]time.Time{}, ordinal: c.levels.ordinal}
	}
	c.meta.Watermarks[w.Raw] = w
	c.heard[w.Raw] = c.now()
	return nil
}

// wentBack says whether time began anew between two watermarks of one partition.
func (c *correlator) wentBack(old, now watermark) bool {
	return now.Time.Before(old.Time.Add(-c.step()))
}

// step is half of what makes a processor begin anew: what it told last is some time old, and the
// partitions are not in step.
func (c *correlator) step() time.Duration { return astray(c.alone, c.have.Lateness) / 2 }

// settled is the least watermark of all raw partitions that have spoken lately; zero
// while one has not spoken at all yet.
func (c *correlator) settled() time.Time {
	var least time.Time
	now := c.now()
	c.mute = c.mute[:0]
	for raw := range c.a.Partitions {
		w, ok := c.meta.Watermarks[raw]
		switch {
		case !ok && now.Sub(c.started(raw)) < silence:
			return time.Time{}
		case !ok || now.Sub(c.heard[raw]) >= silence:
			c.mute = append(c.mute, raw)
		case least.IsZero() || w.Time.Before(least):
			least = w.Time
		}
	}
	return least
}

// started is since when a raw partition has been waited for.
func (c *correlator) started(raw int) time.Time {
	t, ok := c.heard[raw]
	if !ok {
		t = c.now()
		c.heard[raw] = t
	}
	return t
}

// drain appends what became of the batch: alerts first, then the state that includes them.
func (c *correlator) drain(out []bus.Message, before []time.Time) []bus.Message {
	alerts, state := c.core.Drain()
	for i := range alerts {
		metrics.CorrelateAlerts.WithLabelValues(alerts[i].Rule).Inc()
		c.stats.found(&alerts[i])
		out = append(out, alertMessage(&alerts[i], c.now(), c.a.Partitions))
	}
	out = c.chained(out, before)
	for _, r := range state {
		if r.Value == nil {
			out = append(out, c.deleted(r.Key))
			continue
		}
		m := c.pinned(r.Key, c.stamp(r.Value))
		if m.Size() > bus.MaxMessage {
			c.unsaved(r.Key)
			continue
		}
		out = append(out, m)
	}
	if !c.moved && len(state) == 0 {
		return out
	}
	c.moved = false
	for _, key := range c.silent { // one that speaks again has its record below
		out = append(out, c.deleted([]byte(key)))
	}
	c.silent = nil
	for _, key := range c.stale[:min(len(c.stale), staleAtOnce)] {
		out = append(out, c.deleted([]byte(key)))
	}
	c.stale = c.stale[min(len(c.stale), staleAtOnce):]
	for s := range c.newer { // behind the state that includes them
		key := keyPosition + s.Producer + " " + strconv.Itoa(s.Raw)
		out = append(out, c.pinned([]byte(key), c.stamp([]byte(c.seen[s].String()))))
	}
	clear(c.newer)
	value, err := json.Marshal(c.meta)
	if err != nil {
		panic("BUG: marshal correlator state: " + err.Error())
	}
	return append(out, c.pinned([]byte(metaKey), c.stamp(value))) // last: what it says is there before it
}

// unsaved notes that no bus takes a record of state: thousands of long matches of one key
// in one second. It would be tried for ever and hold up every other rule.
func (c *correlator) unsaved(key []byte) {
	var parts []string // the rule's id is the first
	if err := json.Unmarshal(key, &parts); err != nil || len(parts) == 0 {
		panic("BUG: a key of state without a rule: " + string(key))
	}
	d := c.large[parts[0]]
	if d == nil {
		d = &rules.Degraded{Rule: parts[0], Reason: "the state of one key is too large to be kept: a restart would lose part of it", Since: c.now()}
		c.large[parts[0]] = d
	}
	d.Count++
}

func (c *correlator) pinned(key, value []byte) bus.Message {
	return bus.Message{Topic: bus.TopicState, Key: key, Value: value, Pinned: true, Partition: c.a.Partition}
}

// deleted is stamped too: one of a worker that had lost its partition must not count.
func (c *correlator) deleted(key []byte) bus.Message {
	m := c.pinned(key, nil)
	m.Headers = []bus.Header{{Key: bus.HeaderStamp, Value: c.stamp(nil)}}
	return m
}

// stamp puts generation and offset in front of a record of state.
func (c *correlator) stamp(value []byte) []byte {
	b := make([]byte, 0, len(value)+2*binary.MaxVarintLen64)
	b = binary.AppendUvarint(b, uint64(c.a.Generation))
	b = binary.AppendUvarint(b, uint64(c.meta.Through))
	return append(b, value...)
}

var errStamp = errors.New("cut short")

func unstamp(b []byte) (gen, offset int64, value []byte, err error) {
	g, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, 0, nil, errStamp
	}
	o, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return 0, 0, nil, errStamp
	}
	return int64(g), int64(o), b[n+m:], nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Close implements bus.Worker: from now on another process tells of the partition.
func (c *correlator) Close() error {
	c.count()
	part := strconv.Itoa(c.a.Partition)
	metrics.CorrelateKeys.DeleteLabelValues(part)
	metrics.CorrelateBytes.DeleteLabelValues(part)
	metrics.CorrelateDegraded.DeletePartialMatch(map[string]string{"partition": part})
	c.note(c.a.Partition, nil)
	return nil
}
