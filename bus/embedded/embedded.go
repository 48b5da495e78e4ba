// Package embedded is the bus of a single machine: all topics in one journal. One fsync serves
// the producers of every topic, and a worker's output becomes durable together with the commit of
// its input.
//
// The price is that the reader of one topic skips the frames of the others (at the cost of a
// header each, see the labels of package journal), and that the slowest group holds back the
// whole log.
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
	"sluice/internal/metrics"
	"sluice/journal"
)

// Options tunes the bus.
type Options struct {
	Journal journal.Options // State, MaxBytes and Name are the bus's own
	Batch   int             // messages a worker gets at a time, about; default 1000

	// MaxBytes bounds the log. Near it the oldest segments that every group is done
	// with go, whatever their age; when none may go, Produce returns bus.ErrFull. 0: no bound.
	MaxBytes int64

	// Grows is how many bytes workers make, at most, of one that they take in. What nobody has
	// taken in yet is bounded so that MaxBytes has room for all that becomes of it: nothing in
	// front of it can go before. 0: nothing is made here.
	Grows int

	// Retention is how long messages are kept after every group is done with them, by
	// the time that they were written. One log has one retention: the longest. 0: the
	// longest of the topics' own; none there either: gone as soon as all are done.
	Retention time.Duration

	// Trouble is told of errors that the bus goes on from by itself, such as a disk that
	// failed and was given another try. May be nil; it must not call back.
	Trouble func(error)
}

// Bus implements bus.Bus. It is safe for concurrent use.
type Bus struct {
	log    *journal.Journal
	state  *state
	topics map[string]bus.Topic
	opt    Options
	turn   atomic.Uint64 // spreads messages without a key

	carrying sync.RWMutex // held for writing while tables are carried over
	trimming sync.RWMutex // held for reading while a table is read
	limits   atomic.Pointer[limits]

	mu     sync.Mutex
	active map[bus.Group]bool
	oldest map[place]time.Time // of the first message behind a commit, for Lag
	retry  time.Time           // no reopening before
	wait   time.Duration       // between two reopenings
}

type limits struct {
	maxBytes  int64
	retention time.Duration
}

// Open opens the bus in a directory. A new directory takes the partition counts of topics,
// permanently: different counts are refused later, because keys would move to other partitions
// and state pinned to one would belong to another.
func Open(fs disk.FS, topics []bus.Topic, opt Options) (*Bus, error) {
	if opt.Batch <= 0 {
		opt.Batch = 1000
	}
	if opt.Trouble == nil {
		opt.Trouble = func(error) {}
	}
	b := &Bus{
		state: newState(), topics: map[string]bus.Topic{}, opt: opt,
		active: map[bus.Group]bool{}, oldest: map[place]time.Time{},
	}
	for _, t := range topics {
		b.topics[t.Name] = t
	}
	opt.Journal.State = b.state
	if opt.Journal.ReserveBytes == 0 {
		opt.Journal.ReserveBytes = reserve(opt)
	}
	b.opt.Journal.ReserveBytes = opt.Journal.ReserveBytes
	damaged := opt.Journal.Damaged
	opt.Journal.Damaged = func(d journal.Damage) {
		if !d.Torn {
			metrics.BusDamaged.With(nil).Inc()
		}
		if damaged != nil {
			damaged(d)
		}
	}
	var err error
	if b.log, err = journal.Open(fs, opt.Journal); err != nil {
		return nil, fmt.Errorf("embedded bus: %w", err)
	}
	b.SetLimits(opt.MaxBytes, opt.Retention)
	if err := errors.Join(b.readTables(), b.pinCounts(topics)); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded bus: %w", err), b.log.Close())
	}
	return b, nil
}

// reserve is room for what a few segments of raw messages become beyond what they free:
// the outputs of a worker are a few times what it took in (Options.Grows), and a segment can go
// only when all of it is done. A disk that others have filled behind a longer backlog
// of raw messages drains as far as that goes, and on when there is space.
func reserve(opt Options) int64 {
	segment := opt.Journal.SegmentBytes
	if segment <= 0 {
		segment = journal.SegmentBytes
	}
	n := 4 * segment
	if opt.MaxBytes > 0 {
		n = min(n, opt.MaxBytes/8)
	}
	return n
}

// pinCounts compares the partition counts with those of the data directory, and
// notes those of new topics.
func (b *Bus) pinCounts(topics []bus.Topic) error {
	var batch journal.Batch
	for _, t := range topics {
		switch n := b.state.partitions(t.Name); n {
		case t.Partitions:
		case 0:
			batch.Records = append(batch.Records, putCount(nil, t.Name, t.Partitions))
		default:
			return fmt.Errorf("topic %s has %d partitions in this data directory and %d in the configuration; "+
				"set partitions back to %d, or start on a new data directory once this one is drained", t.Name, n, t.Partitions, n)
		}
	}
	if batch.Records == nil {
		return nil
	}
	batch.Reserved = true
	_, err := b.log.Append(context.Background(), batch)
	return err
}

// Name returns the name of the journal, drawn at random when its directory was created.
func (b *Bus) Name() string { return b.log.Name() }

// Producer names who produced the message at an offset: one for each time that the journal was
// opened, so that offsets which a restored backup gives again are those of another producer.
func (b *Bus) Producer(offset int64) string { return b.log.Run(journal.Seq(offset)) }

// SetLimits changes MaxBytes and Retention while the bus is running; see Options.
func (b *Bus) SetLimits(maxBytes int64, retention time.Duration) {
	if retention == 0 {
		for _, t := range b.topics {
			retention = max(retention, t.Retention)
		}
	}
	b.limits.Store(&limits{maxBytes, retention})
	b.log.SetMaxBytes(maxBytes)
}

// Partitions returns 0 for a topic that is not in the table of topics.
func (b *Bus) Partitions(topic string) int { return b.topics[topic].Partitions }

// Stats returns the journal's counters.
func (b *Bus) Stats() journal.Stats { return b.log.Stats() }

// Close makes every running Consume return journal.ErrClosed.
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
