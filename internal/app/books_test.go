package app

import (
	"slices"
	"testing"
	"time"

	"sluice/bus"
	"sluice/internal/account"
)

// TestSilentSourcesOfBooks: the table of positions does not grow with each start of a collector that has no journal.
func TestSilentSourcesOfBooks(t *testing.T) {
	now := time.Now()
	key := newTestBooks(account.Process).key
	b := &tableBus{}
	at := func(p bus.Position, age time.Duration) {
		b.table = append(b.table, bus.Message{Topic: bus.TopicPositions, Key: []byte(key(p.Source())), Value: []byte(p.String()), Time: now.Add(-age)})
	}
	old, again := bus.Position{Producer: "old", Sequence: 5}, bus.Position{Producer: "again", Sequence: 5}
	busy, young := bus.Position{Producer: "busy", Sequence: 9}, bus.Position{Producer: "young", Sequence: 5}
	at(old, 2*silentFor)
	at(again, 2*silentFor)
	at(bus.Position{Producer: "busy", Sequence: 5}, 2*silentFor)
	at(busy, time.Hour)
	at(young, silentFor/2)
	n := &Node{now: func() time.Time { return now }}
	k, err := openBooks(t.Context(), b, account.Process, bus.Assignment{}, n.silentSince())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []bus.Position{busy, young} {
		if k.fresh(p) {
			t.Errorf("%s is forgotten", p)
		}
	}
	if !k.fresh(again) {
		t.Errorf("%s is known", again)
	}
	kept := map[string]string{}
	for _, m := range append(k.records(nil, now), k.records(nil, now)...) {
		if _, twice := kept[string(m.Key)]; twice || !m.Pinned || m.Topic != bus.TopicPositions {
			t.Errorf("%+v", m)
		}
		kept[string(m.Key)] = string(m.Value)
	}
	if v, there := kept[key(old.Source())]; len(kept) != 2 || !there || v != "" || kept[key(again.Source())] != again.String() {
		t.Errorf("written %q", kept)
	}
}

// TestBooksOfATopicMadeAnew: its offsets begin again. What is counted by them is not taken for what was counted before
// the topic went; what a crash leaves to be handled again is.
func TestBooksOfATopicMadeAnew(t *testing.T) {
	now := time.Now()
	indexed := func(b *tableBus) (n int64) {
		t.Helper()
		var book account.Book
		for _, m := range b.table {
			if m.Topic == bus.TopicAccount {
				if err := book.Put(string(m.Key), m.Value); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, sum := book.Lines(now)
		return sum.Indexed
	}
	b := &tableBus{end: 1_000_000}
	handle := func(k *books, offset, sequence int64) {
		t.Helper()
		if err := k.begin(t.Context(), []bus.Message{{Offset: offset}}); err != nil {
			t.Fatal(err)
		}
		k.ledger.At(offset)
		if k.fresh(bus.Position{Producer: "p", Sequence: sequence}) {
			k.ledger.Add("a", now, account.Indexed, 1)
		}
		b.table = append(b.table, k.records(nil, now)...)
	}
	open := func(generation int64) *books {
		t.Helper()
		k, err := openBooks(t.Context(), b, account.Index, bus.Assignment{Generation: generation}, now.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := open(1)
	handle(k, 999_999, 7)
	b.table = slices.DeleteFunc(b.table, func(m bus.Message) bool { return m.Topic == bus.TopicPositions })
	k = open(2)
	handle(k, 999_999, 7) // again: a crash came before its position was written
	if n := indexed(b); n != 1 {
		t.Errorf("%d are counted of one that came again", n)
	}
	b.end = 5
	handle(k, 3, 8) // while it runs
	k = open(3)
	handle(k, 4, 9) // behind a restart
	if n := indexed(b); n != 3 {
		t.Errorf("%d are counted, want 3", n)
	}
}
