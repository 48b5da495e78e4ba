package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/internal/metrics"
	"sluice/rules"
)

// tableBus is a bus of one table, with all that was ever written to it, as a Kafka
// that has not compacted it yet.
type tableBus struct {
	bus.Bus
	table []bus.Message
	end   int64 // of the other topic
}

func (b *tableBus) Lag(context.Context, bus.Group) ([]bus.Lag, error) {
	return []bus.Lag{{End: b.end}}, nil
}

func (b *tableBus) Table(_ context.Context, _ string, _ int, fn func(bus.Message) error) error {
	for _, m := range b.table {
		if err := fn(m); err != nil {
			return err
		}
	}
	return nil
}

func newTestCorrelator(t *testing.T, b bus.Bus, generation int64) *correlator {
	t.Helper()
	n := &Node{log: quiet, now: time.Now, bus: b}
	n.set.Store(shippedSet(t))
	n.health = newHealth(n)
	w, err := n.openCorrelator(t.Context(), bus.Assignment{Partitions: 1, Generation: generation})
	if err != nil {
		t.Fatal(err)
	}
	return w.(*correlator)
}

// TestLateDeletionOfAZombie: a worker that had lost its partition deletes a key behind
// its successor's value. That must not count, as its values do not.
func TestLateDeletionOfAZombie(t *testing.T) {
	b := &tableBus{}
	zombie := newTestCorrelator(t, b, 1)
	zombie.meta.Through = 50
	heir := newTestCorrelator(t, b, 2)
	heir.meta.Through = 20
	value := heir.pinned([]byte("k"), heir.stamp([]byte("heir's")))
	b.table = []bus.Message{zombie.pinned([]byte("k"), zombie.stamp([]byte("zombie's"))), value, zombie.deleted([]byte("k"))}
	state, err := heir.read(t.Context())
	if err != nil || string(state["k"]) != "heir's" {
		t.Errorf("state %q, %v", state["k"], err)
	}
	heir.meta.Through = 30
	b.table = append(b.table, heir.deleted([]byte("k")), value) // and a repeated older value behind its own deletion
	if state, err = heir.read(t.Context()); err != nil || state["k"] != nil {
		t.Errorf("deleted, and yet %q, %v", state["k"], err)
	}
}

// TestPartitionTakenAway: what a correlator told of its partition goes with it; its heir tells the same.
func TestPartitionTakenAway(t *testing.T) {
	c := newTestCorrelator(t, &tableBus{}, 1)
	c.a.Partition = 77
	c.large["x"] = &rules.Degraded{Rule: "x", Reason: "of a test"}
	var told []rules.Degraded
	c.note = func(_ int, d []rules.Degraded) { told = d }
	c.tell()
	if len(told) != 1 || !metrics.CorrelateDegraded.DeleteLabelValues("77", "x") {
		t.Fatalf("while it has the partition: %+v", told)
	}
	c.tell()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if len(told) != 0 || metrics.CorrelateKeys.DeleteLabelValues("77") || metrics.CorrelateBytes.DeleteLabelValues("77") || metrics.CorrelateDegraded.DeleteLabelValues("77", "x") {
		t.Errorf("behind its end: %+v", told)
	}
}

// TestStateLargerThanAMessage: what no bus takes must not stop the partition; the rule
// is marked degraded.
func TestStateLargerThanAMessage(t *testing.T) {
	c := newTestCorrelator(t, &tableBus{}, 1)
	var rule *rules.Rule
	for _, r := range c.have.Rules.Rules() {
		if r.Kind == rules.KindThreshold && r.Distinct == "" {
			rule = r
		}
	}
	at := time.Now()
	var in []bus.Message
	for i := range 6000 { // within one second
		m := rules.Match{
			Rule: rule.ID, Hash: rule.Hash, Key: `["k"]`, Namespace: "default", Origin: "o", Time: at, ID: fmt.Sprintf("e%d", i),
			Fields: fmt.Sprintf(`{"url.original":["%d%s"]}`, i, strings.Repeat("x", 1000)),
		}
		in = append(in, bus.Message{
			Topic: bus.TopicMatches, Value: m.AppendJSON(nil), Offset: int64(i),
			Headers: []bus.Header{{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: "p", Sequence: int64(i)}.String())}},
		})
	}
	out, err := c.Handle(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range out {
		if size := out[i].Size(); size > bus.MaxMessage {
			t.Errorf("a message of %d bytes for %s", size, out[i].Topic)
		}
	}
	if d := c.large[rule.ID]; d == nil || d.Count != 1 {
		t.Errorf("degraded: %+v", d)
	}
}

