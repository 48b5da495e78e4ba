package kafka

import (
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"sluice/bus"
)

// TestSkip: who has read further than a partition reaches, or less far than it begins, goes on at its
// nearer end; an offset that has come to be there is not left for the oldest message. A topic that was
// made anew has no commit of the group: it is read from its start.
func TestSkip(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b, err := Open(t.Context(), []bus.Topic{{Name: "in", Partitions: 1}}, Options{Brokers: c.ListenAddrs()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for range 5 {
		if err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Value: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
	}
	m := &member{Bus: b, group: bus.Group{Name: "a", Topic: "in"}}
	f := func(offset, want int64) {
		t.Helper()
		at := offset
		if err := m.skip(t.Context(), &at); err == nil || at != want {
			t.Errorf("from %d on at %d, want %d: %v", offset, at, want, err)
		}
	}
	f(-1, 0)
	f(3, 3)
	f(5, 5)
	f(9, 0)
	if _, err := b.client.OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{
		GroupID: "a", GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{"in": {{Offset: 9}}},
	}); err != nil {
		t.Fatal(err)
	}
	f(9, 5)
}
