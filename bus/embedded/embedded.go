// Package embedded is a bus for one machine: every topic in one journal. So one
// fsync serves all producers of all topics, and what a worker puts out becomes
// durable together with the commit of what it took in.
//
// The price is that a reader of one topic steps over the others' frames (a
// header each, see journal labels) and that the slowest group holds back the log.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sluice/bus"
	"sluice/internal/disk"
	"sluice/journal"
)

// Options tunes the bus.
type Options struct {
	Journal journal.Options // State is the bus's own
	Batch   int             // messages a worker gets at a time, about; default 1000
}

// Bus implements bus.Bus.
type Bus struct {
	log    *journal.Journal
	state  *state
	topics map[string]bus.Topic
	batch  int
	turn   atomic.Uint64 // spreads messages without a key

	carrying sync.RWMutex // held for writing while tables are carried over
	trimming sync.Mutex

	mu     sync.Mutex
	active map[bus.Group]bool
}

// Open opens the bus on a directory.
func Open(fs disk.FS, topics []bus.Topic, opt Options) (*Bus, error) {
	b := &Bus{state: &state{}, topics: map[string]bus.Topic{}, batch: opt.Batch, active: map[bus.Group]bool{}}
	if b.batch <= 0 {
		b.batch = 1000
	}
	for _, t := range topics {
		b.topics[t.Name] = t
	}
	opt.Journal.State = b.state
	var err error
	if b.log, err = journal.Open(fs, opt.Journal); err != nil {
		return nil, fmt.Errorf("embedded bus: %w", err)
	}
	return b, nil
}

// Produce writes msgs as one frame: all of them are there after a crash, or none.
func (b *Bus) Produce(ctx context.Context, msgs []bus.Message) error {
	if len(msgs) == 0 {
		return nil
	}
	if err := b.append(ctx, msgs, nil); err != nil {
		return fmt.Errorf("produce: %w", err)
	}
	return nil
}

// append makes out and done durable in one frame.
func (b *Bus) append(ctx context.Context, out []bus.Message, done *commit) error {
	batch := journal.Batch{Records: make([][]byte, 0, len(out)+1), Reserved: done != nil}
	size := 0
	for i := range out {
		m := &out[i]
		size += len(m.Topic) + len(m.Key) + len(m.Value) + 32 + 64*len(m.Headers)
	}
	buf := make([]byte, 0, size) // records are slices of it; it may move when it grows
	now := time.Now()
	for i := range out {
		m := out[i]
		t, ok := b.topics[m.Topic]
		if !ok {
			return fmt.Errorf("no topic %q in the table of topics", m.Topic)
		}
		if m.Time.IsZero() {
			m.Time = now
		}
		m.Partition = int(b.turn.Load() % uint64(t.Partitions))
		if m.Key != nil {
			m.Partition = partition(m.Key, t.Partitions)
		}
		from := len(buf)
		buf = putMessage(buf, &m)
		batch.Records = append(batch.Records, buf[from:len(buf):len(buf)])
		batch.Labels |= label(m.Topic)
	}
	b.turn.Add(1)
	if done != nil {
		batch.Records = append(batch.Records, putCommit(nil, *done))
	}
	b.carrying.RLock()
	defer b.carrying.RUnlock()
	_, err := b.log.Append(ctx, batch)
	if errors.Is(err, journal.ErrFull) {
		return fmt.Errorf("%w: %w", bus.ErrFull, err)
	}
	return err
}

// Table reads the log from its oldest record on: trim carries the last values along.
func (b *Bus) Table(ctx context.Context, topic string, part int, fn func(bus.Message) error) error {
	r := b.log.Reader(0, label(topic))
	defer r.Close()
	for ctx.Err() == nil {
		batch, ok, err := r.TryNext()
		if err != nil || !ok {
			return err
		}
		msgs, err := pick(nil, batch, topic, part)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := fn(m); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// Lag reads memory only.
func (b *Bus) Lag(_ context.Context, g bus.Group) ([]bus.Lag, error) {
	t, ok := b.topics[g.Topic]
	if !ok {
		return nil, fmt.Errorf("lag: no topic %q in the table of topics", g.Topic)
	}
	lags := make([]bus.Lag, t.Partitions)
	for p := range lags {
		pos, end := b.state.at(g, p)
		lags[p] = bus.Lag{Partition: p, Committed: pos.Offset, End: end.Offset, Messages: end.Ordinal - pos.Ordinal}
	}
	return lags, nil
}

// Stats are the journal's.
func (b *Bus) Stats() journal.Stats { return b.log.Stats() }

// Close ends every Consume with journal.ErrClosed.
func (b *Bus) Close() error { return b.log.Close() }

// pick appends the messages of one partition to msgs.
func pick(msgs []bus.Message, batch journal.Batch, topic string, part int) ([]bus.Message, error) {
	for i, r := range batch.Records {
		if len(r) == 0 || r[0] != kindMessage {
			continue
		}
		name, p, rest := route(r)
		if p != part || string(name) != topic {
			continue
		}
		m := bus.Message{Topic: topic, Partition: p, Offset: int64(batch.First) + int64(i)}
		if err := rest.message(&m); err != nil {
			return nil, fmt.Errorf("record %d: %w", m.Offset, err)
		}
		msgs = append(msgs, m)
	}
	return msgs, nil
}
