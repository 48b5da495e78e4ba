package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/internal/account"
	"sluice/internal/crash"
	"sluice/internal/metrics"
	"sluice/pipeline"
	"sluice/rules"
)

// spread is how far collectors may be apart beyond the lateness.
const spread = 5 * time.Second

// watermarkEvery bounds how often a watermark goes to all partitions of sluice.matches.
const watermarkEvery = 500 * time.Millisecond

// maxLasts bounds the origins whose last pack is remembered; beyond it the map starts
// anew, which costs a few ties.
const maxLasts = 100_000

// maxEvent leaves room for what a dead letter adds to a message.
const maxEvent = bus.MaxMessage - 2*maxReason

// processor turns the raws of one partition into events, matches and the alerts of
// stateless rules.
type processor struct {
	books *books
	log   *slog.Logger
	set   *atomic.Pointer[pipeline.Set]
	now   func() time.Time
	local string // the local journal's name, for messages without a position
	alone bool   // every event was received by this machine's clock
	a     bus.Assignment

	have   *pipeline.Set // what worker was made of
	worker *pipeline.Worker
	last   map[string]string // by origin: the pack of its last line

	greatest time.Time            // receive time seen
	sent     time.Time            // watermark last sent
	at       time.Time            // when
	lanes    map[string]time.Time // greatest time of lanes touched in this batch
	open     map[string]time.Time // greatest time of what lanes hold, until live events have passed it
	met      map[string]time.Time // by origin: of its first live event; zero: an earlier worker's lane has been seen to

	progress progress // of origins, where a rule asks

	meter costMeter

	out []bus.Message
	arena
}

// arena holds the bytes of one batch's outputs: one allocation serves many messages.
type arena struct{ buf []byte }

const (
	arenaBlock = 256 << 10
	arenaSpare = 16 << 10 // what an event takes as JSON, but for one of a long line
)

// next is where one more value begins. A long block that is nearly full is left to the values in it: to
// make it longer would copy all of them, and keep both.
func (a *arena) next() int {
	if len(a.buf) >= arenaBlock/4 && cap(a.buf)-len(a.buf) < arenaSpare {
		a.buf = make([]byte, 0, arenaBlock)
	}
	return len(a.buf)
}

// take cuts off what was appended since from.
func (a *arena) take(from int) []byte { return a.buf[from:len(a.buf):len(a.buf)] }

// fresh gives a new block: the messages of the last batch keep the old one alive.
func (a *arena) fresh(size int) { a.buf = make([]byte, 0, size) }

// watermark is how far a raw partition, or one lane in it, has come.
type watermark struct {
	Raw        int       `json:"raw"`
	Generation int64     `json:"generation"`
	Lane       string    `json:"lane,omitempty"`
	Time       time.Time `json:"watermark"`

	// Level, from 1 on, says instead of Raw that a partition of sluice.matches has told the
	// rules over alerts of that level all that lies before.
	Level int `json:"level,omitempty"`

	// Origins says that these have spoken, and until when: it is no watermark then.
	Origins map[string]time.Time `json:"origins,omitempty"`
}

// keyWatermark keeps a raw partition's own watermark among its positions.
const keyWatermark = "process watermark"

