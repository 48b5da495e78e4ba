package ingest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sluice/internal/metrics"
)

const (
	handshakeTime = 10 * time.Second
	// evictable is how long a connection must have been silent, while we waited for it, to make
	// room for a new one, when all are taken.
	evictable = 10 * time.Second
	// acceptWait is the pause after a failed accept: out of descriptors, and others will end.
	acceptWait = 50 * time.Millisecond
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

// listenTCP binds a TCP address. kind names the setting in an error.
func listenTCP(kind, addr string) (net.Listener, error) {
	conf := net.ListenConfig{KeepAliveConfig: keepAlive}
	l, err := conf.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, ExplainBind(kind, addr, err)
	}
	return l, nil
}

// ExplainBind ends the errors that everybody meets with what to do.
func ExplainBind(kind, addr string, err error) error {
	var why syscall.Errno
	if errors.As(err, &why) { // what is around it says the address again
		err = why
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("bind %s %s: %w; use a port above 1023 or give the program CAP_NET_BIND_SERVICE", kind, addr, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("bind %s %s: %w; another program has it, perhaps rsyslog", kind, addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("bind %s %s: %w; no interface of this machine has the address: leave it out to listen on all", kind, addr, err)
	}
	return fmt.Errorf("bind %s %s: %w", kind, addr, err)
}

// Conns are the connections that an input has open, of all its listeners. It is safe for concurrent use.
type Conns struct {
	name     string
	most     int
	made     time.Time
	refusals refusedLog

	mu   sync.Mutex
	open map[*Conn]struct{}
	told time.Time // until then nothing more is said of a listener that accepts nobody
}

// Conn is one sender's connection.
type Conn struct {
	net.Conn
	of   *Conns
	sent atomic.Int64 // bytes
	last atomic.Int64 // when the last byte came or we began to wait for one, in ns since Conns was made: no step of the clock moves it
	why  atomic.Value // why we closed it, a text

	waits atomic.Bool // we wait for its bytes; else it may have sent some that we have no room for
	holds atomic.Bool // it waits for our answer
}

// NewConns holds at most most connections.
func NewConns(env Env, most int) *Conns {
	return &Conns{
		name: env.Name, most: most, made: time.Now(),
		refusals: refusedLog{log: env.Log, name: env.Name}, open: map[*Conn]struct{}{},
	}
}

// Accept takes connections until l is closed, and waits for their end. admit returns what serves a
// connection, or nil for a peer that may not send.
func (t *Conns) Accept(ctx context.Context, l net.Listener, admit func(net.Conn) func(*Conn)) {
	var open sync.WaitGroup
	defer open.Wait()
	for ctx.Err() == nil {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			t.stuck(l, err)
			select {
			case <-ctx.Done():
			case <-time.After(acceptWait):
			}
			continue
		}
		serve := admit(c)
		if serve == nil {
			t.refuse(c, closedNotAllowed)
			continue
		}
		k := t.enter(c)
		if k == nil {
			t.refuse(c, closedTooMany)
			continue
		}
		open.Go(func() {
			defer t.leave(k)
			defer k.Close()
			serve(k)
		})
	}
}

// stuck says in the log, at most once a minute, that a listener accepts nobody.
func (t *Conns) stuck(l net.Listener, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); now.After(t.told) {
		t.told = now.Add(refusedEvery)
		t.refusals.log.Warn("connections cannot be accepted; they wait until that passes", "input", t.name, "listen", l.Addr().String(), "error", err)
	}
}

// Open returns the connections that are open now.
func (t *Conns) Open() []*Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*Conn, 0, len(t.open))
	for k := range t.open {
		all = append(all, k)
	}
	return all
}

func (t *Conns) refuse(c net.Conn, why string) {
	c.Close()
	metrics.IngestRefused.WithLabelValues(t.name, why).Inc()
	t.Refused("connections refused", c.RemoteAddr().String(), why, nil)
}

// Refused says in the log what was refused of a peer, and why, at most once a minute for each reason; err
// is what more there is to say.
func (t *Conns) Refused(what, peer, why string, err error) { t.refusals.refused(what, peer, why, err) }

