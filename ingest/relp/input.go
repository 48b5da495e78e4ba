package relp

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sluice/ingest"
)

// The reasons of Env.Drop.
const (
	dropEmpty     = "empty"     // a message without a byte
	dropTruncated = "truncated" // the end of a message of more than maxFrame bytes
)

const (
	// batchWait is short: a sender with a small window waits for each answer.
	batchWait = 10 * time.Millisecond
)

// input is one open RELP input.
type input struct {
	settings  *Settings
	env       ingest.Env
	senders   *ingest.Senders
	listeners ingest.Streams
	conns     *ingest.Conns
	memory    atomic.Int64 // what connections may still take beyond their first buffer
	batches   *ingest.Batcher
	durable   atomic.Uint64 // the last batch that is
	made      time.Time     // what sessions tell the time by: no step of the clock moves it
	known     memory
	over      chan struct{} // closed when nothing becomes durable any more

	mu       sync.Mutex
	sessions map[*session]struct{}
	number   int // of the last session
}

// The checkpoints: whether an input of this name runs, or has ended and left nothing that its senders
// may send again.
const (
	running = "running"
	ended   = "ended"
)

func newInput(s *Settings, env ingest.Env) (*input, error) {
	senders, err := ingest.NewSenders(env.Name, s.senders())
	if err != nil {
		return nil, err
	}
	in := &input{
		settings: s, env: env, senders: senders, conns: ingest.NewConns(env, s.MaxConnections),
		made: time.Now(), over: make(chan struct{}), sessions: map[*session]struct{}{},
		known: memory{input: env.Name, blind: string(env.From) == running, first: map[netip.Addr]bool{}},
	}
	in.memory.Store(ingest.BufferMemory)
	return in, nil
}

// Addrs are the bound addresses: tcp, tls, each in the order of the settings.
func (in *input) Addrs() []net.Addr { return in.listeners.Addrs() }

// Run reads until ctx ends. Then it reads nothing more, since a sender keeps what has no answer; what was
// read is made durable and answered, and each sender is told that we close.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	if string(in.env.From) != running {
		if err := emit(ctx, nil, ingest.Checkpoint(running)); err != nil {
			in.listeners.Close()
			return err
		}
	}
	// What does not become durable has no answer: its sender has it.
	kept := func(string, string, int) {}
	in.batches = ingest.NewBatcher(emit, batchWait, kept, in.taken)
	readers := ingest.Readers{Wind: in.wind, Late: in.abandon, Over: func() { close(in.over) }, Last: func(emitting context.Context) error {
		if !in.known.nothing(time.Since(in.made)) {
			return nil
		}
		return emit(emitting, nil, ingest.Checkpoint(ended))
	}}
	for _, l := range in.listeners {
		readers.Read = append(readers.Read, func(ctx context.Context) { in.accept(ctx, l) })
	}
	return in.batches.Serve(ctx, readers)
}

// wind ends every reader.
func (in *input) wind() {
	in.listeners.Close()
	for _, c := range in.conns.Open() {
		_ = c.SetReadDeadline(time.Now())
	}
}

// abandon ends the sessions that are still open: a sender that takes no answer would hold the end up
// for answerTime.
func (in *input) abandon() {
	in.mu.Lock()
	open := slices.Collect(maps.Keys(in.sessions))
	in.mu.Unlock()
	for _, s := range open {
		s.abandon()
	}
}

// enters numbers a session and counts it in.
func (in *input) enters(s *session) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.number++
	s.number = in.number
	in.sessions[s] = struct{}{}
}

func (in *input) leaves(s *session) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.sessions, s)
}

// others are the sessions of a session's sender that are older.
func (in *input) others(than *session) []*session {
	in.mu.Lock()
	defer in.mu.Unlock()
	var all []*session
	for s := range in.sessions {
		if s.sender.Addr == than.sender.Addr && s.number < than.number {
			all = append(all, s)
		}
	}
	return all
}

// taken has the sessions answer what a batch made durable.
func (in *input) taken(batch uint64) {
	in.durable.Store(batch)
	in.mu.Lock()
	defer in.mu.Unlock()
	for s := range in.sessions {
		s.wakes()
	}
}

// accept serves the connections of one listener until it is closed.
func (in *input) accept(ctx context.Context, l ingest.Stream) {
	kind := "relp://"
	if l.TLS != nil {
		kind = "relp+tls://"
	}
	in.conns.Accept(ctx, l, func(c net.Conn) func(*ingest.Conn) {
		from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
		p := in.senders.Of(from, kind+c.LocalAddr().String())
		if !in.senders.Allowed(p.Addr) {
			return nil
		}
		return func(k *ingest.Conn) { in.serve(ctx, k, l.TLS, p) }
	})
}
