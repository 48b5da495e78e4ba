package app

import (
	"bytes"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/internal/account"
	"sluice/pipeline"
)

// quiet is a log that nobody reads.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func shippedSet(t *testing.T) *pipeline.Set {
	t.Helper()
	s, err := parse("")
	if err != nil {
		t.Fatal(err)
	}
	set, err := build(s)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func newTestProcessor(t *testing.T) *processor {
	t.Helper()
	n := &Node{}
	n.set.Store(shippedSet(t))
	p := &processor{
		books: newTestBooks(account.Process), log: quiet, set: &n.set, now: time.Now, local: "journal",
		a: bus.Assignment{Partitions: 2, Generation: 1}, last: map[string]string{}, lanes: map[string]time.Time{}, open: map[string]time.Time{}, met: map[string]time.Time{},
	}
	return p
}

func newTestBooks(stage string) *books {
	return &books{bus: &tableBus{end: math.MaxInt64}, stage: stage, seen: bus.Seen{}, moved: map[bus.Source]bool{}, ledger: account.NewLedger(stage, "0", 1)}
}

func byTopic(msgs []bus.Message) map[string][]bus.Message {
	out := map[string][]bus.Message{}
	for _, m := range msgs {
		out[m.Topic] = append(out[m.Topic], m)
	}
	return out
}

// TestEventLargerThanAMessage: a line of control characters is six times as long in
// JSON. What no bus takes would be tried for ever and hold up all behind it: its raw
// bytes become a dead letter, and the line behind it an event.
func TestEventLargerThanAMessage(t *testing.T) {
	p := newTestProcessor(t)
	raw := func(offset int64, line []byte) bus.Message {
		m := rawMessage(&event.Raw{ID: string(rune('a' + offset)), Bytes: line, Origin: "in:1.2.3.4", Input: "in", Namespace: "default", Received: time.Now()})
		m.Offset = offset
		return m
	}
	long := bytes.Repeat([]byte{1}, 1<<20) // the longest that max_line allows
	out, err := p.Handle(t.Context(), []bus.Message{raw(0, long), raw(1, []byte("<13>Nov 23 21:00:00 host prog: fine"))})
	if err != nil {
		t.Fatal(err)
	}
	got := byTopic(out)
	for i := range out {
		if size := out[i].Size(); size > bus.MaxMessage {
			t.Errorf("a message of %d bytes for %s", size, out[i].Topic)
		}
	}
	if dead := got[bus.TopicDLQ]; len(dead) != 1 || !bytes.Equal(dead[0].Value, long) || !strings.Contains(string(dead[0].Get(bus.HeaderReason)), "set max_line") {
		t.Errorf("%d dead letters", len(dead))
	}
	if len(got[bus.TopicEvents]) != 1 {
		t.Errorf("%d events", len(got[bus.TopicEvents]))
	}
	var book account.Book
	for _, m := range got[bus.TopicAccount] {
		if err := book.Put(string(m.Key), m.Value); err != nil {
			t.Fatal(err)
		}
	}
	if _, sum := book.Lines(time.Now()); sum.Dead != 1 || sum.Normalized != 1 {
		t.Errorf("account: %+v", sum)
	}
}

// TestLaneOfAKilledWorker: a worker that was killed left an origin's history unjudged. The
// next one has never seen that lane; the origin's live events say when it is over, once.
func TestLaneOfAKilledWorker(t *testing.T) {
	p := newTestProcessor(t)
	start := time.Now().Truncate(time.Second)
	offset := int64(0)
	clocks := func(after time.Duration) (n int) {
		t.Helper()
		at := start.Add(after)
		line := "<13>" + at.UTC().Format("Jan _2 15:04:05") + " host prog: fine"
		m := rawMessage(&event.Raw{ID: "x" + at.String(), Bytes: []byte(line), Origin: "in:f", Input: "in", Namespace: "default", Received: at})
		m.Offset = offset
		offset++
		out, err := p.Handle(t.Context(), []bus.Message{m})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range byTopic(out)[bus.TopicMatches] {
			if strings.Contains(string(m.Value), `"lane":"in:f"`) {
				n++
			}
		}
		return n
	}
	lateness := p.set.Load().Lateness
	for _, c := range []struct {
		after time.Duration
		want  int // one for each partition of sluice.matches
	}{{0, 0}, {lateness / 2, 0}, {lateness + 2*time.Second, 2}, {lateness + 4*time.Second, 0}} {
		if n := clocks(c.after); n != c.want {
			t.Errorf("after %v: %d clocks of the lane, want %d", c.after, n, c.want)
		}
	}
}

