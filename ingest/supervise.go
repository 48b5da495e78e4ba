package ingest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sluice/event"
	"sluice/internal/metrics"
)

const (
	firstWait = 100 * time.Millisecond // a port that the process before us still holds is free soon
	maxWait   = 30 * time.Second       // long enough to be no load, short enough that a repair is seen
	healthy   = time.Minute            // an input that ran this long starts again at firstWait
)

// Supervise opens and runs an input, and after a failure reopens it from its last durable
// checkpoint, after a growing pause of at most 30 s. It returns nil when the input has read
// everything, and ctx's error when ctx ended. name identifies the input in logs and metrics and
// becomes env.Name.
//
// A batch without a checkpoint cannot be read again, so if emit refuses it, Supervise retries it
// in place until it is accepted, ctx ends or emit returns ErrClosed. A batch with a checkpoint is
// returned to the input as emit's error, and is read again after the restart.
//
// A failure that repeats is logged the 1st, 2nd, 4th, 8th ... time, so that a port in use for a
// week is a handful of lines; sluice_ingest_restarts_total counts each.
func Supervise(ctx context.Context, name string, s Settings, env Env, emit Emit) error {
	v := &supervisor{env: env, emit: emit, settings: s}
	v.env.Name = name
	if v.env.Drop == nil {
		v.env.Drop = func(string, string, int) {}
	}
	drop := v.env.Drop
	var lost atomic.Int64
	defer func() { // with a full disk the account cannot say it
		if n := lost.Load(); n > 0 {
			env.Log.Warn("the journal did not take what was read last; it is lost", "input", name, "lines", n)
		}
	}()
	v.env.Drop = func(origin, reason string, n int) {
		if reason == NotDurable {
			lost.Add(int64(n))
		}
		metrics.IngestDropped.WithLabelValues(name, reason).Add(float64(n))
		drop(origin, reason, n)
	}
	up := metrics.IngestUp.WithLabelValues(name)
	defer up.Set(0)

	var log failures
	told := false // that it failed, and not yet that it is open again
	opened := func() {
		up.Set(1)
		if told {
			v.env.Log.Info("input is open again", "input", name)
			told = false
		}
	}
	for wait := firstWait; ; {
		began := time.Now()
		err := v.once(ctx, opened)
		up.Set(0)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return nil
		}
		if time.Since(began) >= healthy {
			wait, log = firstWait, failures{}
		}
		if n, due := log.add(err); due {
			v.env.Log.Error("input failed; it is opened again", "input", name, "times", n, "wait", wait, "error", err)
			told = true
		}
		v.status(nil, err)
		metrics.IngestRestart.WithLabelValues(name).Inc()
		if !pause(ctx, wait) {
			return ctx.Err()
		}
		wait = min(2*wait, maxWait)
		v.reload(ctx)
	}
}

// failures are those in a row with one text.
type failures struct {
	text string
	n    int
}

// add counts err and reports how often it came in a row, and whether that is due for the log: at
// the powers of two.
func (f *failures) add(err error) (int, bool) {
	if text := err.Error(); text != f.text {
		*f = failures{text: text}
	}
	f.n++
	return f.n, f.n&(f.n-1) == 0
}

type supervisor struct {
	settings Settings
	emit     Emit

	mu  sync.Mutex // over env.From
	env Env
}

func (v *supervisor) status(in Input, err error) {
	if v.env.Status != nil {
		v.env.Status(in, err)
	}
}

func (v *supervisor) once(ctx context.Context, opened func()) error {
	v.mu.Lock()
	env := v.env
	v.mu.Unlock()
	in, err := v.settings.Open(env)
	if err != nil {
		return fmt.Errorf("open input %s: %w", env.Name, err)
	}
	opened()
	v.status(in, nil)
	return in.Run(ctx, v.take)
}

// take is the Emit that the input sees.
func (v *supervisor) take(ctx context.Context, batch []event.Raw, at Checkpoint) error {
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		err := v.emit(ctx, batch, at)
		if err == nil {
			v.taken(batch, at)
			return nil
		}
		if at != nil || ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return err
		}
		if wait == firstWait {
			v.env.Log.Error("batch refused; it is repeated until it is taken", "input", v.env.Name, "events", len(batch), "error", err)
		}
		if !pause(ctx, wait) {
			return errors.Join(err, ctx.Err())
		}
	}
}

func (v *supervisor) taken(batch []event.Raw, at Checkpoint) {
	if at != nil {
		v.mu.Lock()
		v.env.From = slices.Clone(at)
		v.mu.Unlock()
	}
	bytes := 0
	for i := range batch {
		bytes += len(batch[i].Bytes)
	}
	metrics.IngestEvents.WithLabelValues(v.env.Name).Add(float64(len(batch)))
	metrics.IngestBytes.WithLabelValues(v.env.Name).Add(float64(bytes))
}

// reload asks for the truth about the last durable checkpoint. Without an answer the
// last confirmed one stands: it may read some lines again, under the same ids.
func (v *supervisor) reload(ctx context.Context) {
	if v.env.Load == nil {
		return
	}
	at, err := v.env.Load(ctx)
	if err != nil {
		v.env.Log.Warn("read the input's checkpoint; going on from the last one confirmed", "input", v.env.Name, "error", err)
		return
	}
	v.mu.Lock()
	v.env.From = at
	v.mu.Unlock()
}

// pause waits for about d and reports whether ctx still runs. The jitter keeps inputs
// that failed together from coming back together.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d/2 + rand.N(d))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
