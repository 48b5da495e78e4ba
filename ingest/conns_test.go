package ingest

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilentMakeRoom: when all connections are taken, the one that was silent for longest makes room
// for a new one, and one that has just spoken does not.
func TestSilentMakeRoom(t *testing.T) {
	conns := NewConns(Env{Name: "net", Log: slog.New(slog.DiscardHandler)}, 2)
	enter := func() *Conn {
		c, other := net.Pipe()
		t.Cleanup(func() { c.Close(); other.Close() })
		return conns.enter(c)
	}
	silent, speaking := enter(), enter()
	silent.waits.Store(true)
	speaking.waits.Store(true)
	if enter() != nil {
		t.Fatal("a third of two was let in")
	}
	silent.last.Store(int64(-time.Hour)) // an hour goes by
	speaking.last.Store(int64(-time.Minute))
	speaking.now()
	// It may have sent what we have no room for, or waits for our answer: then it is not its silence.
	silent.waits.Store(false)
	if enter() != nil {
		t.Fatal("one that nobody reads from made room")
	}
	silent.waits.Store(true)
	silent.holds.Store(true)
	if enter() != nil {
		t.Fatal("one that waits for an answer made room")
	}
	silent.holds.Store(false)
	if enter() == nil {
		t.Fatal("the silent one made no room")
	}
	if _, err := silent.Write([]byte("x")); err == nil {
		t.Error("the one that made room is still open")
	}
	if why := silent.why.Load(); why != closedEvicted {
		t.Errorf("ended for %v", why)
	}
	if n := len(conns.Open()); n != 2 {
		t.Errorf("%d are open", n)
	}
	conns.leave(silent) // its reader ends, and takes nobody's place away
	if n := len(conns.Open()); n != 2 {
		t.Errorf("%d are open behind its end", n)
	}
}

// without is a listener of a process that has no descriptor left, until it is closed.
type without struct {
	net.Listener
	times int
}

func (w *without) Accept() (net.Conn, error) {
	if w.times--; w.times < 0 {
		return nil, net.ErrClosed
	}
	return nil, syscall.EMFILE
}

func (w *without) Addr() net.Addr { return &net.TCPAddr{Port: 514} }

// TestCannotAccept: a listener that accepts nobody is told of, once for a while.
func TestCannotAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		conns := NewConns(Env{Name: "net", Log: slog.New(slog.NewTextHandler(&out, nil))}, 1)
		conns.Accept(t.Context(), &without{times: 2 + int(time.Minute/acceptWait)}, nil)
		if got := strings.Count(out.String(), "too many open files"); got != 2 {
			t.Errorf("told %d times in a minute and a bit:\n%s", got, out.String())
		}
	})
}

// TestUnconfirmed: what the peer's machine has not confirmed is known, also behind a reset.
func TestUnconfirmed(t *testing.T) {
	l, err := listenTCP("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	k := NewConns(Env{Name: "net", Log: slog.New(slog.DiscardHandler)}, 1).enter(c)
	until := func(what string, so func() bool) {
		t.Helper()
		for range 5000 {
			if so() {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatalf("%s: never; %d of %d bytes are not confirmed, gone %v", what, k.Unconfirmed(), k.Sent(), k.Gone())
	}
	if _, err := k.Write([]byte("hello")); err != nil || k.Sent() != 5 {
		t.Fatal(err, k.Sent())
	}
	until("a confirmation", func() bool { return k.Unconfirmed() == 0 })
	if k.Gone() {
		t.Error("it is gone")
	}
	much := make([]byte, 64<<20) // more than the buffers of both take
	until("what nobody reads", func() bool {
		_ = k.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err := k.Write(much)
		return err != nil && k.Unconfirmed() > 0
	})
	_ = peer.(*net.TCPConn).SetLinger(0)
	peer.Close()
	until("its end", k.Gone)
	if n := k.Unconfirmed(); n <= 0 || n >= k.Sent() {
		t.Errorf("behind the reset %d of %d bytes are not confirmed", n, k.Sent())
	}
}

// TestRefusalsAreLogged: one line for each reason and minute, with how many there were.
func TestRefusalsAreLogged(t *testing.T) {
	var out bytes.Buffer
	l := refusedLog{log: slog.New(slog.NewTextHandler(&out, nil)), name: "net"}
	for range 5 {
		l.refused("connections refused", "192.0.2.1:4711", closedTooMany, nil)
	}
	l.refused("connections refused", "192.0.2.9:1", closedNotAllowed, nil)
	l.next[closedTooMany] = time.Time{} // a minute goes by
	l.refused("connections refused", "192.0.2.2:4711", closedTooMany, nil)
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{
		"input=net why=max_connections refused=1 last_peer=192.0.2.1:4711",
		"input=net why=not_allowed refused=1 last_peer=192.0.2.9:1",
		"input=net why=max_connections refused=5 last_peer=192.0.2.2:4711",
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines: %q", len(got), got)
	}
	for i, w := range want {
		if !strings.Contains(got[i], w) {
			t.Errorf("%q, want %q", got[i], w)
		}
	}
}
