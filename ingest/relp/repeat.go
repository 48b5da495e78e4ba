package relp

import (
	"bytes"
	"time"

	"sluice/internal/metrics"
)

// holdTime is how long messages wait that may repeat what was answered, until what follows tells.
const holdTime = time.Second

// repetition is where a session is in what it repeats of one that ended.
type repetition struct {
	first bool  // no message has come yet
	of    *tail // nil: it repeats nothing, or nothing any more
	at    int   // the message of it that is to come next
	held  []held
	since time.Time
}

// held is a message that equals one that was answered: it is known for a double only once what has
// certainly no answer follows.
type held struct {
	txnr int
	as   kept
	line []byte
}

// soonest is when to look again at what is held, if that is before the deadline.
func (r *repetition) soonest(deadline time.Time) time.Time {
	if due := r.since.Add(holdTime); len(r.held) > 0 && (deadline.IsZero() || due.Before(deadline)) {
		return due
	}
	return deadline
}

// repeats reports whether a message was dealt with as one that may have been sent before.
func (s *session) repeats(txnr int, of sum, line []byte) (done bool, err error) {
	r := &s.repeat
	if r.first {
		r.first = false
		s.follow(of)
	}
	if r.of == nil {
		return false, nil
	}
	if r.at == len(r.of.messages) || r.of.messages[r.at].sum != of {
		err := s.settle(false)
		r.of = nil
		return false, err
	}
	m := r.of.messages[r.at]
	m.sent = 0 // it is to be answered again
	r.at++
	switch {
	case r.at > r.of.sure:
		if err := s.settle(true); err != nil {
			return true, err
		}
		s.again(txnr, m)
	case r.of.sure == len(r.of.messages):
		s.in.known.possibly(1)
		s.accept(txnr, of, line)
	default:
		if len(r.held) == 0 {
			r.since = time.Now()
		}
		r.held = append(r.held, held{txnr, m, bytes.Clone(line)})
		if s.in.memory.Add(-int64(len(line))) < 0 || len(r.held) >= window {
			err = s.settle(false)
		}
	}
	return true, err
}

// follow looks for what the session repeats, by its first message. A session of the same sender that is
// over, and whose end we have not come to yet, is waited for.
func (s *session) follow(first sum) {
	for _, o := range s.in.others(s) {
		// In this order: a connection that was abandoned is closed, and says no more that it is gone.
		if gone := o.k.Gone(); !gone && !o.abandoned.Load() {
			continue
		}
		o.abandon()
		select {
		case <-o.gone:
		case <-s.in.over:
		}
	}
	s.repeat.of, s.repeat.at = s.in.known.claim(s.sender.Addr, first)
	if s.repeat.of == nil && s.in.known.unknown(s.sender.Addr) {
		s.doubts = window
	}
}

// settle decides what the held messages are: known, or new for all that can be told.
func (s *session) settle(known bool) error {
	r := &s.repeat
	for len(r.held) > 0 {
		if !s.wait() {
			return errBroken
		}
		h := r.held[0]
		r.held = r.held[1:]
		s.in.memory.Add(int64(len(h.line)))
		if known {
			s.again(h.txnr, h.as)
			continue
		}
		s.in.known.possibly(1)
		s.accept(h.txnr, h.as.sum, h.line)
	}
	if !known {
		r.of = nil
	}
	return nil
}

// again answers a message that we have, once it is durable.
func (s *session) again(txnr int, m kept) {
	metrics.RelpRepeated.WithLabelValues(s.in.env.Name).Inc()
	s.addMessage(txnr, m)
}

// leave remembers what the sender may send again. One that closed its session in order has given up what
// was not answered.
func (s *session) leave() {
	s.measures()
	for _, h := range s.repeat.held {
		s.in.memory.Add(int64(len(h.line)))
	}
	if s.closed {
		return
	}
	s.mu.Lock()
	t := &tail{sender: s.sender.Addr, messages: s.messages, sure: certain(s.messages, s.k.Sent()-s.unconfirmed, s.measured)}
	s.mu.Unlock()
	if s.heeded {
		t.messages, t.sure = t.messages[t.sure:], 0
	}
	if r := &s.repeat; r.of != nil {
		at := r.at - len(r.held)
		switch {
		case len(t.messages) == 0:
			t = r.of // as it was: what is held has no answer
		case r.of.sure < len(r.of.messages):
			t.messages = append(t.messages, r.of.messages[at:]...)
		}
	}
	if len(t.messages) > 0 {
		t.ended = time.Since(s.in.made)
		s.in.known.keep(t)
	}
}
