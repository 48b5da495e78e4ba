package app

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/internal/account"
	"sluice/sinks"
)

// sinkOf refuses for good the ids that it names, and finds out whether two write at once.
type sinkOf struct {
	refuse map[string]bool
	inside sync.Mutex
	t      *testing.T
}

func (s *sinkOf) Write(_ context.Context, batch []event.Document) (out []sinks.Refusal, _ error) {
	if !s.inside.TryLock() {
		s.t.Error("two goroutines write at once")
		return nil, nil
	}
	defer s.inside.Unlock()
	for i, d := range batch {
		if s.refuse[d.ID] {
			out = append(out, sinks.Refusal{Index: i, Final: true, Reason: errors.New("because")})
		}
	}
	return out, nil
}

func eventMessage(offset int64) bus.Message {
	id := strconv.FormatInt(offset, 10)
	return bus.Message{
		Topic: bus.TopicEvents, Key: []byte("o"), Value: []byte(`{"a":1}`), Offset: offset, Time: time.Unix(1_800_000_000, 0),
		Headers: []bus.Header{
			{Key: bus.HeaderID, Value: []byte(id)},
			{Key: bus.HeaderOrigin, Value: []byte("o")},
			{Key: bus.HeaderStream, Value: []byte("logs-sluice.x-default")},
			{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: "p", Sequence: offset}.String())},
		},
	}
}

// TestAccountOfARepeatedBatch: a crash left the account of messages 0 to 4, and not the
// positions. They come again in a batch with later ones, one of which is dead: each must
// be counted once.
func TestAccountOfARepeatedBatch(t *testing.T) {
	first := newTestBooks(account.Index)
	x := &indexer{books: first, writing: writing{n: &Node{log: quiet, now: time.Now}}, now: time.Now, write: &sinkOf{t: t}}
	var in []bus.Message
	for i := range int64(5) {
		in = append(in, eventMessage(i))
	}
	out, err := x.Handle(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var book account.Book
	second := newTestBooks(account.Index)
	take := func(out []bus.Message, also *account.Ledger) {
		for _, m := range byTopic(out)[bus.TopicAccount] {
			if err := book.Put(string(m.Key), m.Value); err != nil {
				t.Fatal(err)
			}
			if also == nil {
				continue
			}
			if err := also.Restore(string(m.Key), m.Value); err != nil {
				t.Fatal(err)
			}
		}
	}
	take(out, second.ledger)
	x = &indexer{books: second, writing: writing{n: &Node{log: quiet, now: time.Now}}, now: time.Now, write: &sinkOf{t: t, refuse: map[string]bool{"5": true}}}
	broken := eventMessage(6)
	broken.Headers = broken.Headers[3:] // no id: dead before anything is written
	if out, err = x.Handle(t.Context(), append(in, eventMessage(5), broken, eventMessage(7))); err != nil {
		t.Fatal(err)
	}
	take(out, nil)
	if _, sum := book.Lines(time.Now()); sum.Indexed != 6 || sum.Dead != 2 {
		t.Errorf("account: %d indexed, %d dead; want 6 and 2", sum.Indexed, sum.Dead)
	}
	if n := len(byTopic(out)[bus.TopicDLQ]); n != 2 {
		t.Errorf("%d dead letters", n)
	}
}

// TestArchiveIsShared: the indexers of all partitions write into one archive.
func TestArchiveIsShared(t *testing.T) {
	a := &archive{sink: &sinkOf{t: t}}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				if _, err := a.Write(t.Context(), []event.Document{{ID: "x"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestDeadLetterTwice: the letter of an event is one document, whatever its place.
func TestDeadLetterTwice(t *testing.T) {
	m := eventMessage(3)
	letter := deadLetter(&m, "index", errors.New("because"))
	again := letter
	again.Offset, again.Partition = 99, 1
	if a, b := deadDocument(&letter).ID, deadDocument(&again).ID; a != b {
		t.Errorf("%s and %s", a, b)
	}
	letter.Headers, again.Headers = nil, nil // nothing tells two such apart but the place
	if a, b := deadDocument(&letter).ID, deadDocument(&again).ID; a == b {
		t.Errorf("both %s", a)
	}
}
