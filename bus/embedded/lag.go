package embedded

import (
	"context"
	"fmt"
	"time"

	"sluice/bus"
	"sluice/journal"
)

// place is a commit: the oldest message behind it never changes.
type place struct {
	group     bus.Group
	partition int
	offset    int64
}

// Lag is answered from memory, except that the log is read once per commit for the time of the
// oldest message after it.
func (b *Bus) Lag(ctx context.Context, g bus.Group) ([]bus.Lag, error) {
	t, ok := b.topics[g.Topic]
	if !ok {
		return nil, fmt.Errorf("lag: no topic %q in the table of topics", g.Topic)
	}
	lags := make([]bus.Lag, t.Partitions)
	for p := range lags {
		pos, end := b.state.at(g, p)
		l := bus.Lag{Partition: p, Committed: pos.Offset, End: end.Offset, Messages: pos.behind(end)}
		if l.Messages > 0 {
			var err error
			if l.Oldest, err = b.oldestFrom(ctx, place{g, p, pos.Offset}); err != nil {
				return nil, fmt.Errorf("lag of %s: %w", g.Name, err)
			}
		}
		lags[p] = l
	}
	return lags, nil
}

func (b *Bus) oldestFrom(ctx context.Context, at place) (time.Time, error) {
	b.mu.Lock()
	known := b.oldest[at]
	b.mu.Unlock()
	if !known.IsZero() {
		return known, nil
	}
	r := b.log.Reader(journal.Seq(at.offset), labels(at.group.Topic, at.partition))
	defer r.Close()
	for ctx.Err() == nil {
		batch, ok, err := r.TryNext()
		if err != nil || !ok {
			return time.Time{}, err
		}
		msgs, err := pick(nil, batch, at.group.Topic, at.partition)
		if err != nil {
			return time.Time{}, err
		}
		if len(msgs) > 0 {
			b.remember(at, msgs[0].Time)
			return msgs[0].Time, nil
		}
	}
	return time.Time{}, ctx.Err()
}

// remember keeps one place per partition of a group.
func (b *Bus) remember(at place, oldest time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k := range b.oldest {
		if k.group == at.group && k.partition == at.partition {
			delete(b.oldest, k)
		}
	}
	b.oldest[at] = oldest
}
