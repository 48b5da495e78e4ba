package relay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/bus/relay"
	"sluice/internal/disk/disktest"
)

// away is a bus that cannot be reached at first.
type away struct {
	bus.Bus
	mu   sync.Mutex
	down bool
	got  []string
}

func (a *away) Produce(_ context.Context, msgs []bus.Message) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.down {
		return errors.New("connection refused")
	}
	for _, m := range msgs {
		a.got = append(a.got, string(m.Value))
	}
	return nil
}

func TestSpoolOutlastsTheOtherBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topics := []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"spool"}}}
		disk := disktest.New()
		spool, err := embedded.Open(disk, topics, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		to := &away{down: true}
		run := func(spool bus.Bus) (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() {
				relay.Relay{From: spool, To: to, Name: spool.(*embedded.Bus).Name(), Group: "spool", Topics: []string{"raw"}}.Run(ctx)
			})
			return func() { cancel(); wg.Wait() }
		}
		stop := run(spool)
		for i := range 100 {
			if err := spool.Produce(t.Context(), []bus.Message{{Topic: "raw", Key: []byte("k"), Value: fmt.Append(nil, i)}}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		stop()
		disk.Crash() // power cut while the other bus is away
		if spool, err = embedded.Open(disk, topics, embedded.Options{}); err != nil {
			t.Fatal(err)
		}
		stop = run(spool)
		time.Sleep(time.Minute)
		to.mu.Lock()
		to.down = false
		to.mu.Unlock()
		time.Sleep(time.Minute)
		stop()
		for i := range 100 {
			if i >= len(to.got) || to.got[i] != fmt.Sprint(i) {
				t.Fatalf("message %d missing or out of order: %v", i, to.got)
			}
		}
		if len(to.got) != 100 {
			t.Errorf("%d messages, want 100", len(to.got))
		}
	})
}
