package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/ingest"
	"sluice/internal/account"
)

// TestHangingInput: an input that hangs in the system ends with the program's time to stop, and by name.
func TestHangingInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work, stopWork := context.WithCancel(t.Context())
		defer stopWork()
		var log bytes.Buffer
		x := newInputs(&Node{log: slog.New(slog.NewTextHandler(&log, nil))}, work)
		x.running["nfs"] = &runningInput{stop: func() {}, done: make(chan struct{})}
		time.AfterFunc(drainTime, stopWork)
		began := time.Now()
		x.stop()
		if took := time.Since(began); took != drainTime+hangs || !strings.Contains(log.String(), "input=nfs") {
			t.Errorf("the stop took %v, and the log says %q", took, log.String())
		}
	})
}

// TestReadyWhileInputsEnd: a reload that waits for an input, with the bus full for minutes, keeps nobody
// from asking what runs.
func TestReadyWhileInputsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newInputs(&Node{log: slog.New(slog.DiscardHandler)}, t.Context())
		r := &runningInput{stop: func() {}, done: make(chan struct{})}
		x.running["net"] = r
		reload := make(chan struct{})
		go func() {
			defer close(reload)
			x.apply(nil)
		}()
		synctest.Wait()
		if !x.mu.TryLock() {
			t.Error("readiness waits for the reload")
		} else {
			x.mu.Unlock()
		}
		close(r.done)
		<-reload
		if len(x.problems()) != 0 {
			t.Errorf("there is %v still", x.problems())
		}
	})
}

// fullBus takes nothing.
type fullBus struct{ bus.Bus }

func (fullBus) Produce(context.Context, []bus.Message) error                      { return bus.ErrFull }
func (fullBus) Table(context.Context, string, int, func(bus.Message) error) error { return nil }
func (fullBus) Partitions(string) int                                             { return 1 }

// dropping is an input that has something to count, and no event.
type dropping struct {
	drop func(origin, reason string, n int)
}

func (dropping) Validate() error                             { return nil }
func (d dropping) Open(env ingest.Env) (ingest.Input, error) { return dropping{env.Drop}, nil }
func (d dropping) Run(ctx context.Context, _ ingest.Emit) error {
	d.drop("192.0.2.1", "empty", 1)
	<-ctx.Done()
	return ctx.Err()
}

// TestHeldInputGone: of an input that ends while its senders wait nobody waits any more.
func TestHeldInputGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &Node{now: time.Now, log: slog.New(slog.DiscardHandler), raws: fullBus{}}
		n.settings.Store(&Settings{Main: Main{Name: "n"}})
		n.health = newHealth(n)
		x := newInputs(n, t.Context())
		x.apply([]Named[ingest.Settings]{{Name: "net", Namespace: "default", Settings: dropping{}}})
		time.Sleep(3 * time.Second)
		if len(n.health.held) != 1 {
			t.Fatalf("held: %v", n.health.held)
		}
		x.apply(nil)
		if len(n.health.held) != 0 {
			t.Errorf("readiness still says that senders of an input wait that is gone: %v", n.health.held)
		}
	})
}

// warned is an input that does not read all.
type warned struct{ ingest.Input }

func (warned) Warning() string { return "3 files are not read" }

// TestInputWarns: readiness says what an input that runs does not read.
func TestInputWarns(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	n.health, n.inputs = newHealth(n), newInputs(n, t.Context())
	r := &runningInput{}
	n.inputs.running["web"] = r
	r.status(warned{}, nil)
	got := n.health.Ready(t.Context())
	if len(got) != 1 || got[0].Part != "input web" || got[0].Reason != "3 files are not read" || !got[0].Warning {
		t.Errorf("%+v", got)
	}
	if r.status(nil, nil); len(n.inputs.warnings()) != 0 {
		t.Error("an input that does not run warns of what it reads")
	}
}

// reopened is a bus that is full until it is opened, and keeps what it takes.
type reopened struct {
	fullBus
	open  atomic.Bool
	taken []bus.Message
}

func (b *reopened) Produce(_ context.Context, msgs []bus.Message) error {
	if !b.open.Load() {
		return bus.ErrFull
	}
	b.taken = append(b.taken, msgs...)
	return nil
}

func (b *reopened) Table(_ context.Context, topic string, _ int, each func(bus.Message) error) error {
	for _, m := range b.taken {
		if m.Topic == topic {
			if err := each(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// received sums up the account.
func (b *reopened) received() (received, dropped, raws int64) {
	var book account.Book
	for _, m := range b.taken {
		switch m.Topic {
		case bus.TopicAccount:
			_ = book.Put(string(m.Key), m.Value)
		case bus.TopicRaw:
			raws++
		}
	}
	_, sum := book.Lines(time.Time{})
	return sum.Received, sum.Dropped["empty"], raws
}

// emitting is an input that has an event, too.
type emitting struct{ dropping }

func (e emitting) Open(env ingest.Env) (ingest.Input, error) {
	return emitting{dropping{env.Drop}}, nil
}

func (e emitting) Run(ctx context.Context, emit ingest.Emit) error {
	if err := emit(ctx, []event.Raw{{ID: "1", Origin: "192.0.2.1", Received: time.Now(), Bytes: []byte("x")}}, ingest.Checkpoint("c")); err != nil {
		return err
	}
	return e.dropping.Run(ctx, emit)
}

// TestInputEndsOnFullBus: a reload waits for an input whose bus is full as long as for any. What it took
// and dropped is in the account once the bus takes again; then what the reload wanted of it is done.
func TestInputEndsOnFullBus(t *testing.T) {
	for events, settings := range []ingest.Settings{dropping{}, emitting{}} {
		t.Run(fmt.Sprintf("%T", settings), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				full := &reopened{}
				var log bytes.Buffer
				n := &Node{now: time.Now, log: slog.New(slog.NewTextHandler(&log, nil)), raws: full}
				n.settings.Store(&Settings{Main: Main{Name: "n"}})
				n.health = newHealth(n)
				x := newInputs(n, t.Context())
				x.apply([]Named[ingest.Settings]{{Name: "net", Namespace: "default", Settings: settings}})
				time.Sleep(3 * time.Second)
				began := time.Now()
				x.apply([]Named[ingest.Settings]{{Name: "net", Namespace: "other", Settings: dropping{}}})
				if took := time.Since(began); took != drainTime || !strings.Contains(log.String(), "does not end") || x.problems()["net"] == nil {
					t.Fatalf("the reload took %v; problems %v; log %s", took, x.problems(), log.String())
				}
				full.open.Store(true)
				time.Sleep(10 * time.Second)
				if received, dropped, raws := full.received(); received != int64(2+events) || dropped != 2 || raws != int64(events) {
					t.Errorf("received %d, dropped %d, %d events; want %d, 2 and %d", received, dropped, raws, 2+events, events)
				}
				x.mu.Lock()
				defer x.mu.Unlock()
				if ns := x.running["net"].conf.Namespace; ns != "other" || x.running["net"].hangs() {
					t.Errorf("%s runs", ns)
				}
			})
		})
	}
}
