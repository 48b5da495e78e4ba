package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/bus"
	"sluice/bus/bustest"
	"sluice/bus/embedded"
	"sluice/internal/disk"
	"sluice/journal"
)

func TestContract(t *testing.T) {
	bustest.Contract(t, func(t *testing.T) func() bus.Bus {
		fs := disk.Dir(t.TempDir())
		return func() bus.Bus {
			b, err := embedded.Open(fs, bustest.Topics, embedded.Options{Journal: journal.Options{SegmentBytes: 4 << 10}})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	})
}

func TestTrimCarriesTables(t *testing.T) {
	fs := disk.Dir(t.TempDir())
	topics := []bus.Topic{
		{Name: "raw", Partitions: 2, Groups: []string{"g"}},
		{Name: "state", Partitions: 1, Compacted: true},
	}
	opt := embedded.Options{Journal: journal.Options{SegmentBytes: 16 << 10}}
	b, err := embedded.Open(fs, topics, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for i := range 2000 {
		msgs := []bus.Message{{Topic: "raw", Value: fmt.Appendf(nil, "%x", rand.Uint64())}}
		if i < 200 || i%50 == 0 {
			m := bus.Message{Topic: "state", Key: fmt.Appendf(nil, "k%d", i%100), Value: fmt.Append(nil, i)}
			want[string(m.Key)] = string(m.Value)
			msgs = append(msgs, m)
		}
		if err := b.Produce(t.Context(), msgs); err != nil {
			t.Fatal(err)
		}
	}
	before := b.Stats()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		b.Consume(ctx, bus.Group{Name: "g", Topic: "raw"}, bus.Stateless(func(context.Context, []bus.Message) ([]bus.Message, error) { return nil, nil }))
	})
	after := b.Stats()
	for end := time.Now().Add(time.Minute); after.Bytes > before.Bytes/3 && time.Now().Before(end); after = b.Stats() {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	wg.Wait()
	if after.Bytes > before.Bytes/3 {
		t.Errorf("%d of %d bytes left after everything was consumed", after.Bytes, before.Bytes)
	}
	b.Close()
	if b, err = embedded.Open(fs, topics, opt); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got := map[string]string{}
	b.Table(t.Context(), "state", 0, func(m bus.Message) error { got[string(m.Key)] = string(m.Value); return nil })
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("table = %v\nwant    %v", got, want)
	}
}

// A bound far below the size of a segment holds no less room: segments follow it, also when
// it came after them.
func TestSmallBound(t *testing.T) {
	topics := []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"n"}}}
	f := func(before, bound int64) {
		t.Helper()
		b, err := embedded.Open(disk.Dir(t.TempDir()), topics, embedded.Options{MaxBytes: before})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		var done atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		wg.Go(func() {
			b.Consume(ctx, bus.Group{Name: "n", Topic: "raw"}, bus.Stateless(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
				done.Add(int64(len(in)))
				return nil, nil
			}))
		})
		one := []bus.Message{{Topic: "raw", Value: make([]byte, 2000)}}
		rand.NewChaCha8([32]byte{}).Read(one[0].Value)
		for sent := int64(0); sent < 300; { // several times the bound, and never anything that waits
			err := b.Produce(t.Context(), one)
			switch {
			case err == nil:
				sent++
			case !errors.Is(err, bus.ErrFull):
				t.Fatal(err)
			}
			for done.Load() < sent {
				time.Sleep(10 * time.Microsecond)
			}
			if sent == 100 {
				b.SetLimits(bound, 0)
			}
		}
		stop()
		wg.Wait()
		if n := b.Stats().Bytes; n > bound {
			t.Errorf("%d bytes are left with a bound of %d", n, bound)
		}
	}
	f(128<<10, 128<<10)
	f(0, 128<<10)
}

// TestFullBusDrainsThroughNotes: a worker that notes what it is about to do, before it can be done with
// what it has, may do so on a full bus: else nothing would ever make room again.
func TestFullBusDrainsThroughNotes(t *testing.T) {
	topics := []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"n"}}, {Name: "told", Partitions: 1, Compacted: true}}
	b, err := embedded.Open(disk.Dir(t.TempDir()), topics, embedded.Options{MaxBytes: 128 << 10, Journal: journal.Options{SegmentBytes: 16 << 10}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one := []bus.Message{{Topic: "raw", Value: make([]byte, 400)}}
	rand.NewChaCha8([32]byte{}).Read(one[0].Value)
	sent := 0
	for ; err == nil; sent++ {
		err = b.Produce(t.Context(), one)
	}
	if sent--; !errors.Is(err, bus.ErrFull) {
		t.Fatalf("after %d: %v", sent, err)
	}
	note := []bus.Message{{Topic: "told", Key: []byte("k"), Value: []byte("v")}}
	if err := b.Produce(t.Context(), note); !errors.Is(err, bus.ErrFull) {
		t.Errorf("outside of a worker: %v, want that the bus is full", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := 0
	err = b.Consume(ctx, bus.Group{Name: "n", Topic: "raw"}, bus.Stateless(func(ctx context.Context, in []bus.Message) ([]bus.Message, error) {
		if err := b.Produce(ctx, note); err != nil {
			return nil, err
		}
		if done += len(in); done == sent {
			stop()
		}
		return nil, nil
	}))
	if done != sent {
		t.Errorf("%d of %d were handled: %v", done, sent, err)
	}
}

// A full log must drain: outputs and commits may use the reserve, and trimming
// gives producers room again.
func TestFullBusDrains(t *testing.T) {
	topics := []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"n"}}, {Name: "events", Partitions: 1, Groups: []string{"i"}}}
	opt := embedded.Options{MaxBytes: 128 << 10, Journal: journal.Options{SegmentBytes: 16 << 10}}
	b, err := embedded.Open(disk.Dir(t.TempDir()), topics, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one := []bus.Message{{Topic: "raw", Value: make([]byte, 400)}}
	rand.NewChaCha8([32]byte{}).Read(one[0].Value)
	sent := 0
	for ; err == nil; sent++ {
		err = b.Produce(t.Context(), one)
	}
	sent--
	if !errors.Is(err, bus.ErrFull) || sent < 100 {
		t.Fatalf("after %d: %v", sent, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var indexed atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		b.Consume(ctx, bus.Group{Name: "n", Topic: "raw"}, bus.Stateless(func(_ context.Context, in []bus.Message) (out []bus.Message, _ error) {
			for _, m := range in {
				out = append(out, bus.Message{Topic: "events", Value: m.Value})
			}
			return out, nil
		}))
	})
	wg.Go(func() {
		b.Consume(ctx, bus.Group{Name: "i", Topic: "events"}, bus.Stateless(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			indexed.Add(int64(len(in)))
			return nil, nil
		}))
	})
	for sent < 1000 {
		if err := b.Produce(t.Context(), one); err == nil {
			sent++
		} else if !errors.Is(err, bus.ErrFull) {
			t.Fatal(err)
		}
	}
	for indexed.Load() < int64(sent) {
		time.Sleep(time.Millisecond)
	}
	stop()
	wg.Wait()
	if n := indexed.Load(); n != int64(sent) {
		t.Errorf("indexed %d of %d", n, sent)
	}
}
