package kafka

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sluice/bus"
)

// TestClockAhead: a broker that refuses times which are ahead of its clock gets the messages with earlier
// ones; those that it takes are not changed.
func TestClockAhead(t *testing.T) {
	var told error
	c, b := faked(t, []bus.Topic{{Name: "in", Partitions: 1}}, Options{Trouble: func(err error) { told = err }})
	refused := 0
	c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.ProduceRequest)
		batch := req.Topics[0].Partitions[0].Records
		if newest := int64(binary.BigEndian.Uint64(batch[35:])); newest <= time.Now().Add(time.Hour).UnixMilli() {
			return nil, nil, false
		}
		refused++
		return refusing(req, kafka.InvalidTimestamp), nil, true
	})
	told = nil
	now := time.Now().Truncate(time.Millisecond)
	times := []time.Time{now, now.Add(3 * time.Hour), now.AddDate(10, 0, 0)}
	for i, at := range times {
		if err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Value: []byte{byte(i)}, Time: at}}); err != nil {
			t.Fatal(err)
		}
		if ahead := i > 0; (told != nil) != ahead {
			t.Fatalf("message %d: told of %v", i, told)
		}
	}
	var got []bus.Message
	for at := (cursor{topic: "in"}); len(got) < len(times); {
		msgs, err := b.fetch(t.Context(), &at)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, msgs...)
	}
	for i, m := range got {
		if m.Value[0] != byte(i) || i == 0 && !m.Time.Equal(now) || m.Time.After(time.Now().Add(time.Hour)) {
			t.Errorf("message %d is %v at %v", i, m.Value, m.Time)
		}
	}
	if refused < 3 {
		t.Errorf("refused %d times", refused)
	}
}
