package syslog

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// burstTime is how many seconds of its rate a sender may send at once: a switch that
// boots sends its backlog in one piece.
const burstTime = 2

// limiter holds every sender address to one rate, so that one that floods takes no
// place from the others. A nil limiter limits nothing. It is safe for concurrent use.
type limiter struct {
	rate float64 // lines a second

	mu      sync.Mutex
	senders map[netip.Addr]*bucket
}

type bucket struct {
	lines float64 // that may come now; negative: promised ahead to those who wait
	at    time.Time
}

func newLimiter(rate int) *limiter {
	if rate == 0 {
		return nil
	}
	return &limiter{rate: float64(rate), senders: map[netip.Addr]*bucket{}}
}

// fill returns the sender's bucket as it is now.
func (l *limiter) fill(a netip.Addr) *bucket {
	now := time.Now()
	b, ok := l.senders[a]
	if !ok {
		if len(l.senders) >= maxSenders {
			l.forget(now)
		}
		b = &bucket{lines: l.rate * burstTime, at: now}
		l.senders[a] = b
		return b
	}
	b.lines = min(b.lines+l.rate*now.Sub(b.at).Seconds(), l.rate*burstTime)
	b.at = now
	return b
}

// forget drops the senders whose buckets are full again; when forged addresses fill the
// table faster than that, all.
func (l *limiter) forget(now time.Time) {
	for a, b := range l.senders {
		if now.Sub(b.at) > burstTime*time.Second {
			delete(l.senders, a)
		}
	}
	if len(l.senders) >= maxSenders {
		clear(l.senders)
	}
}

// take reports whether the sender may send one more line now.
func (l *limiter) take(a netip.Addr) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.fill(a)
	if b.lines < 1 {
		return false
	}
	b.lines--
	return true
}

// wait waits until the sender may send one more line, or ctx ends: not reading slows
// the sender of a stream down, and loses nothing.
func (l *limiter) wait(ctx context.Context, a netip.Addr) {
	if l == nil {
		return
	}
	l.mu.Lock()
	b := l.fill(a)
	b.lines--
	debt := -b.lines
	l.mu.Unlock()
	if debt <= 0 {
		return
	}
	t := time.NewTimer(time.Duration(debt / l.rate * float64(time.Second)))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
