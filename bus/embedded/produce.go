package embedded

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/bus"
	"sluice/internal/crash"
	"sluice/internal/metrics"
	"sluice/journal"
)

// frameBytes is about what one append holds: more is written as several. It leaves
// room below journal.ErrTooLarge for one message more.
const frameBytes = 8 << 20

// Produce writes msgs in one append: after a crash either all of them are there, or none. (Above
// 8 MiB they are split into several appends, in order.) After a disk error the bus reopens its
// journal by itself; until that works every Produce fails. A message whose Produce failed is then
// not in the log, so a retry does not duplicate it. After the process was killed it may be; what
// was in the same call (a checkpoint) tells.
func (b *Bus) Produce(ctx context.Context, msgs []bus.Message) error {
	if len(msgs) == 0 {
		return nil
	}
	start := time.Now()
	if err := b.append(ctx, msgs, nil, b.works(ctx)); err != nil {
		return fmt.Errorf("produce: %w", err)
	}
	metrics.BusProduceSeconds.WithLabelValues("embedded").Observe(time.Since(start).Seconds())
	return nil
}

// workingOn is the key by which the context of a Handle says whose worker it is.
type workingOn struct{}

// working marks the context of a Handle: what its worker notes before it is done with its input goes
// beyond the bound as its output does. On a full bus nothing would make room again otherwise.
func (b *Bus) working(ctx context.Context) context.Context {
	return context.WithValue(ctx, workingOn{}, b)
}

func (b *Bus) works(ctx context.Context) bool { return ctx.Value(workingOn{}) == b }

// append makes out and done durable, together unless they are too large. reserved may go beyond
// MaxBytes.
func (b *Bus) append(ctx context.Context, out []bus.Message, done *commit, reserved bool) error {
	if err := b.checkSizes(out); err != nil {
		return err
	}
	size := sizeOf(out)
	if size <= frameBytes {
		return b.appendFrame(ctx, out, size, done, reserved)
	}
	out = b.tablesLast(out)
	for len(out) > 0 {
		n, sum := 1, sizeOf(out[:1])
		for n < len(out) && sum+sizeOf(out[n:n+1]) <= frameBytes {
			sum += sizeOf(out[n : n+1])
			n++
		}
		var last *commit
		if n == len(out) {
			last = done
		}
		if err := b.appendFrame(ctx, out[:n], sum, last, reserved); err != nil {
			return err
		}
		out = out[n:]
	}
	return nil
}

// sizeOf is about what messages take in a frame.
func sizeOf(msgs []bus.Message) (n int) {
	for i := range msgs {
		n += msgs[i].Size() + len(msgs[i].Topic) + 32 + 16*len(msgs[i].Headers)
	}
	return n
}

// tablesLast is what the contract of Produce says where one append does not do.
func (b *Bus) tablesLast(msgs []bus.Message) []bus.Message {
	out := make([]bus.Message, 0, len(msgs))
	for _, compacted := range []bool{false, true} {
		for _, m := range msgs {
			if b.topics[m.Topic].Compacted == compacted {
				out = append(out, m)
			}
		}
	}
	return out
}

func (b *Bus) checkSizes(out []bus.Message) error {
	for i := range out {
		m := &out[i]
		t, ok := b.topics[m.Topic]
		switch {
		case !ok:
			return fmt.Errorf("no topic %q in the table of topics: %w", m.Topic, bus.ErrRefused)
		case m.Size() > bus.MaxMessage:
			return fmt.Errorf("message of %d bytes for %s, at most %d: %w", m.Size(), m.Topic, bus.MaxMessage, bus.ErrRefused)
		case m.Pinned && (m.Partition < 0 || m.Partition >= t.Partitions):
			return fmt.Errorf("message pinned to %s/%d of %d partitions: %w", m.Topic, m.Partition, t.Partitions, bus.ErrRefused)
		}
	}
	return nil
}

// appendFrame appends what counts together; size is about its bytes.
func (b *Bus) appendFrame(ctx context.Context, out []bus.Message, size int, done *commit, reserved bool) error {
	if !reserved {
		if err := b.leavesRoom(out); err != nil {
			return err
		}
	}
	room := rooms.Get().(*layout)
	parts := room.lay(b.topics, out, size, b.turn.Add(1))
	last := &parts[len(parts)-1]
	if done != nil {
		last.Records = append(last.Records, putCommit(nil, *done))
	}
	if len(last.Records) == 0 {
		parts = parts[:len(parts)-1]
	}
	for i := range parts {
		parts[i].Reserved = reserved
	}
	b.carrying.RLock()
	defer b.carrying.RUnlock()
	if done != nil {
		crash.Point("bus.before_commit")
	}
	if err := b.write(ctx, parts...); err != nil {
		return err
	}
	rooms.Put(room) // durable: the journal has its own copy, and nobody looks at ours
	if done != nil {
		crash.Point("bus.after_commit")
	}
	return nil
}

// leavesRoom says whether there will be room for what becomes of the messages that the groups
// of out's topics have not taken in yet.
func (b *Bus) leavesRoom(out []bus.Message) error {
	l := b.limits.Load()
	if b.opt.Grows == 0 || l.maxBytes == 0 {
		return nil
	}
	var topics []bus.Topic
	for i := range out {
		if i == 0 || out[i].Topic != out[i-1].Topic { // those of one topic stand together
			topics = append(topics, b.topics[out[i].Topic])
		}
	}
	first := b.state.needed(slices.Values(topics), b.log.Stats().Next)
	if n, most := b.log.Plain(first), l.maxBytes/int64(1+b.opt.Grows); n > most {
		return fmt.Errorf("%w: %d bytes are not processed yet, and what becomes of more than %d may not fit", bus.ErrFull, n, most)
	}
	return nil
}

// write appends, after another try at a journal that has failed.
func (b *Bus) write(ctx context.Context, parts ...journal.Batch) error {
	if err := b.heal(); err != nil {
		return err
	}
	_, err := b.log.Append(ctx, parts...)
	switch {
	case errors.Is(err, journal.ErrFull):
		return fmt.Errorf("%w: %w", bus.ErrFull, err)
	case errors.Is(err, journal.ErrTooLarge):
		return fmt.Errorf("%w: %w", bus.ErrRefused, err)
	case errors.Is(err, journal.ErrFailed):
		metrics.BusFailures.With(nil).Inc()
		b.opt.Trouble(err)
	}
	return err
}

const (
	firstWait = 200 * time.Millisecond // a stuck disk controller needs seconds; a test needs none
	mostWait  = 10 * time.Second
)

// heal reopens a failed journal, at most once per wait. It is called before each
// append, so no goroutine of ours is needed: who wants to write asks.
func (b *Bus) heal() error {
	err := b.log.Err()
	if !errors.Is(err, journal.ErrFailed) {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Now().Before(b.retry) {
		return err
	}
	if err := b.log.Reopen(); err != nil {
		b.wait = min(max(2*b.wait, firstWait), mostWait)
		b.retry = time.Now().Add(b.wait)
		b.opt.Trouble(err)
		return err
	}
	b.wait = 0
	return nil
}
