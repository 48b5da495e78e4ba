package kafka

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"

	"sluice/bus"
)

// compacted answers fetches as a broker does whose log holds a batch of offsets 0 to 9, the last
// three of which compaction took, and a large one behind it.
type compacted struct {
	kafka.RoundTripper
	large int32 // asked for less, a broker cuts the large batch off
}

func (c *compacted) RoundTrip(ctx context.Context, addr net.Addr, req kafka.Request) (kafka.Response, error) {
	r, ok := req.(*fetch.Request)
	if !ok {
		return c.RoundTripper.RoundTrip(ctx, addr, req)
	}
	asked := r.Topics[0].Partitions[0]
	var records []kafka.Record
	for offset := range int64(7) {
		if asked.FetchOffset < 10 {
			records = append(records, kafka.Record{Offset: offset})
		}
	}
	if r.MaxBytes >= c.large || asked.FetchOffset >= 10 {
		records = append(records, kafka.Record{Offset: 10})
	}
	return &fetch.Response{Topics: []fetch.ResponseTopic{{Topic: r.Topics[0].Topic, Partitions: []fetch.ResponsePartition{{
		HighWatermark: 11, RecordSet: protocol.RecordSet{Records: kafka.NewRecordReader(records...)},
	}}}}}, nil
}

// TestFetchBehindCompaction: a table is read to its end although a batch without its last messages,
// together with the one behind it, is more than one fetch asks for.
func TestFetchBehindCompaction(t *testing.T) {
	_, b := faked(t, []bus.Topic{{Name: "table", Partitions: 1, Compacted: true}}, Options{})
	whole := &compacted{b.opt.Transport, maxMessageBytes}
	b.client.Transport = whole
	for at := int64(7); at <= 10; at++ {
		msgs, err := b.fetch(t.Context(), &cursor{topic: "table", at: at})
		if err != nil || len(msgs) != 1 || msgs[0].Offset != 10 {
			t.Errorf("from %d on: %v, %v", at, msgs, err)
		}
	}
	if msgs, err := b.fetch(t.Context(), &cursor{topic: "table", at: 3}); err != nil || len(msgs) != 4 || msgs[0].Offset != 3 {
		t.Errorf("from 3 on: %v, %v", msgs, err)
	}
	if msgs, err := b.fetch(t.Context(), &cursor{topic: "table", at: 11}); err != nil || len(msgs) != 0 {
		t.Errorf("at the end: %v, %v", msgs, err)
	}
	whole.large = 64 << 20
	if msgs, err := b.fetch(t.Context(), &cursor{topic: "table", at: 8}); err == nil {
		t.Errorf("a broker that sends less than there is: %v", msgs)
	}
}

// TestFetchKeepsToMemory: lines that are much alike are far longer in memory than on the way. What a worker is
// given at a time keeps to FetchBytes, about, and is not much less where there is enough.
func TestFetchKeepsToMemory(t *testing.T) {
	_, b := faked(t, []bus.Topic{{Name: "in", Partitions: 1}}, Options{})
	const batches, each = 400, 100
	for n := range batches {
		msgs := make([]bus.Message, each)
		for i := range msgs {
			text := fmt.Appendf(nil, "%x ", sha256.Sum256(fmt.Append(nil, n, i)))
			msgs[i] = bus.Message{Topic: "in", Value: append(text, make([]byte, 1000)...)}
		}
		if err := b.Produce(t.Context(), msgs); err != nil {
			t.Fatal(err)
		}
	}
	cur := cursor{topic: "in"}
	fetches, most := 0, 0
	for cur.at < batches*each {
		msgs, err := b.fetch(t.Context(), &cur)
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for i := range msgs {
			size += msgs[i].Size()
		}
		fetches, most = fetches+1, max(most, size)
	}
	if limit := 3 * int(b.opt.FetchBytes); most > limit {
		t.Errorf("a batch of %d bytes, at most %d", most, limit)
	}
	if fetches > 100 { // of 40 MB
		t.Errorf("%d batches", fetches)
	}
}
