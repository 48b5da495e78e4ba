package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"sluice/bus"
	"sluice/internal/account"
)

// books is what a worker keeps of its partition: which messages it has handled, and
// how many of what. Both go out with the outputs that they describe.
type books struct {
	bus       bus.Bus
	stage     string
	partition int
	seen      bus.Seen
	moved     map[bus.Source]bool
	silent    []bus.Source // forgotten; the table still has them
	ledger    *account.Ledger
}

// silentFor is how long a source says nothing before its position is forgotten. Who puts dead letters
// back, or collects without a journal of its own, is another source after each start, so that they would
// become more for ever. Nothing comes again after so long, unless Kafka keeps it longer.
const silentFor = 30 * 24 * time.Hour

// silentSince is when a source must have said something last for its position to be kept.
func (n *Node) silentSince() time.Time {
	keep := silentFor
	if s := n.settings.Load(); s != nil && s.Kafka != nil {
		keep = max(keep, 2*s.Kafka.Retention)
	}
	return n.now().Add(-keep)
}

// openBooks reads back what earlier owners of the partition wrote, but not what is older than since.
func openBooks(ctx context.Context, b bus.Bus, stage string, a bus.Assignment, since time.Time) (*books, error) {
	k := &books{
		bus: b, stage: stage, partition: a.Partition,
		seen: bus.Seen{}, moved: map[bus.Source]bool{},
		ledger: account.NewLedger(stage, strconv.Itoa(a.Partition), a.Generation),
	}
	written := map[bus.Source]time.Time{}
	err := b.Table(ctx, bus.TopicPositions, a.Partition, func(m bus.Message) error {
		p, err := bus.ParsePosition(string(m.Value))
		if err != nil || string(m.Key) != k.key(p.Source()) {
			return nil // another stage's, or nothing we wrote: it would only be passed over
		}
		k.seen.New(p) // or of a worker that had lost its partition, and wrote late
		written[p.Source()] = later(written[p.Source()], m.Time)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	for s, at := range written {
		if !at.IsZero() && at.Before(since) {
			delete(k.seen, s)
			k.silent = append(k.silent, s)
		}
	}
	err = b.Table(ctx, bus.TopicAccount, a.Partition, func(m bus.Message) error { return k.ledger.Restore(string(m.Key), m.Value) })
	if err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	k.ledger.Settle()
	return k, nil
}

// input is what the stage reads, as which group.
func (k *books) input() bus.Group {
	switch k.stage {
	case account.Process:
		return bus.Group{Name: bus.GroupProcess, Topic: bus.TopicRaw}
	case account.Relay:
		return bus.Group{Name: bus.GroupIndex, Topic: bus.TopicDLQ}
	}
	return bus.Group{Name: bus.GroupIndex, Topic: bus.TopicEvents}
}

// begin is told of a batch before any of it is counted. One that lies before what is counted comes again,
// unless the topic ends there: it was made anew, or has lost its tail.
func (k *books) begin(ctx context.Context, in []bus.Message) error {
	if len(in) == 0 || in[0].Offset >= k.ledger.Through() {
		return nil
	}
	g := k.input()
	lags, err := k.bus.Lag(ctx, g)
	if err != nil {
		return fmt.Errorf("how far %s reaches: %w", g.Topic, err)
	}
	for _, l := range lags {
		if l.Partition == k.partition && l.End < k.ledger.Through() {
			k.ledger.Anew()
		}
	}
	return nil
}

func (k *books) key(s bus.Source) string {
	return k.stage + " " + s.Producer + " " + strconv.Itoa(s.Raw)
}

// fresh says whether a message at p has not been handled, and notes that it now is.
func (k *books) fresh(p bus.Position) bool {
	if !k.seen.New(p) {
		return false
	}
	k.moved[p.Source()] = true
	return true
}

// records appends what changed: first the account, then the positions. In this order,
// since a bus that is not exact may keep a part of them: what the account has and the
// positions have not is handled again and not counted again.
func (k *books) records(out []bus.Message, now time.Time) []bus.Message {
	for _, c := range k.ledger.Drain(now) {
		out = append(out, bus.Message{Topic: bus.TopicAccount, Key: c.Key, Value: c.Value, Pinned: true, Partition: k.partition})
	}
	for _, s := range k.silent {
		if !k.moved[s] {
			out = append(out, bus.Message{Topic: bus.TopicPositions, Key: []byte(k.key(s)), Pinned: true, Partition: k.partition})
		}
	}
	k.silent = nil
	for s := range k.moved {
		out = append(out, bus.Message{
			Topic: bus.TopicPositions, Key: []byte(k.key(s)), Value: []byte(k.seen[s].String()),
			Pinned: true, Partition: k.partition,
		})
	}
	clear(k.moved)
	return out
}

// positionOf is where m stands. A message straight from the local bus has no header:
// the local journal is its producer.
func positionOf(m *bus.Message, local string) (bus.Position, error) {
	if h := m.Get(bus.HeaderPosition); h != nil {
		return bus.ParsePosition(string(h))
	}
	if local == "" {
		return bus.Position{}, fmt.Errorf("the header %s is missing", bus.HeaderPosition)
	}
	return bus.Position{Producer: local + "/" + strconv.Itoa(m.Partition), Raw: -1, Sequence: m.Offset}, nil
}
