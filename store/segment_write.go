package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// A segment file is blocks, then what they are, then where that is:
//
//	[magic 8] [block]... [meta] [summary] [trailer: summary offset 8, size 4, crc 4, magic 8]
//
// The summary is what a store keeps in memory of each segment. Every block is named with
// its checksum by the meta, the meta by the summary, the summary by the trailer. The rows of
// a stream are neighbours, in the order of time: equal things together compress best.
const (
	segMagic    = "sluice\x01S"
	segVersion  = 1 // of the summary, and of what it names
	trailerSize = 24
	dictBlock   = 256       // values in a block of a dictionary
	textBlock   = 128 << 10 // bytes of text in a block, before compression
	idBits      = 16        // of the filter of ids, each: one look-up in a thousand is for nothing
)

// segWriter puts a mem's live rows into bytes.
type segWriter struct {
	m      *mem
	fs     *fields
	b      []byte
	perm   []uint32 // new row -> old row
	newRow []int32  // old row -> new row; -1: dead
	local  []int32  // field number -> number in the file + 1
	names  []*field
	starts []int32 // scratch
}

func (w *segWriter) put(b []byte) span {
	s := span{int64(len(w.b)), int64(len(b)), crc32.Checksum(b, castagnoli)}
	w.b = append(w.b, b...)
	return s
}

func (w *segWriter) zip(b []byte) span {
	at := len(w.b)
	w.b = encoder.EncodeAll(b, w.b)
	return span{int64(at), int64(len(w.b) - at), crc32.Checksum(w.b[at:], castagnoli)}
}

// encodeSegment gives the bytes of a file with m's live rows; m must not change meanwhile
// but for its dead rows, whose state is given by dead. newRow tells where each row went.
func encodeSegment(m *mem, dead rows64) (file []byte, newRow []int32) {
	w := &segWriter{m: m, fs: m.fs, b: make([]byte, 0, m.n*200+4096)}
	w.b = append(w.b, segMagic...)
	w.order(dead)
	n := len(w.perm)
	w.local = make([]int32, m.fs.len()+1)
	meta := &enc{}
	shapes := w.shapes()
	meta.uint(uint64(n))
	meta.span(w.zip(deltas(pick(m.times, w.perm))))
	meta.span(w.zip(deltas(pick(m.seqs, w.perm))))
	meta.span(shapes[0])
	meta.span(shapes[1])
	w.streams(meta)
	first, last := w.ids(meta)
	text := w.texts()
	cols := &enc{}
	for i := 0; i < len(w.names); i++ { // grows: a column may name its alt
		w.column(cols, w.names[i])
	}
	meta.uint(uint64(len(w.names)))
	meta.b = append(append(meta.b, cols.b...), text...)
	sum := &enc{}
	sum.uint(segVersion)
	sum.uint(uint64(n))
	lo, hi := w.times()
	sum.int(lo)
	sum.int(hi)
	sum.int(m.first)
	sum.int(m.last)
	sum.str(first)
	sum.str(last)
	sum.span(w.zip(meta.b))
	sum.span(w.filter())
	sum.uint(uint64(len(m.names)))
	for i, s := range m.names {
		sum.str(s)
		sum.uint(uint64(w.countOf(uint16(i))))
	}
	at := len(w.b)
	w.b = append(w.b, sum.b...)
	var t [trailerSize]byte
	binary.LittleEndian.PutUint64(t[:], uint64(at))
	binary.LittleEndian.PutUint32(t[8:], uint32(len(sum.b)))
	binary.LittleEndian.PutUint32(t[12:], crc32.Checksum(sum.b, castagnoli))
	copy(t[16:], segMagic)
	return append(w.b, t[:]...), w.newRow
}

func pick(from []int64, perm []uint32) []int64 {
	out := make([]int64, len(perm))
	for i, p := range perm {
		out[i] = from[p]
	}
	return out
}

// order sorts the live rows by stream, then time, then arrival.
func (w *segWriter) order(dead rows64) {
	m := w.m
	w.newRow = make([]int32, m.n)
	for i := range m.n {
		w.newRow[i] = -1
		if i/64 >= len(dead) || !dead.has(uint32(i)) {
			w.perm = append(w.perm, uint32(i))
		}
	}
	slices.SortFunc(w.perm, func(a, b uint32) int {
		if m.stream[a] != m.stream[b] {
			return int(m.stream[a]) - int(m.stream[b])
		}
		if m.times[a] != m.times[b] {
			if m.times[a] < m.times[b] {
				return -1
			}
			return 1
		}
		return int(a) - int(b)
	})
	for i, p := range w.perm {
		w.newRow[p] = int32(i)
	}
}

