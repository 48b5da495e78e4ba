package relay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
		run := func(spool *embedded.Bus) (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() {
				relay.Relay{From: spool, To: to, Group: "spool", Topics: []string{"raw"}}.Run(ctx)
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

// A spool that was put back from a backup gives offsets again. What it passes on twice is told by its
// position, and nothing that is new is taken for what the original had passed on.
func TestSpoolFromBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &kept{}
		run := func(d *disktest.Disk, values ...string) {
			spool, err := embedded.Open(d, []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"spool"}}}, embedded.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer spool.Close()
			for _, v := range values {
				if err := spool.Produce(t.Context(), []bus.Message{{Topic: "raw", Key: []byte("k"), Value: []byte(v)}}); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			relay.Relay{From: spool, To: to, Group: "spool", Topics: []string{"raw"}}.Run(ctx)
		}
		disk := disktest.New()
		spool, err := embedded.Open(disk, []bus.Topic{{Name: "raw", Partitions: 1, Groups: []string{"spool"}}}, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		spool.Produce(t.Context(), []bus.Message{{Topic: "raw", Key: []byte("k"), Value: []byte("not yet passed on")}})
		spool.Close()
		backup := disk.Clone()
		run(disk, "a", "b", "c")
		run(backup, "d")
		run(backup, "e")
		seen, got := bus.Seen{}, []string(nil)
		for _, m := range to.got {
			p, err := bus.ParsePosition(string(m.Get(bus.HeaderPosition)))
			if err != nil {
				t.Fatal(err)
			}
			if seen.New(p) {
				got = append(got, string(m.Value))
			}
		}
		if want := []string{"not yet passed on", "a", "b", "c", "d", "e"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if len(to.got) != 7 {
			t.Errorf("%d messages were passed on, want 7", len(to.got))
		}
	})
}

// kept is a bus that keeps what it is given.
type kept struct {
	bus.Bus
	mu  sync.Mutex
	got []bus.Message
}

func (k *kept) Produce(_ context.Context, msgs []bus.Message) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range msgs {
		m.Value, m.Headers = slices.Clone(m.Value), slices.Clone(m.Headers)
		k.got = append(k.got, m)
	}
	return nil
}
