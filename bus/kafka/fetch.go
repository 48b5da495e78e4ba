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

// leastFetch is what is asked for of the most compressed log, and where nobody knows yet how
// compressed one is.
const leastFetch = 64 << 10

// cursor reads one partition on from an offset. Messages are compressed on the way, and may be thirty
// times as long in memory as in the answer, where many are alike: so it is learned how much to ask for.
type cursor struct {
	topic string
	part  int
	at    int64
	ask   int64 // bytes of the next answer
}

// fetch returns the messages at the cursor and moves it behind them; none if nothing came in time.
// A broker sends whole batches, from the start of the one that the cursor lies in, and cuts the last one
// off where the request's bytes end. So where compaction took the end of the one that the cursor lies in,
// more is asked for until the next one is in the answer.
func (b *Bus) fetch(ctx context.Context, c *cursor) ([]bus.Message, error) {
	for most := max(c.ask, leastFetch); ; most *= 2 {
		msgs, end, err := b.fetchSome(ctx, c.topic, c.part, c.at, most)
		switch {
		case err != nil || len(msgs) == 0 && end <= c.at:
			return nil, err
		case len(msgs) > 0:
			if c.at = msgs[len(msgs)-1].Offset + 1; c.at < end {
				c.ask = b.appetite(most, msgs)
			}
			return msgs, nil
		case most > 2*maxMessageBytes:
			return nil, fmt.Errorf("nothing at offset %d of %d", c.at, end)
		}
	}
}

// appetite is how much to ask for where an answer of most bytes held msgs, for the next to hold FetchBytes.
func (b *Bus) appetite(most int64, msgs []bus.Message) int64 {
	size := int64(1)
	for i := range msgs {
		size += int64(msgs[i].Size())
	}
	return max(min(most*b.opt.FetchBytes/size, 2*most, b.opt.FetchBytes), leastFetch)
}

// fetchSome is one request; end is the offset behind the last message that may be read.
func (b *Bus) fetchSome(ctx context.Context, topic string, part int, offset, most int64) (msgs []bus.Message, end int64, err error) {
	res, err := b.client.Fetch(ctx, &kafka.FetchRequest{
		Topic: b.opt.Prefix + topic, Partition: part, Offset: offset,
		MinBytes: 1, MaxBytes: most, MaxWait: fetchWait,
	})
	if err != nil {
		return nil, 0, err
	}
	if res.Error != nil {
		return nil, 0, res.Error
	}
	for {
		r, err := res.Records.ReadRecord()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return msgs, res.HighWatermark, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if r.Offset < offset {
			continue
		}
		m, err := message(r)
		if err != nil {
			return nil, 0, err
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
	for c := (cursor{topic: topic, part: part, at: first}); c.at < end; {
		msgs, err := b.fetch(ctx, &c)
		if errors.Is(err, kafka.OffsetOutOfRange) { // retention was faster
			if first, _, err = b.bounds(ctx, topic, part); err != nil {
				return err
			}
			if c.at < first {
				c.at = first
				continue
			}
			err = kafka.OffsetOutOfRange
		}
		if len(msgs) == 0 {
			if err == nil {
				err = fmt.Errorf("nothing at offset %d of %d", c.at, end)
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
