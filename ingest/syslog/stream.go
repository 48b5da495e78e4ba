package syslog

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"time"

	"sluice/ingest"
	"sluice/internal/metrics"
)

const (
	firstBuffer  = 4 << 10  // of a connection; most lines are below 1 KiB
	busyBuffer   = 64 << 10 // of one that sends much: what one read may bring
	streamMemory = 64 << 20 // that all connections of an input may take beyond firstBuffer
)

// accept serves the connections of one listener until it is closed.
func (in *input) accept(ctx context.Context, l stream, b *ingest.Batcher) {
	in.conns.Accept(ctx, l, func(c net.Conn) func(*ingest.Conn) {
		p := in.streamSender(l, c)
		if !in.allowed(p) {
			return nil
		}
		return func(k *ingest.Conn) { in.serve(ctx, k, l.tls, p, b) }
	})
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

// serve reads one connection to its end.
func (in *input) serve(ctx context.Context, k *ingest.Conn, certs *tls.Config, p *sender, b *ingest.Batcher) {
	c := k.Conn
	if certs != nil {
		if c = k.Secure(ctx, certs); c == nil {
			return
		}
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
			k.Heard()
			r.end += n
			r.cut(now, false)
		}
		if err != nil {
			if ctx.Err() == nil {
				k.Ended(err)
			}
			r.cut(now, true)
			return
		}
		r.fit(n)
	}
}

// reader holds what one connection sent and no message was made of yet: buf[:end].
type reader struct {
	in     *input
	sender *sender
	out    *ingest.Batcher
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
			r.in.limits.wait(r.ctx, r.sender.Addr)
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
