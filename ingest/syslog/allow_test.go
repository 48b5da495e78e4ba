package syslog

import (
	"fmt"
	"io"
	"net"
	"testing"
)

// TestConnectionNotAllowed: who may not send is not read, over TCP either.
func TestConnectionNotAllowed(t *testing.T) {
	f := func(allow string, taken int) {
		t.Helper()
		w := start(t, settings(func(s *Settings) { s.TCP, s.Allow = []string{anyPort}, []string{allow} }))
		c, err := net.Dial("tcp", w.addrs[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "<13>one\n")
		_ = c.(*net.TCPConn).CloseWrite() // fails where the other side has closed already
		_, _ = io.Copy(io.Discard, c)     // until the other side has closed
		w.stop()
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.raws) != taken {
			t.Errorf("allow %s: %d lines, want %d", allow, len(w.raws), taken)
		}
	}
	f("192.0.2.0/24", 0)
	f("127.0.0.0/8", 1)
}
