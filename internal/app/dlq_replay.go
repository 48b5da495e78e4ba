package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/bus"
	"sluice/bus/relay"
	"sluice/event"
	"sluice/internal/account"
	"sluice/internal/metrics"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
)

// Settled counts what became of dead letters in one run of Replay or Drop.
type Settled struct {
	Read      int  `json:"read"` // chosen
	Replayed  int  `json:"replayed,omitempty"`
	Failed    int  `json:"failed_again,omitempty"` // among the replayed, as far as is known: they are letters again, with their new reasons
	Dropped   int  `json:"dropped,omitempty"`
	Kept      int  `json:"kept,omitempty"`      // they cannot be replayed: Why says it
	Conflicts int  `json:"conflicts,omitempty"` // somebody else settled them meanwhile
	Pending   bool `json:"pending,omitempty"`   // what was replayed is on the bus, and not all of it is read yet
	Damage
	DryRun bool `json:"dry_run,omitempty"`

	Why []Kept `json:"why,omitempty"`
}

// Kept are letters that cannot be replayed for one reason.
type Kept struct {
	Letters int    `json:"letters"`
	Why     string `json:"why"` // and what to do instead
	ID      string `json:"id"`  // of the last
}

const (
	outcomeReplayed = "replayed"
	outcomeDropped  = "dropped"

	droppedLetter = account.Dropped + "dead_letter"

	// letterBytes bounds what is put back in one write, as mergedBytes does for inputs: with the
	// account of it, it has to be one frame of the journal.
	letterBytes = mergedBytes

	// settlePatience is how long a bus or an index that takes nothing is asked again, and how long
	// a replay waits to see what became of its letters.
	settlePatience = 30 * time.Second
)

// Replay puts dead letters back to where they died, through today's packs and rules, and marks them
// replayed. What dies again is another letter.
func (n *Node) Replay(ctx context.Context, c Letters, progress func(done, total int64)) (Settled, error) {
	return n.settle(ctx, c, outcomeReplayed, progress)
}

// Drop marks dead letters as dropped: nobody will replay them.
func (n *Node) Drop(ctx context.Context, c Letters, progress func(done, total int64)) (Settled, error) {
	return n.settle(ctx, c, outcomeDropped, progress)
}

// settling is one run.
type settling struct {
	n       *Node
	chosen  Letters
	outcome string
	stamp   *stamper // its producer is the run's name
	ledger  *account.Ledger
	again   reprocessor
	done    Settled
	why     map[string]*Kept
	notes   int              // made so far
	noted   map[string]error // letters of earlier runs that cannot be marked
}

func (n *Node) settle(ctx context.Context, c Letters, outcome string, progress func(done, total int64)) (Settled, error) {
	if !c.All && !c.Some() {
		return Settled{}, errors.New("no letter is chosen: say which by ids, reason, stage, origin, namespace, since or until, or that all are meant")
	}
	c.Settled = false
	s := &settling{n: n, chosen: c, outcome: outcome, stamp: newStamper("dlq", random64()), why: map[string]*Kept{}, noted: map[string]error{}, done: Settled{DryRun: c.DryRun}}
	set := n.set.Load()
	s.again = reprocessor{node: n, set: set, worker: set.NewWorker()}
	if err := s.openLedger(ctx); err != nil {
		return s.done, err
	}
	if err := n.index.Refresh(ctx, letterIndices("")...); err != nil {
		return s.done, err
	}
	if !c.DryRun {
		if err := s.finish(ctx); err != nil {
			return s.done, err
		}
		if err := n.index.Refresh(ctx, letterIndices("")...); err != nil {
			return s.done, err
		}
	}
	p := letterPages(&c, s.stamp.producer)
	p.versions = true
	done := int64(0)
	err := p.each(ctx, n.index, func(hits []storedHit) error {
		err := s.page(ctx, hits)
		done += int64(len(hits))
		progress(done, p.total)
		return err
	})
	s.done.Damage = p.damage
	s.done.Why = make([]Kept, 0, len(s.why))
	for _, why := range slices.Sorted(maps.Keys(s.why)) {
		s.done.Why = append(s.done.Why, *s.why[why])
	}
	slices.SortStableFunc(s.done.Why, func(a, b Kept) int { return cmp.Compare(b.Letters, a.Letters) })
	if err == nil && outcome == outcomeReplayed && s.done.Replayed > 0 && !c.DryRun {
		err = s.await(ctx)
	}
	return s.done, err
}

// openLedger restores what this data directory's runs have taken out of the account.
func (s *settling) openLedger(ctx context.Context) error {
	s.ledger = account.NewLedger(account.Letters, s.n.dir.meta.Instance, 0)
	for part := range s.n.bus.Partitions(bus.TopicAccount) {
		err := s.n.bus.Table(ctx, bus.TopicAccount, part, func(m bus.Message) error { return s.ledger.Restore(string(m.Key), m.Value) })
		if err != nil {
			return fmt.Errorf("read the account: %w", err)
		}
	}
	s.ledger.Settle()
	return nil
}

