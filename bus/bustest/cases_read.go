package bustest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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

// tableWritten: a key that is written again and again is in the table whenever it is
// read, with a value that is not older than the one seen before.
func tableWritten(t *testing.T, open func() bus.Bus) {
	b := open()
	defer b.Close()
	const writes = 400
	write := func(i int) error {
		return b.Produce(t.Context(), []bus.Message{{Topic: "table", Pinned: true, Key: []byte("k"), Value: fmt.Append(nil, i)}})
	}
	if err := write(0); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for i := 1; i < writes; i++ {
			if err := write(i); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	last, reads := 0, 0
	for writing := true; writing; reads++ {
		select {
		case err := <-done:
			if writing = false; err != nil {
				t.Fatal(err)
			}
		default:
		}
		now := -1
		err := b.Table(t.Context(), "table", 0, func(m bus.Message) (err error) {
			now, err = strconv.Atoi(string(m.Value))
			return err
		})
		if err != nil || now < last {
			t.Fatalf("read %d: the value is %d behind %d, %v", reads, now, last, err)
		}
		last = now
	}
	if last != writes-1 {
		t.Errorf("the last read gave %d of %d", last, writes-1)
	}
	t.Logf("%d reads", reads)
}
