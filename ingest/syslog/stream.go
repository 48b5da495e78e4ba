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

// accept serves the connections of one listener until it is closed.
func (in *input) accept(ctx context.Context, l stream, b *ingest.Batcher) {
	in.conns.Accept(ctx, l, func(c net.Conn) func(*ingest.Conn) {
		p := in.streamSender(l, c)
		if !in.allowed(p) {
			return nil
		}
		return func(k *ingest.Conn) { in.serve(ctx, k, l.TLS, p, b) }
	})
}

// streamSender is who speaks on c.
func (in *input) streamSender(l stream, c net.Conn) *sender {
	if l.path != "" {
		return in.localSender("unix_stream://", l.path)
	}
	from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	kind := "tcp://"
	if l.TLS != nil {
		kind = "tls://"
	}
	return in.sender(from, kind+c.LocalAddr().String())
}

// serve reads one connection to its end.
func (in *input) serve(ctx context.Context, k *ingest.Conn, certs *tls.Config, p *sender, b *ingest.Batcher) {
	c := net.Conn(k)
	if certs != nil {
		if c = k.Secure(ctx, certs); c == nil {
			return
		}
	}
	if ctx.Err() != nil { // wind came before this connection
		_ = k.SetReadDeadline(time.Now().Add(grace))
	}
	r := &reader{in: in, sender: p, out: b, ctx: ctx, Buffer: ingest.NewBuffer(&in.memory, in.settings.MaxLine+slack)}
	r.split = splitter{framing: in.settings.Framing}
	defer r.Shrink()
	for {
		if idle := in.settings.IdleTimeout; idle > 0 && ctx.Err() == nil {
			_ = k.SetReadDeadline(time.Now().Add(idle))
			if ctx.Err() != nil { // wind came between
				_ = k.SetReadDeadline(time.Now().Add(grace))
			}
		}
		n, err := c.Read(r.Bytes[r.End:])
		now := in.env.Now()
		if n > 0 {
			r.End += n
			r.cut(now, false)
		}
		if err != nil {
			if ctx.Err() == nil {
				k.Ended(err)
			}
			r.cut(now, true)
			return
		}
		r.Fit(n)
	}
}

// reader cuts what one connection sends.
type reader struct {
	ingest.Buffer
	in     *input
	sender *sender
	out    *ingest.Batcher
	ctx    context.Context // of Run: ends the wait of a rate limit
	split  splitter
}

// slack is what next may need behind the longest message to end it.
const slack = 64

// cut hands on every message in the buffer.
func (r *reader) cut(now time.Time, eof bool) {
	r.split.max = r.in.settings.MaxLine
	at := 0
	for at < r.End {
		f, taken := r.split.next(r.Bytes[at:r.End], eof)
		if taken == 0 {
			if at > 0 || r.End < len(r.Bytes) || r.Grow(2*len(r.Bytes)) {
				break
			}
			// No memory for a longer line: it is cut where the buffer ends.
			r.split.max = len(r.Bytes) - slack
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
	r.Take(at)
}
