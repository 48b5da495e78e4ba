package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"sluice/bus"
)

// place is a commit: the oldest message behind it changes only by retention.
type place struct {
	topic     string
	partition int
	offset    int64
}

// Lag asks the cluster. A group that never committed has everything before it.
func (b *Bus) Lag(ctx context.Context, g bus.Group) ([]bus.Lag, error) {
	lags, err := b.committed(ctx, g)
	if err != nil {
		return nil, fmt.Errorf("lag of %s: %w", g.Name, err)
	}
	for p := range lags {
		l := &lags[p]
		l.Messages = max(l.End-l.Committed, 0)
		if l.Messages == 0 {
			continue
		}
		if l.Oldest, err = b.oldestAt(ctx, place{g.Topic, p, l.Committed}); err != nil {
			return nil, fmt.Errorf("lag of %s: %w", g.Name, err)
		}
	}
	return lags, nil
}

func (b *Bus) committed(ctx context.Context, g bus.Group) ([]bus.Lag, error) {
	ends, err := b.offsets(ctx, g.Topic, kafka.LastOffsetOf)
	if err != nil {
		return nil, err
	}
	firsts, err := b.offsets(ctx, g.Topic, kafka.FirstOffsetOf)
	if err != nil {
		return nil, err
	}
	lags := make([]bus.Lag, len(ends))
	parts := make([]int, len(ends))
	for p := range lags { // a group that never committed is not in the answer at all
		parts[p] = p
		lags[p] = bus.Lag{Partition: p, Committed: firsts[p], End: ends[p]}
	}
	at, err := b.commits(ctx, g, parts)
	if err != nil {
		return nil, err
	}
	for _, p := range at {
		lag := &lags[p.Partition]
		lag.Committed = max(p.CommittedOffset, lag.Committed) // -1: never, or trimmed since
	}
	return lags, nil
}

// commits asks for a group's last commits. Partitions without one may be left out.
func (b *Bus) commits(ctx context.Context, g bus.Group, parts []int) ([]kafka.OffsetFetchPartition, error) {
	topic := b.opt.Prefix + g.Topic
	res, err := b.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: b.opt.Prefix + g.Name, Topics: map[string][]int{topic: parts}})
	if err != nil {
		return nil, fmt.Errorf("last commits: %w", err)
	}
	if res.Error != nil && !errors.Is(res.Error, kafka.GroupIdNotFound) {
		return nil, fmt.Errorf("last commits: %w", res.Error)
	}
	for _, p := range res.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("last commits: %w", p.Error)
		}
	}
	return res.Topics[topic], nil
}

// oldestAt is zero if the message is not there after all.
func (b *Bus) oldestAt(ctx context.Context, at place) (time.Time, error) {
	b.mu.Lock()
	known := b.oldest[at]
	b.mu.Unlock()
	if !known.IsZero() {
		return known, nil
	}
	msgs, err := b.fetch(ctx, &cursor{topic: at.topic, part: at.partition, at: at.offset})
	if err != nil || len(msgs) == 0 {
		return time.Time{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for k := range b.oldest {
		if k.topic == at.topic && k.partition == at.partition && k.offset < at.offset {
			delete(b.oldest, k)
		}
	}
	b.oldest[at] = msgs[0].Time
	return msgs[0].Time, nil
}
