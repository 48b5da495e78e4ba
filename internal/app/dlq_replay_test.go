package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/normalize"
	"sluice/pipeline"
	"sluice/sinks/elasticsearch"
)

// letterNode runs a whole sluice on the embedded engines, and gives the address of its input.
func letterNode(t *testing.T) (n *Node, input string) {
	t.Helper()
	s, err := parse("data: " + t.TempDir() + "\nlateness: 1s\ninputs: {net: {kind: syslog, tcp: '127.0.0.1:0'}}\nconsole: {listen: '127.0.0.1:0'}\nrules: {library: false}\n")
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan Running, 1)
	n, err = New(t.Context(), Options{Log: quiet, Settings: func() (*Settings, error) { return s, nil }, Ready: func(r Running) { ready <- r }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx, context.WithoutCancel(ctx)) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, n.Close()); err != nil {
			t.Error(err)
		}
	})
	select {
	case r := <-ready:
		_, input, _ = strings.Cut(r.Inputs["net"][0], " ")
	case err := <-ended:
		t.Fatal(err)
	}
	return n, input
}

// poisoned is a set with a fault of ours: each line panics in the middle of a worker.
func poisoned(set *pipeline.Set) *pipeline.Set {
	c := *set
	c.Packs = new(normalize.Packs) // that were never loaded
	return &c
}

// until waits for two minutes.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}

