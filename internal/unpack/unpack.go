// Package unpack reads what rotated logs are compressed with. The kind is told by the first bytes,
// never by the name; memory is bounded whatever the file says of itself, and it is read as a stream,
// so that it does not matter how much is in it.
package unpack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

// Ends are the ends that the names of such files have.
var Ends = []string{".bz2", ".gz", ".xz", ".zst"}

// maxWindow is what a reader of zstd has to hold by RFC 8878, and what every level up to 19 needs, and
// of xz every preset up to 6, its default; beyond, it may be 128 MiB and more for each file that is open.
const maxWindow = 8 << 20

// unzstd needs no Close: with a concurrency of one the reader has no goroutine.
func unzstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

// Reader is what r holds, unpacked; nil: it is not compressed, or in no way that is known.
func Reader(r *bufio.Reader) (io.Reader, error) {
	head, _ := r.Peek(10)
	has := func(from int, magic string) bool {
		return len(head) > from && bytes.HasPrefix(head[from:], []byte(magic))
	}
	switch {
	case has(0, "\x1f\x8b\x08"):
		return gzip.NewReader(r)
	case has(0, "BZh") && (has(4, "1AY&SY") || has(4, "\x17rE8P\x90")): // a block, or nothing but the end
		return bzip2.NewReader(r), nil
	case has(0, "\x28\xb5\x2f\xfd"), has(1, "\x2a\x4d\x18") && head[0]>>4 == 5: // or a frame to be skipped, as pzstd writes it first
		return unzstd(r)
	case has(0, "\xfd7zXZ\x00"):
		return xz.NewReader(r, maxWindow) // the one that can be told a bound
	}
	return nil, nil
}
