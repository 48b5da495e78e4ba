package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"sluice/bus"
	"sluice/bus/relay"
	"sluice/event"
	"sluice/internal/account"
	"sluice/internal/crash"
	"sluice/internal/metrics"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
)

// indexer writes the events of one partition, and counts each once.
type indexer struct {
	books   *books
	now     func() time.Time
	writing writing
	write   sinks.Sink
	archive []*archive
	docs    []event.Document
	msgs    []int // by document: its message in the batch
}

func (n *Node) openIndexer(ctx context.Context, a bus.Assignment) (bus.Worker, error) {
	k, err := openBooks(ctx, n.bus, account.Index, a, n.silentSince())
	if err != nil {
		return nil, err
	}
	w := writing{n, "the index", "events", a.Partition}
	return &indexer{books: k, now: n.now, writing: w, write: n.index.Writer(), archive: n.archives}, nil
}

// Handle implements bus.Worker.
func (x *indexer) Handle(ctx context.Context, in []bus.Message) (out []bus.Message, err error) {
	if len(in) == 0 {
		return nil, nil
	}
	if err := x.books.begin(ctx, in); err != nil {
		return nil, err
	}
	x.docs, x.msgs = x.docs[:0], x.msgs[:0]
	dead := make(map[int]error) // by message
	for i := range in {
		if err := x.add(&in[i], i); err != nil {
			dead[i] = err
		}
	}
	for _, s := range x.archive {
		if err := x.keep(ctx, s); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
	}
	refused := map[string]error{} // by id
	bury := func(d event.Document, reason error) error {
		refused[d.ID] = reason
		x.writing.dead(d.ID, d.Stream, reason)
		return nil
	}
	err = sinks.Deliver(ctx, x.write, x.docs, bury, x.trouble)
	x.writing.ended(err)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	crash.Point("index/after-write")
	for d, i := range x.msgs {
		if reason, ok := refused[x.docs[d].ID]; ok {
			dead[i] = reason
		}
	}
	return x.settle(in, dead), nil
}

// keep writes the batch to an archive.
func (x *indexer) keep(ctx context.Context, s *archive) error {
	w := x.writing
	w.sink = "the archive"
	// What an archive refuses, the index refuses too: it becomes a dead letter there.
	err := sinks.Deliver(ctx, s, x.docs, func(event.Document, error) error { return nil }, w.trouble)
	w.ended(err)
	return err
}

// settle counts what became of each message, in their order: a record of the account
// says up to which offset it counts.
func (x *indexer) settle(in []bus.Message, dead map[int]error) (out []bus.Message) {
	written := x.msgs
	for i := range in {
		isDoc := len(written) > 0 && written[0] == i
		if isDoc {
			written = written[1:]
		}
		x.books.ledger.At(in[i].Offset)
		if reason, isDead := dead[i]; isDead {
			metrics.IndexDead.WithLabelValues().Inc()
			out = append(out, deadLetter(&in[i], "index", reason))
			x.count(&in[i], account.Dead)
		} else if isDoc {
			x.count(&in[i], account.Indexed)
		}
	}
	return x.books.records(out, x.now())
}

// add takes one message into the batch, unless it has been handled.
func (x *indexer) add(m *bus.Message, i int) error {
	pos, err := bus.ParsePosition(string(m.Get(bus.HeaderPosition)))
	if err != nil {
		return err
	}
	if !x.books.fresh(pos) {
		metrics.IndexDoubles.WithLabelValues().Inc()
		return nil
	}
	d := event.Document{ID: string(m.Get(bus.HeaderID)), Stream: string(m.Get(bus.HeaderStream)), JSON: m.Value}
	if d.ID == "" || d.Stream == "" {
		return fmt.Errorf("an event needs the headers %s and %s", bus.HeaderID, bus.HeaderStream)
	}
	x.docs, x.msgs = append(x.docs, d), append(x.msgs, i)
	return nil
}

func (x *indexer) count(m *bus.Message, what string) {
	x.books.ledger.Add(string(m.Get(bus.HeaderOrigin)), m.Time, what, 1)
}

func (x *indexer) trouble(err error) {
	metrics.IndexRetries.WithLabelValues().Inc()
	x.writing.trouble(err)
}

// Close implements bus.Worker.
func (x *indexer) Close() error { return nil }

// archive is a sink that the indexers of all partitions share: a sink itself belongs to
// one goroutine.
type archive struct {
	mu   sync.Mutex
	sink sinks.Sink
}

// Write implements sinks.Sink.
func (a *archive) Write(ctx context.Context, batch []event.Document) ([]sinks.Refusal, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sink.Write(ctx, batch)
}

