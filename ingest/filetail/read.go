package filetail

import (
	"bytes"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/columns"
	"sluice/internal/metrics"
)

const (
	batchEvents = 1000
	batchBytes  = 1 << 20
	minHole     = 8         // NULs
	readBytes   = 256 << 10 // at most, of one file in one turn: the others have theirs
)

// batch gathers lines until they are emitted.
type batch struct {
	raws  []event.Raw
	arena []byte
}

func (b *batch) full() bool { return len(b.raws) >= batchEvents || len(b.arena) >= batchBytes }

func (b *batch) reset() {
	clear(b.raws)
	b.raws, b.arena = b.raws[:0], b.arena[:0]
}

// copied is line in the batch's own memory. When the arena grows, earlier lines keep
// the old one.
func (b *batch) copied(line []byte) []byte {
	at := len(b.arena)
	b.arena = append(b.arena, line...)
	return b.arena[at:len(b.arena):len(b.arena)]
}

// read takes what is new in f into the batch and moves f on. changed means that f no
// longer holds what was read, and nothing was taken.
func (in *input) read(f *file) (changed bool, err error) {
	data, changed, err := in.fresh(f)
	if changed || err != nil {
		return changed, err
	}
	// The first bytes are looked at after the data was read: if they are still the
	// same then, nobody had truncated the file before, and the data is this file's.
	head := readAt(f.bytes(), 0, headBytes)
	if !f.head.fits(head) || !f.begins(head, data) {
		return true, nil
	}
	if f.head.n < headBytes && len(head) > f.head.n {
		f.head = markOf(head)
	}
	f.columns()
	used := in.lines(f, data)
	if used == 0 {
		return false, nil
	}
	in.advance(f, data, used)
	return false, nil
}

// columns looks once at the first lines, which may name the columns of the others, and where
// reading goes on after a new start at the last ones that do.
func (f *file) columns() {
	if f.known {
		return
	}
	f.known = f.columned.Begin(readAt(f.bytes(), 0, columns.MaxHeader))
	if f.known && f.offset > 0 && f.packed == nil { // packed bytes cannot be read backwards
		f.columned.Resume(f.bytes(), f.offset)
	}
}

// begins reports whether data, which lies at the offset, agrees with the first bytes of
// the file: of one that nothing was read of yet, nothing else tells that it was truncated
// between the two looks, and follow: tail waits between them.
func (f *file) begins(head, data []byte) bool {
	if f.offset >= headBytes {
		return true
	}
	at := min(f.offset, int64(len(head)))
	return bytes.HasPrefix(head[at:], data[:min(int64(len(data)), headBytes-f.offset)])
}

// fresh reads what lies behind the offset, and the marked bytes before it in the same
// call: so both are of the same moment.
func (in *input) fresh(f *file) (data []byte, changed bool, err error) {
	n, err := f.bytes().ReadAt(in.buf[:tailBytes+max(readBytes, in.settings.MaxLine+slack)], f.offset-int64(f.tail.n))
	broken := err != nil && err != io.EOF
	switch {
	case broken && f.packed != nil && n > f.tail.n: // what there is, first
	case broken && f.packed != nil:
		return nil, false, in.broken(f, err)
	case broken:
		return nil, false, fmt.Errorf("read %s: %w", f.path, err)
	}
	got := in.buf[:n]
	if !f.tail.fits(got) {
		return nil, true, nil
	}
	f.dirty = err == nil || broken                       // a whole buffer: there is more
	f.flush = (f.flush || f.packed != nil) && err != nil // what ends with the buffer goes on
	data = got[f.tail.n:]
	if in.settings.Follow == FollowTail && f.packed == nil && len(data) > 0 {
		data, err = in.tailed(f, data)
		return data, false, err
	}
	return data, false, nil
}

// slack is what may be needed behind the longest line to see its end.
const slack = 2 + utf8.UTFMax

// lines takes every whole line of data into the batch and returns how many bytes that was.
func (in *input) lines(f *file, data []byte) (used int) {
	limit := in.settings.MaxLine
	now := in.env.Now()
	for !in.batch.full() && used < len(data) {
		rest := data[used:]
		if hole := hole(rest); hole > 0 && f.part == 0 {
			used += hole
			in.skipped += hole
			continue
		}
		end := bytes.IndexByte(rest[:min(len(rest), limit+slack)], '\n')
		line, taken := rest, 0
		if end >= 0 {
			line, taken = rest[:end], end+1
			line = bytes.TrimSuffix(line, []byte("\r"))
		}
		switch {
		case len(line) > limit && (end >= 0 || len(rest) >= limit+slack || f.flush):
			n := ingest.RuneCut(line, limit)
			f.part++
			in.take(f, line[:n], f.offset+int64(used), now, f.part)
			used += n
			continue
		case end < 0 && !f.flush:
			return used
		case end < 0:
			taken = len(rest)
		}
		if end >= 0 && f.part == 0 {
			if p, ok := partOf(line); ok && p.more {
				n := in.join(f, p, rest, taken, f.offset+int64(used), now)
				if n == 0 {
					return used
				}
				used += n
				continue
			}
		}
		part := f.part
		if part > 0 {
			part++
		}
		f.part = 0
		f.columned.Line(line)
		if !blank(line) { // which says nothing
			in.take(f, line, f.offset+int64(used), now, part)
		}
		used += taken
	}
	f.dirty = f.dirty || used < len(data) && in.batch.full()
	return used
}

// hole is how many NULs rest begins with, where that is no text in UTF-16: who does not append writes on where
// it was when its file was truncated, and nothing is before that.
func hole(rest []byte) int {
	if n := len(rest) - len(bytes.TrimLeft(rest, "\x00")); n >= minHole {
		return n
	}
	return 0
}

// blank says whether a line has nothing, also in UTF-16, of which the other half of the line
// before's end comes first.
func blank(line []byte) bool {
	return len(line) == 0 || len(line) <= len("\x00\r\x00") && len(bytes.Trim(line, "\x00\r")) == 0
}

func (in *input) take(f *file, line []byte, at int64, now time.Time, part int) {
	if part > 0 {
		metrics.IngestCut.WithLabelValues(in.env.Name).Inc()
	}
	in.batch.raws = append(in.batch.raws, event.Raw{
		ID: ingest.PlaceID(uint64(at), f.number, line), Bytes: in.batch.copied(line),
		Origin: f.origin, Input: in.env.Name, Listener: f.path, Namespace: in.env.Namespace,
		Received: now, Pack: in.settings.Pack, Zone: in.settings.Zone,
		Part: part, History: at < f.history, Envelope: f.columned.Header,
	})
}

// advance moves the offset over used bytes of data, which lie in in.buf behind the
// marked bytes.
func (in *input) advance(f *file, data []byte, used int) {
	defer func() { f.walked(time.Now()) }()
	f.offset += int64(used)
	n := int(min(f.offset, tailBytes))
	if used >= n {
		f.tail = markOf(data[used-n : used])
		return
	}
	before := in.buf[:f.tail.n] // the marked bytes, still there
	joined := append(append(in.scratch[:0], before...), data[:used]...)
	f.tail = markOf(joined[len(joined)-n:])
}
