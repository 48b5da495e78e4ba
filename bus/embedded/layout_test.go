package embedded

import (
	"strings"
	"testing"

	"sluice/bus"
)

// TestLay: a partition with much gets a batch of its own, the rest one together behind it,
// and each message lies in the batch of its label, in its partition's order.
func TestLay(t *testing.T) {
	topics := map[string]bus.Topic{"a": {Name: "a", Partitions: 2}, "b": {Name: "b", Partitions: 4}}
	large := []byte(strings.Repeat("x", ownFrame/4))
	var out []bus.Message
	for i := range 8 {
		out = append(out,
			bus.Message{Topic: "a", Pinned: true, Partition: 1, Key: []byte{byte(i)}, Value: large},
			bus.Message{Topic: "b", Pinned: true, Partition: i % 4, Key: []byte{byte(i)}, Value: []byte("small")})
	}
	parts := new(layout).lay(topics, out, sizeOf(out), 0)
	if len(parts) != 2 || len(parts[0].Records) != 8 || len(parts[1].Records) != 8 {
		t.Fatalf("%d batches: %+v", len(parts), parts)
	}
	if parts[0].Labels != label("a", 1) || parts[1].Labels != label("b", 0)|label("b", 1)|label("b", 2)|label("b", 3) {
		t.Fatalf("labels %x, %x", parts[0].Labels, parts[1].Labels)
	}
	var got []bus.Message
	for _, p := range parts {
		for part := range 4 {
			for _, topic := range []string{"a", "b"} {
				var err error
				if got, err = pick(got, p, topic, part); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	last := map[[2]any]byte{}
	for _, m := range got {
		at := [2]any{m.Topic, m.Partition}
		if prev, ok := last[at]; ok && m.Key[0] <= prev {
			t.Fatalf("%s/%d: message %d behind %d", m.Topic, m.Partition, m.Key[0], prev)
		}
		last[at] = m.Key[0]
	}
	if len(got) != len(out) {
		t.Fatalf("%d of %d messages", len(got), len(out))
	}
}
