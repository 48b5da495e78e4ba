package embedded

import (
	"context"
	"errors"
	"fmt"

	"sluice/bus"
)

// Read implements bus.Bus.
func (b *Bus) Read(ctx context.Context, topic string, part int, fn func(m bus.Message, end int64) error) error {
	if t, ok := b.topics[topic]; !ok || part < 0 || part >= t.Partitions {
		return fmt.Errorf("read: no partition %d of a topic %q in the table of topics", part, topic)
	}
	end := b.log.Stats().Next
	r := b.log.Reader(0, labels(topic, part))
	defer r.Close()
	for {
		batch, ok, err := r.TryNext()
		if err = errors.Join(ctx.Err(), err); err != nil || !ok || batch.First >= end {
			return err
		}
		msgs, err := pick(nil, batch, topic, part)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if m.Offset >= int64(end) {
				return nil
			}
			if err := fn(m, int64(end)); err != nil {
				return err
			}
		}
	}
}
