package ingest

import (
	"context"
	"math"
	"sync"
	"time"

	"sluice/event"
)

// The bounds of a Batcher.
const (
	// An append to the journal costs an fsync that its events share: 159 CPU s per
	// million events one at a time, 3.5 in batches of 500.
	batchEvents = 100
	// BatchWait is how long a batch waits for more, where nobody waits for its answer.
	BatchWait = 50 * time.Millisecond
	// While one batch is being made durable the next fills up to this; then readers
	// wait, TCP senders with them.
	maxEvents = 2000
	maxBytes  = 2 << 20
)

// Batcher gathers the raws of all readers of one input and emits them from one
// goroutine, so that the raws of one origin keep their order.
type Batcher struct {
	emit  Emit
	wait  time.Duration
	drop  func(origin, reason string, n int)
	taken func(batch uint64)

	mu   sync.Mutex
	room sync.Cond // cur has room again, or the batcher is dead
	cur  *batch    // being filled
	next *batch    // empty; nil while it is in flight
	dead bool

	some chan struct{} // cur is no longer empty
	full chan struct{} // cur is worth an append
}

type batch struct {
	number uint64
	raws   []event.Raw
	bytes  int
	arena  []byte // where the raws' bytes lie; a new one is begun when it is full
}

// NewBatcher returns a batcher in front of emit; a batch waits for more raws for as long as wait. drop
// is told of each raw that was added and did not become durable. taken, which may be nil, is told of
// each batch that did, in their order.
func NewBatcher(emit Emit, wait time.Duration, drop func(origin, reason string, n int), taken func(batch uint64)) *Batcher {
	if taken == nil {
		taken = func(uint64) {}
	}
	b := &Batcher{
		emit: emit, wait: wait, drop: drop, taken: taken, cur: &batch{number: 1}, next: &batch{},
		some: make(chan struct{}, 1), full: make(chan struct{}, 1),
	}
	b.room.L = &b.mu
	return b
}

// never is the number of a batch that does not become durable.
const never = math.MaxUint64

// Add takes a raw over, copies its bytes, and returns the number of the batch that it is in, from 1 on. It
// waits while there is no room. What is added after an error of emit is in a batch that never becomes durable.
func (b *Batcher) Add(raw event.Raw) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	for !b.dead && (len(b.cur.raws) >= maxEvents || b.cur.bytes >= maxBytes) {
		b.room.Wait()
	}
	if b.dead {
		b.drop(raw.Origin, NotDurable, 1)
		return never
	}
	b.cur.add(raw)
	switch len(b.cur.raws) {
	case 1:
		signal(b.some)
	case batchEvents:
		signal(b.full)
	}
	if b.cur.bytes >= maxBytes {
		signal(b.full)
	}
	return b.cur.number
}

func (t *batch) add(raw event.Raw) {
	n := len(raw.Bytes)
	if cap(t.arena)-len(t.arena) < n {
		t.arena = make([]byte, 0, max(n, min(max(2*cap(t.arena), 64<<10), maxBytes)))
	}
	at := len(t.arena)
	t.arena = append(t.arena, raw.Bytes...)
	raw.Bytes = t.arena[at:len(t.arena):len(t.arena)]
	t.raws = append(t.raws, raw)
	t.bytes += n
}

func (t *batch) reset() {
	clear(t.raws)
	t.raws, t.arena, t.bytes = t.raws[:0], t.arena[:0], 0
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run emits until done is closed, then what is left, and returns the first error of
// emit. After an error what was taken and is not durable is counted as dropped.
func (b *Batcher) Run(ctx context.Context, done <-chan struct{}) error {
	wait := time.NewTimer(b.wait)
	defer wait.Stop()
	for {
		select {
		case <-b.some:
		case <-done:
			return b.flush(ctx)
		}
		wait.Reset(b.wait)
		select {
		case <-b.full:
		case <-wait.C:
		case <-done:
		}
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
}

func (b *Batcher) flush(ctx context.Context) error {
	b.mu.Lock()
	t := b.cur
	if len(t.raws) == 0 {
		b.mu.Unlock()
		return nil
	}
	b.cur, b.next = b.next, nil
	b.cur.number = t.number + 1
	b.room.Broadcast()
	b.mu.Unlock()

	err := b.emit(ctx, t.raws, nil)
	if err == nil {
		b.taken(t.number)
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.dead = true
		b.room.Broadcast()
		for _, lost := range [][]event.Raw{t.raws, b.cur.raws} {
			for i := range lost {
				b.drop(lost[i].Origin, NotDurable, 1)
			}
		}
		b.cur.reset()
		return err
	}
	t.reset()
	b.next = t
	return nil
}
