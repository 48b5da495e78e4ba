package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// relpWindow is how many messages librelp sends ahead of their answers.
const relpWindow = 128

// relpSender writes the story, or other lines, over RELP: it keeps each line until it is answered, and when the connection
// breaks it sends those first that have no answer.
type relpSender struct {
	t      *testing.T
	to     string
	up     func() bool // says whether the listener is alive
	conn   net.Conn
	in     *bufio.Reader
	n      int      // lines of the story so far
	kept   []string // those without an answer
	first  int      // the number of the first of them
	sent   int      // how many of them went over this connection
	txnr   int      // of the first of them
	again  map[int]bool
	breaks int
	text   func(n int) string // of a line
}

func newRelpSender(t *testing.T, to string, up func() bool) *relpSender {
	s := &relpSender{t: t, to: to, up: up, again: map[int]bool{}, text: func(n int) string { return line(n, time.Now()) }}
	t.Cleanup(s.hangUp)
	return s
}

func (s *relpSender) written() int { return s.n }

func (s *relpSender) write(lines int) {
	for range lines {
		s.kept = append(s.kept, s.text(s.n))
		s.n++
	}
	for s.sent < len(s.kept) && s.dial() {
		s.fill()
		if s.sent < len(s.kept) {
			s.answer()
		}
	}
}

// finish waits until every line is answered.
func (s *relpSender) finish() {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); len(s.kept) > 0; {
		if time.Now().After(deadline) {
			s.t.Fatalf("%d lines have no answer", len(s.kept))
		}
		if s.dial() {
			s.fill()
			s.answer()
		}
	}
	s.hangUp()
}

// dial gives up where the listener is dead until we start it again.
func (s *relpSender) dial() bool {
	for deadline := time.Now().Add(30 * time.Second); s.conn == nil; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", s.to)
		switch {
		case err == nil:
			s.conn, s.in, s.sent, s.txnr = c, bufio.NewReader(c), 0, 2
			fmt.Fprint(c, "1 open 30 relp_version=0\ncommands=syslog\n")
			if f, err := s.frame(); err != nil || !strings.HasPrefix(f, "1 rsp 200 OK") {
				s.hangUp()
			}
		case !s.up():
			return false
		case time.Now().After(deadline):
			s.t.Fatal(err)
		}
	}
	return true
}

// fill sends what the window takes.
func (s *relpSender) fill() {
	if s.conn == nil {
		return
	}
	var text []byte
	for ; s.sent < min(relpWindow, len(s.kept)); s.sent++ {
		l := s.kept[s.sent]
		text = fmt.Appendf(text, "%d syslog %d %s\n", s.txnr+s.sent, len(l), l)
	}
	if _, err := s.conn.Write(text); err != nil {
		s.hangUp()
	}
}

// answer takes one answer.
func (s *relpSender) answer() {
	if s.conn == nil {
		return
	}
	f, err := s.frame()
	switch {
	case err != nil || f == "0 serverclose":
		s.hangUp()
	case f != fmt.Sprintf("%d rsp 200 OK", s.txnr):
		s.t.Fatalf("answer %q to message %d", f, s.txnr)
	default:
		s.kept, s.first, s.sent, s.txnr = s.kept[1:], s.first+1, s.sent-1, s.txnr+1
	}
}

// frame reads one frame: its number, command and data.
func (s *relpSender) frame() (string, error) {
	_ = s.conn.SetReadDeadline(time.Now().Add(time.Minute))
	txnr, command, data, err := relpFrame(s.in)
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", txnr, command, data)), err
}

func relpFrame(in *bufio.Reader) (txnr int, command, data string, err error) {
	size := 0
	if _, err := fmt.Fscanf(in, "%d %s %d", &txnr, &command, &size); err != nil {
		return 0, "", "", err
	}
	if size > 0 {
		size += len(" ")
	}
	rest := make([]byte, size+len("\n"))
	if _, err := io.ReadFull(in, rest); err != nil {
		return 0, "", "", err
	}
	return txnr, command, strings.TrimPrefix(strings.TrimSuffix(string(rest), "\n"), " "), nil
}

// hangUp notes which lines will be sent again.
func (s *relpSender) hangUp() {
	if s.conn == nil {
		return
	}
	s.conn.Close()
	s.conn = nil
	s.breaks++
	for i := range s.sent {
		s.again[s.first+i] = true
	}
	s.sent = 0
}

// withRelp adds a RELP input to a world, and gives its address.
func withRelp(w *testbed.World) string {
	to := w.FreePort()
	w.Inputs += fmt.Sprintf("  relay:\n    kind: relp\n    namespace: %s\n    tcp: %s\n", w.Namespace(), to)
	return to
}

