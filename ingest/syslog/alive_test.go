package syslog

import (
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"sluice/internal/metrics"
)

// TestKeepAlive: the kernel asks every silent peer whether it is there, and gives up one that has
// not answered for as long as the documentation says.
func TestKeepAlive(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.TCP = []string{anyPort} }))
	send(t, dial(t, w.addrs[0]), "<34>x\n")
	w.want(1)
	open := w.in.(*input).conns.Open()
	if len(open) != 1 {
		t.Fatalf("%d connections", len(open))
	}
	for _, c := range open {
		raw, err := c.Conn.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		f := func(level, option, want int) {
			t.Helper()
			err := raw.Control(func(fd uintptr) {
				if got, err := syscall.GetsockoptInt(int(fd), level, option); err != nil || got != want {
					t.Errorf("option %d of level %d is %d, %v; want %d", option, level, got, err, want)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		f(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
		f(syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 60)
		f(syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 60)
		f(syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 10)
	}
}

// goneConn is a connection whose kernel says what it says of peers that answer no more.
type goneConn struct {
	net.Conn
	text io.Reader
}

func (c goneConn) Read(b []byte) (int, error) {
	if n, err := c.text.Read(b); err == nil {
		return n, nil
	}
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ETIMEDOUT}
}

type goneListener struct{ net.Listener }

func (l goneListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.Close()
	return goneConn{c, io.LimitReader(zeros{}, 7)}, nil
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

// TestDeadPeer: a peer that vanished in the middle of a line is counted as such, its connection is
// free again, and what it wrote is kept.
func TestDeadPeer(t *testing.T) {
	s := settings(func(s *Settings) { s.TCP = []string{anyPort} })
	w := startOn(t, s, func(in *input) { in.streams[0].Listener = goneListener{in.streams[0].Listener} })
	dial(t, w.addrs[0])
	if got := w.lines(1)[0]; got != "xxxxxxx" {
		t.Errorf("kept %q", got)
	}
	w.stop()
	page := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	if want := `sluice_ingest_refused_connections_total{input="net",reason="dead"} `; !strings.Contains(page.Body.String(), want) {
		t.Errorf("the metrics lack %s", want)
	}
	if n := len(w.in.(*input).conns.Open()); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}
