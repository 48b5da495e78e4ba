package app

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"sluice/ingest"
	"sluice/sinks/file"
)

// inputs runs the configured inputs, and on a reload touches only those that changed.
type inputs struct {
	n    *Node
	work context.Context

	changing sync.Mutex // held by who starts and stops them
	stopped  bool       // the node ends: a reload starts nothing any more
	want     []Named[ingest.Settings]

	mu      sync.Mutex
	running map[string]*runningInput
	applied bool // whether running is what the settings want, and not what is there before the first is started
}

type runningInput struct {
	conf Named[ingest.Settings]
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	addrs []string
	err   error
	up    bool
	late  bool           // it was told to stop, and has not ended in time
	warn  ingest.Warning // nil: the input has none
}

// hang notes that the input does not end.
func (r *runningInput) hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = true
}

func (r *runningInput) hangs() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.late
}

func (r *runningInput) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func newInputs(n *Node, work context.Context) *inputs {
	return &inputs{n: n, work: work, running: map[string]*runningInput{}}
}

// apply starts what is new, stops what is gone and restarts what changed. What does not end within
// drainTime, since it hangs or the bus is full, is left to itself, and started anew once it has ended:
// of one name there is only ever one, since it keeps a checkpoint and an account.
func (x *inputs) apply(want []Named[ingest.Settings]) {
	x.changing.Lock()
	defer x.changing.Unlock()
	x.want = want
	x.reload()
	x.mu.Lock()
	x.applied = true
	x.mu.Unlock()
}

// reload is apply for who holds changing.
func (x *inputs) reload() {
	if x.stopped {
		return
	}
	late, enough := context.WithTimeout(x.work, drainTime)
	defer enough()
	x.change(x.want, func(name string, r *runningInput) bool {
		if r.hangs() { // and was waited for
			return r.ended()
		}
		select {
		case <-r.done:
			return true
		case <-late.Done():
		}
		r.hang()
		x.n.log.Warn("an input does not end; the reload goes on without it", "input", name, "waited", drainTime)
		go x.resume(r)
		return false
	})
}

// resume does what is wanted by then when an input has ended that a reload did not wait for.
func (x *inputs) resume(r *runningInput) {
	select {
	case <-r.done:
	case <-x.work.Done():
		return
	}
	x.changing.Lock()
	defer x.changing.Unlock()
	x.reload()
}

