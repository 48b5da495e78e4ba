package filetail

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"sluice/ingest"
)

// A checkpoint is the whole state of the input:
//
//	version 1 | count of files | files | count of orphans | orphans     counts: uvarint
//	file: number 8 | device, inode, offset, part, history: uvarint | head: length uvarint, sum 8 | tail: sum 8 | path
//	path: bytes shared with the path before: uvarint | bytes more: uvarint | those bytes
//
// Numbers are big-endian. Files are sorted by path, so that a path costs a few bytes.
const checkpointVersion = 1

var errCheckpoint = errors.New("damaged checkpoint of a file_tail input")

// maxPath is PATH_MAX; a longer path cannot be opened anyway.
const maxPath = 4096

func encode(files, orphans []*file) ingest.Checkpoint {
	b := make([]byte, 1, 64+96*(len(files)+len(orphans)))
	b[0] = checkpointVersion
	b = encodeFiles(b, files)
	return encodeFiles(b, orphans)
}

func encodeFiles(b []byte, files []*file) []byte {
	sorted := slices.SortedStableFunc(slices.Values(files), func(x, y *file) int { return strings.Compare(x.path, y.path) })
	b = binary.AppendUvarint(b, uint64(len(sorted)))
	before := ""
	for _, f := range sorted {
		b = binary.BigEndian.AppendUint64(b, f.number)
		for _, n := range []uint64{f.id.device, f.id.number, uint64(f.offset), uint64(f.part), uint64(f.history), uint64(f.head.n)} {
			b = binary.AppendUvarint(b, n)
		}
		b = binary.BigEndian.AppendUint64(b, f.head.sum)
		b = binary.BigEndian.AppendUint64(b, f.tail.sum)
		same := 0
		for same < min(len(before), len(f.path)) && before[same] == f.path[same] {
			same++
		}
		b = binary.AppendUvarint(b, uint64(same))
		b = binary.AppendUvarint(b, uint64(len(f.path)-same))
		b = append(b, f.path[same:]...)
		before = f.path
	}
	return b
}

// decode reads what encode wrote.
func decode(at ingest.Checkpoint) (files, orphans []*file, err error) {
	if len(at) == 0 || at[0] != checkpointVersion {
		return nil, nil, fmt.Errorf("%w: version %.1x, want %x", errCheckpoint, []byte(at), checkpointVersion)
	}
	d := &decoder{rest: at[1:]}
	files, orphans = d.files(), d.files()
	if d.bad || len(d.rest) > 0 {
		return nil, nil, errCheckpoint
	}
	return files, orphans, nil
}

type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) uvarint(limit uint64) uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || n > limit {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) bytes(n int) []byte {
	if n > len(d.rest) {
		d.bad, d.rest = true, nil
		return make([]byte, min(n, maxPath))
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) uint64() uint64 { return binary.BigEndian.Uint64(d.bytes(8)) }

func (d *decoder) files() []*file {
	const any64, offset = 1<<64 - 1, 1<<63 - 1
	count := d.uvarint(1 << 20)
	var files []*file // grows with the bytes that are there, whatever the count says
	before := ""
	for range count {
		f := &file{number: d.uint64()}
		f.id.device, f.id.number = d.uvarint(any64), d.uvarint(any64)
		f.offset = int64(d.uvarint(offset))
		f.part = int(d.uvarint(1 << 40))
		f.history = int64(d.uvarint(offset))
		f.head.n = int(d.uvarint(headBytes))
		f.head.sum, f.tail.sum = d.uint64(), d.uint64()
		f.tail.n = int(min(f.offset, tailBytes))
		same, more := d.uvarint(uint64(len(before))), d.uvarint(maxPath)
		if d.bad {
			return nil
		}
		f.path = before[:same] + string(d.bytes(int(more)))
		if d.bad || !filepath.IsAbs(f.path) || len(f.path) > maxPath {
			d.bad = true
			return nil
		}
		before = f.path
		files = append(files, f)
	}
	return files
}