func say(t *testing.T, address, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_, err = conn.Write([]byte(text))
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// letterWorld asks a node in the tests' words.
type letterWorld struct {
	*testing.T
	n *Node
}

func (w letterWorld) list(c Letters) LetterList {
	w.Helper()
	l, err := w.n.ListLetters(w.Context(), c, func(int64, int64) {})
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// counts are a result without what says why.
func counts(s Settled) string {
	s.Why = nil
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (w letterWorld) replay(c Letters, want string) Settled {
	w.Helper()
	s, err := w.n.Replay(w.Context(), c, func(int64, int64) {})
	if got := counts(s); err != nil || got != want {
		w.Errorf("replay %+v: %s, %v; want %s; %+v", c, got, err, want, s.Why)
	}
	return s
}

// account is what is indexed, dead and dropped; nothing may be missing or under way.
func (w letterWorld) account(want string) {
	w.Helper()
	var got string
	until(w.T, "an account without difference, "+want, func() bool {
		a, err := w.n.Account(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		got = fmt.Sprintf("%d indexed, %d dead, %v, in flight %d, difference %d", a.Sum.Indexed, a.Sum.Dead, a.Sum.Dropped, a.InFlight, a.Missing)
		return a.InFlight == 0
	})
	if got != want+", in flight 0, difference 0" {
		w.Errorf("account: %s, want %s", got, want)
	}
}

// events are the ids of the events that a query finds; dead letters are none.
func (w letterWorld) events(query string) (ids []string) {
	w.Helper()
	if err := w.n.index.Refresh(w.Context(), "logs-sluice.*-*"); err != nil {
		w.Fatal(err)
	}
	p := &pages{
		indices: []string{"logs-sluice.*-*"}, size: 10, order: [2]string{"@timestamp", "sluice.id"},
		query: map[string]any{"bool": map[string]any{"filter": []any{map[string]any{"query_string": map[string]any{"query": query}}}, "must_not": map[string]any{"term": map[string]string{"data_stream.dataset": dlqDataset}}}},
	}
	hits, err := p.next(w.Context(), w.n.index)
	if err != nil {
		w.Fatal(err)
	}
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	return ids
}

// TestReplay: lines that a fault of ours kept from being read are dead letters; the fault is
// mended, they are put back, and each is one event under its own id. Again does nothing.
func TestReplay(t *testing.T) {
	n, input := letterNode(t)
	w := letterWorld{t, n}
	good := n.set.Load()
	n.set.Store(poisoned(good))
	say(t, input, "<13>app: valve one\n<13>app: valve two\n")
	until(t, "two letters", func() bool { return w.list(Letters{}).Letters == 2 })
	w.account("0 indexed, 2 dead, map[]")
	group := w.list(Letters{Reason: "BUG: "}).Groups[0]
	docs, err := n.ShowLetters(t.Context(), group.ID)
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d letters of %s, %v", len(docs), group.ID, err)
	}
	l, err := readLetter(docs[0])
	if err != nil {
		t.Fatal(err)
	}
	id := l.header(bus.HeaderID)

	if _, err := n.Replay(t.Context(), Letters{}, nil); err == nil || !strings.Contains(err.Error(), "no letter is chosen") {
		t.Errorf("nothing chosen: %v", err)
	}
	w.replay(Letters{All: true}, `{"read":2,"replayed":2,"failed_again":2}`) // the fault is still there
	w.account("0 indexed, 2 dead, map[]")
	if got := w.list(Letters{}); got.Letters != 2 || got.Groups[0].ID == group.ID {
		t.Errorf("behind a replay that failed: %+v", got)
	}
	n.set.Store(good)
	w.replay(Letters{All: true, DryRun: true}, `{"read":2,"replayed":2,"dry_run":true}`)
	w.replay(Letters{IDs: []string{id}}, `{"read":1,"replayed":1}`)
	if got := w.events("valve"); len(got) != 1 || got[0] != id {
		t.Errorf("%v, want %s", got, id)
	}
	w.account("1 indexed, 1 dead, map[]")
	w.replay(Letters{All: true, Reason: "no such reason"}, `{"read":0}`)
	w.replay(Letters{Until: time.Now().Add(time.Hour)}, `{"read":1,"replayed":1}`)
	w.replay(Letters{All: true}, `{"read":0}`)
	w.replay(Letters{IDs: []string{id, group.ID}}, `{"read":0}`)
	if got := w.events("valve"); len(got) != 2 {
		t.Errorf("%v, want two", got)
	}
	w.account("2 indexed, 0 dead, map[]")
	if got := w.list(Letters{Settled: true}); got.Letters != 4 || got.Groups[0].Outcome != outcomeReplayed {
		t.Errorf("settled: %+v", got)
	}

	n.set.Store(poisoned(good))
	say(t, input, "<13>app: valve three\n")
	until(t, "a third letter", func() bool { return w.list(Letters{}).Letters == 1 })
	s, err := n.Drop(t.Context(), Letters{Origin: "net:127.0.0.1"}, func(int64, int64) {})
	if got := counts(s); err != nil || got != `{"read":1,"dropped":1}` {
		t.Errorf("drop: %s, %v", got, err)
	}
	w.account("2 indexed, 0 dead, map[dead_letter:1]")
	n.set.Store(good)
	w.replay(Letters{All: true}, `{"read":0}`)
}

// TestReplayMarkedLate: killed between putting back and marking, a run is done over: the letter is marked, not
// put back once more. There is one document, which the account counts once.
func TestReplayMarkedLate(t *testing.T) {
	n, input := letterNode(t)
	w := letterWorld{t, n}
	good := n.set.Load()
	n.set.Store(poisoned(good))
	say(t, input, "<13>app: valve one\n")
	until(t, "a letter", func() bool { return w.list(Letters{}).Letters == 1 })
	n.set.Store(good)
	s := &settling{n: n, outcome: outcomeReplayed, stamp: newStamper("dlq", random64()), why: map[string]*Kept{}}
	s.again = reprocessor{node: n, set: good, worker: good.NewWorker()}
	if err := s.openLedger(t.Context()); err != nil { // as replay does, up to the mark
		t.Fatal(err)
	}
	hits, err := letterPages(&Letters{}, "").next(t.Context(), n.index)
	if err != nil || len(hits) != 1 {
		t.Fatalf("%d letters, %v", len(hits), err)
	}
	l, err := readLetter(hits[0].Source)
	if err != nil {
		t.Fatal(err)
	}
	one, err := s.restore(&hits[0], l)
	if err == nil {
		err = s.produce(t.Context(), []restored{one}, s.take([]restored{one}))
	}
	if err != nil {
		t.Fatal(err)
	}
	w.replay(Letters{All: true, DryRun: true}, `{"read":1,"replayed":1,"dry_run":true}`)
	w.replay(Letters{Origin: "another"}, `{"read":1,"replayed":1}`)
	w.replay(Letters{All: true}, `{"read":0}`)
	if got := w.events("valve"); len(got) != 1 {
		t.Errorf("%v, want one", got)
	}
	w.account("1 indexed, 0 dead, map[]")
}

// TestReplayOfOtherStages: an event that the index refused is read by today's packs, an alert is written, and what
// cannot be replayed is kept, with what to do instead.
func TestReplayOfOtherStages(t *testing.T) {
	n, _ := letterNode(t)
	w := letterWorld{t, n}
	at := time.Now().UTC()
	doc := fmt.Sprintf(`{"@timestamp":%q,"event":{"created":%[1]q,"ingested":%[1]q,"original":"<13>app: list [x]"},"data_stream":{"dataset":"sluice.old","namespace":"default"},"source":{"ip":"nowhere"},"sluice":{"id":"e1","input":"net","pack":"old"}}`, at.Format(time.RFC3339Nano))
	header := func(key, value string) bus.Header { return bus.Header{Key: key, Value: []byte(value)} }
	refused := bus.Message{
		Topic: bus.TopicEvents, Key: []byte("net:192.0.2.1"), Value: []byte(doc), Time: at,
		Headers: []bus.Header{header(bus.HeaderID, "e1"), header(bus.HeaderOrigin, "net:192.0.2.1"), header(bus.HeaderNamespace, "default"), header(bus.HeaderStream, "logs-sluice.old-default"), header(bus.HeaderPosition, "p -1 0 0")},
	}
	letterOf := func(topic, stage, id, value string) bus.Message {
		m := bus.Message{Topic: topic, Key: []byte(id), Value: []byte(value), Time: at, Headers: []bus.Header{header(bus.HeaderID, id), header(bus.HeaderNamespace, "default")}}
		return deadLetter(&m, stage, errors.New("because of "+id))
	}
	foreign := bus.Message{Topic: bus.TopicRaw, Key: []byte("nobody"), Value: []byte("no headers \xff"), Time: at}
	err := n.bus.Produce(t.Context(), []bus.Message{
		refused, foreign,
		letterOf(bus.TopicAlerts, "index", "a1", fmt.Sprintf(`{"@timestamp":%q,"sluice":{"id":"a1","alert":{"id":"a1","revision":1}}}`, at.Format(time.RFC3339))),
		letterOf(bus.TopicAlerts, "notify", "a2", `{}`), letterOf(bus.TopicMatches, "correlate", "m1", `{`),
		letterOf(bus.TopicAccount, "relay", "t1", `{}`), letterOf("sluice.new", "else", "n1", `{}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	old := event.Document{ID: "o1", Stream: "logs-sluice.dlq-default", JSON: []byte(fmt.Sprintf(`{"@timestamp":%q,"event":{"original":"x"},"data_stream":{"dataset":"sluice.dlq","namespace":"default"},"sluice":{"dlq":{"reason":"r","stage":"process","topic":"sluice.raw"}}}`, at.Format(time.RFC3339)))}
	if _, err := n.index.Writer().Write(t.Context(), []event.Document{old}); err != nil {
		t.Fatal(err)
	}
	until(t, "eight letters", func() bool { return w.list(Letters{}).Letters == 8 })
	s := w.replay(Letters{All: true}, `{"read":8,"replayed":2,"kept":6}`)
	var why strings.Builder
	for _, k := range s.Why {
		fmt.Fprintln(&why, k.ID, k.Why)
	}
	for _, want := range []string{"sluice search --alerts", "sluice rules backtest", "total of the account", "does not know what died at stage \"else\"", "o1 an older version", "no input of sluice wrote it"} {
		if !strings.Contains(why.String(), want) {
			t.Errorf("no word of %q in %s", want, why.String())
		}
	}
	if got := w.events("sluice.id:e1"); len(got) != 1 {
		t.Errorf("the event that was refused: %v", got)
	}
	if got := w.events("data_stream.dataset:sluice.old"); len(got) != 0 {
		t.Errorf("the packs of today did not read it: %v", got)
	}
	p := &pages{indices: []string{elasticsearch.AlertIndex("*")}, size: 9, order: [2]string{"@timestamp", "sluice.alert.id"}, query: map[string]any{"match_all": map[string]any{}}}
	if hits, err := p.next(t.Context(), n.index); err != nil || len(hits) != 1 || hits[0].ID != "a1" {
		t.Errorf("alerts: %d, %v", len(hits), err)
	}
	w.replay(Letters{All: true}, `{"read":6,"kept":6}`)
	if s, err := n.Drop(t.Context(), Letters{All: true}, func(int64, int64) {}); err != nil || s.Dropped != 6 {
		t.Errorf("drop: %+v, %v", s, err)
	}
	if got := w.list(Letters{}); got.Letters != 0 {
		t.Errorf("left: %+v", got)
	}
}
