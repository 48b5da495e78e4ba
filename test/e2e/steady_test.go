package e2e

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"
)

// steady is one connection that sends numbered lines as fast as it is read.
type steady struct {
	t    *testing.T
	conn net.Conn
	n    atomic.Int64
	quit atomic.Bool
	done chan struct{}
}

func newSteady(t *testing.T, to string) *steady {
	s := &steady{t: t, conn: dial(t, "tcp", to), done: make(chan struct{})}
	go s.run()
	t.Cleanup(func() { s.conn.Close() })
	return s
}

func (s *steady) run() {
	defer close(s.done)
	defer s.conn.Close()
	var text []byte
	for n := int64(0); !s.quit.Load(); {
		text = text[:0]
		for range 100 {
			text = append(fmt.Appendf(text, steadyForm, n), '\n')
			n++
		}
		if _, err := s.conn.Write(text); err != nil {
			s.t.Errorf("the connection broke: %v", err)
			return
		}
		s.n.Store(n)
	}
}

// lines are those that the connection has taken.
func (s *steady) lines() int64 { return s.n.Load() }

// stop ends the connection in good order and says how many lines went.
func (s *steady) stop() int64 {
	s.quit.Store(true)
	<-s.done
	return s.lines()
}
