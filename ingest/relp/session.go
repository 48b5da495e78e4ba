package relp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/metrics"
)

const (
	openTime = 10 * time.Second // for the first frame of a connection, which is an offer
	maxOffer = 4 << 10          // bytes of an offer; librelp's has 100
	// maxStrange is how long the data of a command that we do not know may be; it is passed over.
	maxStrange = 64 << 10
	// lingerTime is how long we wait for the sender's end behind ours: with bytes of it unread our
	// close would be a reset, and the sender might never see its last answers.
	lingerTime  = time.Second
	confirmWait = 5 * time.Millisecond
)

// The reasons for which a connection is closed by us, beside those of every input.
const (
	closedProtocol = "protocol" // what came is no RELP, or no session
	closedMemory   = "memory"   // all that connections may take is taken
	closedSlow     = "slow"     // it does not take its answers
)

// The reasons for which a frame is refused.
const (
	refusedHeader  = "header"  // it does not begin as a frame
	refusedEnd     = "end"     // its length lies
	refusedOffer   = "offer"   // we have no version or command of RELP in common
	refusedOrder   = "order"   // a message before the offer, or a second offer
	refusedCommand = "command" // we do not know it
)

// session is one connection. Its reader and its teller are two goroutines.
type session struct {
	in     *input
	k      *ingest.Conn
	c      net.Conn // k, or TLS over it
	sender ingest.Sender
	number int
	answers
	enough chan struct{} // closed: what is not answered yet will not be
	gone   chan struct{} // closed when the session is over and what it left is remembered

	abandoned   atomic.Bool
	giveUp      sync.Once
	measure     sync.Once
	unconfirmed int64 // bytes of answers that the sender's machine had not confirmed at the end
	measured    time.Duration

	repeat repetition
	doubts int // messages still to come that may be doubles for all that we know

	buf    ingest.Buffer
	opened bool
	closed bool // the client said that it closes
	heeded bool // the client closed once we said that we do: it has read all that we wrote
	skip   int  // bytes of a message of more than maxFrame bytes that are still to come
	now    time.Time
}

// serve reads one connection to its end.
func (in *input) serve(ctx context.Context, k *ingest.Conn, certs *tls.Config, p ingest.Sender) {
	s := &session{
		in: in, k: k, c: k, sender: p, enough: make(chan struct{}), gone: make(chan struct{}),
		repeat: repetition{first: true}, buf: ingest.NewBuffer(&in.memory, maxFrame+maxHeader+1),
	}
	defer close(s.gone)
	if certs != nil {
		if s.c = k.Secure(ctx, certs); s.c == nil {
			return
		}
	}
	s.init(k.Holds)
	in.enters(s)
	defer in.leaves(s)
	told := make(chan struct{})
	go func() {
		defer close(told)
		s.tell()
	}()
	err := s.read(ctx)
	s.buf.Shrink()
	s.end(err, told)
	s.leave()
}