// TestPositionsOutlastTheWorker: a match that comes again behind a restart is dropped,
// also where it has another offset, and a batch writes only the positions that it moved.
func TestPositionsOutlastTheWorker(t *testing.T) {
	b := &tableBus{}
	c := newTestCorrelator(t, b, 1)
	match := func(producer string, sequence, offset int64) bus.Message {
		m := rules.Match{Rule: "r", Hash: "h", Key: `["k"]`, Time: time.Now(), ID: "e"}
		return bus.Message{
			Topic: bus.TopicMatches, Value: m.AppendJSON(nil), Offset: offset,
			Headers: []bus.Header{{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: producer, Sequence: sequence}.String())}},
		}
	}
	positions := func(out []bus.Message) (n int) {
		for i := range out {
			if out[i].Topic == bus.TopicState && strings.HasPrefix(string(out[i].Key), keyPosition) {
				n++
			}
		}
		return n
	}
	for i, in := range [][]bus.Message{{match("a/0", 5, 0), match("b/0", 7, 1)}, {match("a/0", 6, 2)}} {
		out, err := c.Handle(t.Context(), in)
		if err != nil || positions(out) != len(in) {
			t.Fatalf("batch %d: %d positions, %v", i, positions(out), err)
		}
		b.table = append(b.table, out...)
	}
	heir := newTestCorrelator(t, b, 2)
	if heir.meta.Through != 3 {
		t.Errorf("through %d, want 3", heir.meta.Through)
	}
	if _, err := heir.Handle(t.Context(), []bus.Message{match("a/0", 6, 3), match("b/0", 7, 4), match("b/0", 8, 5)}); err != nil {
		t.Fatal(err)
	}
	if n := heir.core.Stats().Unknown; n != 1 { // no rule has that name: it is how we count what was observed
		t.Errorf("%d matches were observed, want 1", n)
	}
}

