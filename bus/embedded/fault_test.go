package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

var chain = []bus.Topic{
	{Name: "raw", Partitions: 2, Groups: []string{"n"}},
	{Name: "events", Partitions: 2, Groups: []string{"i"}},
	{Name: "state", Partitions: 2, Compacted: true},
}

func openAt(t *testing.T, d *disktest.Disk, topics []bus.Topic, opt embedded.Options) *embedded.Bus {
	t.Helper()
	b, err := embedded.Open(d, topics, opt)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pipe runs raw -> events -> counted, until ctx ends.
type pipe struct {
	mu   sync.Mutex
	seen map[string]int
	wg   sync.WaitGroup
	errs []error
}

func (p *pipe) run(ctx context.Context, b *embedded.Bus) {
	p.seen = map[string]int{}
	serve := func(g bus.Group, f bus.WorkerFunc) {
		p.wg.Go(func() {
			err := b.Consume(ctx, g, bus.Stateless(f))
			p.mu.Lock()
			defer p.mu.Unlock()
			p.errs = append(p.errs, err)
		})
	}
	serve(bus.Group{Name: "n", Topic: "raw"}, func(_ context.Context, in []bus.Message) (out []bus.Message, _ error) {
		for _, m := range in {
			out = append(out, bus.Message{Topic: "events", Key: m.Key, Value: m.Value})
		}
		return out, nil
	})
	serve(bus.Group{Name: "i", Topic: "events"}, func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, m := range in {
			p.seen[string(m.Value)]++
		}
		return nil, nil
	})
}

func (p *pipe) judge(t *testing.T, want []string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range want {
		if p.seen[v] != 1 {
			t.Fatalf("%s came %d times", v, p.seen[v])
		}
	}
	if len(p.seen) != len(want) {
		t.Errorf("%d came, %d were acknowledged", len(p.seen), len(want))
	}
}

// D2, D3: a disk that fails stops every acknowledgement at once; when it works again
// the bus goes on by itself, and Consume has not ended meanwhile.
func TestBusOutlivesAFailingDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disktest.New()
		b := openAt(t, d, chain, embedded.Options{Journal: journal.Options{SegmentBytes: 8 << 10}})
		ctx, stop := context.WithCancel(t.Context())
		var p pipe
		p.run(ctx, b)
		var acked []string
		try := func(v string) error {
			err := b.Produce(t.Context(), []bus.Message{{Topic: "raw", Value: []byte(v)}})
			if err == nil {
				acked = append(acked, v)
			}
			return err
		}
		for round := range 5 {
			for i := range 50 {
				if err := try(fmt.Sprintf("%d-%d", round, i)); err != nil {
					t.Fatal(err)
				}
			}
			d.Break(syscall.EIO)
			for i := range 20 {
				if err := try(fmt.Sprintf("%d-broken-%d", round, i)); err == nil {
					t.Fatal("acknowledged on a broken disk")
				}
				time.Sleep(time.Second)
			}
			d.Break(nil)
			time.Sleep(30 * time.Second)
		}
		time.Sleep(time.Minute)
		if len(p.errs) != 0 {
			t.Errorf("Consume ended: %v", p.errs)
		}
		stop()
		p.wg.Wait()
		p.judge(t, acked)
		d.Crash()
		b = openAt(t, d, chain, embedded.Options{})
		defer b.Close()
		for _, topic := range []string{"raw", "events"} {
			name := map[string]string{"raw": "n", "events": "i"}[topic]
			lags, err := b.Lag(t.Context(), bus.Group{Name: name, Topic: topic})
			if err != nil || lags[0].Messages+lags[1].Messages != 0 {
				t.Errorf("after a power cut: %+v, %v", lags, err)
			}
		}
	})
}

// TestTrimOnAFailedDisk: what retention lets go while the disk is broken holds a value of a table,
// which cannot be carried over now. It goes later; no worker ends for it.
func TestTrimOnAFailedDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disktest.New()
		topics := []bus.Topic{chain[0], {Name: "events", Partitions: 2}, chain[2]}
		b := openAt(t, d, topics, embedded.Options{Retention: time.Minute, Journal: journal.Options{SegmentBytes: 4 << 10, Codec: journal.None}})
		defer b.Close()
		produce := func(m bus.Message) {
			t.Helper()
			if err := b.Produce(t.Context(), []bus.Message{m}); err != nil {
				t.Fatal(err)
			}
		}
		produce(bus.Message{Topic: "state", Key: []byte("k"), Value: []byte("v")})
		for range 100 {
			produce(bus.Message{Topic: "raw", Value: make([]byte, 100)})
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var ended error
		wg.Go(func() {
			ended = b.Consume(ctx, bus.Group{Name: "n", Topic: "raw"}, bus.Stateless(func(_ context.Context, in []bus.Message) (out []bus.Message, _ error) {
				for _, m := range in {
					if string(m.Value) == "break" {
						d.Break(syscall.EIO)
						out = append(out, bus.Message{Topic: "events", Value: m.Value})
					}
				}
				return out, nil
			}))
		})
		time.Sleep(time.Second)
		full := b.Stats().Segments
		produce(bus.Message{Topic: "raw", Value: []byte("break")})
		time.Sleep(3 * time.Minute)
		if got := b.Stats().Segments; got != full {
			t.Errorf("%d segments of %d while the table could not be carried over", got, full)
		}
		d.Break(nil)
		time.Sleep(3 * time.Minute)
		stop()
		wg.Wait()
		if !errors.Is(ended, context.Canceled) {
			t.Errorf("Consume ended: %v", ended)
		}
		if got := b.Stats().Segments; got > 2 {
			t.Errorf("%d segments of %d are left", got, full)
		}
		var values []string
		read := func(topic string) {
			for p := range 2 {
				if err := b.Read(t.Context(), topic, p, func(m bus.Message, _ int64) error { values = append(values, string(m.Value)); return nil }); err != nil {
					t.Fatal(err)
				}
			}
		}
		read("state")
		read("events")
		if fmt.Sprint(values) != "[v break]" {
			t.Errorf("table and output are %q", values)
		}
	})
}

