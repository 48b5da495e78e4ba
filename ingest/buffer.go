package ingest

import "sync/atomic"

const (
	firstBuffer = 4 << 10  // of a connection; most lines are below 1 KiB
	busyBuffer  = 64 << 10 // of one that sends much: what one read may bring
	// BufferMemory is what all connections of an input may take beyond their first buffer.
	BufferMemory = 64 << 20
)

// Buffer holds what one connection sent and no message was made of yet: Bytes[:End]. It belongs to
// one goroutine.
type Buffer struct {
	Bytes []byte
	End   int

	most   int           // what the longest message needs
	memory *atomic.Int64 // what all of the input may still take
	small  int           // reads in a row that filled little
}

// NewBuffer returns a small buffer. memory is what all of an input share, most the greatest size.
func NewBuffer(memory *atomic.Int64, most int) Buffer {
	return Buffer{Bytes: make([]byte, firstBuffer), most: max(most, busyBuffer), memory: memory}
}

// Take gives up the first n bytes.
func (b *Buffer) Take(n int) {
	copy(b.Bytes, b.Bytes[n:b.End])
	b.End -= n
}

// Fit makes the buffer as large as the sender's pace asks for; n is what the last read brought.
func (b *Buffer) Fit(n int) {
	switch {
	case n >= len(b.Bytes)/2 && len(b.Bytes) < busyBuffer:
		b.Grow(busyBuffer)
	case n < len(b.Bytes)/8 && b.End < firstBuffer:
		if b.small++; b.small >= 16 {
			b.Shrink()
		}
	default:
		b.small = 0
	}
}

// Grow reports whether the buffer is larger now: of size, or of what the longest message needs.
func (b *Buffer) Grow(size int) bool {
	size = min(size, b.most)
	more := int64(size - len(b.Bytes))
	if more <= 0 {
		return false
	}
	if b.memory.Add(-more) < 0 {
		b.memory.Add(more)
		return false
	}
	bytes := make([]byte, size)
	copy(bytes, b.Bytes[:b.End])
	b.Bytes = bytes
	return true
}

// Shrink gives memory back. What does not fit into the first buffer is given up.
func (b *Buffer) Shrink() {
	b.small = 0
	if len(b.Bytes) <= firstBuffer {
		return
	}
	b.memory.Add(int64(len(b.Bytes) - firstBuffer))
	bytes := make([]byte, firstBuffer)
	b.End = copy(bytes, b.Bytes[:b.End])
	b.Bytes = bytes
}
