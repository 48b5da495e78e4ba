package kafka

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go"

	"sluice/bus"
)

// clientID names a membership: nobody but this installation's member of this group and
// topic carries it.
func (b *Bus) clientID(g bus.Group) string {
	if b.opt.Instance == "" {
		return "sluice"
	}
	return b.opt.Instance + "/" + g.Topic
}

// evict takes out of the group what a killed process of this installation left in
// it. Without that the group waits for the dead member until its session is over, and
// for one that died while it joined, longer still. An earlier life is dead for certain:
// the data directory that Instance is from belongs to one process.
func (b *Bus) evict(ctx context.Context, g bus.Group) error {
	if b.opt.Instance == "" {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, b.opt.Session) // by then the broker does it
	defer stop()
	group := b.opt.Prefix + g.Name
	res, err := b.client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return fmt.Errorf("members of %s: %w", g.Name, err)
	}
	var dead []kafka.LeaveGroupRequestMember
	for _, r := range res.Groups {
		if r.Error != nil {
			return fmt.Errorf("members of %s: %w", g.Name, r.Error)
		}
		for _, m := range r.Members {
			if m.ClientID == b.clientID(g) {
				dead = append(dead, kafka.LeaveGroupRequestMember{ID: m.MemberID})
			}
		}
	}
	for i := range dead { // one at a time: brokers before 2.4 know no list
		left, err := b.client.LeaveGroup(ctx, &kafka.LeaveGroupRequest{GroupID: group, Members: dead[i : i+1]})
		if err != nil {
			return fmt.Errorf("take a dead member out of %s: %w", g.Name, err)
		}
		if left.Error != nil {
			return fmt.Errorf("take a dead member out of %s: %w", g.Name, left.Error)
		}
	}
	return nil
}
