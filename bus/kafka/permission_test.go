package kafka

import (
	"errors"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sluice/bus"
)

// TestPermissionIsWaitedFor: who may not write to a topic, until somebody mends that, has no message that is at fault.
func TestPermissionIsWaitedFor(t *testing.T) {
	var told []error
	c, b := faked(t, []bus.Topic{{Name: "in", Partitions: 1}}, Options{Trouble: func(err error) { told = append(told, err) }})
	told = nil
	for range 2 {
		c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
			return refusing(r.(*kmsg.ProduceRequest), kafka.TopicAuthorizationFailed), nil, true
		})
	}
	if err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Value: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || !errors.Is(told[0], kafka.TopicAuthorizationFailed) {
		t.Errorf("told of %v", told)
	}
}