// D1: on a full disk producers are refused; outputs and commits drain it by the
// reserve, and then producers go on.
func TestFullDiskDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disktest.New()
		d.Resize(512 << 10)
		b := openAt(t, d, chain, embedded.Options{
			Retention: time.Hour, // yields to a full disk
			Journal:   journal.Options{SegmentBytes: 16 << 10, ReserveBytes: 128 << 10, Codec: journal.None},
		})
		defer b.Close()
		var acked []string
		filler := strings.Repeat("x", 300)
		produce := func(i int) error {
			v := fmt.Sprint(i, filler)
			err := b.Produce(t.Context(), []bus.Message{{Topic: "raw", Value: []byte(v)}})
			if err == nil {
				acked = append(acked, v)
			}
			return err
		}
		var err error
		i := 0
		for ; err == nil; i++ {
			err = produce(i)
		}
		if !errors.Is(err, bus.ErrFull) {
			t.Fatalf("after %d: %v", i, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var p pipe
		p.run(ctx, b)
		for n := 0; n < 2000; i++ {
			if err := produce(i); err == nil {
				n++
			} else if !errors.Is(err, bus.ErrFull) {
				t.Fatal(err)
			}
			if i > 50_000 {
				t.Fatalf("stuck: %d produced since the disk was full; %+v", n, b.Stats())
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		stop()
		p.wg.Wait()
		p.judge(t, acked)
	})
}

func TestRetentionByTimeAndLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disktest.New()
		b := openAt(t, d, chain, embedded.Options{Retention: time.Hour, Journal: journal.Options{SegmentBytes: 4 << 10, Codec: journal.None}})
		defer b.Close()
		fill := func() {
			for range 100 {
				if err := b.Produce(t.Context(), []bus.Message{{Topic: "raw", Value: make([]byte, 100)}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		fill()
		time.Sleep(3 * time.Hour)
		fill()
		full := b.Stats()
		ctx, stop := context.WithCancel(t.Context())
		var p pipe
		p.wg.Go(func() { // reads, but only the first topic: nothing is in the other
			b.Consume(ctx, bus.Group{Name: "n", Topic: "raw"}, bus.Stateless(func(context.Context, []bus.Message) ([]bus.Message, error) { return nil, nil }))
		})
		time.Sleep(time.Minute)
		half := b.Stats()
		if half.First == full.First || half.Bytes < full.Bytes/3 {
			t.Errorf("%d bytes of %d left: want what is younger than an hour", half.Bytes, full.Bytes)
		}
		b.SetLimits(0, 24*time.Hour)
		time.Sleep(2 * time.Hour)
		if got := b.Stats().First; got != half.First {
			t.Errorf("first %d after retention was raised, want %d", got, half.First)
		}
		b.SetLimits(0, time.Minute)
		time.Sleep(time.Minute)
		if got := b.Stats(); got.Segments > 2 {
			t.Errorf("%d segments left after retention was lowered", got.Segments)
		}
		stop()
		p.wg.Wait()
	})
}

func TestRefusals(t *testing.T) {
	d := disktest.New()
	b := openAt(t, d, chain, embedded.Options{})
	err := b.Consume(t.Context(), bus.Group{Name: "stranger", Topic: "raw"}, bus.Stateless(nil))
	if err == nil || !strings.Contains(err.Error(), "not in the table of topics") {
		t.Errorf("an unknown group: %v", err)
	}
	if err := b.Table(t.Context(), "raw", 0, nil); err == nil {
		t.Error("Table of a topic that is not compacted: no error")
	}
	name := b.Name()
	b.Close()
	other := []bus.Topic{{Name: "raw", Partitions: 3, Groups: []string{"n"}}}
	if _, err := embedded.Open(d, other, embedded.Options{}); err == nil || !strings.Contains(err.Error(), "set partitions back to 2") {
		t.Errorf("another partition count: %v", err)
	}
	b = openAt(t, d, append(chain, bus.Topic{Name: "new", Partitions: 5}), embedded.Options{})
	defer b.Close()
	if b.Name() != name || b.Partitions("new") != 5 {
		t.Errorf("name %s, was %s; %d partitions", b.Name(), name, b.Partitions("new"))
	}
}
