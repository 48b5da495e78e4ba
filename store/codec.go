package store

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

// A span is one block of a segment file: where it lies and the checksum of its bytes there.
type span struct {
	off, size int64
	sum       uint32
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	// A better level gains little and takes several times as long. The window is about a
	// block's size: the default one keeps 8 MiB for each goroutine.
	encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(512<<10), zstd.WithEncoderCRC(false))

	// A block that claims to be larger than any we write is refused before it takes memory.
	decoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(maxBlock))
)

// The encoder is made ready by its first use. In a bubble of a test that would make it the bubble's, and
// the next use outside ends the program.
func init() { encoder.EncodeAll(nil, nil) }

const maxBlock = 256 << 20

// enc builds the bytes of a footer or a block.
type enc struct{ b []byte }

func (e *enc) uint(n uint64) { e.b = binary.AppendUvarint(e.b, n) }
func (e *enc) int(n int64)   { e.b = binary.AppendVarint(e.b, n) }
func (e *enc) str(s string)  { e.uint(uint64(len(s))); e.b = append(e.b, s...) }
func (e *enc) span(s span) {
	e.uint(uint64(s.off))
	e.uint(uint64(s.size))
	e.b = binary.LittleEndian.AppendUint32(e.b, s.sum)
}

// dec reads what enc wrote; after the first fault it gives zeros and keeps bad set.
type dec struct {
	b   []byte
	bad bool
}

func (d *dec) uint() uint64 {
	n, k := binary.Uvarint(d.b)
	if k <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[k:]
	return n
}

func (d *dec) int() int64 {
	n, k := binary.Varint(d.b)
	if k <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[k:]
	return n
}

// count reads a number of things that take at least one byte each.
func (d *dec) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

func (d *dec) bytes() []byte {
	n := d.count()
	if d.bad {
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *dec) str() string { return string(d.bytes()) }

func (d *dec) span() span {
	s := span{off: int64(d.uint()), size: int64(d.uint())}
	if len(d.b) < 4 {
		d.bad, d.b = true, nil
		return span{}
	}
	s.sum = binary.LittleEndian.Uint32(d.b)
	d.b = d.b[4:]
	return s
}

func (d *dec) err() error {
	if d.bad || len(d.b) > 0 {
		return errCorrupt
	}
	return nil
}

// deltas writes numbers that lie close to the one before.
func deltas(nums []int64) []byte {
	b := make([]byte, 0, 3*len(nums))
	prev := int64(0)
	for _, n := range nums {
		b = binary.AppendVarint(b, n-prev)
		prev = n
	}
	return b
}

func undelta(b []byte, limit int) ([]int64, error) {
	d := dec{b: b}
	out := make([]int64, 0, min(limit, len(b)))
	prev := int64(0)
	for len(d.b) > 0 {
		if len(out) == limit {
			return nil, errCorrupt
		}
		prev += d.int()
		out = append(out, prev)
	}
	return out, d.err()
}
