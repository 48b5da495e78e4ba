package bustest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sluice/bus"
)

// ticks: once a second while nothing arrives, and what a tick puts out is durable.
func ticks(t *testing.T, open func() bus.Bus) {
	b := open()
	defer b.Close()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var mu sync.Mutex
	at := map[int][]time.Time{}
	worker := func(_ context.Context, a bus.Assignment) (bus.Worker, error) {
		return bus.WorkerFunc(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			mu.Lock()
			defer mu.Unlock()
			if len(in) > 0 {
				t.Errorf("%d messages on a topic without any", len(in))
			}
			at[a.Partition] = append(at[a.Partition], time.Now())
			if len(at[0]) >= 3 && len(at[1]) >= 3 && len(at[2]) >= 3 {
				stop()
			}
			return []bus.Message{{Topic: "out", Value: fmt.Appendf(nil, "tick of %d", a.Partition)}}, nil
		}), nil
	}
	if err := b.Consume(ctx, bus.Group{Name: "a", Topic: "in"}, worker); !errors.Is(err, context.Canceled) {
		t.Fatalf("consume = %v", err)
	}
	for p, times := range at {
		for i := 1; i < len(times); i++ {
			if d := times[i].Sub(times[i-1]); d < 900*time.Millisecond || d > 4*time.Second {
				t.Errorf("partition %d: %v between two ticks", p, d)
			}
		}
	}
	if n := lag(t, b, bus.Group{Name: "check", Topic: "out"}); n < 6 {
		t.Errorf("%d outputs of at least 6 ticks", n)
	}
}

func pinned(t *testing.T, open func() bus.Bus) {
	b := open()
	defer b.Close()
	n := b.Partitions("in")
	if n != 3 || b.Partitions("nobody-knows") != 0 {
		t.Fatalf("Partitions = %d and %d, want 3 and 0", n, b.Partitions("nobody-knows"))
	}
	var msgs []bus.Message
	for i := range 30 {
		msgs = append(msgs, bus.Message{Topic: "in", Key: []byte("one key"), Value: fmt.Appendf(nil, "%d %d", i%n, i), Pinned: true, Partition: i % n})
	}
	if err := b.Produce(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	seen := 0
	consume(t, b, bus.Group{Name: "a", Topic: "in"}, func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range in {
			seen++
			if !bytes.HasPrefix(m.Value, fmt.Appendf(nil, "%d ", m.Partition)) {
				t.Errorf("%q came from partition %d", m.Value, m.Partition)
			}
			if m.Pinned {
				t.Error("a consumed message is pinned")
			}
		}
		return nil, nil
	}, func() bool { mu.Lock(); defer mu.Unlock(); return seen == 30 })
	for _, p := range []int{-1, n} {
		err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Pinned: true, Partition: p}})
		if !errors.Is(err, bus.ErrRefused) {
			t.Errorf("pinned to partition %d: %v, want ErrRefused", p, err)
		}
	}
}

// generations: every assignment of a partition has a greater one, also when the bus
// was closed in between and when nothing was consumed.
func generations(t *testing.T, open func() bus.Bus) {
	last := map[int]int64{}
	b := open()
	defer func() { b.Close() }()
	for round := range 4 {
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		var mu sync.Mutex
		seen := map[int]bool{}
		err := b.Consume(ctx, bus.Group{Name: "a", Topic: "in"}, func(_ context.Context, a bus.Assignment) (bus.Worker, error) {
			mu.Lock()
			defer mu.Unlock()
			if a.Generation <= last[a.Partition] {
				t.Errorf("round %d: partition %d has generation %d after %d", round, a.Partition, a.Generation, last[a.Partition])
			}
			if a.Partitions != 3 {
				t.Errorf("assignment %+v, want 3 partitions", a)
			}
			last[a.Partition] = a.Generation
			if seen[a.Partition] = true; len(seen) == 3 {
				stop()
			}
			return bus.WorkerFunc(func(context.Context, []bus.Message) ([]bus.Message, error) { return nil, nil }), nil
		})
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("consume = %v", err)
		}
		if round == 1 {
			b.Close()
			b = open()
		}
	}
}

func refused(t *testing.T, open func() bus.Bus) {
	b := open()
	defer b.Close()
	large := bus.Message{Topic: "in", Value: make([]byte, bus.MaxMessage+1)}
	if err := b.Produce(t.Context(), []bus.Message{large}); !errors.Is(err, bus.ErrRefused) {
		t.Errorf("produce = %v, want ErrRefused", err)
	}
	most := bus.Message{Topic: "in", Key: []byte("k"), Value: make([]byte, bus.MaxMessage-1)}
	fill(most.Value)
	if err := b.Produce(t.Context(), []bus.Message{most}); err != nil {
		t.Errorf("a message of just MaxMessage: %v", err)
	}
}

// fill writes what does not compress.
func fill(b []byte) {
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
}

func oldest(t *testing.T, open func() bus.Bus) {
	b := open()
	defer b.Close()
	g := bus.Group{Name: "a", Topic: "in"}
	first := time.UnixMilli(1_700_000_000_000)
	for i := range 5 {
		m := bus.Message{Topic: "in", Pinned: true, Partition: 1, Value: []byte("x"), Time: first.Add(time.Duration(i) * time.Minute)}
		if err := b.Produce(t.Context(), []bus.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	lag(t, b, g) // waits for a coordinator
	lags, err := b.Lag(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	if !lags[0].Oldest.IsZero() || !lags[1].Oldest.Equal(first) || lags[1].Messages != 5 {
		t.Errorf("lags %+v, want 5 messages since %v in partition 1", lags, first)
	}
	consume(t, b, g, func(context.Context, []bus.Message) ([]bus.Message, error) { return nil, nil }, func() bool { return true })
	if lags, err = b.Lag(t.Context(), g); err != nil || !lags[1].Oldest.IsZero() || lags[1].Messages != 0 {
		t.Errorf("lags %+v, %v after all was committed", lags, err)
	}
}