// TestSilentSources: sources that are others after each start do not become more for ever. One that was not
// heard of for long goes from the table, and comes back with its next match.
func TestSilentSources(t *testing.T) {
	b := &tableBus{}
	c := newTestCorrelator(t, b, 1)
	now := time.Now()
	at := func(p bus.Position, age time.Duration) {
		m := c.pinned([]byte(keyPosition+p.Producer+" 0"), c.stamp([]byte(p.String())))
		m.Time = now.Add(-age)
		b.table = append(b.table, m)
	}
	old, again := bus.Position{Producer: "old", Sequence: 5}, bus.Position{Producer: "again", Sequence: 5}
	at(old, 2*silentFor)
	at(again, 2*silentFor)
	at(bus.Position{Producer: "busy", Sequence: 5}, 2*silentFor)
	at(bus.Position{Producer: "busy", Sequence: 9}, time.Hour)
	at(bus.Position{Producer: "young", Sequence: 5}, silentFor/2)
	c = newTestCorrelator(t, b, 2)
	if len(c.seen) != 2 || c.seen[bus.Source{Producer: "busy"}].Sequence != 9 {
		t.Fatalf("known are %v", c.seen)
	}
	m := rules.Match{Rule: "r", Hash: "h", Key: `["k"]`, Time: now, ID: "e"}
	out, err := c.Handle(t.Context(), []bus.Message{{
		Topic: bus.TopicMatches, Value: m.AppendJSON(nil), Headers: []bus.Header{{Key: bus.HeaderPosition, Value: []byte(again.String())}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range out {
		out[i].Time = now
	}
	b.table = append(b.table, out...)
	state, err := newTestCorrelator(t, b, 3).read(t.Context())
	if err != nil || state[keyPosition+"old 0"] != nil || state[keyPosition+"again 0"] == nil || len(c.silent) != 0 {
		t.Errorf("kept %q, %v", state, err)
	}
	for i := range out {
		if string(out[i].Key) == keyPosition+"old 0" && out[i].Value == nil {
			return
		}
	}
	t.Error("the record of the old one stays in the table")
}

// TestStaleState: state of a rule that has changed, or is gone for good, does not stay in the table for ever,
// where each start would read it; that of a rule that may come back does.
func TestStaleState(t *testing.T) {
	b := &tableBus{}
	c := newTestCorrelator(t, b, 1)
	rule := c.have.Rules.Rules()[0]
	day, now := 24*time.Hour, time.Now()
	keys := map[string]bool{} // whether it is to stay
	at := func(id, hash, part string, age time.Duration, stays bool) {
		key := fmt.Sprintf(`[%q,%q,"","default","[]",%q]`, id, hash, part)
		m := c.pinned([]byte(key), c.stamp([]byte(`{"version":1}`)))
		m.Time = now.Add(-age)
		b.table, keys[key] = append(b.table, m), stays
	}
	at(rule.ID, "before", "main", 2*day, false)
	at(rule.ID, "before", "since", 2*day, false)
	at(rule.ID, "other", "main", time.Hour, true)
	at(rule.ID, rule.Hash, "main", 200*day, true)
	at("gone", "h", "main", 200*day, false)
	at("gone", "h", "since", 200*day, true)
	at("gone", "h", "1", 95*day, true)
	for i := range 2 * staleAtOnce {
		at("gone", "h", fmt.Sprint(1000+i), 200*day, false)
	}
	c = newTestCorrelator(t, b, 2)
	deleted := map[string]bool{}
	for i := range 4 { // not all with one batch
		out, err := c.Handle(t.Context(), []bus.Message{{Topic: bus.TopicMatches, Offset: int64(i)}})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, m := range out {
			if m.Topic == bus.TopicState && m.Value == nil {
				deleted[string(m.Key)] = true
				n++
			}
		}
		if n > staleAtOnce {
			t.Errorf("%d deletions at once", n)
		}
	}
	for key, stays := range keys {
		if deleted[key] == stays {
			t.Errorf("%s: deleted %t", key, deleted[key])
		}
	}
}

// TestMatchesBeginAnew: the topic of matches was deleted and made again, as after a restore of some topics alone.
// Its offsets are below what the state includes, and yet its matches are new.
func TestMatchesBeginAnew(t *testing.T) {
	b := &tableBus{}
	match := func(sequence, offset int64) bus.Message {
		m := rules.Match{Rule: "r", Hash: "h", Key: `["k"]`, Time: time.Now(), ID: "e"}
		return bus.Message{
			Topic: bus.TopicMatches, Value: m.AppendJSON(nil), Offset: offset,
			Headers: []bus.Header{{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: "a/0", Sequence: sequence}.String())}},
		}
	}
	handle := func(c *correlator, want int64, in ...bus.Message) {
		t.Helper()
		out, err := c.Handle(t.Context(), in)
		b.table = append(b.table, out...)
		if n := c.core.Stats().Unknown; err != nil || n != want { // no rule has that name: it is how we count what was observed
			t.Fatalf("%d matches were observed, want %d: %v", n, want, err)
		}
	}
	c := newTestCorrelator(t, b, 1)
	b.end = 101
	handle(c, 2, match(1, 99), match(2, 100))
	handle(newTestCorrelator(t, b, 2), 1, match(1, 99), match(2, 100), match(3, 101)) // a crash before the commit
	c = newTestCorrelator(t, b, 3)
	handle(c, 1, match(4, 102))
	b.end = 2
	if _, err := c.Handle(t.Context(), []bus.Message{match(5, 0)}); err == nil {
		t.Fatal("a worker goes on whose records of state would not count")
	}
	handle(newTestCorrelator(t, b, 4), 1, match(4, 0), match(5, 1))
	if c = newTestCorrelator(t, b, 5); c.meta.Through != 2 {
		t.Errorf("through %d, want 2", c.meta.Through)
	}
}

// TestSilentPartition: windows do not wait for ever for a raw partition that no worker
// has, and it is not silent about that.
func TestSilentPartition(t *testing.T) {
	c := newTestCorrelator(t, &tableBus{}, 1)
	c.a.Partitions = 2
	now := time.Now()
	c.now = func() time.Time { return now }
	var told []rules.Degraded
	c.note = func(_ int, d []rules.Degraded) { told = d }
	say := func(raw int) {
		t.Helper()
		value := fmt.Appendf(nil, `{"raw":%d,"generation":1,"watermark":%q}`, raw, now.UTC().Format(time.RFC3339Nano))
		m := bus.Message{Topic: bus.TopicMatches, Value: value, Headers: []bus.Header{{Key: bus.HeaderSchema, Value: []byte(schemaWatermark)}}, Offset: c.meta.Through}
		if _, err := c.Handle(t.Context(), []bus.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	say(0)
	if at := c.settled(); !at.IsZero() {
		t.Errorf("settled %v while partition 1 has not spoken", at)
	}
	now = now.Add(silence + time.Second)
	say(0)
	if at := c.settled(); !at.Equal(now.Truncate(0)) && at.Sub(now).Abs() > time.Second {
		t.Errorf("settled %v, want %v", at, now)
	}
	if len(told) == 0 || !strings.Contains(told[0].Reason, "[1]") {
		t.Errorf("degraded: %v", told)
	}
	now = now.Add(2 * time.Second)
	say(1)
	if len(told) != 0 {
		t.Errorf("partition 1 is back, and yet %v", told)
	}
}

// TestTotalsOfWindows: what came late is counted over a reload of the rules too, which begins new windows:
// a counter that fell would be taken for a restart, and what it had counted since for nothing.
func TestTotalsOfWindows(t *testing.T) {
	c := newTestCorrelator(t, &tableBus{}, 1)
	i := slices.IndexFunc(c.have.Rules.Rules(), func(r *rules.Rule) bool { return r.Kind == rules.KindThreshold })
	rule, now, offset := c.have.Rules.Rules()[i], time.Now(), int64(0)
	c.now = func() time.Time { now = now.Add(2 * time.Second); return now }
	handle := func(m bus.Message) {
		t.Helper()
		m.Topic, m.Offset = bus.TopicMatches, offset
		offset++
		if _, err := c.Handle(t.Context(), []bus.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	late := func() {
		t.Helper()
		handle(bus.Message{
			Value:   fmt.Appendf(nil, `{"raw":0,"generation":1,"watermark":%q}`, now.UTC().Format(time.RFC3339Nano)),
			Headers: []bus.Header{{Key: bus.HeaderSchema, Value: []byte(schemaWatermark)}},
		})
		m := rules.Match{Rule: rule.ID, Hash: rule.Hash, Key: `["k"]`, Namespace: "default", Origin: "o", Time: now.Add(-time.Hour), ID: fmt.Sprintf("e%d", offset)}
		handle(bus.Message{
			Value:   m.AppendJSON(nil),
			Headers: []bus.Header{{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: "p", Sequence: offset}.String())}},
		})
	}
	const name = `sluice_correlate_late_matches_total{partition="0"}`
	metrics.CorrelateLate.Reset()
	late()
	if got := scraped(name); got != "1" {
		t.Fatalf("%q late matches are counted, want 1", got)
	}
	c.set.Store(shippedSet(t)) // a reload
	late()
	late()
	if got := scraped(name); got != "3" {
		t.Errorf("%q late matches are counted, want 3", got)
	}
}

// TestLateBehindARestart: what comes behind the watermark that a worker had reached is late for its heir too,
// from the first batch on. Live windows may have said of that time what they had to say.
func TestLateBehindARestart(t *testing.T) {
	b := &tableBus{}
	c := newTestCorrelator(t, b, 1)
	now := time.Now()
	out, err := c.Handle(t.Context(), []bus.Message{{
		Topic: bus.TopicMatches, Value: fmt.Appendf(nil, `{"raw":0,"generation":1,"watermark":%q}`, now.UTC().Format(time.RFC3339Nano)),
		Headers: []bus.Header{{Key: bus.HeaderSchema, Value: []byte(schemaWatermark)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.table = append(b.table, out...)
	heir := newTestCorrelator(t, b, 2)
	i := slices.IndexFunc(heir.have.Rules.Rules(), func(r *rules.Rule) bool { return r.Kind == rules.KindThreshold })
	rule := heir.have.Rules.Rules()[i]
	m := rules.Match{Rule: rule.ID, Hash: rule.Hash, Key: `["k"]`, Namespace: "default", Origin: "o", Time: now.Add(-time.Hour), ID: "e"}
	if _, err := heir.Handle(t.Context(), []bus.Message{{
		Topic: bus.TopicMatches, Offset: 1, Value: m.AppendJSON(nil),
		Headers: []bus.Header{{Key: bus.HeaderPosition, Value: []byte(bus.Position{Producer: "p", Sequence: 1}.String())}},
	}}); err != nil {
		t.Fatal(err)
	}
	if n := heir.core.Stats().Late; n != 1 {
		t.Errorf("%d matches are late, want 1", n)
	}
}
