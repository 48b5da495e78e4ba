package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/internal/account"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
)

// busySink takes nothing for a while: once as a whole, then each document, in words that are others
// each time.
type busySink struct {
	attempts, until int
	tried           func()
}

func (s *busySink) Write(_ context.Context, batch []event.Document) (out []sinks.Refusal, err error) {
	s.attempts++
	s.tried()
	if s.attempts == 1 {
		return nil, errors.New("no route to host")
	}
	for i := range batch {
		if s.attempts < s.until {
			out = append(out, sinks.Refusal{Index: i, Reason: fmt.Errorf("item %c is refused", 'a'+s.attempts)})
		}
	}
	return out, nil
}

func waitingNode(log *bytes.Buffer, now *time.Time) *Node {
	n := &Node{log: slog.New(slog.NewTextHandler(log, nil)), now: func() time.Time { return *now }}
	n.settings.Store(&Settings{})
	n.health = newHealth(n)
	return n
}

// TestIndexWaitIsToldOnce: an index that takes nothing is one line in the log, whatever number of
// attempts and partitions there are, readiness says it while it lasts, and another line tells that it is over.
func TestIndexWaitIsToldOnce(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	n := waitingNode(&log, &now)
	var ready []string
	tried := func() {
		ready = ready[:0]
		for _, p := range n.health.Ready(t.Context()) {
			ready = append(ready, fmt.Sprintf("%s: %s, %t", p.Part, p.Reason, p.Warning))
		}
		now = now.Add(6 * time.Second)
	}
	for partition := range 3 {
		w := writing{n, "the index", "events", partition}
		x := &indexer{books: newTestBooks(account.Index), now: n.now, writing: w, write: &busySink{until: 4, tried: tried}}
		if _, err := x.Handle(t.Context(), []bus.Message{eventMessage(1)}); err != nil {
			t.Fatal(err)
		}
		if len(ready) != 1 || !strings.HasPrefix(ready[0], "index: takes no events since 2026-11-28T09:") || !strings.HasSuffix(ready[0], "true") {
			t.Errorf("readiness says %q", ready)
		}
		if got := n.health.Ready(t.Context()); len(got) != 0 {
			t.Errorf("it is over, and readiness says %+v", got)
		}
		now = now.Add(-20 * time.Second)
	}
	if got := log.String(); strings.Count(got, "does not take events") != 1 || strings.Count(got, "takes events again") != 1 {
		t.Errorf("the log:\n%s", got)
	}
}

// TestOtherWaitIsTold: an index that begins to refuse for another reason is told of at once.
func TestOtherWaitIsTold(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	w := writing{n: waitingNode(&log, &now), sink: "the index", what: "events"}
	for _, status := range []int{429, 503, 503, 401, 401, 429} {
		w.trouble(fmt.Errorf("write: %w", &elasticsearch.Error{Status: status}))
	}
	if got := log.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "(401)") || !strings.Contains(got, "503") {
		t.Errorf("the log:\n%s", got)
	}
}

// TestDeadLetterIsNamed: what the index refuses for good is in the log, with its id and the reason, and
// a thousand of a kind are no flood.
func TestDeadLetterIsNamed(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	n := waitingNode(&log, &now)
	sink := &sinkOf{t: t, refuse: map[string]bool{}}
	var in []bus.Message
	for i := range int64(1000) {
		in = append(in, eventMessage(i))
		sink.refuse[fmt.Sprint(i)] = true
	}
	x := &indexer{books: newTestBooks(account.Index), now: n.now, writing: writing{n: n, sink: "the index", what: "events"}, write: sink}
	if _, err := x.Handle(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "id=0 stream=logs-sluice.x-default") || !strings.Contains(got, "why=because") {
		t.Errorf("the log:\n%.500s", got)
	}
}

// TestDeadLetterRefused: dead letters that the index refuses as well are no flood either.
func TestDeadLetterRefused(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	n := waitingNode(&log, &now)
	sink := &sinkOf{t: t, refuse: map[string]bool{}}
	var in []bus.Message
	for i := range int64(100) {
		m := eventMessage(i)
		letter := deadLetter(&m, "index", errors.New("because"))
		in = append(in, letter)
		sink.refuse[deadDocument(&letter).ID] = true
	}
	x := &deadIndexer{books: newTestBooks(account.Relay), log: n.log, now: n.now, told: writing{n: n, sink: "the index", what: "dead letters"}, write: sink}
	if _, err := x.Handle(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "refused by the index as well") {
		t.Errorf("the log:\n%.500s", got)
	}
}

// TestFailingChannelShows: readiness says that the messages of a channel wait, and for a while that
// it refused one for good; not in the words of the far side.
func TestFailingChannelShows(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	n := waitingNode(&log, &now)
	f := func(want string) {
		t.Helper()
		var got []string
		for _, p := range n.health.Ready(t.Context()) {
			got = append(got, fmt.Sprintf("%s: %s, %t", p.Part, p.Reason, p.Warning))
		}
		if all := strings.Join(got, "\n"); all != want {
			t.Errorf("%q, want %q", all, want)
		}
	}
	waits := "channel soc: fails since 2026-11-28T09:00:00Z; its messages wait and are tried again, the log says why, true"
	n.health.channel("soc", errors.New("secret words"))
	f(waits)
	now = now.Add(time.Minute)
	n.health.channel("soc", errors.New("others"))
	f(waits)
	n.health.channel("soc", nil)
	f("")
	n.health.refused("soc")
	f("channel soc: refused a message for good 0s ago; its alerts are dead letters, the log says why, true")
	now = now.Add(recent)
	f("")
}
