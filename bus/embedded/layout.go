package embedded

import (
	"math/bits"
	"slices"
	"sync"
	"time"

	"sluice/bus"
	"sluice/journal"
)

// ownFrame is what a partition must have in an append to get a frame of its own there:
// readers of the others pass over that without unpacking it. Those of sluice.matches would
// unpack every event otherwise.
const ownFrame = 16 << 10

// layout is the room in which an append is laid out.
type layout struct {
	buf   []byte
	place []spot // by message
}

type spot struct {
	partition int
	bit       int // of the label
}

var rooms = sync.Pool{New: func() any { return new(layout) }}

// lay gives the messages their partitions and puts them into batches: one for each label
// with enough of them, and behind those one for the rest, which may be empty. turn picks
// the partition of what is neither pinned nor has a key; size is about the bytes of all.
// The records are valid until the next lay.
func (l *layout) lay(topics map[string]bus.Topic, out []bus.Message, size int, turn uint64) []journal.Batch {
	parts, batchOf := l.split(topics, out, turn)
	l.buf = slices.Grow(l.buf[:0], size) // records are slices of it; it may move when it grows
	now := time.Now()
	for i := range out {
		m := out[i]
		m.Partition = l.place[i].partition
		if m.Time.IsZero() {
			m.Time = now
		}
		from := len(l.buf)
		l.buf = putMessage(l.buf, &m)
		p := &parts[batchOf[l.place[i].bit]]
		p.Records = append(p.Records, l.buf[from:len(l.buf):len(l.buf)])
		p.Labels |= 1 << l.place[i].bit
	}
	return parts
}

// split finds each message's place, and the batch of each label.
func (l *layout) split(topics map[string]bus.Topic, out []bus.Message, turn uint64) (parts []journal.Batch, batchOf [64]int) {
	var sizes, counts [64]int
	l.place = slices.Grow(l.place[:0], len(out))
	for i := range out {
		m := &out[i]
		p, n := m.Partition, topics[m.Topic].Partitions
		switch {
		case m.Pinned:
		case m.Key != nil:
			p = bus.Partition(m.Key, n)
		default:
			p = int(turn % uint64(n))
		}
		bit := bits.TrailingZeros64(label(m.Topic, p))
		l.place = append(l.place, spot{p, bit})
		sizes[bit] += m.Size()
		counts[bit]++
	}
	rest := 0
	for bit, size := range sizes {
		if size < ownFrame {
			rest += counts[bit]
			continue
		}
		batchOf[bit] = len(parts)
		parts = append(parts, journal.Batch{Records: make([][]byte, 0, counts[bit]+1)})
	}
	for bit, size := range sizes {
		if size < ownFrame {
			batchOf[bit] = len(parts)
		}
	}
	return append(parts, journal.Batch{Records: make([][]byte, 0, rest+1)}), batchOf
}
