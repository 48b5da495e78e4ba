package kafka_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/bus"
	"sluice/bus/kafka"
)

// TestOtherCounts: topics with another count than the configuration's are all named at once, and none is
// made beside them, so that the configuration that follows the advice works.
func TestOtherCounts(t *testing.T) {
	addrs, prefix := brokers(t), fmt.Sprintf("t%x.", rand.Uint64())
	open := func(partitions int, names ...string) error {
		t.Helper()
		var topics []bus.Topic
		for _, name := range names {
			topics = append(topics, bus.Topic{Name: name, Partitions: partitions, Compacted: name != bus.TopicMatches && name != bus.TopicRaw})
		}
		b, err := kafka.Open(t.Context(), topics, kafka.Options{Brokers: addrs, Prefix: prefix, Trouble: func(err error) { t.Log("retried:", err) }})
		if err == nil {
			b.Close()
		}
		return err
	}
	if err := open(2, bus.TopicMatches, bus.TopicState, bus.TopicRaw); err != nil {
		t.Fatal(err)
	}
	all := []string{bus.TopicRaw, bus.TopicCheckpoints, bus.TopicMatches, bus.TopicState}
	err := open(3, all...)
	want := fmt.Sprintf("than kafka.partitions says, which is 3: %[1]ssluice.matches (2), %[1]ssluice.raw (2), %[1]ssluice.state (2); set kafka.partitions to 2,", prefix)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nwant %s", err, want)
	}
	if err := open(2, all...); err != nil {
		t.Errorf("with the advice taken: %v", err)
	}
}

// TestMixedCounts: somebody made one topic with more partitions. What is kept for one of those would have no
// partition to go to, and no count that the configuration could have fits all.
func TestMixedCounts(t *testing.T) {
	addrs, prefix := brokers(t), fmt.Sprintf("t%x.", rand.Uint64())
	open := func(topics ...bus.Topic) error {
		t.Helper()
		b, err := kafka.Open(t.Context(), topics, kafka.Options{Brokers: addrs, Prefix: prefix, Trouble: func(err error) { t.Log("retried:", err) }})
		if err == nil {
			b.Close()
		}
		return err
	}
	if err := open(bus.Topic{Name: bus.TopicRaw, Partitions: 4}, bus.Topic{Name: bus.TopicPositions, Partitions: 2, Compacted: true}); err != nil {
		t.Fatal(err)
	}
	err := open(bus.Topics(2, 0, nil)...)
	want := fmt.Sprintf("which is 2: %[1]ssluice.raw (4); stop all processes, let the groups drain, delete these topics", prefix)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nwant %s", err, want)
	}
}
