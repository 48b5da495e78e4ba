package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"sluice/bus"
	"sluice/internal/metrics"
)

// lane lets one write at a time into a partition; a channel, so that who waits for
// it can be told to stop.
type lane chan struct{}

// share is what one Produce has for one partition, in order.
type share struct {
	topic     string
	partition int
	table     bool // of a compacted topic: written last
	msgs      []bus.Message
	back      time.Duration // taken off the times of its records
}

// chunkBytes is about what one request carries; a larger message goes alone.
const chunkBytes = 1 << 20

// Produce returns when every message is on all in-sync replicas. A request that
// fails is repeated until ctx ends, before anything later for its partition. Partitions
// are written side by side, so after an error some may have theirs and others not.
func (b *Bus) Produce(ctx context.Context, msgs []bus.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("produce: %w", err)
	}
	shares, err := b.divide(msgs)
	if err != nil {
		return fmt.Errorf("produce: %w", err)
	}
	start := time.Now()
	tables := slices.IndexFunc(shares, func(s *share) bool { return s.table })
	if tables < 0 {
		tables = len(shares)
	}
	if err = b.deliverAll(ctx, shares[:tables]); err == nil {
		for _, s := range shares[tables:] { // one after the other: what is written first claims less
			if err = b.deliver(ctx, s); err != nil {
				break
			}
		}
	}
	if err != nil {
		return fmt.Errorf("produce: %w", err)
	}
	metrics.BusProduceSeconds.WithLabelValues("kafka").Observe(time.Since(start).Seconds())
	return nil
}

// deliverAll writes shares side by side.
func (b *Bus) deliverAll(ctx context.Context, shares []*share) error {
	switch len(shares) {
	case 0:
		return nil
	case 1:
		return b.deliver(ctx, shares[0])
	}
	errs := make([]error, len(shares))
	var wg sync.WaitGroup
	for i, s := range shares {
		wg.Go(func() { errs[i] = b.deliver(ctx, s) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// divide gives the shares of tables last. It refuses a call as a whole when one
// message can never be taken.
func (b *Bus) divide(msgs []bus.Message) ([]*share, error) {
	type place struct {
		topic     string
		partition int
	}
	at := map[place]*share{}
	var shares []*share
	turn := b.turn.Add(1)
	for i := range msgs {
		m := msgs[i]
		t, ok := b.topics[m.Topic]
		switch {
		case !ok:
			return nil, fmt.Errorf("no topic %q in the table of topics: %w", m.Topic, bus.ErrRefused)
		case m.Size() > bus.MaxMessage:
			return nil, fmt.Errorf("message of %d bytes for %s, at most %d: %w", m.Size(), m.Topic, bus.MaxMessage, bus.ErrRefused)
		case m.Pinned && (m.Partition < 0 || m.Partition >= t.Partitions):
			return nil, fmt.Errorf("message pinned to %s/%d of %d partitions: %w", m.Topic, m.Partition, t.Partitions, bus.ErrRefused)
		case m.Pinned:
		case m.Key != nil:
			m.Partition = bus.Partition(m.Key, t.Partitions)
		default:
			m.Partition = int(turn % uint64(t.Partitions))
		}
		p := place{m.Topic, m.Partition}
		if at[p] == nil {
			at[p] = &share{topic: m.Topic, partition: m.Partition, table: t.Compacted}
			shares = append(shares, at[p])
		}
		at[p].msgs = append(at[p].msgs, m)
	}
	slices.SortStableFunc(shares, func(x, y *share) int {
		switch {
		case x.table == y.table:
			return 0
		case y.table:
			return -1
		}
		return 1
	})
	return shares, nil
}

// deliver sends one share, alone in its lane until all of it is taken.
func (b *Bus) deliver(ctx context.Context, s *share) error {
	l := b.lanes[s.topic][s.partition]
	select {
	case l <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l }()
	for rest := s.msgs; len(rest) > 0; {
		n, size := 0, 0
		for n < len(rest) && (n == 0 || size+rest[n].Size() <= chunkBytes) {
			size += rest[n].Size()
			n++
		}
		if err := b.send(ctx, s, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// How far times are moved back where a broker refuses them: by Kafka's default, from 4.0 on, those that are
// an hour ahead of its clock. Ours may be ahead by that, as of a machine that takes local time for UTC, and no
// event is at fault for it. Each try takes off twice as much.
const (
	firstBack = time.Hour
	mostBack  = firstBack << 19 // 60 years
)

// send repeats a chunk until it is taken. One that is refused for good is halved, so that
// what stands before the message at fault gets through, and nothing behind it does.
func (b *Bus) send(ctx context.Context, s *share, msgs []bus.Message) error {
	for wait := firstWait; ; wait = min(2*wait, mostWait) {
		err := b.request(ctx, s, msgs)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, kafka.InvalidTimestamp) && s.back < mostBack:
			s.back = max(2*s.back, firstBack)
			b.opt.Trouble(fmt.Errorf("%s/%d: the brokers refuse messages by their time: is the clock of this host ahead, or theirs behind? They are sent with times %v earlier: %w", s.topic, s.partition, s.back, err))
			continue
		case refusedForGood(err) && len(msgs) > 1:
			half := len(msgs) / 2
			if err := b.send(ctx, s, msgs[:half]); err != nil {
				return err
			}
			return b.send(ctx, s, msgs[half:])
		case refusedForGood(err):
			return fmt.Errorf("%s/%d: %w: %w", s.topic, s.partition, bus.ErrRefused, err)
		}
		metrics.BusRetries.WithLabelValues("produce").Inc()
		if !b.pause(ctx, wait, fmt.Errorf("produce to %s/%d: %w", s.topic, s.partition, err)) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (b *Bus) request(ctx context.Context, s *share, msgs []bus.Message) error {
	records := make([]kafka.Record, len(msgs))
	now := time.Now()
	for i := range msgs {
		records[i] = record(&msgs[i], now, s.back)
	}
	res, err := b.client.Produce(ctx, &kafka.ProduceRequest{
		Topic: b.opt.Prefix + s.topic, Partition: s.partition, RequiredAcks: kafka.RequireAll,
		Compression: kafka.Zstd, Records: kafka.NewRecordReader(records...),
	})
	if err != nil {
		return err
	}
	return res.Error
}

func record(m *bus.Message, now time.Time, back time.Duration) kafka.Record {
	r := kafka.Record{Time: m.Time}
	if r.Time.IsZero() {
		r.Time = now
	}
	r.Time = r.Time.Add(-back)
	if m.Key != nil {
		r.Key = kafka.NewBytes(m.Key)
	}
	if m.Value != nil {
		r.Value = kafka.NewBytes(m.Value)
	}
	if len(m.Headers) > 0 {
		r.Headers = make([]kafka.Header, len(m.Headers))
		for i, h := range m.Headers {
			r.Headers[i] = kafka.Header{Key: h.Key, Value: h.Value}
		}
	}
	return r
}

// refusedForGood tells what no retry helps from what passes. A permission that is missing is no fault of a message:
// who mends it wants what waited.
func refusedForGood(err error) bool {
	var code kafka.Error
	if !errors.As(err, &code) {
		return false
	}
	switch code {
	case kafka.MessageSizeTooLarge, kafka.RecordListTooLarge, kafka.InvalidTopic, kafka.InvalidTimestamp, kafka.InvalidRecord,
		kafka.UnsupportedForMessageFormat, kafka.PolicyViolation:
		return true
	}
	return false
}
