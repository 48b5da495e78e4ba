package bustest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sluice/bus"
)

// Hop measures produce + consume of b.N events of 500 bytes, in batches of 500, with
// the bus's own durability; it reports the CPU of this process for a million.
func Hop(b *testing.B, under bus.Bus) {
	batch := make([]bus.Message, 500)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range batch {
		batch[i] = bus.Message{Topic: "in", Key: fmt.Appendf(nil, "key-%d", i%40), Time: time.UnixMilli(1_700_000_000_000)}
		batch[i].Value = fmt.Appendf(nil, "<134>Mar  1 10:00:00 fw%d kernel: IN=eth0 SRC=10.0.%d.%d DST=192.0.2.%d ID=%x ", i%7, i%5, i, i%250, rng.Uint64())
		for len(batch[i].Value) < 500 {
			batch[i].Value = fmt.Appendf(batch[i].Value, "LEN=%d TTL=64 ", rng.IntN(1500))
		}
		batch[i].Value = batch[i].Value[:500]
	}
	ctx, stop := context.WithCancel(context.Background())
	var seen atomic.Int64
	done := make(chan error, 1)
	all := make(chan struct{})
	n := int64((b.N + 499) / 500 * 500)
	go func() {
		done <- under.Consume(ctx, bus.Group{Name: "a", Topic: "in"}, bus.Stateless(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			if len(in) > 0 && seen.Add(int64(len(in))) == n {
				close(all)
			}
			return nil, nil
		}))
	}()
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu()
	for sent := int64(0); sent < n; sent += 500 {
		if err := under.Produce(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	<-all
	b.StopTimer()
	b.ReportMetric((cpu()-before).Seconds()*1e6/float64(n), "CPU-s/1M")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	stop()
	<-done
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
