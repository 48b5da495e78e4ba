// Package bus carries messages between roles. There are two kinds, bus/kafka for a cluster and
// bus/embedded for a single machine; package bustest checks both against the contract given here.
//
// Delivery is at least once: after a crash or a rebalance a worker may see messages again, and
// outputs may be duplicated. So every message carries a Position, by which the next hop drops
// duplicates. bus/embedded happens to deliver exactly once; nobody may rely on that.
package bus

import (
	"context"
	"errors"
	"time"
)

// Message is one record. On a compacted topic a nil Value deletes its Key.
type Message struct {
	Topic   string
	Key     []byte // messages with one key keep their order; nil: no order
	Value   []byte
	Headers []Header
	Time    time.Time // the receive time of what caused it, never @timestamp; zero: now

	// Pinned produces to Partition instead of the key's own.
	Pinned    bool
	Partition int   // set by the bus, or by the producer when Pinned
	Offset    int64 // set by the bus; grows within a partition, may have gaps
}

// Header is one named value of a message. The names are listed in position.go.
type Header struct {
	Key   string
	Value []byte
}

// Topic is one row of the table of topics.
type Topic struct {
	Name       string
	Partitions int
	Compacted  bool          // a table: the last value of each key is kept for ever
	Retention  time.Duration // of a topic that is not compacted; 0: the bus's default
	Groups     []string      // who reads it; nothing is dropped before all of them committed it
}

// Group identifies a consumer group, whose members share the partitions of one topic.
type Group struct{ Name, Topic string }

// Bus is safe for concurrent use.
type Bus interface {
	// Produce returns nil once all of msgs are durable. On an error any subset of them may be; a
	// retry must repeat the same messages in the same order before any later ones. Within one
	// call, messages of one partition keep their order, and messages for compacted topics (state,
	// positions) are written only once all others are durable, one topic after another, so that
	// state never claims output that did not get out. It does not retain msgs.
	Produce(ctx context.Context, msgs []Message) error

	// Consume joins a group until ctx ends or a worker fails, and returns why. A later call
	// resumes at the last commit.
	Consume(ctx context.Context, g Group, open OpenWorker) error

	// Table calls fn with the messages of one partition of a compacted topic, oldest first, up to
	// the end as of now. Superseded values of a key may be included.
	Table(ctx context.Context, topic string, partition int, fn func(Message) error) error

	// Read calls fn with the messages that one partition of a topic holds, oldest first, up to
	// end, which is the offset after the last one as of now. It joins no group: nothing is
	// committed and retention does not wait for it, so messages that are dropped meanwhile are
	// not read.
	Read(ctx context.Context, topic string, partition int, fn func(m Message, end int64) error) error

	// Lag returns how far a group is behind, by partition.
	Lag(ctx context.Context, g Group) ([]Lag, error)

	// Partitions returns how many partitions a topic has on this bus.
	Partitions(topic string) int

	Close() error
}

// Assignment is one partition assigned to a worker.
type Assignment struct {
	Partition  int
	Partitions int   // of the topic
	Generation int64 // grows with every assignment of the group; an older one is a zombie
}

// Worker turns the messages of one partition into others. A stateless worker may be shared by all
// partitions; a stateful one holds the state of its partition.
type Worker interface {
	// Handle returns the messages that in caused. The bus makes out durable, then commits in:
	// bus/embedded in a single write, bus/kafka in that order. An error commits nothing and ends
	// Consume. Handle must not retain in. in is empty on a tick, which comes once a second while
	// no messages arrive; the output of a tick is made durable too. What has to be durable before
	// Handle ends it may give to Produce, with its ctx: that is not refused with ErrFull.
	Handle(ctx context.Context, in []Message) (out []Message, err error)

	// Close is called when the partition is revoked; another process may already own it. There is
	// nothing left to flush: everything that matters was in out.
	Close() error
}

// OpenWorker is called when a partition is assigned, and returns before the first Handle. A
// stateful worker reads its changelog with Bus.Table here.
type OpenWorker func(ctx context.Context, a Assignment) (Worker, error)

// Lag is how far a group is behind in one partition.
type Lag struct {
	Partition      int
	Committed, End int64     // offsets
	Messages       int64     // not committed yet; 0 means done
	Oldest         time.Time // of the oldest message not committed; zero: none, or not known
}

// ErrFull is returned by Produce while the bus has no room: wait and retry.
var ErrFull = errors.New("bus is full")

// ErrRefused is wrapped by errors of Produce that no retry will help, such as a message that is
// too large.
var ErrRefused = errors.New("refused for good")

// WorkerFunc is a stateless Worker.
type WorkerFunc func(ctx context.Context, in []Message) (out []Message, err error)

// Handle calls f.
func (f WorkerFunc) Handle(ctx context.Context, in []Message) ([]Message, error) { return f(ctx, in) }

// Close does nothing.
func (f WorkerFunc) Close() error { return nil }

// Stateless returns an OpenWorker that uses f for every partition.
func Stateless(f WorkerFunc) OpenWorker {
	return func(context.Context, Assignment) (Worker, error) { return f, nil }
}