// read takes frames until the connection ends, the client closes, or something is wrong with it.
func (s *session) read(ctx context.Context) error {
	deadline := time.Now().Add(openTime)
	for {
		if idle := s.in.settings.IdleTimeout; s.opened {
			deadline = time.Time{}
			if idle > 0 {
				deadline = time.Now().Add(idle)
			}
		}
		_ = s.k.SetReadDeadline(s.repeat.soonest(deadline))
		if ctx.Err() != nil { // wind may have come before
			return ctx.Err()
		}
		n, err := s.c.Read(s.buf.Bytes[s.buf.End:])
		s.now = s.in.env.Now()
		if n > 0 {
			s.buf.End += n
			if err := s.frames(); err != nil || s.closed {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(s.repeat.held) > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			if err = s.settle(false); err == nil {
				continue
			}
		}
		if err != nil {
			s.k.Ended(err)
			return err
		}
		s.buf.Fit(n)
	}
}

// frames takes every frame that is whole.
func (s *session) frames() error {
	at := 0
	defer func() { s.buf.Take(at) }()
	for at < s.buf.End && !s.closed {
		rest := s.buf.Bytes[at:s.buf.End]
		if s.skip > 0 {
			n := min(s.skip, len(rest))
			at += n
			s.skip -= n
			continue
		}
		n, err := s.frame(rest)
		if err != nil {
			return err
		}
		if n == 0 {
			return s.more(at)
		}
		at += n
	}
	return nil
}

// more makes room for the rest of a frame that begins at at.
func (s *session) more(at int) error {
	if at > 0 || s.buf.End < len(s.buf.Bytes) || s.buf.Grow(2*len(s.buf.Bytes)) {
		return nil
	}
	s.k.Refuses(closedMemory, nil)
	return errNoMemory
}

var errNoMemory = errors.New("no memory for the frame; it is taken when it is sent again")

// frame takes the frame at the start of b and returns its length; 0 means that more must be read first.
func (s *session) frame(b []byte) (int, error) {
	h, n, err := readHeader(b)
	switch {
	case err != nil:
		return 0, s.refuses(0, refusedHeader, err)
	case n == 0:
		return 0, nil
	case h.txnr == 0:
		return 0, s.refuses(0, refusedHeader, errors.New("a transaction number of 0, which is the server's"))
	case h.command != cmdSyslog && h.size > maxStrange:
		return 0, s.refuses(h.txnr, refusedCommand, fmt.Errorf("a command of %d bytes that is no message", h.size))
	case h.size > maxFrame:
		return s.long(b, h, n)
	case len(b) < n+h.size+1:
		return 0, nil
	case b[n+h.size] != '\n':
		return 0, s.refuses(h.txnr, refusedEnd, errNoEnd)
	}
	return n + h.size + 1, s.command(h, b[n:n+h.size])
}

var errBroken = errors.New("the sender takes no answers any more")

// long takes what is read of a message of more than maxFrame bytes; the rest is passed over, else the
// sender would send it for ever.
func (s *session) long(b []byte, h header, n int) (int, error) {
	if len(b) < n+maxFrame {
		return 0, nil
	}
	s.in.env.Drop(s.sender.Origin, dropTruncated, 1)
	s.skip = h.size + 1 - maxFrame
	return n + maxFrame, s.command(h, b[n:n+maxFrame])
}

// command does what a frame asks for.
func (s *session) command(h header, data []byte) error {
	if !s.wait() {
		return errBroken
	}
	switch {
	case h.command == cmdOpen && s.opened:
		return s.refuses(h.txnr, refusedOrder, errors.New("a second offer"))
	case h.command == cmdOpen:
		return s.open(h, data)
	case h.command == cmdClose:
		s.closed = true
		s.add(answer{txnr: h.txnr})
		return nil
	case h.command != cmdSyslog:
		metrics.RelpRefused.WithLabelValues(s.in.env.Name, refusedCommand).Inc()
		s.add(answer{txnr: h.txnr, text: "500 unknown command"})
		return nil
	case !s.opened:
		return s.refuses(h.txnr, refusedOrder, errors.New("a message before the offer"))
	}
	return s.message(h, data)
}

// refuses tells the client what is wrong, counts it, and returns it: behind that nothing is sure where
// the next frame begins. A txnr of 0 stands for a frame that cannot be answered.
func (s *session) refuses(txnr int, reason string, why error) error {
	metrics.RelpRefused.WithLabelValues(s.in.env.Name, reason).Inc()
	s.k.Refuses(closedProtocol, why)
	if txnr > 0 {
		s.add(answer{txnr: txnr, text: "500 " + why.Error()})
	}
	return why
}

// open answers a client's offer:
//
//	relp_version=0
//	relp_software=librelp,1.11.0,http://librelp.adiscon.com
//	commands=syslog
func (s *session) open(h header, data []byte) error {
	if len(data) > maxOffer {
		return s.refuses(h.txnr, refusedOffer, fmt.Errorf("an offer of more than %d bytes", maxOffer))
	}
	offers := map[string]string{}
	for line := range strings.SplitSeq(string(data), "\n") {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\r"), "=")
		offers[key] = value
	}
	version, ok := offers["relp_version"]
	if !ok {
		return s.refuses(h.txnr, refusedOffer, errors.New("the offer has no relp_version"))
	}
	if commands, ok := offers["commands"]; ok && !strings.Contains(","+commands+",", ","+cmdSyslog+",") {
		return s.refuses(h.txnr, refusedOffer, errors.New("the offer lacks the command syslog"))
	}
	if version != "0" { // 0 and 1 differ in nothing; a newer client goes down to ours
		version = "1"
	}
	s.opened = true
	s.add(answer{txnr: h.txnr, text: taken + "\nrelp_version=" + version + "\nrelp_software=sluice\ncommands=syslog"})
	return nil
}

// message takes one message that the sender may have sent before.
func (s *session) message(h header, data []byte) error {
	line := ingest.TrimEnd(data)
	if len(line) == 0 {
		s.in.env.Drop(s.sender.Origin, dropEmpty, 1)
		s.add(answer{txnr: h.txnr})
		return nil
	}
	of := sumOf(line)
	if done, err := s.repeats(h.txnr, of, line); done || err != nil {
		return err
	}
	if s.doubts > 0 {
		s.doubts--
		s.in.known.possibly(1)
	}
	s.accept(h.txnr, of, line)
	return nil
}

// accept takes a message, in parts where it is longer than a line may be.
func (s *session) accept(txnr int, of sum, line []byte) {
	s.addMessage(txnr, kept{sum: of, batch: s.batch(line)})
}

// batch hands a message on and returns the batch that has its end.
func (s *session) batch(line []byte) (batch uint64) {
	origin := s.sender.OriginOf(line)
	ingest.Parts(line, s.in.settings.MaxLine, func(line []byte, part int) {
		if part > 0 {
			metrics.IngestCut.WithLabelValues(s.in.env.Name).Inc()
		}
		batch = s.take(origin, line, part)
	})
	return batch
}

func (s *session) take(origin string, line []byte, part int) uint64 {
	return s.in.batches.Add(event.Raw{
		ID: ingest.LiveID(s.now, line), Bytes: line, Origin: origin, Input: s.in.env.Name,
		Peer: s.sender.Peer, Listener: s.sender.Listener, Namespace: s.in.env.Namespace, Received: s.now,
		Pack: s.in.settings.Pack, Zone: s.sender.Zone, Part: part,
	})
}

// end has the last answers told, and says that we close. err is why nothing more is read; nil: the client
// closes.
func (s *session) end(err error, told chan struct{}) {
	s.ends()
	over := err != nil && !errors.Is(err, io.EOF) && !s.ours(err)
	if over {
		s.stops()
	}
	late := time.AfterFunc(ingest.DrainTime, s.stops)
	defer late.Stop()
	<-told
	if over {
		return
	}
	_ = s.k.SetWriteDeadline(time.Now().Add(lingerTime))
	if _, err := s.c.Write(appendFrame(nil, 0, cmdServerClose, "")); err != nil {
		return
	}
	s.confirmed()
	if half, ok := s.c.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	s.heeded = s.linger() == nil && !errors.Is(err, io.EOF) // with bytes unread its close is a reset
}

// linger reads on until the client closes, for lingerTime at most: a close with bytes unread would be a
// reset, which takes from the client what it has not read yet. A session that ends by itself when the
// input does may be here before wind comes by, which breaks off nothing but its one read.
func (s *session) linger() error {
	for end := time.Now().Add(lingerTime); ; {
		_ = s.k.SetReadDeadline(end)
		_, err := io.Copy(io.Discard, s.c)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !time.Now().Before(end) {
			return err
		}
	}
}

// ours reports whether it was us who ended the reading, so that the sender may still be there.
func (s *session) ours(err error) bool {
	var system *net.OpError
	return !errors.As(err, &system) || errors.Is(err, os.ErrDeadlineExceeded)
}

// confirmed waits for the sender's machine to confirm what it was told.
func (s *session) confirmed() {
	for end := time.Now().Add(lingerTime); s.k.Unconfirmed() > 0 && !s.k.Reset() && time.Now().Before(end); {
		time.Sleep(confirmWait)
	}
	s.measures()
}

// measures notes what the sender's machine has not confirmed; only once, since a closed socket tells
// nothing.
func (s *session) measures() {
	s.measure.Do(func() { s.unconfirmed, s.measured = s.k.Unconfirmed(), time.Since(s.in.made) })
}

// stops gives up what is not answered yet.
func (s *session) stops() { s.giveUp.Do(func() { close(s.enough) }) }

// cannotTell ends a session whose sender does not take its answers.
func (s *session) cannotTell(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.k.Ends(closedSlow)
	}
	s.abandon()
}

// abandon ends a session whose sender is gone.
func (s *session) abandon() {
	s.abandoned.Store(true)
	s.measures()
	s.stops()
	s.breaks()
	s.k.Close()
}
