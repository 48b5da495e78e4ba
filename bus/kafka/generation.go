package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// stamp is what every commit carries as its metadata, so that generations keep growing
// when Kafka's own start again at 1, which they do once a group was empty for as long as
// offsets are kept, or was deleted.
type stamp struct {
	base int64 // added to Kafka's generation
	last int64 // Kafka's generation at that commit
}

func (s stamp) generation() int64 { return s.base + s.last }

func (s stamp) String() string { return fmt.Sprintf("sluice %d %d", s.base, s.last) }

// next is the stamp of an assignment in Kafka's generation id, given the metadata of
// the last commit. Without any, the base is the time in seconds: a member joins at most
// once a second, so whatever was before, if it is forgotten now, was less.
func next(metadata string, id int64, now time.Time) stamp {
	var s stamp
	if _, err := fmt.Sscanf(metadata, "sluice %d %d", &s.base, &s.last); err != nil {
		return stamp{base: now.Unix(), last: id}
	}
	if id < s.last {
		s.base = s.generation()
	}
	s.last = id
	return s
}

// enroll takes the partition over: it finds where to go on, and commits that at once with
// the new stamp, which the broker takes only from a member of the present
// generation. So generations of one partition grow with every assignment.
func (m *member) enroll(ctx context.Context) (offset int64, err error) {
	for wait := firstWait; ; wait = min(2*wait, mostWait) {
		offset, err = m.tryEnroll(ctx)
		if err == nil || fenced(err) || !m.pause(ctx, wait, err) {
			return offset, err
		}
	}
}

func (m *member) tryEnroll(ctx context.Context) (offset int64, err error) {
	at, err := m.commits(ctx, m.group, []int{m.part})
	if err != nil {
		return 0, err
	}
	offset = -1
	metadata := ""
	for _, p := range at {
		if p.Partition == m.part {
			offset, metadata = p.CommittedOffset, p.Metadata
		}
	}
	if offset < 0 {
		if offset, _, err = m.bounds(ctx, m.group.Topic, m.part); err != nil {
			return 0, err
		}
	}
	m.stamp = next(metadata, int64(m.gen.ID), time.Now())
	return offset, m.tryCommit(ctx, offset)
}

// commit repeats until the broker has taken it or has refused this generation.
func (m *member) commit(ctx context.Context, offset int64) error {
	for wait := firstWait; ; wait = min(2*wait, mostWait) {
		err := m.tryCommit(ctx, offset)
		if err == nil || fenced(err) || !m.pause(ctx, wait, err) {
			return err
		}
	}
}

func (m *member) tryCommit(ctx context.Context, offset int64) error {
	if err := ctx.Err(); err != nil {
		return err // the partition was taken away
	}
	topic := m.opt.Prefix + m.group.Topic
	res, err := m.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: m.opt.Prefix + m.group.Name, GenerationID: int(m.gen.ID), MemberID: m.gen.MemberID,
		Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: m.part, Offset: offset, Metadata: m.stamp.String()}}},
	})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, p := range res.Topics[topic] {
		if p.Error != nil {
			return fmt.Errorf("commit: %w", p.Error)
		}
	}
	return nil
}

// fenced says that the group has gone on without this member.
func fenced(err error) bool {
	for _, code := range []kafka.Error{kafka.IllegalGeneration, kafka.UnknownMemberId, kafka.RebalanceInProgress, kafka.FencedInstanceID} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}
