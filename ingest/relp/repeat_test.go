package relp

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"sluice/ingest"
	"sluice/ingest/ingesttest"
)

// reset ends a connection as librelp does with one that is broken.
func (k *client) reset() {
	_ = k.c.(*net.TCPConn).SetLinger(0)
	k.c.Close()
}

// sends sends messages; each is its number.
func (k *client) sends(from, to int) {
	k.t.Helper()
	for i := from; i <= to; i++ {
		k.send(cmdSyslog, fmt.Sprintf("<34>%d", i))
	}
}

// answers reads n answers.
func (k *client) answers(n int) {
	k.t.Helper()
	first := k.txnr - n + 1
	for i := range n {
		k.wants(ok(first + i))
	}
}

func numbered(from, to int) (all []string) {
	for i := from; i <= to; i++ {
		all = append(all, fmt.Sprintf("<34>%d", i))
	}
	return all
}

// read waits until the input has read n messages that have no answer yet.
func (w *world) read(n int) {
	w.t.Helper()
	for range 5000 {
		if pending(w.sessions()) == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("%d messages wait for their answer, want %d", pending(w.sessions()), n)
}

// over waits until no session is on.
func (w *world) over() {
	w.t.Helper()
	for range 5000 {
		if len(w.sessions()) == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatal("a session does not end")
}

// counters are how many repeated messages were known since, and how many may be doubles.
func counters(t *testing.T) func() (repeated, possible int) {
	r := ingesttest.Metric(t, `sluice_relp_repeated_messages_total{input="relay"}`)
	p := ingesttest.Metric(t, `sluice_relp_possible_double_total{input="relay"}`)
	return func() (int, int) {
		return int(ingesttest.Metric(t, `sluice_relp_repeated_messages_total{input="relay"}`) - r),
			int(ingesttest.Metric(t, `sluice_relp_possible_double_total{input="relay"}`) - p)
	}
}

func wantCounters(t *testing.T, of func() (int, int), repeated, possible int) {
	t.Helper()
	if r, p := of(); r != repeated || p != possible {
		t.Errorf("%d known and %d possible doubles, want %d and %d", r, p, repeated, possible)
	}
}

func wantLines(t *testing.T, w *world, want []string) {
	t.Helper()
	if got := w.lines(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRepeated: a sender whose connection broke sends again what has no answer. It is known, whether it is
// durable meanwhile or not, answered, and taken once; so is what was answered in vain before it.
func TestRepeated(t *testing.T) {
	f := func(name string, durable bool, answered, from int) {
		t.Run(name, func(t *testing.T) {
			w := start(t, settings(func(*Settings) {}))
			count := counters(t)
			k := w.session()
			k.sends(1, answered)
			k.answers(answered)
			release := w.hold()
			k.sends(answered+1, 9)
			w.read(9 - answered)
			k.reset()
			if durable {
				w.over()
				release()
			}
			k = w.session()
			k.sends(from, 12)
			if !durable {
				// What is known is read as well, and waits for the same batch.
				w.read(12 - answered)
				release()
			}
			k.answers(12 - from + 1)
			wantLines(t, w, numbered(1, 12))
			wantCounters(t, count, 9-from+1, 0)
		})
	}
	f("nothing was answered", true, 0, 1)
	f("nothing was answered, and nothing is durable", false, 0, 1)
	f("answers arrived", true, 5, 6)
	f("answers were lost", true, 5, 3)
	f("answers were lost, and nothing is durable", false, 5, 3)
	f("all answers were lost", true, 5, 1)
}

// TestRepeatedInPieces: the connection breaks again, and again, amid the repetition.
func TestRepeatedInPieces(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	count := counters(t)
	k := w.session()
	k.sends(1, 3)
	k.answers(3)
	release := w.hold()
	k.sends(4, 9)
	w.read(6)
	k.reset()
	w.over()
	k = w.session() // breaks before the first message
	k.reset()
	w.over()
	k = w.session() // breaks before anything is certain
	k.sends(2, 3)
	k.reset()
	w.over()
	k = w.session() // breaks amid what is certain
	k.sends(2, 6)
	k.wants(ok(2), ok(3))
	w.read(3)
	k.reset()
	w.over()
	release()
	k = w.session()
	k.sends(2, 11)
	k.answers(10)
	wantLines(t, w, numbered(1, 11))
	wantCounters(t, count, 5+8, 0)
	w.stop()
	if left := w.in.memory.Load(); left != ingest.BufferMemory {
		t.Errorf("%d bytes are taken at the end", ingest.BufferMemory-left)
	}
}

// returned is the second session of a sender that begins again with what its first one sent, of which
// nothing is durable before release.
func (w *world) returned() (k *client, release func()) {
	w.t.Helper()
	k, release = w.session(), w.hold()
	k.sends(1, 2*window)
	w.read(window)
	k.reset()
	k = w.session()
	k.sends(1, 2*window)
	return k, release
}

// TestRepeatedAtOnce: the sender is back before we have noticed that it was gone, since nothing becomes
// durable and so nothing of it is read.
func TestRepeatedAtOnce(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	count := counters(t)
	k, release := w.returned()
	for w.read(window); len(w.sessions()) > 1; w.read(window) { // what was read first is the session's before
		time.Sleep(time.Millisecond)
	}
	release()
	k.answers(2 * window)
	wantLines(t, w, numbered(1, 2*window))
	wantCounters(t, count, window, 0)
}

// TestRepeatedMeanwhile: the sender is back while we notice that it was gone, by answers that it does not
// take. Whether its first session or its second brings a message, it is there once.
func TestRepeatedMeanwhile(t *testing.T) {
	count := counters(t)
	for range 60 {
		w := start(t, settings(func(*Settings) {}))
		k, release := w.returned()
		w.read(window)
		release()
		k.answers(2 * window)
		wantLines(t, w, numbered(1, 2*window))
		k.reset()
		w.stop()
		if _, possible := count(); t.Failed() || possible > 0 {
			t.Fatalf("%d may be doubles", possible)
		}
	}
}

// TestRestart: behind an end that was none, what the first session of each sender begins with may be
// doubles; behind one in order it is not.
func TestRestart(t *testing.T) {
	f := func(from string, possible int, marks ...string) {
		t.Helper()
		w := startFrom(t, settings(func(*Settings) {}), ingest.Checkpoint(from))
		count := counters(t)
		for range 2 {
			k := w.session()
			k.sends(1, window+10)
			k.answers(window + 10)
			k.send(cmdClose, "")
			k.wants(ok(k.txnr), "0 serverclose")
			k.c.Close()
		}
		wantCounters(t, count, 0, possible)
		w.stop()
		if !slices.Equal(w.at, marks) {
			t.Errorf("from %q: marks %q, want %q", from, w.at, marks)
		}
	}
	f("", 0, running, ended)
	f(ended, 0, running, ended)
	f(running, window, ended)

	unclean := func(what string, answered bool, end func(*client), marks ...string) {
		t.Helper()
		w := start(t, settings(func(*Settings) {}))
		k := w.session()
		release := w.hold()
		k.sends(1, 1)
		w.read(1)
		if answered {
			release()
			k.answers(1)
		}
		end(k)
		release()
		w.stop()
		if !slices.Equal(w.at, marks) {
			t.Errorf("%s: marks %q, want %q", what, w.at, marks)
		}
	}
	unclean("no answer was told", false, func(k *client) { k.reset() }, running)
	unclean("the last answer may be lost", true, func(k *client) { k.reset() }, running)
	unclean("the sender closes when it is told to", true, func(k *client) {
		go func() {
			for _, err := k.next(); err == nil; _, err = k.next() {
			}
			k.c.Close()
		}()
	}, running, ended)
}

// TestNotRepeated: what may be new is kept.
func TestNotRepeated(t *testing.T) {
	f := func(name string, end func(*client), possible int) {
		t.Run(name, func(t *testing.T) {
			w := start(t, settings(func(*Settings) {}))
			count := counters(t)
			k := w.session()
			k.sends(1, 5)
			k.answers(5)
			end(k)
			w.over()
			k = w.session()
			k.sends(4, 6)
			k.answers(3)
			wantLines(t, w, append(numbered(1, 5), numbered(4, 6)...))
			wantCounters(t, count, 0, possible)
		})
	}
	f("all was answered", func(k *client) { k.reset() }, 2)
	f("the connection ended in order", func(k *client) { k.c.Close() }, 2)
	f("the session ended in order", func(k *client) {
		k.send(cmdClose, "")
		k.wants(ok(k.txnr), "0 serverclose")
		k.c.Close()
	}, 0)
}

// TestRepetitionBreaksOff: messages that equal answered ones and are followed by others are new.
func TestRepetitionBreaksOff(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	count := counters(t)
	k := w.session()
	k.sends(1, 5)
	k.answers(5)
	release := w.hold()
	k.sends(6, 7)
	w.read(2)
	k.reset()
	w.over()
	release()
	k = w.session() // breaks before anything is certain, which makes nothing certain
	k.sends(4, 5)
	for range 5000 {
		if w.in.memory.Load() <= ingest.BufferMemory-10 { // both are held
			break
		}
		time.Sleep(time.Millisecond)
	}
	k.reset()
	w.over()
	k = w.session()
	k.sends(4, 5)
	k.sends(10, 11)
	k.answers(4)
	wantLines(t, w, append(numbered(1, 7), "<34>4", "<34>5", "<34>10", "<34>11"))
	wantCounters(t, count, 0, 2)

	k = w.session() // and so are those behind which nothing comes
	k.sends(11, 11)
	k.answers(1)
}

// TestHeldInTime: a sender that waits for an answer gets it, though what follows has not told yet.
func TestHeldInTime(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	count := counters(t)
	k := w.session()
	k.sends(1, 5)
	k.answers(5)
	release := w.hold()
	k.sends(6, 7)
	w.read(2)
	k.reset()
	w.over()
	release()
	k = w.session()
	k.sends(5, 5)
	k.answers(1)
	wantLines(t, w, append(numbered(1, 7), "<34>5"))
	wantCounters(t, count, 0, 1)
}

func TestCertain(t *testing.T) {
	const now = 100 * time.Second
	f := func(want int, confirmed int64, messages ...kept) {
		t.Helper()
		if got := certain(messages, confirmed, now); got != want {
			t.Errorf("%d bytes confirmed: certain from %d on, want %d", confirmed, got, want)
		}
	}
	long, lately := now-ackTime, now-ackTime+1
	answered := []kept{{sent: 100, when: long}, {sent: 200, when: long}, {sent: 300, when: lately}}
	f(3, 300, answered...)
	f(3, 200, answered...) // the confirmation of the last may be on its way
	f(1, 199, answered...)
	f(0, 0, answered...)
	f(3, 300, append(answered, kept{})...)
	f(0, 0, kept{})
	f(0, 0)
}

// TestMemory: what one sender left is nothing to another, nor to one that comes much later.
func TestMemory(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	left := func(of netip.Addr, sure int, lines ...string) *tail {
		t := &tail{sender: of, sure: sure}
		for _, l := range lines {
			t.messages = append(t.messages, kept{sum: sumOf([]byte(l))})
		}
		return t
	}
	m := &memory{input: "relay"}
	f := func(of netip.Addr, first string, want *tail, at int) {
		t.Helper()
		if got, from := m.claim(of, sumOf([]byte(first))); got != want || from != at {
			t.Errorf("%s %s: %v at %d, want %v at %d", of, first, got, from, want, at)
		}
	}
	one, two, three := left(a, 2, "x", "y", "z"), left(a, 2, "x", "z"), left(a, 1, "y", "x", "x")
	for _, l := range []*tail{one, two, three} {
		m.keep(l)
	}
	f(b, "x", nil, 0)
	f(a, "w", nil, 0)
	f(a, "x", three, 1) // the latest that is certain, at what is certain
	f(a, "z", one, 2)   // what is certain goes before what is not
	f(a, "x", two, 0)
	f(a, "x", nil, 0)
	if len(m.tails) != 0 || m.count != 0 {
		t.Errorf("%d are left, of %d", len(m.tails), m.count)
	}

	count := counters(t)
	m.keep(left(a, 1, "x", "y", "z")) // a sender that goes on with other things
	for range maxMissed + 1 {
		f(a, "w", nil, 0)
	}
	f(a, "x", nil, 0)
	if _, possible := count(); possible != 2 {
		t.Errorf("%d messages that a sender did not come back with are counted", possible)
	}

	count = counters(t)
	for i := range maxTails + 3 {
		m.keep(left(a, 0, fmt.Sprint(i)))
	}
	f(a, "2", nil, 0)
	f(a, "3", m.tails[0], 0)
	for i := range 5000 {
		m.keep(left(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 0, "x"))
	}
	if m.count > maxKept || len(m.tails) > maxKept/16 {
		t.Errorf("%d messages of %d sessions are remembered", m.count, len(m.tails))
	}
	if _, possible := count(); possible != 3+maxTails-1+5000-maxKept/16 {
		t.Errorf("%d forgotten messages are counted", possible)
	}
}