func (w *segWriter) times() (lo, hi int64) {
	for i, p := range w.perm {
		t := w.m.times[p]
		if i == 0 || t < lo {
			lo = t
		}
		if i == 0 || t > hi {
			hi = t
		}
	}
	return lo, hi
}

func (w *segWriter) countOf(stream uint16) (n int) {
	for _, p := range w.perm {
		if w.m.stream[p] == stream {
			n++
		}
	}
	return n
}

// num gives the number of a field in this file.
func (w *segWriter) num(f int) int {
	if w.local[f] == 0 {
		w.fs.mu.RLock()
		w.names = append(w.names, w.fs.all[f])
		w.fs.mu.RUnlock()
		w.local[f] = int32(len(w.names))
	}
	return int(w.local[f]) - 1
}

// shapes writes the shapes, with the file's own field numbers, and each row's.
func (w *segWriter) shapes() [2]span {
	m := w.m
	code := make([]int32, len(m.shapes.vals))
	var list enc
	codes := make([]uint32, len(w.perm))
	n := 0
	for i, p := range w.perm {
		c := m.shape[p]
		if code[c] == 0 {
			n++
			code[c] = int32(n)
			list.str(string(w.renumber(m.shapes.vals[c])))
		}
		codes[i] = uint32(code[c] - 1)
	}
	return [2]span{w.zip(list.b), w.codes(codes, n)}
}

// renumber writes a shape of memory with the numbers of the file.
func (w *segWriter) renumber(s string) []byte {
	out := make([]byte, 0, len(s))
	for s != "" {
		o := s[0]
		out, s = append(out, o), s[1:]
		if o == opEnd {
			continue
		}
		n, k := uvarint(s)
		s = s[k:]
		if o&opInline != 0 {
			out = append(binary.AppendUvarint(out, n), s[:n]...)
			s = s[n:]
			continue
		}
		out = binary.AppendUvarint(out, uint64(w.num(int(n))))
		switch o {
		case opTime:
			out, s = append(out, s[0]), s[1:]
		case opTimeText:
			out = binary.AppendUvarint(out, uint64(w.num(int(n)+1)))
		}
	}
	return out
}

// codes writes codes of n values in the least width.
func (w *segWriter) codes(codes []uint32, n int) span {
	b := make([]byte, 0, 2*len(codes))
	for _, c := range codes {
		switch {
		case n <= 1<<8:
			b = append(b, byte(c))
		case n <= 1<<16:
			b = binary.LittleEndian.AppendUint16(b, uint16(c))
		default:
			b = binary.LittleEndian.AppendUint32(b, c)
		}
	}
	return w.zip(b)
}

func (w *segWriter) streams(e *enc) {
	codes := make([]uint32, len(w.perm))
	for i, p := range w.perm {
		codes[i] = uint32(w.m.stream[p])
	}
	e.span(w.codes(codes, len(w.m.names)))
}

// ids writes the ids as a sorted dictionary and the code of each row.
func (w *segWriter) ids(e *enc) (first, last string) {
	order := make([]uint32, len(w.perm)) // new rows by id
	for i := range order {
		order[i] = uint32(i)
	}
	id := func(r uint32) string { return w.m.ids[w.perm[r]][2:] }
	slices.SortFunc(order, func(a, b uint32) int { return strings.Compare(id(a), id(b)) })
	codes := make([]uint32, len(order))
	vals := make([]string, 0, len(order))
	for _, r := range order {
		if v := id(r); len(vals) == 0 || vals[len(vals)-1] != v {
			vals = append(vals, v)
		}
		codes[r] = uint32(len(vals) - 1)
	}
	w.dict(e, vals)
	e.span(w.codes(codes, len(vals)))
	if len(vals) == 0 {
		return "", ""
	}
	return vals[0], vals[len(vals)-1]
}

func (w *segWriter) filter() span {
	f := make([]uint64, filterWords(len(w.perm)))
	for _, p := range w.perm {
		bloomAdd(f, xxhash.Sum64String(w.m.ids[p][2:]))
	}
	return w.put(bloomBytes(f))
}

// dict writes sorted values in front-coded, compressed blocks, and the index of the blocks.
func (w *segWriter) dict(e *enc, vals []string) {
	var idx enc
	var blk []byte
	for r := 0; r < len(vals); r += dictBlock {
		blk = blk[:0]
		prev := ""
		for _, v := range vals[r:min(r+dictBlock, len(vals))] {
			l := 0
			for l < len(prev) && l < len(v) && prev[l] == v[l] {
				l++
			}
			blk = binary.AppendUvarint(blk, uint64(l))
			blk = binary.AppendUvarint(blk, uint64(len(v)-l))
			blk = append(blk, v[l:]...)
			prev = v
		}
		idx.str(vals[r])
		idx.span(w.zip(blk))
	}
	e.uint(uint64(len(vals)))
	e.span(w.zip(idx.b))
}

