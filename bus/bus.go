// Package bus carries messages between roles. It has two kinds: bus/kafka for a
// cluster, bus/embedded for one machine; bustest holds both to what is said here.
//
// Delivery is at least once: after a crash or a rebalance a worker may see
// messages again, and outputs it caused may be there twice. So every message
// carries a Position, by which the next hop drops doubles.
// bus/embedded happens to be exact; nobody may rely on it.
package bus

import (
	"context"
	"errors"
	"time"
)

// Message is one record. A nil Value on a compacted topic deletes its Key.
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

// Header is one named value beside the message. Header names are listed in position.go.
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

// Group names a consumer: its members share the partitions of one topic.
type Group struct{ Name, Topic string }

// Bus is safe for concurrent use.
type Bus interface {
	// Produce returns nil when all of msgs are durable. On an error any part of them
	// may be; a retry must repeat the same messages in the same order before any later
	// ones. Within one call, messages of one partition keep their order, and those of
	// compacted topics (state, positions) are written only when all others are durable,
	// topic after topic: state never claims what did not get out. It does not keep msgs.
	Produce(ctx context.Context, msgs []Message) error

	// Consume takes part in a group until ctx ends or a worker fails, and
	// returns why. A restart goes on at the last commit.
	Consume(ctx context.Context, g Group, open OpenWorker) error

	// Table calls fn with the messages of one partition of a compacted topic, oldest
	// first, up to the end as it is now. Older values of a key may or may not come too.
	Table(ctx context.Context, topic string, partition int, fn func(Message) error) error

	// Read calls fn with the messages that one partition of a topic holds, oldest first, up
	// to end, which is the offset behind the last one as it is now. It takes part in no
	// group: nothing is committed, and retention does not wait for it; what is dropped
	// meanwhile does not come.
	Read(ctx context.Context, topic string, partition int, fn func(m Message, end int64) error) error

	// Lag tells how far a group is behind, by partition.
	Lag(ctx context.Context, g Group) ([]Lag, error)

	// Partitions is the number of partitions that a topic has on this bus.
	Partitions(topic string) int

	Close() error
}

// Assignment is one partition given to a worker.
type Assignment struct {
	Partition  int
	Partitions int   // of the topic
	Generation int64 // grows with every assignment of the group; an older one is a zombie
}

// Worker turns the messages of one partition into others. A stateless one may be
// shared by all partitions; a stateful one keeps the state of its partition.
type Worker interface {
	// Handle returns what in caused. The bus makes out durable, then commits in:
	// bus/embedded in one write, bus/kafka in that order. An error commits nothing
	// and ends Consume. Handle must not keep in. in is empty on a tick, which comes
	// once a second while nothing arrives; outputs of a tick are made durable too.
	Handle(ctx context.Context, in []Message) (out []Message, err error)

	// Close is called when the partition is taken away; another process may
	// already have it. There is nothing left to flush: what counts was in out.
	Close() error
}

// OpenWorker is called when a partition is assigned and returns before its first
// Handle. A stateful worker reads its changelog with Bus.Table here.
type OpenWorker func(ctx context.Context, a Assignment) (Worker, error)

// Lag is the state of a group in one partition.
type Lag struct {
	Partition      int
	Committed, End int64     // offsets
	Messages       int64     // not committed yet; 0 means done
	Oldest         time.Time // of the oldest message not committed; zero: none, or not known
}

// ErrFull is returned by Produce while the bus has no room: wait and repeat.
var ErrFull = errors.New("bus is full")

// ErrRefused is wrapped by errors of Produce that no retry will help: a message
// too large, a topic without permission.
var ErrRefused = errors.New("refused for good")

// WorkerFunc is a Worker without state.
type WorkerFunc func(ctx context.Context, in []Message) (out []Message, err error)

// Handle calls f.
func (f WorkerFunc) Handle(ctx context.Context, in []Message) ([]Message, error) { return f(ctx, in) }

// Close does nothing.
func (f WorkerFunc) Close() error { return nil }

// Stateless opens the same function for every partition.
func Stateless(f WorkerFunc) OpenWorker {
	return func(context.Context, Assignment) (Worker, error) { return f, nil }
}
