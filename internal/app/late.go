package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"sluice/bus"
)

// errLate says that Kafka has not answered since the start.
var errLate = errors.New("kafka has not answered yet; what inputs take waits in the local journal")

// lateBus is a Kafka that may be away when a collector starts: it is opened in the
// background, and whoever needs it waits. So inputs listen at once, and what they take
// is durable in the local journal.
type lateBus struct {
	partitions int // until the cluster says how many there are
	stop       context.CancelFunc
	done       chan struct{} // the opening has ended
	ready      chan struct{} // bus is there

	mu  sync.Mutex
	bus bus.Bus
}

// openLate opens until it works; failed is told of each failure.
func openLate(partitions int, open func(context.Context) (bus.Bus, error), failed func(error)) *lateBus {
	ctx, stop := context.WithCancel(context.Background())
	l := &lateBus{partitions: partitions, stop: stop, done: make(chan struct{}), ready: make(chan struct{})}
	go func() {
		defer close(l.done)
		for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
			b, err := open(ctx)
			if err == nil {
				l.mu.Lock()
				l.bus = b
				l.mu.Unlock()
				close(l.ready)
				return
			}
			if ctx.Err() != nil {
				return
			}
			failed(err)
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		}
	}()
	return l
}

func (l *lateBus) wait(ctx context.Context) (bus.Bus, error) {
	select {
	case <-l.ready:
		return l.bus, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Produce implements bus.Bus.
func (l *lateBus) Produce(ctx context.Context, msgs []bus.Message) error {
	b, err := l.wait(ctx)
	if err != nil {
		return err
	}
	return b.Produce(ctx, msgs)
}

// Consume implements bus.Bus.
func (l *lateBus) Consume(ctx context.Context, g bus.Group, open bus.OpenWorker) error {
	b, err := l.wait(ctx)
	if err != nil {
		return err
	}
	return b.Consume(ctx, g, open)
}

// Table implements bus.Bus.
func (l *lateBus) Table(ctx context.Context, topic string, partition int, fn func(bus.Message) error) error {
	b, err := l.wait(ctx)
	if err != nil {
		return err
	}
	return b.Table(ctx, topic, partition, fn)
}

// Read implements bus.Bus.
func (l *lateBus) Read(ctx context.Context, topic string, partition int, fn func(m bus.Message, end int64) error) error {
	b, err := l.wait(ctx)
	if err != nil {
		return err
	}
	return b.Read(ctx, topic, partition, fn)
}

// Lag implements bus.Bus. It does not wait: it is asked for health and gauges.
func (l *lateBus) Lag(ctx context.Context, g bus.Group) ([]bus.Lag, error) {
	select {
	case <-l.ready:
		return l.bus.Lag(ctx, g)
	default:
		return nil, errLate
	}
}

// opened says whether Kafka has come.
func (l *lateBus) opened() bool {
	select {
	case <-l.ready:
		return true
	default:
		return false
	}
}

// Partitions implements bus.Bus.
func (l *lateBus) Partitions(topic string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bus == nil {
		return l.partitions
	}
	return l.bus.Partitions(topic)
}

// Close ends the opening, or closes what was opened.
func (l *lateBus) Close() error {
	l.stop()
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bus == nil {
		return nil
	}
	return l.bus.Close()
}