// column writes one field: its names, and its values if it has any of its own.
func (w *segWriter) column(e *enc, f *field) {
	e.str(f.name)
	e.str(f.key)
	var c *memColumn
	if f.num < len(w.m.cols) {
		c = w.m.cols[f.num]
	}
	idx, rows := w.sorted(c)
	if len(rows) == 0 {
		e.uint(uint64(classes)) // an object: only shapes name it
		return
	}
	e.uint(uint64(c.kept()))
	w.presence(e, rows)
	switch c.class {
	case classText:
	case classDate:
		nums := make([]int64, len(idx))
		for i, x := range idx {
			nums[i] = c.nums[x]
		}
		e.span(w.zip(deltas(nums)))
	default:
		w.coded(e, c, idx)
	}
}

// sorted gives the live values of c in the order of the file, and their rows there.
func (w *segWriter) sorted(c *memColumn) (idx, rows []uint32) {
	if c == nil {
		return nil, nil
	}
	if w.starts == nil {
		w.starts = make([]int32, len(w.perm)+1)
	}
	clear(w.starts)
	n := 0
	for _, r := range c.rowOf {
		if at := w.newRow[r]; at >= 0 {
			w.starts[at]++
			n++
		}
	}
	sum := int32(0)
	for i, k := range w.starts {
		w.starts[i] = sum
		sum += k
	}
	idx, rows = make([]uint32, n), make([]uint32, n)
	for i, r := range c.rowOf {
		if at := w.newRow[r]; at >= 0 {
			k := w.starts[at]
			w.starts[at]++
			idx[k], rows[k] = uint32(i), uint32(at)
		}
	}
	return idx, rows
}

// presence writes which rows have values and how many.
func (w *segWriter) presence(e *enc, rows []uint32) {
	pres := newRows(len(w.perm))
	var counts []byte
	multi, run := false, 0
	for i, r := range rows {
		pres.set(r)
		run++
		if i+1 == len(rows) || rows[i+1] != r {
			counts = binary.AppendUvarint(counts, uint64(run))
			multi = multi || run > 1
			run = 0
		}
	}
	kind := uint64(0)
	if pres.count() < len(w.perm) {
		kind |= 1
	}
	if multi {
		kind |= 2
	}
	e.uint(kind)
	if kind&1 != 0 {
		e.span(w.zip(bloomBytes(pres)))
	}
	if multi {
		e.span(w.zip(counts))
	}
}

// coded writes the dictionary, sorted in the order of the class, and the codes.
func (w *segWriter) coded(e *enc, c *memColumn, idx []uint32) {
	used := make([]int32, len(c.dict.vals))
	var live []uint32
	for _, x := range idx {
		if v := c.codes[x]; used[v] == 0 {
			used[v] = 1
			live = append(live, v)
		}
	}
	cls := c.kept()
	if cls == classNumber || cls == classIP {
		keys := make([]key, len(c.dict.vals))
		for _, v := range live {
			keys[v] = keyOf(cls, c.dict.vals[v])
		}
		slices.SortFunc(live, func(a, b uint32) int {
			if k := keys[a].compare(cls, keys[b]); k != 0 {
				return k
			}
			return strings.Compare(c.dict.vals[a], c.dict.vals[b])
		})
	} else {
		slices.SortFunc(live, func(a, b uint32) int { return strings.Compare(c.dict.vals[a], c.dict.vals[b]) })
	}
	vals := make([]string, len(live))
	for rank, v := range live {
		used[v] = int32(rank)
		vals[rank] = c.dict.vals[v]
	}
	codes := make([]uint32, len(idx))
	for i, x := range idx {
		codes[i] = uint32(used[c.codes[x]])
	}
	w.dict(e, vals)
	e.span(w.codes(codes, len(vals)))
}

// segmentName holds the sequences that a segment stands for, so that it says what it covers
// even when it can no longer be read.
func segmentName(first, last int64) string { return fmt.Sprintf("%016x-%016x.seg", first, last) }

func parseSegmentName(s string) (first, last int64, ok bool) {
	s, found := strings.CutSuffix(s, ".seg")
	if !found || len(s) != 33 || s[16] != '-' {
		return 0, 0, false
	}
	_, err := fmt.Sscanf(s, "%016x-%016x", &first, &last)
	return first, last, err == nil && first <= last && first >= 0
}
