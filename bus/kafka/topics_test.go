package kafka

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/createtopics"

	"sluice/bus"
)

// noCreator answers as a broker does whom we have no permission to make topics from, whether they are there or not.
type noCreator struct{ kafka.RoundTripper }

func (c noCreator) RoundTrip(ctx context.Context, addr net.Addr, req kafka.Request) (kafka.Response, error) {
	r, ok := req.(*createtopics.Request)
	if !ok {
		return c.RoundTripper.RoundTrip(ctx, addr, req)
	}
	res := &createtopics.Response{}
	for _, t := range r.Topics {
		res.Topics = append(res.Topics, createtopics.ResponseTopic{Name: t.Name, ErrorCode: int16(kafka.TopicAuthorizationFailed)})
	}
	return res, nil
}

// TestTopicsOfOthers: who may not make topics uses those that are there, and is told of the one that is missing.
func TestTopicsOfOthers(t *testing.T) {
	topics := []bus.Topic{{Name: "in", Partitions: 1}, {Name: "table", Partitions: 1, Compacted: true}}
	_, b := faked(t, topics, Options{})
	b.client.Transport = noCreator{b.opt.Transport}
	if err := b.createTopics(t.Context(), topics); err != nil {
		t.Errorf("all are there: %v", err)
	}
	b.topics["more"] = bus.Topic{Name: "more", Partitions: 1}
	if err := b.createTopics(t.Context(), append(topics, b.topics["more"])); err == nil || !strings.Contains(err.Error(), "create topic more: ") {
		t.Errorf("one is missing: %v", err)
	}
}
