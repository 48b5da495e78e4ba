package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
)

// fakeBus answers what lateBus passes on.
type fakeBus struct {
	bus.Bus
	produced, closed int
}

func (f *fakeBus) Produce(context.Context, []bus.Message) error { f.produced++; return nil }
func (f *fakeBus) Lag(context.Context, bus.Group) ([]bus.Lag, error) {
	return []bus.Lag{{Messages: 7}}, nil
}
func (f *fakeBus) Partitions(string) int { return 12 }
func (f *fakeBus) Close() error          { f.closed++; return nil }

// TestLateBus: users of a Kafka that is away at the start wait, health and gauges do
// not, and everything goes on when it comes.
func TestLateBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, tries, failures := &fakeBus{}, 0, 0
		l := openLate(4, func(context.Context) (bus.Bus, error) {
			if tries++; tries < 3 {
				return nil, errors.New("connection refused")
			}
			return f, nil
		}, func(error) { failures++ })
		if _, err := l.Lag(t.Context(), bus.Group{}); !errors.Is(err, errLate) || l.Partitions("x") != 4 {
			t.Errorf("before: lag %v, %d partitions", err, l.Partitions("x"))
		}
		short, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		if err := l.Produce(short, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("produce while it is away = %v", err)
		}
		if err := l.Produce(t.Context(), nil); err != nil || f.produced != 1 || failures != 2 {
			t.Errorf("produce = %v, %d passed on, %d failures told", err, f.produced, failures)
		}
		if lags, err := l.Lag(t.Context(), bus.Group{}); err != nil || lags[0].Messages != 7 || l.Partitions("x") != 12 {
			t.Errorf("after: %v, %v", lags, err)
		}
		if err := l.Close(); err != nil || f.closed != 1 {
			t.Errorf("close = %v, %d", err, f.closed)
		}
	})
}

// TestLateBusNeverComes: closing ends the opening.
func TestLateBusNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openLate(4, func(ctx context.Context) (bus.Bus, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, func(err error) { t.Errorf("told %v", err) })
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