// restored is a letter on its way back.
type restored struct {
	hit      *storedHit
	letter   *letter
	messages []bus.Message           // for the bus
	revision *elasticsearch.Revision // or for the index
	split    int                     // events beyond the first that it became
	size     int
}

// page settles the letters of one page, in writes of bounded size.
func (s *settling) page(ctx context.Context, hits []storedHit) error {
	var batch []restored
	size := 0
	for i := range hits {
		l, err := readLetter(hits[i].Source)
		if err != nil {
			return err
		}
		if !wanted(&s.chosen, l) {
			continue
		}
		s.done.Read++
		one, err := s.restore(&hits[i], l)
		if why := s.noted[hits[i].ID]; why != nil {
			err = why
		}
		if err != nil {
			s.keep(hits[i].ID, err)
			continue
		}
		if size+one.size > letterBytes && len(batch) > 0 {
			if err := s.write(ctx, batch); err != nil {
				return err
			}
			batch, size = batch[:0], 0
		}
		batch, size = append(batch, one), size+one.size
	}
	return s.write(ctx, batch)
}

func (s *settling) keep(id string, why error) {
	k := s.why[why.Error()]
	if k == nil {
		k = &Kept{Why: why.Error()}
		if len(s.why) >= maxGroups {
			return
		}
		s.why[k.Why] = k
	}
	s.done.Kept++
	k.Letters++
	k.ID = id
	metrics.LettersSettled.WithLabelValues("kept").Inc()
}