// TestListOfEvents: a line that is a list becomes events with ids and positions of their
// own, each counted; handled again it becomes nothing; an element that no bus takes is a
// dead letter by itself, which is that event again when it comes back.
func TestListOfEvents(t *testing.T) {
	p := newTestProcessor(t)
	huge := `{"u":"` + strings.Repeat(`\u0001`, 1<<17) + `"}` // six bytes each, and again in the document
	line := `[{"userName":"ann","n":1}, ` + huge + `, {"userName":"bob","n":2}]`
	raw := event.Raw{ID: "r", Bytes: []byte(line), Origin: "in:f", Input: "in", Namespace: "default", Received: time.Now()}
	in := rawMessage(&raw)
	in.Offset = 7
	out, err := p.Handle(t.Context(), []bus.Message{in, in})
	if err != nil {
		t.Fatal(err)
	}
	got := byTopic(out)
	var ids, places []string
	for _, m := range got[bus.TopicEvents] {
		ids = append(ids, string(m.Get(bus.HeaderID)))
		places = append(places, string(m.Get(bus.HeaderPosition)))
	}
	if strings.Join(ids, " ") != "r.001 r.002 r.003" || strings.Join(places, "|") != "journal/0 0 7 0|journal/0 0 7 1|journal/0 0 7 2" {
		t.Errorf("ids %v at %v", ids, places)
	}
	var book account.Book
	for _, m := range got[bus.TopicAccount] {
		if err := book.Put(string(m.Key), m.Value); err != nil {
			t.Fatal(err)
		}
	}
	if _, sum := book.Lines(time.Now()); sum.Normalized != 3 || sum.Split != 2 || sum.Dead != 0 {
		t.Errorf("account: %+v", sum)
	}
}

// TestElementTooLarge: an element that no bus takes is a dead letter by itself; when it
// comes back it is that event, and its neighbours are not there again.
func TestElementTooLarge(t *testing.T) {
	p := newTestProcessor(t)
	huge := `{"u":"` + strings.Repeat("\x01", 1<<20) + `"}`
	raw := event.Raw{ID: "r", Bytes: []byte(`[{"userName":"ann"}, ` + huge + `]`), Origin: "in:f", Input: "in", Namespace: "default", Received: time.Now()}
	out, err := p.Handle(t.Context(), []bus.Message{rawMessage(&raw)})
	if err != nil {
		t.Fatal(err)
	}
	dead := byTopic(out)[bus.TopicDLQ]
	if len(dead) != 1 || string(dead[0].Value) != huge || len(byTopic(out)[bus.TopicEvents]) != 1 {
		t.Fatalf("%d dead letters, %d events", len(dead), len(byTopic(out)[bus.TopicEvents]))
	}
	back, err := readRaw(&dead[0])
	if err != nil || back.ID != "r.002" || back.Line != "r" || back.Element != 2 || back.Envelope != "[{}]" {
		t.Errorf("%+v, %v", back, err)
	}
}

// TestFaultInOneLine: a fault of ours in reading a line makes a dead letter of it, with its bytes and
// what the fault is; the line behind it is read as ever.
func TestFaultInOneLine(t *testing.T) {
	p := newTestProcessor(t)
	p.have = p.set.Load() // and no worker, which is such a fault
	var in []bus.Message
	for i, line := range []string{"<13>Nov 23 21:00:00 host prog: it", "<13>Nov 23 21:00:00 host prog: fine"} {
		m := rawMessage(&event.Raw{ID: string(rune('a' + i)), Bytes: []byte(line), Origin: "in:1.2.3.4", Input: "in", Namespace: "default", Received: time.Now()})
		m.Offset = int64(i)
		in = append(in, m)
	}
	out, err := p.Handle(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	got := byTopic(out)
	if dead := got[bus.TopicDLQ]; len(dead) != 1 || !bytes.Equal(dead[0].Value, in[0].Value) || !strings.Contains(string(dead[0].Get(bus.HeaderReason)), "BUG: ") {
		t.Errorf("dead letters: %v", dead)
	}
	if ev := got[bus.TopicEvents]; len(ev) != 1 || string(ev[0].Get(bus.HeaderID)) != "b" {
		t.Errorf("%d events", len(ev))
	}
	var book account.Book
	for _, m := range got[bus.TopicAccount] {
		if err := book.Put(string(m.Key), m.Value); err != nil {
			t.Fatal(err)
		}
	}
	if _, sum := book.Lines(time.Now()); sum.Dead != 1 || sum.Normalized != 1 || sum.Split != 0 {
		t.Errorf("account: %+v", sum)
	}
}

// TestArenaKeepsNoCopies: what a batch becomes may be many times as long as it. The values that are there are not
// copied, and kept twice, for each that does not fit behind them.
func TestArenaKeepsNoCopies(t *testing.T) {
	var a arena
	a.fresh(64 << 10)
	value := bytes.Repeat([]byte("x"), 3000)
	for range 1000 {
		from := a.next()
		a.buf = append(slices.Grow(a.buf, len(value)), value...)
		if got := a.take(from); !bytes.Equal(got, value) {
			t.Fatalf("%.60q", got)
		}
		if cap(a.buf) > 2*arenaBlock {
			t.Fatalf("a block of %d bytes", cap(a.buf))
		}
	}
	a.fresh(4096)
	if a.next(); cap(a.buf) > 4096 {
		t.Errorf("a small batch takes %d bytes", cap(a.buf))
	}
}
