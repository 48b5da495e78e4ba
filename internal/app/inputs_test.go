package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
	"sluice/ingest"
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