// write settles a batch: first what is put back, with the account of it and a note of the letters, then the
// marks. Killed in between, the next run finds the note and marks them.
func (s *settling) write(ctx context.Context, batch []restored) error {
	if len(batch) == 0 {
		return nil
	}
	if s.chosen.DryRun {
		s.count(len(batch), s.outcome)
		return nil
	}
	batch, err := s.alerts(ctx, batch)
	if err != nil || len(batch) == 0 {
		return err
	}
	noted := s.take(batch)
	err = s.produce(ctx, batch, noted)
	if errors.Is(err, bus.ErrRefused) && len(batch) > 1 {
		for i := range batch {
			if err := s.write(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	if errors.Is(err, bus.ErrRefused) {
		s.keep(batch[0].hit.ID, fmt.Errorf("kafka refuses it still (%w): raise max.message.bytes of the topic, or what else it says", err))
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.mark(ctx, batch, s.outcome); err != nil {
		return err
	}
	return s.forget(ctx, noted)
}

// alerts writes the revisions in batch, and leaves out of it those that the index refuses still. Nobody is
// told of them again.
func (s *settling) alerts(ctx context.Context, batch []restored) (rest []restored, err error) {
	ctx, stop := context.WithTimeout(ctx, settlePatience)
	defer stop()
	var revised []restored
	for _, r := range batch {
		if r.revision == nil {
			rest = append(rest, r)
		} else {
			revised = append(revised, r)
		}
	}
	refused := map[string]bool{} // by letter
	write := func(ctx context.Context, batch []restored) ([]sinks.Refusal, error) {
		revs := make([]elasticsearch.Revision, len(batch))
		for i := range batch {
			revs[i] = *batch[i].revision
		}
		return s.n.index.WriteAlerts(ctx, revs)
	}
	bury := func(r restored, why error) error {
		refused[r.hit.ID] = true
		s.keep(r.hit.ID, fmt.Errorf("the index refuses this alert still (%s): mend its mapping, or drop it", sameReason(why.Error(), r.letter.header(bus.HeaderID))))
		return nil
	}
	err = sinks.Repeat(ctx, write, revised, bury, nil)
	for _, r := range revised {
		if !refused[r.hit.ID] {
			rest = append(rest, r)
		}
	}
	return rest, err
}

// produce makes durable what a batch becomes, and that it is dead no more. The note is behind them: a bus
// writes messages of a compacted topic once all others are durable.
func (s *settling) produce(ctx context.Context, batch []restored, noted *note) error {
	var msgs []bus.Message
	now := s.n.now()
	for i := range batch {
		msgs = append(msgs, batch[i].messages...)
		s.account(&batch[i], now, 1)
	}
	for _, c := range s.ledger.Drain(now) {
		msgs = append(msgs, bus.Message{Topic: bus.TopicAccount, Key: c.Key, Value: c.Value})
	}
	msgs = append(msgs, noted.message())
	err := patient(ctx, func() error { return s.n.bus.Produce(ctx, msgs) })
	if errors.Is(err, bus.ErrRefused) {
		for i := range batch {
			s.account(&batch[i], now, -1)
		}
	}
	return err
}

// account takes a letter out of those that are dead, n times. Letters of alerts and matches are in no
// account, nor is what a Kafka beside the bus refused: that was a copy.
func (s *settling) account(r *restored, now time.Time, n int64) {
	l := r.letter
	topic, stage := l.header(bus.HeaderTopic), l.header(bus.HeaderStage)
	counted := topic == bus.TopicRaw && stage == "process" || topic == bus.TopicEvents && stage == "index" ||
		topic == bus.TopicRaw && stage == relay.Stage && s.n.kafka != nil
	if !counted || l.old() {
		return
	}
	origin := l.header(bus.HeaderOrigin)
	s.ledger.Add(origin, now, account.Dead, -n)
	if s.outcome == outcomeDropped {
		s.ledger.Add(origin, now, droppedLetter, n)
	}
	if r.split > 0 {
		s.ledger.Add(origin, now, account.Split, n*int64(r.split))
	}
}

// mark writes into the letters what became of them.
func (s *settling) mark(ctx context.Context, batch []restored, outcome string) error {
	if len(batch) == 0 {
		return nil
	}
	docs := make([]elasticsearch.Corrected, len(batch))
	for i := range batch {
		hit := batch[i].hit
		text, err := marked(hit.Source, outcome, s.n.now())
		if err != nil {
			return fmt.Errorf("document %s of %s: %w", hit.ID, hit.Index, err)
		}
		docs[i] = elasticsearch.Corrected{Old: hit.Stored, New: []event.Document{{ID: hit.ID, JSON: text}}}
	}
	var res elasticsearch.Superseded
	err := patient(ctx, func() (err error) {
		res, err = s.n.index.Supersede(ctx, docs)
		return err
	})
	if err == nil && len(res.Refused) > 0 {
		err = markError{res.Refused[0]}
	}
	if err != nil {
		return fmt.Errorf("mark dead letters as %s: %w", outcome, err)
	}
	s.count(len(batch)-res.Conflicts, outcome)
	s.done.Conflicts += res.Conflicts
	return nil
}

func (s *settling) count(n int, outcome string) {
	if outcome == outcomeDropped {
		s.done.Dropped += n
	} else {
		s.done.Replayed += n
	}
	if !s.chosen.DryRun {
		metrics.LettersSettled.WithLabelValues(outcome).Add(float64(n))
	}
}

// marked is a letter's document with its outcome.
func marked(source json.RawMessage, outcome string, now time.Time) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	ours, _ := doc["sluice"].(map[string]any)
	dlq, _ := ours["dlq"].(map[string]any)
	if dlq == nil {
		return nil, errors.New("it has no sluice.dlq")
	}
	dlq["outcome"], dlq["settled"] = outcome, now.UTC().Format("2006-01-02T15:04:05.000Z")
	return json.Marshal(doc)
}

// patient tries again for half a minute what may pass by itself.
func patient(ctx context.Context, try func() error) error {
	ctx, stop := context.WithTimeout(ctx, settlePatience)
	defer stop()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := try()
		if err == nil || errors.Is(err, bus.ErrRefused) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// await waits until what was put back has come to its end, and counts what died again.
func (s *settling) await(ctx context.Context) error {
	short, stop := context.WithTimeout(ctx, settlePatience)
	defer stop()
	s.done.Pending = s.n.opt.Asks && s.n.kafka == nil // nobody reads the bus of a sluice that does not run
	for _, topic := range []string{bus.TopicRaw, bus.TopicEvents, bus.TopicDLQ} {
		group := bus.Group{Name: bus.GroupIndex, Topic: topic}
		if topic == bus.TopicRaw {
			group.Name = bus.GroupProcess
		}
		s.done.Pending = s.done.Pending || !handled(short, s.n.bus, group)
	}
	if s.done.Pending {
		return ctx.Err()
	}
	if err := s.n.index.Refresh(ctx, letterIndices("")...); err != nil {
		return err
	}
	p := &pages{
		indices: letterIndices(""), size: 1, order: [2]string{"@timestamp", "sluice.id"}, fields: []string{"sluice.id"},
		query: map[string]any{"term": map[string]string{"sluice.dlq." + bus.HeaderReplay: s.stamp.producer}},
	}
	_, err := p.next(ctx, s.n.index)
	s.done.Failed = int(p.total)
	return err
}

// handled waits until a group has committed all that its topic holds now.
func handled(ctx context.Context, b bus.Bus, g bus.Group) bool {
	var ends []int64
	for {
		lags, err := b.Lag(ctx, g)
		if ends == nil && err == nil {
			for _, l := range lags {
				ends = append(ends, l.End)
			}
		}
		if err == nil && !slices.ContainsFunc(lags, func(l bus.Lag) bool { return l.Messages > 0 && l.Committed < ends[l.Partition] }) {
			return true
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return false
		}
	}
}