// judgeAnswered: each line is there, with its raw bytes, and none is there twice but some that were sent again.
func judgeAnswered(t *testing.T, events []testbed.Event, written int, again map[int]bool) (doubled int) {
	t.Helper()
	times := map[int]int{}
	for _, e := range events {
		n := number(e)
		if n < 0 || n >= written {
			t.Errorf("an event that nobody wrote: %s", e.Source)
			continue
		}
		times[n]++
		if raw, want := stampless(original(t, e)), stampless([]byte(line(n, time.Time{}))); string(raw) != string(want) {
			t.Errorf("line %d came as %q", n, raw)
		}
	}
	lost := 0
	for n := range written {
		switch {
		case times[n] == 0:
			lost++
		case times[n] > 1 && !again[n]:
			t.Errorf("line %d is there %d times, and was sent once", n, times[n])
		case times[n] > 1:
			doubled += times[n] - 1
		}
	}
	if lost > 0 {
		t.Errorf("%d lines of %d are lost, and were answered", lost, written)
	}
	return doubled
}

// whileSent kills the collector while the story is sent to its end, one time of each every at a crash point.
func (k *killer) whileSent(kills, every int) {
	for i := range kills {
		if until := k.total * (i + 1) / (kills + 1); i%every == 1 {
			k.atPoint(fmt.Sprintf("collect/after-produce:%d", i), until)
		} else {
			k.atRandom(until)
		}
	}
	k.write(k.total - k.out.written())
}

// judgeAnswered is the function of that name once all is settled; and the account says so, too.
func (k *killer) judgeAnswered(kills int, again map[int]bool) (doubled int) {
	k.t.Helper()
	a := k.w.SettleStill(4 * time.Minute)
	if k.hits < kills {
		k.t.Errorf("only %d kills hit a live process", k.hits)
	}
	doubled = judgeAnswered(k.t, k.w.Events(), k.out.written(), again)
	if got, want := a.Sum.Received, int64(k.out.written()+doubled); got != want {
		k.t.Errorf("%d lines were received, and %d are in the index", got, want)
	}
	return doubled
}

// TestKillsWhileRelpIsSent: kill -9 hits while a sender writes over RELP. Every line is answered in the
// end and in the index. Only what was sent again to a process that could know nothing of it may be there twice.
func TestKillsWhileRelpIsSent(t *testing.T) {
	total := storyLines(t) / 4
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	to := withRelp(w)
	w.Up()
	w.AwaitReady(time.Minute)
	s := newRelpSender(t, to, w.Processes()[0].Alive)
	k := newKiller(t, w, s, total)
	const kills = 8
	k.whileSent(kills, 4)
	s.finish()
	doubled := k.judgeAnswered(kills, s.again)
	t.Logf("%d kills hit: %v; %d connections broke, %d lines were sent again, %d are there twice", k.hits, k.by, s.breaks, len(s.again), doubled)
}

// TestStopsWhileRelpIsSent: SIGTERM and reloads that bind anew come while a sender writes over RELP as fast as it is
// answered. What was read is answered before the end, so that every line is in the index exactly once.
func TestStopsWhileRelpIsSent(t *testing.T) {
	const each = 10_000
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	to := withRelp(w)
	w.Up()
	w.AwaitReady(time.Minute)
	p := w.Processes()[0]
	s := newRelpSender(t, to, p.Alive)
	inputs := w.Inputs
	for round := range 6 {
		s.write(each / 2)
		if round%2 == 0 {
			if err := p.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			for p.Alive() { // under full load
				s.write(100)
			}
			if code, err := p.Wait(stopTime); err != nil || code != 0 {
				t.Fatalf("round %d: exit code %d, %v", round, code, err)
			}
			p.Again("")
		} else {
			w.Inputs = inputs + fmt.Sprintf("    max_connections: %d\n", 100+round)
			p.Configure()
			if err := p.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		}
		s.write(each / 2)
	}
	s.finish()
	a := w.SettleStill(2 * time.Minute)
	if doubled := judgeAnswered(t, w.Events(), s.n, s.again); doubled > 0 {
		t.Errorf("%d lines are there twice", doubled)
	}
	if a.Sum.Received != int64(s.n) {
		t.Errorf("%d lines were received, and %d sent", a.Sum.Received, s.n)
	}
	t.Logf("%d lines; %d connections broke, %d lines were sent again", s.n, s.breaks, len(s.again))
}
