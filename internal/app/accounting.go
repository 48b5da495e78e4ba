package app

import (
	"context"
	"fmt"

	"sluice/bus"
	"sluice/internal/account"
)

// Account is what `sluice account` and the API tell.
type Account struct {
	Origins  []account.Line `json:"origins"`
	Sum      account.Line   `json:"sum"`
	InFlight int64          `json:"in_flight"`  // on the bus, between two hops
	Missing  int64          `json:"difference"` // received + split - indexed - dead - dropped - in flight; 0: nothing is missing
}

// Account adds up the totals of all hops. While events flow its two sides are read one after the
// other; what moved in between is in flight, and no difference.
func (n *Node) Account(ctx context.Context) (Account, error) {
	a, err := n.addUp(ctx)
	if err != nil || a.Missing == 0 {
		return a, err
	}
	later, err := n.addUp(ctx)
	if err != nil || later.Missing == 0 {
		return later, err
	}
	return a.settled(later), nil
}

// settled takes out of a difference what came, was normalized or came to an end until a later
// reading: so much may have been counted on one side only, or on both hops. What is really missing
// is seen whole as soon as less moves.
func (a Account) settled(later Account) Account {
	ended := func(a Account) int64 { return a.Sum.Received + a.Sum.Split - a.Sum.Open() }
	came := later.Sum.Received + later.Sum.Split - a.Sum.Received - a.Sum.Split
	normalized := later.Sum.Normalized - a.Sum.Normalized
	missing := min(0, a.Missing+came+normalized)
	if a.Missing > 0 {
		missing = max(0, a.Missing-(ended(later)-ended(a)))
	}
	a.InFlight += a.Missing - missing
	a.Missing = missing
	return a
}

func (n *Node) addUp(ctx context.Context) (Account, error) {
	var book account.Book
	buses := []bus.Bus{n.bus}
	if n.local != nil && n.kafka != nil {
		buses = append(buses, n.local) // totals that are still on their way to Kafka
	}
	for _, b := range buses {
		for part := range b.Partitions(bus.TopicAccount) {
			err := b.Table(ctx, bus.TopicAccount, part, func(m bus.Message) error { return book.Put(string(m.Key), m.Value) })
			if err != nil {
				return Account{}, fmt.Errorf("read the account: %w", err)
			}
		}
	}
	lines, sum := book.Lines(n.now())
	a := Account{Origins: lines, Sum: sum}
	for _, g := range n.flight() {
		on := n.bus
		if g.Name == bus.GroupRelay {
			on = n.local
		}
		waiting, err := lag(ctx, on, g)
		if err != nil {
			return Account{}, fmt.Errorf("read what is in flight: %w", err)
		}
		a.InFlight += waiting
	}
	a.Missing = sum.Open() - a.InFlight
	return a, nil
}

// flight are the groups that raws and events wait for.
func (n *Node) flight() []bus.Group {
	groups := []bus.Group{
		{Name: bus.GroupProcess, Topic: bus.TopicRaw},
		{Name: bus.GroupIndex, Topic: bus.TopicEvents},
	}
	if n.local != nil && n.kafka != nil {
		groups = append(groups, bus.Group{Name: bus.GroupRelay, Topic: bus.TopicRaw})
	}
	return groups
}
