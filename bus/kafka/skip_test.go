package kafka

import (
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sluice/bus"
)

// faked is a bus on a Kafka of the test's own.
func faked(t *testing.T, topics []bus.Topic, opt Options) (*kfake.Cluster, *Bus) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	opt.Brokers = c.ListenAddrs()
	b, err := Open(t.Context(), topics, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return c, b
}

// TestSkip: who has read further than a partition reaches, or less far than it begins, goes on at its
// nearer end; an offset that has come to be there is not left for the oldest message. A topic that was
// made anew has no commit of the group: it is read from its start.
func TestSkip(t *testing.T) {
	_, b := faked(t, []bus.Topic{{Name: "in", Partitions: 1}}, Options{})
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

// refusing is a broker's answer to a request that it takes nothing of, for one partition.
func refusing(req *kmsg.ProduceRequest, code kafka.Error) kmsg.Response {
	res := req.ResponseKind().(*kmsg.ProduceResponse)
	part := kmsg.NewProduceResponseTopicPartition()
	part.Partition, part.ErrorCode = req.Topics[0].Partitions[0].Partition, int16(code)
	topic := kmsg.NewProduceResponseTopic()
	topic.Topic, topic.Partitions = req.Topics[0].Topic, append(topic.Partitions, part)
	res.Topics = append(res.Topics, topic)
	return res
}
