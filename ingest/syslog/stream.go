package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sluice/internal/metrics"
)

const (
	firstBuffer  = 4 << 10  // of a connection; most lines are below 1 KiB
	busyBuffer   = 64 << 10 // of one that sends much: what one read may bring
	streamMemory = 64 << 20 // that all connections of an input may take beyond firstBuffer

	handshakeTime = 10 * time.Second
	// evictable is how long a connection must have been silent to make room for a new
	// one, when all are taken.
	evictable = 10 * time.Second
)

// The reasons for which a connection is closed by us.
const (
	closedNotAllowed = "not_allowed"
	closedTooMany    = "max_connections"
	closedEvicted    = "evicted"
	closedHandshake  = "tls_handshake"
	closedIdle       = "idle"
	closedDead       = "dead" // the peer is gone without a word
)

// keepAlive asks silent peers whether they are there. One that does not answer for eleven minutes
// is gone: a link or a firewall that restarts takes less, and a connection that outlasts that loses
// nothing, while closing one costs a plain sender the next line it writes.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: time.Minute, Count: 10}

// conn is one sender's connection.
type conn struct {
	net.Conn
	last atomic.Int64 // when the last byte came, in ns since the input was made: no step of the clock moves it
	why  atomic.Value // why we closed it, a text
}

// accept takes connections until the listener is closed, and waits for their end.
func (in *input) accept(ctx context.Context, l stream, b *batcher) {
	var open sync.WaitGroup
	defer open.Wait()
	for ctx.Err() == nil {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			// Out of descriptors: others will end. Accept fails at once, so wait.
			select {
			case <-ctx.Done():
			case <-time.After(batchWait):
			}
			continue
		}
		p := in.streamSender(l, c)
		if !in.allowed(p) {
			in.refuse(c, closedNotAllowed)
			continue
		}
		k := &conn{Conn: c}
		k.last.Store(int64(time.Since(in.made)))
		if !in.enter(k) {
			in.refuse(c, closedTooMany)
			continue
		}
		open.Go(func() {
			defer in.leave(k)
			defer k.Close()
			in.serve(ctx, k, l.tls, p, b)
		})
	}
}

// streamSender is who speaks on c.
func (in *input) streamSender(l stream, c net.Conn) *sender {
	if l.path != "" {
		return in.localSender("unix_stream://", l.path)
	}
	from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	kind := "tcp://"
	if l.tls != nil {
		kind = "tls://"
	}
	return in.sender(from, kind+c.LocalAddr().String())
}

func (in *input) refuse(c net.Conn, why string) {
	c.Close()
	metrics.IngestRefused.WithLabelValues(in.env.Name, why).Inc()
	in.refusals.refused(c.RemoteAddr().String(), why, nil)
}

// enter counts a connection in. When all are taken, the one that was silent the longest
// makes room, so that idle ones cannot lock others out.
func (in *input) enter(k *conn) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.conns) >= in.settings.MaxConnections {
		var oldest *conn
		for c := range in.conns {
			if oldest == nil || c.last.Load() < oldest.last.Load() {
				oldest = c
			}
		}
		if oldest == nil || time.Since(in.made)-time.Duration(oldest.last.Load()) < evictable {
			return false
		}
		delete(in.conns, oldest) // its reader sees the end of the connection
		oldest.why.Store(closedEvicted)
		oldest.Close()
	}
	in.conns[k] = struct{}{}
	metrics.IngestOpen.WithLabelValues(in.env.Name).Set(float64(len(in.conns)))
	return true
}

func (in *input) leave(k *conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.conns, k)
	metrics.IngestOpen.WithLabelValues(in.env.Name).Set(float64(len(in.conns)))
	if why, ok := k.why.Load().(string); ok {
		metrics.IngestRefused.WithLabelValues(in.env.Name, why).Inc()
	}
}

