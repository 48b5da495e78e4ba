package ingest

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
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
	if enter() != nil {
		t.Fatal("a third of two was let in")
	}
	silent.last.Store(int64(-time.Hour)) // an hour goes by
	speaking.last.Store(int64(-time.Minute))
	speaking.Heard()
	if enter() == nil {
		t.Fatal("the silent one made no room")
	}
	if _, err := silent.Write([]byte("x")); err == nil {
		t.Error("the one that made room is still open")
	}
	if why := silent.why.Load(); why != ClosedEvicted {
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

// TestRefusalsAreLogged: one line for each reason and minute, with how many there were.
func TestRefusalsAreLogged(t *testing.T) {
	var out bytes.Buffer
	l := refusedLog{log: slog.New(slog.NewTextHandler(&out, nil)), name: "net"}
	for range 5 {
		l.refused("192.0.2.1:4711", ClosedTooMany, nil)
	}
	l.refused("192.0.2.9:1", ClosedNotAllowed, nil)
	l.next[ClosedTooMany] = time.Time{} // a minute goes by
	l.refused("192.0.2.2:4711", ClosedTooMany, nil)
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
