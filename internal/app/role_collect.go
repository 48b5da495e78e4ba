package app

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/ingest"
	"sluice/internal/account"
	"sluice/internal/crash"
)

// maxMerged and mergedBytes bound the emits that share one write. It has to stay one
// frame of the journal: of several a full disk could take the first, and the repeated
// write would double what is in it. An input's own batches are of at most 3 MiB.
const (
	maxMerged   = 4000
	mergedBytes = 2 << 20
)

// collector makes what one input emits durable: raws, checkpoint and account in one
// write to the bus, and emits that come in meanwhile share the next one.
type collector struct {
	bus   bus.Bus
	input string
	key   string // of its checkpoint: other nodes may have inputs of the same name on the same bus
	ns    string
	stamp *stamper // nil: the local journal stamps positions
	log   *slog.Logger
	now   func() time.Time

	health *health
	holds  bool // senders wait
	told   bool // and that is in the log
	waits  troubles

	ledgers sync.Mutex
	ledger  *account.Ledger

	queue chan *emission
	ended chan struct{} // run has: nothing is taken any more
	// number counts the writes of this input for ever; it is durable with the
	// checkpoint, so that after a failed write it is known whether it is there.
	number uint64
	at     ingest.Checkpoint
	broken []account.Change // what the write said of the account that run ended in
}

// emission is one call of Emit.
type emission struct {
	batch []event.Raw
	at    ingest.Checkpoint
	done  chan error
}

func (e *emission) size() int {
	n := len(e.at)
	for i := range e.batch {
		n += len(e.batch[i].Bytes)
	}
	return n
}

// stamper gives positions to raws that go straight to a Kafka (ack: bus). Each input
// has its own: what one producer numbers must come in that order, and inputs write side
// by side. It is named anew at each start, since nobody knows how far the last one came.
type stamper struct {
	producer string
	next     int64
}

func newCollector(ctx context.Context, n *Node, input, namespace string) (*collector, error) {
	c := &collector{
		bus: n.raws, input: input, key: input, ns: namespace, log: n.log, now: n.now, health: n.health,
		ledger: account.NewLedger(account.Collect, n.collectorName()+"/"+input, 0),
		queue:  make(chan *emission),
		ended:  make(chan struct{}),
	}
	if n.local == nil {
		c.key = n.collectorName() + "/" + input
		c.stamp = newStamper(c.key, random64())
	}
	if err := c.restore(ctx); err != nil {
		return nil, fmt.Errorf("checkpoint of %s: %w", input, err)
	}
	return c, nil
}