// change starts and stops for who holds changing; ended waits for an input and says whether it has ended. It does
// not hold mu while it waits: readiness is asked then, too.
func (x *inputs) change(want []Named[ingest.Settings], ended func(name string, r *runningInput) bool) {
	gone := map[string]*runningInput{}
	x.mu.Lock()
	for name, r := range x.running {
		wanted := slices.ContainsFunc(want, func(w Named[ingest.Settings]) bool { return reflect.DeepEqual(r.conf, w) })
		if !wanted || r.hangs() {
			gone[name] = r
			r.stop() // all at once: each may take seconds to empty what it holds
		}
	}
	x.mu.Unlock()
	for name, r := range gone {
		if !ended(name, r) {
			delete(gone, name)
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for name := range gone {
		delete(x.running, name)
	}
	for _, w := range want {
		if x.running[w.Name] == nil {
			x.running[w.Name] = x.start(w)
		}
	}
}

// hangs is how long an input may need to end once the stop's time is over.
const hangs = 2 * time.Second

// ended waits for an input that was told to stop since the program ends. One that hangs in a call to the
// system, such as on a network file system that is away, does not hold that up: what it holds has no
// answer yet.
func (x *inputs) ended(name string, r *runningInput) bool {
	select {
	case <-r.done:
		return true
	case <-x.work.Done():
	}
	select {
	case <-r.done:
	case <-time.After(hangs):
		x.n.log.Warn("an input does not end; the program ends without it", "input", name)
	}
	return true
}

func (x *inputs) start(conf Named[ingest.Settings]) *runningInput {
	ctx, stop := context.WithCancel(x.work)
	r := &runningInput{conf: conf, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		x.n.again(ctx, "input "+conf.Name, func() error { return x.run(ctx, r) })
	}()
	return r
}

// run is one input with its collector, which outlives it: what the input has emitted
// gets its answer.
func (x *inputs) run(ctx context.Context, r *runningInput) error {
	c, err := newCollector(ctx, x.n, r.conf.Name, r.conf.Namespace)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	writing, stopWriting := context.WithCancel(x.work)
	defer func() {
		stopWriting()
		wg.Wait()
		x.n.health.hold(r.conf.Name, nil) // a write that was broken off said that senders wait
		if x.work.Err() == nil {
			c.finish(x.work)
		}
	}()
	wg.Go(func() { c.run(writing) })
	err = ingest.Supervise(ctx, r.conf.Name, r.conf.Settings, ingest.Env{
		Name: r.conf.Name, Namespace: r.conf.Namespace, From: c.checkpoint(),
		Log: x.n.log, Now: x.n.now, Drop: c.drop, Status: r.status, Own: x.n.settings.Load().own(),
	}, c.emit)
	if err == nil && ctx.Err() == nil {
		x.n.log.Info("an input has read all there is", "input", r.conf.Name)
		<-ctx.Done()
	}
	return errors.Join(err, ctx.Err())
}

func (r *runningInput) status(in ingest.Input, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.up, r.err, r.addrs = in != nil, err, nil
	r.warn, _ = in.(ingest.Warning)
	if l, ok := in.(ingest.Listening); ok {
		for _, a := range l.Addrs() {
			r.addrs = append(r.addrs, a.Network()+" "+a.String())
		}
	}
}

var errOpening = errors.New("is being opened")

// problem is why the input does not run, or nil.
func (r *runningInput) problem() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.late {
		return errors.New("was stopped by a reload and does not end; what the reload wants of it is done once it has, or by a restart of Sluice")
	}
	if !r.up && r.err == nil {
		return errOpening
	}
	return r.err
}

// wait gives the inputs a moment to open, so that their addresses can be told.
func (x *inputs) wait(ctx context.Context, most time.Duration) {
	deadline := time.Now().Add(most)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		if x.allUp() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (x *inputs) allUp() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.running {
		if r.problem() != nil {
			return false
		}
	}
	return true
}

// addresses are the bound addresses by input.
func (x *inputs) addresses() map[string][]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := map[string][]string{}
	for name, r := range x.running {
		r.mu.Lock()
		out[name] = append([]string(nil), r.addrs...)
		r.mu.Unlock()
	}
	return out
}

// problems are the inputs that do not run, by name.
func (x *inputs) problems() map[string]error {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := map[string]error{}
	if !x.applied { // the console answers already
		for _, in := range x.n.settings.Load().Inputs {
			out[in.Name] = errOpening
		}
	}
	for name, r := range x.running {
		if err := r.problem(); err != nil {
			out[name] = err
		}
	}
	return out
}

// warnings are what inputs that run do not read, by name.
func (x *inputs) warnings() map[string]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := map[string]string{}
	for name, r := range x.running {
		r.mu.Lock()
		warn := r.warn
		r.mu.Unlock()
		if warn == nil {
			continue
		}
		if text := warn.Warning(); text != "" {
			out[name] = text
		}
	}
	return out
}

// stop ends all inputs for good; what they emitted is durable then, unless work ended.
func (x *inputs) stop() {
	x.changing.Lock()
	defer x.changing.Unlock()
	x.stopped = true
	x.change(nil, x.ended)
}

// own are the folders that this program writes to, under every name that leads there.
func (s *Settings) own() (dirs []string) {
	for _, dir := range append([]string{s.Main.Data}, archiveDirs(s)...) {
		if abs, err := filepath.Abs(dir); err == nil {
			dirs = append(dirs, abs)
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil && filepath.IsAbs(real) && !slices.Contains(dirs, real) {
			dirs = append(dirs, real)
		}
	}
	return dirs
}

func archiveDirs(s *Settings) (dirs []string) {
	for _, a := range s.Archives {
		if f, ok := a.Settings.(*file.Settings); ok {
			dirs = append(dirs, f.Path)
		}
	}
	return dirs
}
