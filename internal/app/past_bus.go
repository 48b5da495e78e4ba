package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"sluice/bus"
	"sluice/pipeline"
)

// busPast are the events that the bus still holds, on sluice.events, in the order in which
// they were received, each at the window time and in the lane that it had when it came.
// Doubles are passed over, as the indexer does.
func busPast(b bus.Bus, st Stretch, measure Measure) Past {
	return func(ctx context.Context, set *pipeline.Set, noRules bool, fn func(*Happened) error) error {
		if st.Query != "" || st.Filter != nil {
			return errors.New("a query is about the index; events of the bus are chosen by time and namespace")
		}
		h := Happened{worker: set.NewWorker()}
		if measure != nil {
			measure(h.worker)
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		var parts []*busPart
		for p := range b.Partitions(bus.TopicEvents) {
			part := openBusPart(ctx, b, p)
			defer part.close()
			part.next()
			parts = append(parts, part)
		}
		for {
			from := earliest(parts)
			if from == nil {
				break
			}
			if from.seen.New(from.at) {
				if err := st.stored(&h, from, set, noRules, fn); err != nil {
					return err
				}
			}
			from.next()
			h.Done, h.Total = 0, 0
			for _, p := range parts {
				h.Done, h.Total = h.Done+p.done, h.Total+p.total
			}
		}
		var errs []error
		for _, p := range parts {
			errs = append(errs, p.err)
		}
		return errors.Join(errs...)
	}
}

// stored gives fn the event of a message, where it belongs to the stretch.
func (st *Stretch) stored(h *Happened, from *busPart, set *pipeline.Set, noRules bool, fn func(*Happened) error) (err error) {
	m := &from.head
	if st.Namespace != "" && string(m.Get(bus.HeaderNamespace)) != st.Namespace {
		return nil
	}
	h.ID = string(m.Get(bus.HeaderID))
	if h.Result, err = h.worker.Stored(h.ID, m.Value); err != nil {
		return fmt.Errorf("message %d of %s/%d: %w", m.Offset, m.Topic, m.Partition, err)
	}
	if !st.Since.IsZero() && h.Stamp.Before(st.Since) || !st.Until.IsZero() && !h.Stamp.Before(st.Until) {
		return nil
	}
	if !noRules {
		h.worker.MatchStored(&h.Result)
	}
	h.Settled = h.At.Received.Add(-set.Lateness)
	return fn(h)
}

// busPart is one partition of sluice.events on its way.
type busPart struct {
	head  bus.Message
	at    bus.Position // of head
	has   bool         // a head
	seen  bus.Seen
	err   error
	first int64
	done  int64 // of total, for progress
	total int64
	pull  func() (bus.Message, int64, bool)
	close func()
}

func openBusPart(ctx context.Context, b bus.Bus, part int) *busPart {
	p := &busPart{seen: bus.Seen{}, first: -1}
	p.pull, p.close = iter.Pull2(func(yield func(bus.Message, int64) bool) {
		err := b.Read(ctx, bus.TopicEvents, part, func(m bus.Message, end int64) error {
			if !yield(m, end) {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			p.err = err
		}
	})
	return p
}

// next reads the next message that has a position: another has no place in any order.
func (p *busPart) next() {
	for {
		m, end, ok := p.pull()
		p.head, p.has = m, ok
		if !ok {
			p.done = p.total
			return
		}
		if p.first < 0 {
			p.first = m.Offset
		}
		p.done, p.total = m.Offset-p.first, end-p.first
		var err error
		if p.at, err = bus.ParsePosition(string(m.Get(bus.HeaderPosition))); err == nil {
			return
		}
	}
}

// earliest is the partition whose head was received first; nil: all are at their ends.
func earliest(parts []*busPart) (first *busPart) {
	var at time.Time
	for _, p := range parts {
		if p.has && (first == nil || p.head.Time.Before(at)) {
			first, at = p, p.head.Time
		}
	}
	return first
}