// restore reads checkpoint and account back.
func (c *collector) restore(ctx context.Context) error {
	for part := range c.bus.Partitions(bus.TopicCheckpoints) {
		err := c.bus.Table(ctx, bus.TopicCheckpoints, part, func(m bus.Message) error {
			if string(m.Key) != c.key {
				return nil
			}
			number, n := binary.Uvarint(m.Value)
			if n <= 0 {
				return errors.New("cut short")
			}
			if number >= c.number {
				c.number, c.at = number, append(ingest.Checkpoint(nil), m.Value[n:]...)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for part := range c.bus.Partitions(bus.TopicAccount) {
		err := c.bus.Table(ctx, bus.TopicAccount, part, func(m bus.Message) error {
			return c.ledger.Restore(string(m.Key), m.Value)
		})
		if err != nil {
			return err
		}
	}
	c.ledger.Settle()
	if len(c.at) == 0 {
		c.at = nil
	}
	return nil
}

// checkpoint is that of the last durable batch.
func (c *collector) checkpoint() ingest.Checkpoint { return c.at }

// emit implements ingest.Emit.
func (c *collector) emit(ctx context.Context, batch []event.Raw, at ingest.Checkpoint) error {
	if len(batch) == 0 && at == nil {
		return nil
	}
	e := &emission{batch: batch, at: at, done: make(chan error, 1)}
	select {
	case c.queue <- e:
	case <-c.ended:
		return ingest.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-e.done // taken: run answers always, also when it ends
}

// drop counts what did not become an event.
func (c *collector) drop(origin, reason string, n int) {
	c.ledgers.Lock()
	defer c.ledgers.Unlock()
	now := c.now()
	c.ledger.Add(origin, now, account.Received, int64(n))
	c.ledger.Add(origin, now, account.Dropped+reason, int64(n))
}

// run writes until ctx ends; then no emit is under way.
func (c *collector) run(ctx context.Context) {
	defer close(c.ended)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case e := <-c.queue:
			c.write(ctx, c.merge(e))
		case <-tick.C:
			c.write(ctx, nil) // drops alone
		case <-ctx.Done():
			return
		}
	}
}

// merge takes the emits that already wait.
func (c *collector) merge(first *emission) []*emission {
	all, n, size := []*emission{first}, len(first.batch), first.size()
	for n < maxMerged && size < mergedBytes {
		select {
		case e := <-c.queue:
			all, n, size = append(all, e), n+len(e.batch), size+e.size()
		default:
			return all
		}
	}
	return all
}

func (c *collector) write(ctx context.Context, es []*emission) {
	msgs, at, changes := c.messages(es)
	if len(msgs) == 0 {
		return
	}
	err := c.produce(ctx, msgs, c.held)
	if err == nil {
		c.at = at
	} else {
		c.broken = changes
	}
	for _, e := range es {
		e.done <- err
	}
}

// finish writes what was dropped since the last write, after run has ended. A full bus may have broken
// that one off: of drops alone, since an emit waits for its answer.
func (c *collector) finish(ctx context.Context) {
	c.ledgers.Lock()
	c.ledger.Again(c.broken)
	c.ledgers.Unlock()
	if msgs, _, _ := c.messages(nil); len(msgs) > 0 {
		c.produce(ctx, msgs, func(error) {}) //nolint:errcheck // the program ends; and no sender waits
	}
}

// messages is one write: the raws, then what describes them.
func (c *collector) messages(es []*emission) ([]bus.Message, ingest.Checkpoint, []account.Change) {
	var msgs []bus.Message
	at := c.at
	c.ledgers.Lock()
	defer c.ledgers.Unlock()
	for _, e := range es {
		for i := range e.batch {
			r := &e.batch[i]
			r.Input, r.Namespace = c.input, c.ns
			m := rawMessage(r)
			c.stamp.put(&m)
			msgs = append(msgs, m)
			c.ledger.Add(r.Origin, r.Received, account.Received, 1)
		}
		if e.at != nil {
			at = e.at
		}
	}
	changes := c.ledger.Drain(c.now())
	for _, ch := range changes {
		msgs = append(msgs, bus.Message{Topic: bus.TopicAccount, Key: ch.Key, Value: ch.Value})
	}
	if len(msgs) == 0 && len(es) == 0 {
		return nil, at, nil
	}
	c.number++
	value := append(binary.AppendUvarint(nil, c.number), at...)
	return append(msgs, bus.Message{Topic: bus.TopicCheckpoints, Key: []byte(c.key), Value: value}), at, changes
}

// produce repeats one write until it is durable or ctx ends; held hears why it waits. A write whose answer was
// an error may be there all the same: the number on the checkpoint tells.
func (c *collector) produce(ctx context.Context, msgs []bus.Message, held func(error)) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := c.bus.Produce(ctx, msgs)
		if err == nil {
			crash.Point("collect/after-produce")
			held(nil)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		held(err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		if !errors.Is(err, bus.ErrFull) && c.written(ctx) {
			held(nil)
			return nil
		}
	}
}

// held notes that senders wait, and that they do no more; nil: the bus has taken. Under load that
// comes and goes every second, so the log has it once a minute at most.
func (c *collector) held(why error) {
	if (why != nil) == c.holds {
		return
	}
	c.holds = why != nil
	c.health.hold(c.input, why)
	if !c.holds {
		if c.told {
			c.log.Info("the bus takes again", "input", c.input)
		}
		return
	}
	times, tell := c.waits.due("held", c.now())
	if c.told = tell; tell {
		c.log.Warn("the bus takes nothing now; senders wait", "input", c.input, "times", times, "why", why)
	}
}

// written says whether the write with the present number is durable.
func (c *collector) written(ctx context.Context) bool {
	found := false
	for part := range c.bus.Partitions(bus.TopicCheckpoints) {
		err := c.bus.Table(ctx, bus.TopicCheckpoints, part, func(m bus.Message) error {
			if number, n := binary.Uvarint(m.Value); n > 0 && string(m.Key) == c.key && number >= c.number {
				found = true
			}
			return nil
		})
		if err != nil {
			return false
		}
	}
	return found
}

// put adds the position to a raw; a nil stamper adds none.
func (s *stamper) put(m *bus.Message) {
	if s == nil {
		return
	}
	p := bus.Position{Producer: s.producer, Raw: -1, Sequence: s.next}
	s.next++
	m.Headers = append(m.Headers, bus.Header{Key: bus.HeaderPosition, Value: []byte(p.String())})
}

func newStamper(name string, random uint64) *stamper {
	return &stamper{producer: strings.ReplaceAll(name, " ", "-") + "-" + strconv.FormatUint(random, 36)}
}
