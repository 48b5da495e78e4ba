package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// TestTrimFails: what cannot be removed is told, and ends nobody's work.
func TestTrimFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []error
		d := &disktest.Keeping{Disk: disktest.New()}
		b, err := embedded.Open(d, chain, embedded.Options{
			Journal: journal.Options{SegmentBytes: 8 << 10},
			Trouble: func(err error) { mu.Lock(); defer mu.Unlock(); told = append(told, err) },
		})
		if err != nil {
			t.Fatal(err)
		}
		d.Keeps = true
		ctx, stop := context.WithCancel(t.Context())
		var p pipe
		p.run(ctx, b)
		var acked []string
		for i := range 2000 {
			v := fmt.Sprint("message ", i)
			if err := b.Produce(t.Context(), []bus.Message{{Topic: "raw", Value: []byte(v)}}); err != nil {
				t.Fatal(err)
			}
			acked = append(acked, v)
			if i%100 == 0 {
				time.Sleep(100 * time.Millisecond) // less than a tick: what is done is noted by its commit
			}
		}
		time.Sleep(time.Minute)
		p.judge(t, acked)
		stop()
		p.wg.Wait()
		for _, err := range p.errs {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if len(told) == 0 || !errors.Is(told[0], syscall.EIO) {
			t.Errorf("told of %v", told)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}