func (n *Node) openProcessor(ctx context.Context, a bus.Assignment) (bus.Worker, error) {
	k, err := openBooks(ctx, n.bus, account.Process, a, n.silentSince())
	if err != nil {
		return nil, err
	}
	p := &processor{
		books: k, log: n.log, set: &n.set, now: n.now, local: n.localName(), alone: n.kafka == nil, a: a,
		meter: costMeter{stats: n.stats}, last: map[string]string{}, lanes: map[string]time.Time{}, open: map[string]time.Time{}, met: map[string]time.Time{},
	}
	err = n.bus.Table(ctx, bus.TopicPositions, a.Partition, func(m bus.Message) error {
		if string(m.Key) == keyWatermark {
			if t, err := time.Parse(time.RFC3339Nano, string(m.Value)); err == nil && t.After(p.greatest) {
				p.greatest = t
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read watermark: %w", err)
	}
	return p, nil
}

// Handle implements bus.Worker.
func (p *processor) Handle(ctx context.Context, in []bus.Message) ([]bus.Message, error) {
	if err := p.books.begin(ctx, in); err != nil {
		return nil, err
	}
	if set := p.set.Load(); set != p.have {
		if p.worker != nil {
			p.meter.flush(p.worker)
		}
		p.have, p.worker = set, set.NewWorker()
		p.meter.begin(p.worker)
	}
	p.out = make([]bus.Message, 0, 2*len(in)+16)
	size := 4096
	for i := range in {
		size += 4*len(in[i].Value) + 1024
	}
	p.fresh(size)
	now := p.now().Round(0) // of what the messages tell, too, only the wall clock is known
	p.setBack(now)
	for i := range in {
		p.one(&in[i], now)
	}
	p.meter.batch(p.worker, len(in) == 0, now)
	crash.Point("process/after-batch")
	p.out = p.books.records(p.out, now) // before the watermark, which is a position too: the account is written first
	p.watermarks(len(in) == 0, now)
	out := p.out
	p.out = nil
	return out, nil
}

func (p *processor) one(m *bus.Message, now time.Time) {
	p.books.ledger.At(m.Offset)
	pos, err := positionOf(m, p.local)
	if err == nil && !p.books.fresh(pos) {
		metrics.ProcessDoubles.WithLabelValues().Inc()
		return
	}
	raw, rerr := readRaw(m)
	if err == nil {
		err = rerr
	}
	if err != nil {
		p.dead(m, string(m.Key), m.Time, err)
		return
	}
	pos.Raw = p.a.Partition
	if err := p.results(m, &raw, pos, now); err != nil {
		p.dead(m, raw.Origin, raw.Received, err)
	}
}

// results sends what became of a raw on its way: of a line that is a list of events one after the
// other. A fault of ours ends no more than this: a process that it ended would be given the same line
// again, and so would the next one. What was read before is on its way, the error is of the rest.
func (p *processor) results(m *bus.Message, raw *event.Raw, pos bus.Position, now time.Time) (err error) {
	known, done, matches := 1, 0, 0 // of its events the account knows, and are on their way
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if done == known {
			p.books.ledger.Add(raw.Origin, raw.Received, account.Split, 1)
		}
		p.log.Error("a line could not be read because of a fault in sluice; please report it", "id", raw.ID, "origin", raw.Origin, "fault", fault, "stack", string(debug.Stack()))
		p.worker = p.have.NewWorker()
		p.meter.begin(p.worker)
		err = fmt.Errorf("BUG: %v; sluice dlq replay puts it back, once a version reads it", fault)
	}()
	r := p.worker.Process(pipeline.Input{Raw: raw, Last: p.last[raw.Origin], Now: now, Watermark: p.watermark(), Astray: astray(p.alone, p.have.Lateness)})
	for more := true; more; pos.Ordinal++ {
		matches = p.result(m, &r, pos, matches)
		p.meter.done++
		done++
		if r, more = p.worker.Next(); more {
			p.books.ledger.Add(raw.Origin, raw.Received, account.Split, 1)
			known++
		}
	}
	return nil
}

// result sends what became of one event on its way; matches are those of the raw so far.
func (p *processor) result(m *bus.Message, r *pipeline.Result, pos bus.Position, matches int) int {
	raw := r.Raw
	p.remember(raw.Origin, r.Pack)
	p.clock(raw, r)
	if r.Lane == "" && raw.Received.After(p.greatest) {
		p.greatest = raw.Received
	}
	matches = p.matches(m, r, pos, matches)
	p.spoke(raw, r)
	if err := p.event(m, raw, r, pos); err != nil {
		if raw.Element > 0 {
			one := rawMessage(raw) // the others of the list are on their way
			one.Topic, one.Key, one.Headers = m.Topic, m.Key, again(m, one.Headers)
			m = &one
		}
		p.dead(m, raw.Origin, raw.Received, err)
		return matches
	}
	p.books.ledger.Add(raw.Origin, raw.Received, account.Events, 1)
	if r.Unparsed {
		p.books.ledger.Add(raw.Origin, raw.Received, account.Unparsed, 1)
		metrics.ProcessUnparsed.WithLabelValues(r.Dataset).Inc()
	}
	metrics.ProcessEvents.WithLabelValues(r.Dataset).Inc()
	return matches
}

func (p *processor) dead(m *bus.Message, origin string, t time.Time, why error) {
	metrics.ProcessDead.WithLabelValues().Inc()
	p.books.ledger.Add(origin, t, account.Dead, 1)
	p.out = append(p.out, deadLetter(m, "process", why))
}

// clock moves the clock of an origin's lane. Behind what is history or late comes what is
// live: it moves that clock on, until all that the lane holds is judged. A lane that
// nothing live follows ends when it was silent for long.
func (p *processor) clock(raw *event.Raw, r *pipeline.Result) {
	t := r.Stamp
	if r.Lane != "" {
		if len(p.open) >= maxLasts {
			clear(p.open)
		}
		p.open[raw.Origin] = later(p.open[raw.Origin], t)
		p.lanes[raw.Origin] = later(p.lanes[raw.Origin], t)
		return
	}
	if t.After(raw.Received) {
		t = raw.Received // a clock that is ahead must not end the lane
	}
	last, ok := p.open[raw.Origin]
	switch {
	case !ok && !p.inherited(raw.Origin, t):
		return
	case t.Add(-p.have.Lateness).After(last):
		delete(p.open, raw.Origin)
	}
	p.lanes[raw.Origin] = later(p.lanes[raw.Origin], t)
}

// inherited is true once for each origin: when its live events have moved on by the
// lateness since this worker first met it. The worker before, which a crash ended, may
// have left a lane of it open, and nothing else would say that all of it can be judged.
func (p *processor) inherited(origin string, t time.Time) bool {
	first, known := p.met[origin]
	switch {
	case !known:
		if len(p.met) >= maxLasts {
			clear(p.met)
		}
		p.met[origin] = t
		return false
	case first.IsZero() || !t.Add(-p.have.Lateness).After(first):
		return false
	}
	p.met[origin] = time.Time{}
	return true
}

func (p *processor) remember(origin, pack string) {
	if len(p.last) >= maxLasts {
		clear(p.last)
	}
	p.last[origin] = pack
}

// event appends the document, with what the indexer needs as headers. One that no bus
// takes (a long line of control characters is six times as long in JSON) would be tried
// for ever: it is an error.
func (p *processor) event(m *bus.Message, raw *event.Raw, r *pipeline.Result, pos bus.Position) error {
	from := p.next()
	p.buf = r.Event.AppendJSON(p.buf)
	value := p.take(from)
	out := bus.Message{
		Topic: bus.TopicEvents, Key: m.Key, Value: value, Time: m.Time,
		Headers: []bus.Header{
			{Key: bus.HeaderSchema, Value: []byte(schemaEvents)},
			{Key: bus.HeaderID, Value: []byte(raw.ID)},
			{Key: bus.HeaderOrigin, Value: []byte(raw.Origin)},
			{Key: bus.HeaderNamespace, Value: []byte(raw.Namespace)},
			{Key: bus.HeaderStream, Value: []byte("logs-" + r.Dataset + "-" + raw.Namespace)},
			{Key: bus.HeaderPosition, Value: []byte(pos.String())},
		},
	}
	out.Headers = again(m, out.Headers)
	if size := out.Size(); size > maxEvent {
		return fmt.Errorf("the event is a message of %d bytes, at most %d; set max_line of its input lower", size, maxEvent)
	}
	p.out = append(p.out, out)
	return nil
}

// again adds to the headers of what m caused that m was a dead letter before: if it dies again, that is
// another letter.
func again(m *bus.Message, headers []bus.Header) []bus.Header {
	if run := m.Get(bus.HeaderReplay); run != nil {
		headers = append(headers, bus.Header{Key: bus.HeaderReplay, Value: run})
	}
	return headers
}

// matches appends what the rules said: the alert of a stateless rule at once, with what
// the rules over alerts say of it, and the match of the others for the correlators,
// numbered on among those of the raw.
func (p *processor) matches(m *bus.Message, r *pipeline.Result, pos bus.Position, sent int) int {
	pos.Ordinal = sent
	for i := range r.Matches {
		match := &r.Matches[i]
		rule := p.have.Rules.Rule(match.Rule)
		if rule.Stateful() {
			p.match(match, m.Time, &pos)
			continue
		}
		metrics.RuleMatches.WithLabelValues(match.Rule).Inc()
		p.meter.stats.matched(match.Rule)
		a := p.have.Rules.Alert(match)
		p.meter.stats.found(&a)
		p.out = append(p.out, alertMessage(&a, m.Time, p.a.Partitions))
		chained := p.worker.Chain(&a)
		for i := range chained {
			p.match(&chained[i], m.Time, &pos)
		}
	}
	return pos.Ordinal
}

// match appends one match for the correlators.
func (p *processor) match(match *rules.Match, t time.Time, pos *bus.Position) {
	metrics.RuleMatches.WithLabelValues(match.Rule).Inc()
	p.meter.stats.matched(match.Rule)
	pos.Ordinal++
	from := p.next()
	p.buf = match.AppendJSON(p.buf)
	p.out = append(p.out, matchMessage(match, p.take(from), t, *pos))
}

// matchMessage is a match, which value encodes, as sluice.matches carries it.
func matchMessage(match *rules.Match, value []byte, t time.Time, pos bus.Position) bus.Message {
	return bus.Message{
		Topic: bus.TopicMatches, Key: match.PartitionKey(), Value: value, Time: t,
		Headers: []bus.Header{
			{Key: bus.HeaderSchema, Value: []byte(schemaMatches)},
			{Key: bus.HeaderID, Value: []byte(match.ID)},
			{Key: bus.HeaderPosition, Value: []byte(pos.String())},
		},
	}
}

// alertMessage is one revision of an alert as sluice.alerts, of so many partitions,
// carries it. The settled form of one that was announced goes where that went: who tells
// people of that partition knows of it.
func alertMessage(a *rules.Alert, t time.Time, partitions int) bus.Message {
	m := bus.Message{
		Topic: bus.TopicAlerts, Key: []byte(a.ID), Value: a.Doc, Time: t,
		Headers: []bus.Header{
			{Key: bus.HeaderSchema, Value: []byte(schemaAlerts)},
			{Key: bus.HeaderID, Value: []byte(a.ID)},
			{Key: bus.HeaderNamespace, Value: []byte(a.Namespace)},
		},
	}
	if len(a.Replaces) > 0 {
		m.Pinned, m.Partition = true, bus.Partition([]byte(a.Replaces[0]), partitions)
	}
	return m
}

// watermark is what is behind every window time that may still come live.
func (p *processor) watermark() time.Time {
	if p.greatest.IsZero() {
		return time.Time{}
	}
	return p.greatest.Add(-p.have.Lateness - spread)
}

// watermarks tells every correlator how far this partition has come. An idle tick
// counts as having seen the present.
func (p *processor) watermarks(idle bool, now time.Time) {
	if idle && now.After(p.greatest) {
		p.greatest = now
	}
	for lane, t := range p.lanes {
		p.broadcast(watermark{Raw: p.a.Partition, Generation: p.a.Generation, Lane: lane, Time: t.Add(-p.have.Lateness)}, now)
	}
	clear(p.lanes)
	p.tellOrigins(now)
	p.advance(now)
}

// advance tells every correlator the watermark, if it has moved and it is time.
func (p *processor) advance(now time.Time) {
	w := p.watermark()
	if w.IsZero() || !w.After(p.sent) || now.Sub(p.at) < watermarkEvery {
		return
	}
	p.sent, p.at = w, now
	p.broadcast(watermark{Raw: p.a.Partition, Generation: p.a.Generation, Time: w}, now)
	p.out = append(p.out, bus.Message{
		Topic: bus.TopicPositions, Key: []byte(keyWatermark), Value: p.greatest.UTC().AppendFormat(nil, time.RFC3339Nano),
		Pinned: true, Partition: p.a.Partition,
	})
}

func (p *processor) broadcast(w watermark, now time.Time) {
	p.out = append(p.out, broadcast(w, p.a.Partitions, now)...)
}

// astray is how far a clock is off at least for it to be wrong. Where one clock stamps all, no event
// is from ahead of it unless it was set back; and a step that is no greater than what events may be late
// by anyhow costs nothing but so much patience.
func astray(alone bool, lateness time.Duration) time.Duration {
	if alone {
		return lateness + spread
	}
	return pipeline.Astray
}

// setBack begins time anew where the clock was ahead for a while and is right again. Nothing live
// would reach the windows otherwise until the time that it had shown.
func (p *processor) setBack(now time.Time) {
	if !p.greatest.After(now.Add(astray(p.alone, p.have.Lateness))) {
		return
	}
	p.log.Warn("the clock was set back; windows begin anew", "partition", p.a.Partition, "was", p.greatest, "is", now)
	p.greatest, p.sent, p.at, p.progress = now, time.Time{}, time.Time{}, progress{}
	clear(p.open)
	clear(p.met)
	p.advance(now) // before the matches of this batch, which would be late
}

// broadcast is w for every correlator.
func broadcast(w watermark, partitions int, now time.Time) (out []bus.Message) {
	value, err := json.Marshal(w)
	if err != nil {
		panic("BUG: marshal watermark: " + err.Error())
	}
	for part := range partitions { // all topics have the same count
		out = append(out, bus.Message{
			Topic: bus.TopicMatches, Value: value, Time: now, Pinned: true, Partition: part,
			Headers: []bus.Header{{Key: bus.HeaderSchema, Value: []byte(schemaWatermark)}},
		})
	}
	return out
}

// Close implements bus.Worker.
func (p *processor) Close() error { return nil }