// serve reads one connection to its end.
func (in *input) serve(ctx context.Context, k *conn, certs *tls.Config, p *sender, b *batcher) {
	c := k.Conn
	if certs != nil {
		t := tls.Server(k.Conn, certs)
		hand, cancel := context.WithTimeout(ctx, handshakeTime)
		err := t.HandshakeContext(hand)
		cancel()
		if err != nil {
			k.why.CompareAndSwap(nil, closedHandshake)
			in.refusals.refused(p.peer, closedHandshake, err)
			return
		}
		c = t
	}
	if ctx.Err() != nil { // wind came before this connection
		_ = k.SetReadDeadline(time.Now().Add(grace))
	}
	r := &reader{in: in, sender: p, out: b, ctx: ctx, buf: make([]byte, firstBuffer)}
	r.split = splitter{framing: in.settings.Framing}
	defer r.shrink(firstBuffer)
	for {
		if idle := in.settings.IdleTimeout; idle > 0 && ctx.Err() == nil {
			_ = k.SetReadDeadline(time.Now().Add(idle))
			if ctx.Err() != nil { // wind came between
				_ = k.SetReadDeadline(time.Now().Add(grace))
			}
		}
		n, err := c.Read(r.buf[r.end:])
		now := in.env.Now()
		if n > 0 {
			k.last.Store(int64(time.Since(in.made)))
			r.end += n
			r.cut(now, false)
		}
		if err != nil {
			if why := ended(err); why != "" && ctx.Err() == nil {
				k.why.CompareAndSwap(nil, why)
			}
			r.cut(now, true)
			return
		}
		r.fit(n)
	}
}

// ended is why we end a connection whose read failed; "": the peer did.
func ended(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return closedIdle
	case errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return closedDead
	}
	return ""
}

// reader holds what one connection sent and no message was made of yet: buf[:end].
type reader struct {
	in     *input
	sender *sender
	out    *batcher
	ctx    context.Context // of Run: ends the wait of a rate limit
	split  splitter
	buf    []byte
	end    int
	small  int // reads in a row that filled little of buf
}

// slack is what next may need behind the longest message to end it.
const slack = 64

// cut hands on every message in buf.
func (r *reader) cut(now time.Time, eof bool) {
	r.split.max = r.in.settings.MaxLine
	at := 0
	for at < r.end {
		f, taken := r.split.next(r.buf[at:r.end], eof)
		if taken == 0 {
			if at > 0 || r.end < len(r.buf) || r.grow(2*len(r.buf)) {
				break
			}
			// No memory for a longer line: it is cut where the buffer ends.
			r.split.max = len(r.buf) - slack
			continue
		}
		at += taken
		if f.lied {
			metrics.IngestBadFrames.WithLabelValues(r.in.env.Name).Inc()
		}
		if len(f.bytes) > 0 {
			r.in.limits.wait(r.ctx, r.sender.addr)
			r.in.take(r.sender, r.out, f.bytes, f.part, now)
		}
	}
	copy(r.buf, r.buf[at:r.end])
	r.end -= at
}

// fit makes buf as large as the sender's pace asks for; n is what the last read brought.
func (r *reader) fit(n int) {
	switch {
	case n >= len(r.buf)/2 && len(r.buf) < busyBuffer:
		r.grow(busyBuffer)
	case n < len(r.buf)/8 && r.end < firstBuffer:
		if r.small++; r.small >= 16 {
			r.shrink(firstBuffer)
		}
	default:
		r.small = 0
	}
}

// grow reports whether buf is larger now, of at most size and at most what the longest
// line needs.
func (r *reader) grow(size int) bool {
	size = min(size, max(r.in.settings.MaxLine+slack, busyBuffer))
	more := int64(size - len(r.buf))
	if more <= 0 {
		return false
	}
	if r.in.memory.Add(-more) < 0 {
		r.in.memory.Add(more)
		return false
	}
	buf := make([]byte, size)
	copy(buf, r.buf[:r.end])
	r.buf = buf
	return true
}

// shrink gives memory back.
func (r *reader) shrink(size int) {
	r.small = 0
	if len(r.buf) <= size {
		return
	}
	r.in.memory.Add(int64(len(r.buf) - size))
	buf := make([]byte, size)
	r.end = copy(buf, r.buf[:r.end])
	r.buf = buf
}
