package e2e

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// sender writes the story to a TCP syslog listener and dials again when the connection
// breaks, as syslog daemons do. Each line is written once: what was on its way when the
// connection broke is the sender's loss, since plain syslog has no acknowledgement.
type sender struct {
	t     *testing.T
	to    string
	conn  net.Conn
	buf   *bufio.Writer
	n     int
	dials int
	up    func() bool // says whether the listener is alive; nil: it always is
}

func newSender(t *testing.T, to string) *sender {
	s := &sender{t: t, to: to}
	t.Cleanup(s.hangUp)
	return s
}

func (s *sender) written() int { return s.n }

func (s *sender) write(lines int) {
	for i := range lines {
		if !s.dial() {
			s.n += lines - i
			return
		}
		if _, err := fmt.Fprintf(s.buf, "%s\n", line(s.n, time.Now())); err != nil {
			s.hangUp()
		}
		s.n++
	}
	if s.conn != nil && s.buf.Flush() != nil {
		s.hangUp()
	}
}

// dial gives up where the listener is dead until we start it again: what is to be
// written meanwhile is lost.
func (s *sender) dial() bool {
	for deadline := time.Now().Add(30 * time.Second); s.conn == nil; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", s.to)
		switch {
		case err == nil:
			s.conn, s.buf = c, bufio.NewWriter(c)
			s.dials++
			return true
		case s.up != nil && !s.up():
			return false
		case time.Now().After(deadline):
			s.t.Fatal(err)
		}
	}
	return true
}

func (s *sender) hangUp() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}

// TestKillsWhileSyslogIsSent: kill -9 hits while a sender that dials again writes TCP
// syslog. Every line that reached the journal is in the index exactly once, every line
// of a connection that no kill hit among them; the account says how many the program
// never read.
func TestKillsWhileSyslogIsSent(t *testing.T) {
	const unharmed = 500 // lines after the last kill
	hunted := storyLines(t) / 2
	total := hunted + unharmed
	w := testbed.New(t, testbed.Real(), "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	s := newSender(t, w.Syslog)
	s.up = w.Processes()[0].Alive // the one that collects
	k := newKiller(t, w, s, hunted)
	k.run()
	s.hangUp()
	w.AwaitReady(time.Minute)
	s.write(unharmed)
	s.hangUp()
	a := w.SettleStill(4 * time.Minute)
	t.Logf("%d kills hit: %v; %d connections", k.hits, k.by, s.dials)
	if k.hits < 20 {
		t.Errorf("only %d kills hit a live process", k.hits)
	}
	seen := judgeSubset(t, w.Events(), total)
	received := len(seen)
	if int64(received) != a.Sum.Received {
		t.Errorf("%d lines are in the index, and %d were received", received, a.Sum.Received)
	}
	t.Logf("sent %d, received %d: %d lines were sent and never read", total, received, total-received)
	if n := missing(seen, hunted, total); n > 0 {
		t.Errorf("%d of the %d lines of the last connection are lost", n, unharmed)
	}
}

// judgeSubset: each event is a line of the story with its raw bytes, none is there
// twice. It gives how often each line is there.
func judgeSubset(t *testing.T, events []testbed.Event, total int) map[int]int {
	t.Helper()
	seen := map[int]int{}
	bad := 0
	for _, e := range events {
		n := number(e)
		if n < 0 || n >= total {
			t.Errorf("an event that nobody wrote: %s", e.Source)
			continue
		}
		seen[n]++
		if raw, want := stampless(original(t, e)), stampless([]byte(line(n, time.Time{}))); string(raw) != string(want) {
			if bad++; bad < 5 {
				t.Errorf("line %d came as %q", n, raw)
			}
		}
	}
	for n, times := range seen {
		if times > 1 {
			t.Errorf("line %d is there %d times", n, times)
		}
	}
	return seen
}
