package syslog

import (
	"crypto/tls"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/internal/certtest"
)

func TestMutualTLS(t *testing.T) {
	p := certtest.New(t)
	w := start(t, settings(func(s *Settings) { s.TLS, s.Cert, s.Key, s.ClientCA = []string{anyPort}, p.Cert, p.Key, p.Cert }))
	if got := w.addrs[0].Network(); got != "tls" {
		t.Errorf("the start announces the listener as %s", got)
	}
	conf := &tls.Config{RootCAs: p.Pool, ServerName: "localhost"}
	if c, err := tls.Dial("tcp", w.addrs[0].String(), conf); err == nil {
		_, err = c.Read(make([]byte, 1)) // TLS 1.3 tells with the first read
		c.Close()
		if err == nil {
			t.Error("a sender without a certificate was let in")
		}
	}
	conf.Certificates = []tls.Certificate{p.TLS}
	c, err := tls.Dial("tcp", w.addrs[0].String(), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, "10 <34>known.")
	if got := w.lines(1); got[0] != "<34>known." {
		t.Errorf("got %q", got)
	}
	w.stop()
	if got := w.log.String(); !strings.Contains(got, "why=tls_handshake refused=1 last_peer=127.0.0.1:") || !strings.Contains(got, "didn't provide a certificate") {
		t.Errorf("the log does not say who was refused and why: %s", got)
	}
}

// TestNothingUnread: a sender that writes and closes, and never reads, loses nothing. With a byte of
// ours unread its close would be a reset, which drops what we have not read yet.
func TestNothingUnread(t *testing.T) {
	p := certtest.New(t)
	// With a sender's certificate a ticket would come behind the handshake; without, at its end.
	w := start(t, settings(func(s *Settings) { s.TLS, s.Cert, s.Key, s.ClientCA = []string{anyPort}, p.Cert, p.Key, p.Cert }))
	c, err := tls.Dial("tcp", w.addrs[0].String(), &tls.Config{
		RootCAs: p.Pool, ServerName: "localhost", Certificates: []tls.Certificate{p.TLS}, ClientSessionCache: tls.NewLRUClientSessionCache(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, "<34>last\n")
	w.lines(1) // so the handshake is over for us, too
	if err := c.NetConn().SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.NetConn().Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes that the sender did not ask for, %v", n, err)
	}
}
