package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/cidr"
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
	// drainTime is how long what was read may take to become durable after that.
	drainTime = 5 * time.Second
)

// input is one open syslog input.
type input struct {
	settings *Settings
	env      ingest.Env
	allow    cidr.Set
	zones    []zoned
	relays   cidr.Set
	udp      []*net.UDPConn
	unix     []*net.UnixConn
	files    []socketFile // of the sockets of this machine
	streams  []stream
	addrs    []net.Addr
	limits   *limiter
	memory   atomic.Int64 // what connections may still take beyond their first buffer
	strict   strictLog
	joined   sync.Once // says in the log that a datagram seems to hold several messages
	refusals refusedLog
	made     time.Time

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// stream is one TCP or TLS listener.
type stream struct {
	net.Listener
	tls  *tls.Config // nil: plain
	path string      // of a socket of this machine
}

func newInput(s *Settings, env ingest.Env) (*input, error) {
	in := &input{settings: s, env: env, conns: map[*conn]struct{}{}, made: time.Now(), limits: newLimiter(s.RateLimit)}
	in.memory.Store(streamMemory)
	in.strict.log = env.Log
	in.refusals.log, in.refusals.name = env.Log, env.Name
	var err1, err2, err3 error
	in.allow, err1 = cidr.ParseSet(s.Allow)
	in.relays, err2 = cidr.ParseSet(s.TrustedRelays)
	in.zones, err3 = zones(s.Zones)
	return in, errors.Join(err1, err2, err3)
}

func (in *input) bind(s *Settings, certs *tls.Config) error {
	for _, a := range s.UDP {
		c, err := ingest.ListenUDP(a, s.ReceiveBuffer, in.env.Log)
		if err != nil {
			return explain("udp", a, err)
		}
		in.udp = append(in.udp, c)
		in.addrs = append(in.addrs, c.LocalAddr())
	}
	conf := net.ListenConfig{KeepAliveConfig: keepAlive}
	listen := func(kind string, addrs []string, certs *tls.Config) error {
		for _, a := range addrs {
			l, err := conf.Listen(context.Background(), "tcp", a)
			if err != nil {
				return explain(kind, a, err)
			}
			in.streams = append(in.streams, stream{Listener: l, tls: certs})
			in.addrs = append(in.addrs, l.Addr())
		}
		return nil
	}
	if err := listen("tcp", s.TCP, nil); err != nil {
		return err
	}
	if err := listen("tls", s.TLS, certs); err != nil {
		return err
	}
	return in.bindUnix(s)
}

// explain ends the two errors that everybody meets with what to do.
func explain(kind, addr string, err error) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("bind %s %s: %w; use a port above 1023 or give the program CAP_NET_BIND_SERVICE", kind, addr, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("bind %s %s: %w; another program has it, perhaps rsyslog", kind, addr, err)
	}
	return fmt.Errorf("bind %s %s: %w", kind, addr, err)
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
	reading, stop := context.WithCancel(ctx)
	defer stop()
	// What was read must become durable though ctx has ended, but not for ever.
	emitting, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, abandon) })

	b := newBatcher(emit, in.env.Drop)
	var readers sync.WaitGroup
	for _, c := range in.udp {
		readers.Go(func() { in.readUDP(reading, c, b) })
	}
	for _, c := range in.unix {
		readers.Go(func() { in.readUnix(reading, c, b) })
	}
	for _, l := range in.streams {
		readers.Go(func() { in.accept(reading, l, b) })
	}
	drained := make(chan struct{})
	readers.Go(func() {
		<-reading.Done()
		in.wind()
	})
	go func() {
		readers.Wait()
		close(drained)
	}()
	err := b.run(emitting, drained)
	stop()
	<-drained
	in.closeListeners()
	if err != nil && ctx.Err() == nil {
		return err
	}
	return errors.Join(ctx.Err(), err)
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
	in.mu.Lock()
	defer in.mu.Unlock()
	for c := range in.conns {
		_ = c.SetReadDeadline(last)
	}
}

// sender is what all lines of one peer share.
type sender struct {
	addr     netip.Addr
	origin   string
	peer     string
	listener string
	zone     string
	local    bool // a program of this machine
	relay    bool // its headers' host names the device
	strict   *strict
}

func (in *input) sender(a netip.AddrPort, listener string) *sender {
	addr := a.Addr().Unmap().WithZone("")
	p := &sender{
		addr: addr, origin: ingest.Origin(in.env.Name, addr.String()),
		peer: netip.AddrPortFrom(addr, a.Port()).String(), listener: listener, zone: in.settings.Zone,
	}
	for _, z := range in.zones {
		if z.senders.Contains(addr) {
			p.zone = z.zone
			break
		}
	}
	p.relay = in.settings.Origin == OriginHost && in.relays.Contain(addr)
	if in.settings.Format == FormatStrict {
		p.strict = newStrict()
	}
	return p
}

func (in *input) allowed(p *sender) bool {
	return p.local || len(in.allow) == 0 || in.allow.Contain(p.addr)
}

// take stamps one message and hands it on. line is copied.
func (in *input) take(p *sender, b *batcher, line []byte, part int, now time.Time) {
	origin := p.origin
	if p.relay {
		if host := headerHost(line); host != "" {
			origin = ingest.Origin(in.env.Name, host)
		}
	}
	if p.strict != nil {
		if err := p.strict.check(line); err != nil {
			in.env.Drop(origin, dropStrict, 1)
			in.strict.refused(p.peer, line, err)
			return
		}
	}
	if part > 0 {
		metrics.IngestCut.WithLabelValues(in.env.Name).Inc()
	}
	b.add(event.Raw{
		ID: ingest.LiveID(now, line), Bytes: line, Origin: origin, Input: in.env.Name,
		Peer: p.peer, Listener: p.listener, Namespace: in.env.Namespace, Received: now,
		Pack: in.settings.Pack, Zone: p.zone, Part: part,
	})
}
