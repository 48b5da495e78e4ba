package relay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/bus/relay"
	"sluice/internal/disk/disktest"
)

// picky refuses some messages for good, and with them the whole call, and now and
// then loses its answer.
type picky struct {
	bus.Bus
	mu    sync.Mutex
	calls int
	got   []bus.Message
}

func (p *picky) Produce(_ context.Context, msgs []bus.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	for _, m := range msgs {
		if len(m.Value) > 3 {
			return fmt.Errorf("message too large: %w", bus.ErrRefused)
		}
		p.got = append(p.got, m)
	}
	if p.calls%5 == 0 {
		return errors.New("connection reset")
	}
	return nil
}

// What the other bus refuses goes to the local dead letters and blocks nobody; all
// else comes in order, once to a reader that goes by position.
func TestRefusedForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topics := []bus.Topic{
			{Name: "raw", Partitions: 1, Groups: []string{"spool"}},
			{Name: bus.TopicDLQ, Partitions: 1, Groups: []string{"spool"}},
		}
		local, err := embedded.Open(disktest.New(), topics, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer local.Close()
		to := &picky{}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var resets, refusals atomic.Int64
		told := func(err error) {
			if errors.Is(err, bus.ErrRefused) {
				refusals.Add(1)
			} else {
				resets.Add(1)
			}
		}
		wg.Go(func() {
			relay.Relay{Trouble: told, From: local, To: to, Group: "spool", Topics: []string{"raw", bus.TopicDLQ}}.Run(ctx)
		})
		refused := 0
		for i := range 200 {
			m := bus.Message{Topic: "raw", Key: []byte("k"), Value: fmt.Append(nil, i), Time: time.Unix(int64(i), 0)}
			if i%17 == 3 {
				m.Value = append(m.Value, " too long"...)
				refused++
			}
			if err := local.Produce(t.Context(), []bus.Message{m}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Minute)
		for _, topic := range []string{"raw", bus.TopicDLQ} {
			lags, err := local.Lag(t.Context(), bus.Group{Name: "spool", Topic: topic})
			if err != nil || lags[0].Messages != 0 {
				t.Errorf("%s: %+v, %v: the relay is stuck", topic, lags, err)
			}
			if topic == bus.TopicDLQ && lags[0].End == 0 {
				t.Error("no dead letters")
			}
		}
		cancel()
		wg.Wait()
		judgeRefused(t, to.got, local.Producer(1), 200, refused)
		if resets.Load() == 0 || refusals.Load() < int64(refused) {
			t.Errorf("told of %d resets and %d refusals, want some and at least %d", resets.Load(), refusals.Load(), refused)
		}
	})
}

func judgeRefused(t *testing.T, got []bus.Message, name string, sent, refused int) {
	t.Helper()
	seen, last := bus.Seen{}, -1
	n := 0
	for _, m := range got {
		p, err := bus.ParsePosition(string(m.Get(bus.HeaderPosition)))
		if err != nil {
			t.Fatal(err)
		}
		if p.Producer != name+"/0" || p.Raw != -1 {
			t.Fatalf("position %v, want producer %s/0", p, name)
		}
		if !seen.New(p) {
			continue
		}
		var i int
		fmt.Sscan(string(m.Value), &i)
		if i <= last {
			t.Fatalf("%d after %d", i, last)
		}
		last = i
		n++
	}
	if n != sent-refused {
		t.Errorf("%d messages came, want %d", n, sent-refused)
	}
}
