package netflow

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/cidr"
	"sluice/internal/metrics"
)

// The reasons of Env.Drop. Datagrams are counted, and for no_template sets of data.
const (
	dropKernel     = "kernel"      // the socket's buffer was full
	dropNotAllowed = "not_allowed" // the sender is not in allow
	dropVersion    = "version"     // none of the four protocols
	dropMalformed  = "malformed"   // it does not hold what it promises
	dropNoTemplate = "no_template" // its template did not come in time
	dropTemplate   = "template"    // a template that nobody can mean: no length, or too many fields
	dropPanic      = "panic"       // a decoder's fault, caught; always a bug
)

const (
	maxDatagram = 64 << 10
	batchEvents = 500
	// batchBytes is where a batch is made durable amid a datagram: a template may have a megabyte read
	// that waited for it, which is many times that as records.
	batchBytes = 2 << 20
	batchWait  = 50 * time.Millisecond
	// grace is how long we go on reading what the kernel has taken for us.
	grace      = 100 * time.Millisecond
	dropsEvery = time.Second
	// pack reads what this input makes.
	pack = "sluice_netflow"
)

// input is one open input. A lock holds its sockets together: one exporter may send to
// several, and its records must come from one goroutine at a time.
type input struct {
	env   ingest.Env
	allow cidr.Set
	socks []*net.UDPConn

	mu    sync.Mutex
	dec   *decoder
	batch []event.Raw
	ends  []int // where each raw of batch ends in arena
	arena []byte
	from  source // of the datagram that is being decoded
	fault error  // of what was to become durable amid it
}

// source is what all records of a datagram share.
type source struct {
	origin, peer, listener string
	now                    time.Time
	emit                   func() error // makes the batch durable
}

func newInput(s *Settings, env ingest.Env, allow cidr.Set) *input {
	in := &input{env: env, allow: allow}
	in.dec = newDecoder(s, env.Name, in.record, func(origin, reason string, n int) { env.Drop(origin, reason, n) })
	in.dec.order.log = env.Log
	return in
}

// Addrs are the bound addresses, in the order of the settings.
func (in *input) Addrs() []net.Addr {
	var all []net.Addr
	for _, c := range in.socks {
		all = append(all, c.LocalAddr())
	}
	return all
}

func (in *input) close() {
	for _, c := range in.socks {
		c.Close()
	}
}

// Run reads until ctx ends; then it takes what the kernel already has, and makes that
// durable.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	defer in.close()
	reading, stop := context.WithCancel(ctx)
	defer stop()
	// What was read must become durable though ctx has ended, but not for ever.
	emitting, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	unhook := context.AfterFunc(ctx, func() { time.AfterFunc(ingest.DrainTime, abandon) })
	defer unhook()

	faults := make([]error, len(in.socks))
	var readers sync.WaitGroup
	for i, c := range in.socks {
		readers.Go(func() {
			if faults[i] = in.read(reading, emitting, c, emit); faults[i] != nil {
				stop()
			}
		})
	}
	readers.Wait()
	in.mu.Lock()
	defer in.mu.Unlock()
	in.dec.end()
	for i := range in.batch { // only after an error of emit
		in.env.Drop(in.batch[i].Origin, ingest.NotDurable, 1)
	}
	in.batch = nil
	return errors.Join(append(faults, ctx.Err())...)
}

// read reads one socket until ctx ends and for the grace after it.
func (in *input) read(ctx, emitting context.Context, c *net.UDPConn, emit ingest.Emit) error {
	r := reader{in: in, sock: c, listener: "udp://" + c.LocalAddr().String()}
	defer r.countDrops()
	buf := make([]byte, maxDatagram)
	var last, counted time.Time
	for {
		deadline := time.Now().Add(batchWait)
		switch {
		case !last.IsZero():
			deadline = last
		case ctx.Err() != nil:
			last = time.Now().Add(grace)
			deadline = last
		}
		_ = c.SetReadDeadline(deadline)
		n, from, err := c.ReadFromUDPAddrPort(buf)
		switch {
		case err == nil:
			err = in.take(emitting, from, r.listener, buf[:n], emit)
		case errors.Is(err, net.ErrClosed):
			return nil
		default: // nothing came; ENOBUFS and its like pass, too
			err = in.flush(emitting, emit)
		}
		if err != nil {
			return err
		}
		if !last.IsZero() && !time.Now().Before(last) {
			return in.flush(emitting, emit)
		}
		if time.Since(counted) > dropsEvery {
			r.countDrops()
			counted = time.Now()
		}
	}
}

// reader is what one socket's goroutine knows.
type reader struct {
	in       *input
	sock     *net.UDPConn
	listener string
	drops    uint32
}

// countDrops reports what the kernel dropped since the socket's buffer was full. It
// does not say whose datagrams they were, so their origin is the socket.
func (r *reader) countDrops() {
	if now, ok := ingest.KernelDrops(r.sock); ok && now != r.drops {
		r.in.env.Drop(ingest.Origin(r.in.env.Name, r.sock.LocalAddr().String()), dropKernel, int(now-r.drops)) // the counter wraps, and so does this
		r.drops = now
	}
}

func (in *input) allowed(a netip.Addr) bool {
	return len(in.allow) == 0 || in.allow.Contain(a)
}

// take decodes one datagram and hands a full batch on.
func (in *input) take(ctx context.Context, from netip.AddrPort, listener string, b []byte, emit ingest.Emit) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	peer := netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
	in.from = source{origin: ingest.Origin(in.env.Name, peer.Addr().String()), peer: peer.String(), listener: listener, now: in.env.Now(), emit: func() error { return in.emit(ctx, emit) }}
	if !in.allowed(peer.Addr()) {
		in.env.Drop(in.from.origin, dropNotAllowed, 1)
		return nil
	}
	in.dec.datagram(peer, in.from.origin, b, in.from.now)
	if in.fault != nil {
		return in.fault
	}
	if len(in.batch) >= batchEvents || len(in.batch) > 0 && in.from.now.Sub(in.batch[0].Received) >= batchWait {
		return in.emit(ctx, emit)
	}
	return nil
}

// record takes one record of the datagram that is being decoded over.
func (in *input) record(kind string, json []byte) {
	in.arena = append(in.arena, json...)
	in.ends = append(in.ends, len(in.arena))
	metrics.NetflowRecords.WithLabelValues(in.env.Name, kind).Inc()
	in.batch = append(in.batch, event.Raw{
		ID: ingest.LiveID(in.from.now, json), Origin: in.from.origin, Input: in.env.Name, Peer: in.from.peer,
		Listener: in.from.listener, Namespace: in.env.Namespace, Received: in.from.now, Pack: pack,
	})
	if len(in.arena) >= batchBytes && in.fault == nil {
		in.fault = in.from.emit()
	}
}

func (in *input) flush(ctx context.Context, emit ingest.Emit) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.batch) == 0 {
		return nil
	}
	return in.emit(ctx, emit)
}

// emit makes the batch durable. The kernel's buffer holds what comes meanwhile.
func (in *input) emit(ctx context.Context, emit ingest.Emit) error {
	at := 0
	for i, end := range in.ends {
		in.batch[i].Bytes = in.arena[at:end:end]
		at = end
	}
	if err := emit(ctx, in.batch, nil); err != nil {
		return err
	}
	clear(in.batch)
	in.batch, in.ends, in.arena = in.batch[:0], in.ends[:0], in.arena[:0]
	return nil
}
