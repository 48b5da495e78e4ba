package app

import (
	"context"
	"io"
)

// Until reads of r until ctx ends, also while r waits, as a terminal or a pipe does. What is read then is lost, so
// nobody may go on with r: the process ends.
func Until(ctx context.Context, r io.Reader) io.Reader { return &stoppable{ctx: ctx, r: r} }

type stoppable struct {
	ctx  context.Context
	r    io.Reader
	buf  []byte // what the read in the background fills: it may outlive the caller's
	rest []byte // of buf, not given yet
	err  error
}

// Read implements io.Reader.
func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if len(s.rest) == 0 && s.err == nil {
		if s.buf == nil {
			s.buf = make([]byte, 64<<10)
		}
		type read struct {
			n   int
			err error
		}
		done := make(chan read, 1)
		go func() {
			n, err := s.r.Read(s.buf)
			done <- read{n, err}
		}()
		select {
		case got := <-done:
			s.rest, s.err = s.buf[:got.n], got.err
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	n := copy(b, s.rest)
	if s.rest = s.rest[n:]; len(s.rest) == 0 && s.err != nil {
		return n, s.err
	}
	return n, nil
}
