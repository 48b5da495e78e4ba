package app

import (
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
