package bustest

import (
	"context"
	"errors"
	"testing"

	"sluice/bus"
)

// reading: what a topic holds can be read without a group, which commits nothing.
func reading(t *testing.T, open func() bus.Bus) {
	b := open()
	defer b.Close()
	produce(t, b, 0, 50)
	g := bus.Group{Name: "a", Topic: "in"}
	got := newSeen(t)
	consume(t, b, g, func(_ context.Context, in []bus.Message) ([]bus.Message, error) { got.add(in); return nil, nil }, func() bool { return got.count() == 50 })
	produce(t, b, 50, 100)
	read := func() *seen {
		s := newSeen(t)
		for p := range b.Partitions("in") {
			last := int64(-1)
			err := b.Read(t.Context(), "in", p, func(m bus.Message, end int64) error {
				if m.Partition != p || m.Offset >= end || m.Offset <= last {
					t.Errorf("offset %d of partition %d, up to %d, after %d of %d", m.Offset, m.Partition, end, last, p)
				}
				last = m.Offset
				s.add([]bus.Message{m})
				if s.count() == 10 { // what comes meanwhile is no part of it
					produce(t, b, 1000+p, 1001+p)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	s := read().copy()
	for i := range 100 {
		if n := s[string(msg(i).Value)]; n != 1 {
			t.Errorf("message %d came %d times", i, n)
		}
	}
	if n := lag(t, b, g); n < 50 {
		t.Errorf("lag of the group after reading = %d, want at least 50", n)
	}
	sick := errors.New("sick")
	if err := b.Read(t.Context(), "in", 0, func(bus.Message, int64) error { return sick }); !errors.Is(err, sick) {
		t.Errorf("read = %v, want the error of fn", err)
	}
	if err := b.Read(t.Context(), "in", 99, func(bus.Message, int64) error { return nil }); err == nil {
		t.Error("a partition that is not there was read")
	}
}
