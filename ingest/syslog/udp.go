package syslog

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"sluice/ingest"
)

const (
	maxDatagram = 64 << 10 // the greatest UDP payload is 65,507
	// maxSenders bounds what is remembered of senders; an address may be forged.
	maxSenders = 1 << 14
	dropsEvery = time.Second
	passWait   = 50 * time.Millisecond
)

// readUDP reads one socket until its deadline, which wind sets.
func (in *input) readUDP(ctx context.Context, c *net.UDPConn, b *ingest.Batcher) {
	defer c.Close()
	ended := make(chan struct{})
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		in.countDrops(c, ended)
	}()
	defer func() { <-counted }()
	defer close(ended)

	listener := "udp://" + c.LocalAddr().String()
	senders := map[netip.AddrPort]*sender{}
	parts := &chunks{}
	defer in.giveUp(parts)
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			if !passes(ctx, err) {
				return
			}
			continue
		}
		p, ok := senders[from]
		if !ok {
			if len(senders) >= maxSenders {
				clear(senders)
			}
			p = in.sender(from, listener)
			senders[from] = p
		}
		in.datagram(p, b, parts, buf[:n])
	}
}

// passes waits after a datagram socket failed for what passes, ENOBUFS and its like; false: the
// socket is closed, its deadline is over, or ctx.
func passes(ctx context.Context, err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(passWait):
		return true
	}
}

// datagram takes one datagram: one message, whose line end is no part of it, or several (settings'
// datagram), or GELF's packed one or a part of that.
func (in *input) datagram(p *sender, b *ingest.Batcher, parts *chunks, line []byte) {
	now := in.env.Now()
	switch {
	case !in.allowed(p):
		in.env.Drop(p.Origin, dropNotAllowed, 1)
		return
	case len(ingest.TrimEnd(line)) == 0:
		in.env.Drop(p.Origin, dropEmpty, 1)
		return
	case !in.limits.take(p.Addr):
		in.env.Drop(p.Origin, dropRateLimit, 1)
		return
	}
	if isChunk(line) {
		whole, lost := parts.add(p, line, now)
		for _, of := range lost {
			in.env.Drop(of.Origin, dropIncomplete, 1)
		}
		if line = whole; line == nil {
			return
		}
	}
	if plain := unpacked(line); plain != nil {
		line = plain
	}
	if line = ingest.TrimEnd(line); len(line) == 0 {
		in.env.Drop(p.Origin, dropEmpty, 1)
		return
	}
	if in.settings.Datagram == DatagramLines {
		in.lines(p, b, line, now)
		return
	}
	if begins(line) && nextMessage(line, true) < len(line) {
		in.tellJoined(p)
	}
	in.whole(p, b, line, now)
}

// whole takes one message, in parts where it is longer than a line may be.
func (in *input) whole(p *sender, b *ingest.Batcher, line []byte, now time.Time) {
	ingest.Parts(line, in.settings.MaxLine, func(line []byte, part int) { in.take(p, b, line, part, now) })
}

// giveUp counts the messages that will never be whole.
func (in *input) giveUp(parts *chunks) {
	for _, m := range parts.waiting {
		in.env.Drop(m.of.Origin, dropIncomplete, 1)
	}
}

// countDrops reports what the kernel dropped since the socket's buffer was full. It
// asks for the counter instead of reading it beside each datagram (SO_RXQ_OVFL): it
// costs the hot path nothing, and a drop shows even if no datagram ever follows. The
// kernel does not say whose datagrams they were, so their origin is the socket.
func (in *input) countDrops(c *net.UDPConn, ended <-chan struct{}) {
	every := time.NewTicker(dropsEvery)
	defer every.Stop()
	origin := in.env.Name + ":" + c.LocalAddr().String()
	last := uint32(0)
	count := func() {
		if now, ok := ingest.KernelDrops(c); ok && now != last {
			in.env.Drop(origin, dropKernel, int(now-last)) // the counter wraps, and so does this
			last = now
		}
	}
	for {
		select {
		case <-ended:
			count()
			return
		case <-every.C:
			count()
		}
	}
}
