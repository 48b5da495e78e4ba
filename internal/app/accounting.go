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

// Account adds up the totals of all hops. While events flow the two sides are read one
// after the other and may differ by what moved in between.
func (n *Node) Account(ctx context.Context) (Account, error) {
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