// Close ends the sink, where there is something to end.
func (a *archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c, ok := a.sink.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// openAlertIndexer writes revisions of alerts.
func (n *Node) openAlertIndexer(_ context.Context, a bus.Assignment) (bus.Worker, error) {
	w := writing{n, "the index", "alerts", a.Partition}
	return bus.WorkerFunc(func(ctx context.Context, in []bus.Message) ([]bus.Message, error) {
		return n.indexAlerts(ctx, in, w)
	}), nil
}

func (n *Node) indexAlerts(ctx context.Context, in []bus.Message, w writing) (out []bus.Message, err error) {
	type revised struct {
		elasticsearch.Revision
		in *bus.Message
	}
	var batch []revised
	for i := range in {
		r, err := revision(&in[i])
		if err != nil {
			out = append(out, deadLetter(&in[i], "index", err))
			continue
		}
		batch = append(batch, revised{r, &in[i]})
	}
	write := func(ctx context.Context, batch []revised) ([]sinks.Refusal, error) {
		revs := make([]elasticsearch.Revision, len(batch))
		for i := range batch {
			revs[i] = batch[i].Revision
		}
		return n.index.WriteAlerts(ctx, revs)
	}
	bury := func(r revised, reason error) error {
		out = append(out, deadLetter(r.in, "index", reason))
		w.dead(r.ID, elasticsearch.AlertIndex(r.Namespace), reason)
		return nil
	}
	err = sinks.Repeat(ctx, write, batch, bury, w.trouble)
	w.ended(err)
	if err != nil {
		return nil, fmt.Errorf("index alerts: %w", err)
	}
	crash.Point("index/after-alerts")
	return out, nil
}

func revision(m *bus.Message) (elasticsearch.Revision, error) {
	var doc struct {
		Sluice struct {
			Alert struct {
				Revision   int      `json:"revision"`
				Supersedes []string `json:"supersedes"`
			} `json:"alert"`
		} `json:"sluice"`
	}
	if err := json.Unmarshal(m.Value, &doc); err != nil {
		return elasticsearch.Revision{}, fmt.Errorf("alert: %w", err)
	}
	return elasticsearch.Revision{
		ID: string(m.Key), Namespace: string(m.Get(bus.HeaderNamespace)),
		Revision: doc.Sluice.Alert.Revision, Supersedes: doc.Sluice.Alert.Supersedes, Doc: m.Value,
	}, nil
}

// deadIndexer makes dead letters searchable. It also counts the raws that Kafka refused
// for good: the relay that buried them keeps no account.
type deadIndexer struct {
	books *books
	log   *slog.Logger
	now   func() time.Time
	told  writing
	write sinks.Sink
	count bool
}

func (n *Node) openDeadIndexer(ctx context.Context, a bus.Assignment) (bus.Worker, error) {
	k, err := openBooks(ctx, n.bus, account.Relay, a, n.silentSince())
	if err != nil {
		return nil, err
	}
	// Where the roles work on the embedded bus, what a Kafka refuses is only a copy.
	w := writing{n, "the index", "dead letters", a.Partition}
	return &deadIndexer{books: k, log: n.log, now: n.now, told: w, write: n.index.Writer(), count: n.kafka != nil}, nil
}

// Handle implements bus.Worker.
func (x *deadIndexer) Handle(ctx context.Context, in []bus.Message) ([]bus.Message, error) {
	if err := x.books.begin(ctx, in); err != nil {
		return nil, err
	}
	docs := make([]event.Document, len(in))
	for i := range in {
		docs[i] = deadDocument(&in[i])
		x.note(&in[i])
	}
	lost := func(d event.Document, reason error) error { // it stays on sluice.dlq
		metrics.IndexDeadRefused.WithLabelValues().Inc()
		if times, tell := x.told.n.troubles.due("dead letter "+d.Stream+" "+classWord(reason), x.now()); tell {
			x.log.Error("a dead letter is refused by the index as well; it is on sluice.dlq alone, for as long as the bus keeps it", "id", d.ID, "times", times, "why", reason)
		}
		return nil
	}
	err := sinks.Deliver(ctx, x.write, docs, lost, x.told.trouble)
	x.told.ended(err)
	if err != nil {
		return nil, err
	}
	return x.books.records(nil, x.now()), nil
}

func (x *deadIndexer) note(m *bus.Message) {
	if !x.count || string(m.Get(bus.HeaderStage)) != relay.Stage || string(m.Get(bus.HeaderTopic)) != bus.TopicRaw {
		return
	}
	pos, err := bus.ParsePosition(string(m.Get(bus.HeaderPosition)))
	if err != nil || !x.books.fresh(pos) {
		return
	}
	x.books.ledger.At(m.Offset)
	x.books.ledger.Add(string(m.Get(bus.HeaderOrigin)), m.Time, account.Dead, 1)
}

// Close implements bus.Worker.
func (x *deadIndexer) Close() error { return nil }