// enter counts a connection in. When all are taken, the one that was silent the longest
// makes room, so that idle ones cannot lock others out; nil: none was silent for long.
func (t *Conns) enter(c net.Conn) *Conn {
	k := &Conn{Conn: c, of: t}
	k.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.open) >= t.most {
		var oldest *Conn
		for o := range t.open {
			if !o.waits.Load() || o.holds.Load() {
				continue // it is not silent: what it sent would be lost, or doubled
			}
			if oldest == nil || o.last.Load() < oldest.last.Load() {
				oldest = o
			}
		}
		if oldest == nil || time.Since(t.made)-time.Duration(oldest.last.Load()) < evictable {
			return nil
		}
		delete(t.open, oldest) // its reader sees the end of the connection
		oldest.why.Store(closedEvicted)
		oldest.Close()
	}
	t.open[k] = struct{}{}
	metrics.IngestOpen.WithLabelValues(t.name).Set(float64(len(t.open)))
	return k
}

func (t *Conns) leave(k *Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, k)
	metrics.IngestOpen.WithLabelValues(t.name).Set(float64(len(t.open)))
	if why, ok := k.why.Load().(string); ok {
		metrics.IngestRefused.WithLabelValues(t.name, why).Inc()
	}
}

// Read reads, and notes whether the peer is silent.
func (k *Conn) Read(b []byte) (int, error) {
	k.now()
	k.waits.Store(true)
	n, err := k.Conn.Read(b)
	k.waits.Store(false)
	if n > 0 {
		k.now()
	}
	return n, err
}

// Holds notes whether the peer waits for our answer.
func (k *Conn) Holds(on bool) {
	k.now()
	k.holds.Store(on)
}

// Write writes, and counts what was written.
func (k *Conn) Write(b []byte) (int, error) {
	n, err := k.Conn.Write(b)
	k.sent.Add(int64(n))
	return n, err
}

// CloseWrite tells the peer that nothing comes any more; it may still send.
func (k *Conn) CloseWrite() error {
	if c, ok := k.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return k.Close()
}

// Sent is how many bytes were written to the peer.
func (k *Conn) Sent() int64 { return k.sent.Load() }

func (k *Conn) now() { k.last.Store(int64(time.Since(k.of.made))) }

// Ends notes why we end the connection; the first reason counts.
func (k *Conn) Ends(why string) { k.why.CompareAndSwap(nil, why) }

// Refuses is Ends for what the log should have: err is what more there is to say.
func (k *Conn) Refuses(why string, err error) {
	k.Ends(why)
	k.of.Refused("connections refused", k.RemoteAddr().String(), why, err)
}

// Secure is the connection behind the TLS handshake, or nil where that failed.
func (k *Conn) Secure(ctx context.Context, conf *tls.Config) net.Conn {
	t := tls.Server(k, conf)
	hand, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if err := t.HandshakeContext(hand); err != nil {
		k.Refuses(closedHandshake, err)
		return nil
	}
	return t
}

// Ended notes it where a failed read means that we end the connection, and not the peer.
func (k *Conn) Ended(err error) {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		k.Ends(closedIdle)
	case errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		k.Ends(closedDead)
	}
}

// refusedLog says which connections and requests were refused, at most once in refusedEvery for each
// reason: who is kept out by a list that somebody mistyped, or by a certificate that ran out,
// looks for it here first.
type refusedLog struct {
	log  *slog.Logger
	name string

	mu    sync.Mutex
	next  map[string]time.Time
	count map[string]int
}

const refusedEvery = time.Minute

// refused counts one; err is what more there is to say.
func (l *refusedLog) refused(what, peer, why string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		l.next, l.count = map[string]time.Time{}, map[string]int{}
	}
	l.count[why]++
	now := time.Now()
	if now.Before(l.next[why]) {
		return
	}
	about := []any{"input", l.name, "why", why, "refused", l.count[why], "last_peer", peer}
	if err != nil {
		about = append(about, "error", err)
	}
	l.log.Warn(what, about...)
	l.next[why], l.count[why] = now.Add(refusedEvery), 0
}
