package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"

	"sluice/bus"
)

// fetchWait is how long a broker may hold a fetch back until something is there.
const fetchWait = 250 * time.Millisecond

// fetch returns the messages at offset, none if nothing came in time.
func (b *Bus) fetch(ctx context.Context, topic string, part int, offset int64) (msgs []bus.Message, err error) {
	res, err := b.client.Fetch(ctx, &kafka.FetchRequest{
		Topic: b.opt.Prefix + topic, Partition: part, Offset: offset,
		MinBytes: 1, MaxBytes: b.opt.FetchBytes, MaxWait: fetchWait,
	})
	if err != nil {
		return nil, err
	}
	if res.Error != nil {
		return nil, res.Error
	}
	for {
		r, err := res.Records.ReadRecord()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && len(msgs) > 0 {
			return msgs, nil // brokers cut the last batch short at MaxBytes
		}
		if err != nil {
			return nil, err
		}
		if r.Offset < offset {
			continue // brokers send whole batches, from their start
		}
		m, err := message(r)
		if err != nil {
			return nil, err
		}
		m.Topic, m.Partition = topic, part
		msgs = append(msgs, m)
	}
}

func message(r *kafka.Record) (m bus.Message, err error) {
	m = bus.Message{Offset: r.Offset, Time: r.Time}
	if m.Key, err = kafka.ReadAll(r.Key); err != nil {
		return m, err
	}
	if m.Value, err = kafka.ReadAll(r.Value); err != nil {
		return m, err
	}
	if len(r.Headers) > 0 {
		m.Headers = make([]bus.Header, len(r.Headers))
		for i, h := range r.Headers {
			m.Headers[i] = bus.Header{Key: h.Key, Value: h.Value}
		}
	}
	return m, nil
}

// tablePatience is how long Table looks for the messages before an end that the
// broker named, before it gives up: a table that is not whole is none.
const tablePatience = 30 * time.Second

// Table reads a partition from its first offset to the end it had at the call. What
// passes is waited out.
func (b *Bus) Table(ctx context.Context, topic string, part int, fn func(bus.Message) error) error {
	if err := b.read(ctx, topic, part, func(m bus.Message, _ int64) error { return fn(m) }); err != nil {
		return fmt.Errorf("table %s/%d: %w", topic, part, err)
	}
	return nil
}

// Read implements bus.Bus.
func (b *Bus) Read(ctx context.Context, topic string, part int, fn func(m bus.Message, end int64) error) error {
	if err := b.read(ctx, topic, part, fn); err != nil {
		return fmt.Errorf("read %s/%d: %w", topic, part, err)
	}
	return nil
}

func (b *Bus) read(ctx context.Context, topic string, part int, fn func(m bus.Message, end int64) error) error {
	first, end, err := b.bounds(ctx, topic, part)
	if err != nil {
		return err
	}
	seen := time.Now()
	for at := first; at < end; {
		msgs, err := b.fetch(ctx, topic, part, at)
		if errors.Is(err, kafka.OffsetOutOfRange) { // retention was faster
			if first, _, err = b.bounds(ctx, topic, part); err != nil {
				return err
			}
			if at < first {
				at = first
				continue
			}
			err = kafka.OffsetOutOfRange
		}
		if len(msgs) == 0 {
			if err == nil {
				err = fmt.Errorf("nothing at offset %d of %d", at, end)
			}
			if time.Since(seen) > tablePatience || !b.pause(ctx, firstWait, err) {
				return errors.Join(ctx.Err(), err)
			}
			continue
		}
		seen = time.Now()
		for _, m := range msgs {
			if m.Offset >= end {
				return nil
			}
			if err := fn(m, end); err != nil {
				return err
			}
			at = m.Offset + 1
		}
	}
	return nil
}

// bounds are the first offset of a partition and that behind its last message.
func (b *Bus) bounds(ctx context.Context, topic string, part int) (first, end int64, err error) {
	if part < 0 || part >= b.topics[topic].Partitions {
		return 0, 0, errors.New("no such partition in the table of topics")
	}
	for wait := firstWait; ; wait = min(2*wait, mostWait) {
		ends, err := b.offsets(ctx, topic, kafka.LastOffsetOf)
		if err == nil {
			var firsts []int64
			if firsts, err = b.offsets(ctx, topic, kafka.FirstOffsetOf); err == nil {
				return firsts[part], ends[part], nil
			}
		}
		if !b.pause(ctx, wait, err) {
			return 0, 0, errors.Join(ctx.Err(), err)
		}
	}
}
