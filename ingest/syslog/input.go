package syslog

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/metrics"
)

// The reasons of Env.Drop.
const (
	dropKernel     = "kernel"      // the socket's buffer was full
	dropRateLimit  = "rate_limit"  // over the sender's rate_limit
	dropNotAllowed = "not_allowed" // the sender is not in allow
	dropStrict     = "strict"      // no RFC 5424, on a strict listener
	dropEmpty      = "empty"       // a datagram without a byte
	dropIncomplete = "incomplete"  // not all chunks of a GELF message came in time
	dropTruncated  = "truncated"   // the end of a datagram that is longer than any line
)

const (
	// grace is how long we go on reading what the kernel has taken for us.
	grace = 100 * time.Millisecond
)

// input is one open syslog input.
type input struct {
	settings *Settings
	env      ingest.Env
	senders  *ingest.Senders
	udp      []*net.UDPConn
	unix     []*net.UnixConn
	files    []socketFile // of the sockets of this machine
	streams  []stream
	addrs    []net.Addr
	limits   *limiter
	memory   atomic.Int64 // what connections may still take beyond their first buffer
	strict   strictLog
	joined   sync.Once // says in the log that a datagram seems to hold several messages
	conns    *ingest.Conns
}

// stream is one TCP or TLS listener, or one of a socket of this machine.
type stream struct {
	ingest.Stream
	path string // of such a socket
}

func newInput(s *Settings, env ingest.Env) (*input, error) {
	senders, err := ingest.NewSenders(env.Name, s.senders())
	if err != nil {
		return nil, err
	}
	in := &input{settings: s, env: env, senders: senders, conns: ingest.NewConns(env, s.MaxConnections), limits: newLimiter(s.RateLimit)}
	in.memory.Store(ingest.BufferMemory)
	in.strict.log = env.Log
	return in, nil
}

func (in *input) bind(s *Settings) error {
	for _, a := range s.UDP {
		c, err := ingest.ListenUDP(a, s.ReceiveBuffer, in.env.Log)
		if err != nil {
			return ingest.ExplainBind("udp", a, err)
		}
		in.udp = append(in.udp, c)
		in.addrs = append(in.addrs, c.LocalAddr())
	}
	streams, err := s.streams().Open(in.env.Log)
	if err != nil {
		return err
	}
	for _, l := range streams {
		in.streams = append(in.streams, stream{Stream: l})
	}
	in.addrs = append(in.addrs, streams.Addrs()...)
	return in.bindUnix(s)
}

func (in *input) closeListeners() {
	for _, c := range in.udp {
		c.Close()
	}
	for _, c := range in.unix {
		c.Close()
	}
	for _, l := range in.streams {
		l.Close()
	}
	for _, f := range in.files {
		f.remove()
	}
}

// Addrs are the bound addresses: udp, tcp, tls, unix, unix_stream, each in the order of the settings.
func (in *input) Addrs() []net.Addr { return in.addrs }

// Run reads until ctx ends; then it takes what the kernel already has, and makes that
// durable.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	b := ingest.NewBatcher(emit, ingest.BatchWait, in.env.Drop, nil)
	readers := ingest.Readers{Wind: in.wind}
	for _, c := range in.udp {
		readers.Read = append(readers.Read, func(ctx context.Context) { in.readUDP(ctx, c, b) })
	}
	for _, c := range in.unix {
		readers.Read = append(readers.Read, func(ctx context.Context) { in.readUnix(ctx, c, b) })
	}
	for _, l := range in.streams {
		readers.Read = append(readers.Read, func(ctx context.Context) { in.accept(ctx, l, b) })
	}
	defer in.closeListeners()
	return b.Serve(ctx, readers)
}

// wind lets every reader take what is there, and end.
func (in *input) wind() {
	last := time.Now().Add(grace)
	for _, l := range in.streams {
		l.Close()
	}
	for _, c := range in.udp {
		_ = c.SetReadDeadline(last)
	}
	for _, c := range in.unix {
		_ = c.SetReadDeadline(last)
	}
	for _, c := range in.conns.Open() {
		_ = c.SetReadDeadline(last)
	}
}

// sender is what all lines of one peer share.
type sender struct {
	ingest.Sender
	local  bool // a program of this machine
	strict *strict
}

func (in *input) sender(a netip.AddrPort, listener string) *sender {
	return in.speaks(&sender{Sender: in.senders.Of(a, listener)})
}

// speaks holds a sender to the format of the input.
func (in *input) speaks(p *sender) *sender {
	if in.settings.Format == FormatStrict {
		p.strict = newStrict()
	}
	return p
}

func (in *input) allowed(p *sender) bool { return p.local || in.senders.Allowed(p.Addr) }

// take stamps one message and hands it on. line is copied.
func (in *input) take(p *sender, b *ingest.Batcher, line []byte, part int, now time.Time) {
	origin := p.OriginOf(line)
	if p.strict != nil {
		if err := p.strict.check(line); err != nil {
			in.env.Drop(origin, dropStrict, 1)
			in.strict.refused(p.Peer, line, err)
			return
		}
	}
	if part > 0 {
		metrics.IngestCut.WithLabelValues(in.env.Name).Inc()
	}
	b.Add(event.Raw{
		ID: ingest.LiveID(now, line), Bytes: line, Origin: origin, Input: in.env.Name,
		Peer: p.Peer, Listener: p.Listener, Namespace: in.env.Namespace, Received: now,
		Pack: in.settings.Pack, Zone: p.Zone, Part: part,
	})
}
