package embedded_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/internal/disk"
)

// TestBacklogLeavesRoom has a backlog of raw messages become three times as much while
// nobody reads that: the log keeps to its bound, and takes more once it is read.
func TestBacklogLeavesRoom(t *testing.T) {
	topics := []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"n"}}, {Name: "events", Partitions: 1, Groups: []string{"i"}}}
	const most = 2 << 20
	b, err := embedded.Open(disk.Dir(t.TempDir()), topics, embedded.Options{MaxBytes: most, Grows: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one := []bus.Message{{Topic: "raw", Value: make([]byte, 4000)}}
	rand.NewChaCha8([32]byte{}).Read(one[0].Value)
	sent := int64(0)
	for ; err == nil; sent++ {
		err = b.Produce(t.Context(), one)
	}
	sent--
	if n := b.Stats().Bytes; !errors.Is(err, bus.ErrFull) || n < most/8 || n > most/4+most/8 {
		t.Fatalf("%d bytes after %d: %v", n, sent, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	var made, read, peak atomic.Int64
	wg.Go(func() {
		b.Consume(ctx, bus.Group{Name: "n", Topic: "raw"}, bus.Stateless(func(_ context.Context, in []bus.Message) (out []bus.Message, _ error) {
			for _, m := range in {
				out = append(out, bus.Message{Topic: "events", Value: m.Value}, bus.Message{Topic: "events", Value: m.Value}, bus.Message{Topic: "events", Value: m.Value})
			}
			made.Add(int64(len(out)))
			peak.Store(max(peak.Load(), b.Stats().Bytes))
			return out, nil
		}))
	})
	for made.Load() < 3*sent {
		time.Sleep(time.Millisecond)
	}
	wg.Go(func() {
		b.Consume(ctx, bus.Group{Name: "i", Topic: "events"}, bus.Stateless(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			read.Add(int64(len(in)))
			return nil, nil
		}))
	})
	for more := 3 * sent; sent < more; { // there is room again
		if err := b.Produce(t.Context(), one); err == nil {
			sent++
		} else if !errors.Is(err, bus.ErrFull) {
			t.Fatal(err)
		}
	}
	for read.Load() < 3*sent {
		time.Sleep(time.Millisecond)
	}
	stop()
	wg.Wait()
	if n := peak.Load(); n > most+most/8 {
		t.Errorf("the log had %d bytes, bound to %d", n, most)
	}
}
