package store

import (
	"encoding/binary"
	"sort"
	"strings"

	"sluice/internal/jsontape"
)

// mem is the rows that are not in a segment yet, already by column: what a search reads and
// what a segment is written from. Rows are only added, and what was added never changes, so
// that a view of the first n rows may be read while more are added. Adding and taking views
// need the store's lock.
type mem struct {
	fs      *fields
	n       int
	bytes   int64 // estimate of the memory held
	first   int64 // sequences, inclusive, also of what is no row; 0: none
	last    int64
	minTime int64
	maxTime int64

	cols    []*memColumn // by field number
	used    []*memColumn // those that are not nil
	times   []int64
	seqs    []int64
	names   []string // of streams
	stream  []uint16
	ids     []string // stream code in two bytes, then _id
	byID    map[string]uint32
	byName  map[string]uint16
	values  valueBlock // what the dictionaries hold
	shapes  *memDict
	shape   []uint32
	text    []byte   // records of rows, see appendText
	textEnd []uint32 // of each row's records
	dead    rows64
	nDead   int

	seg    *segment // that it has become, with where each row is there
	newRow []int32

	versions []int64 // of documents that change; nil: 1
}

type memColumn struct {
	f     *field
	class class // of what is kept: classText has rows only
	all   class // of classAuto: classNumber while every value is one
	rowOf []uint32
	codes []uint32
	nums  []int64
	dict  memDict
}

func newMem(fs *fields) *mem {
	return &mem{fs: fs, byID: map[string]uint32{}, byName: map[string]uint16{}, shapes: &memDict{}}
}

// after makes a mem for what comes after m, with room for half as much from the start: rows
// of the same inputs follow, and to grow by doubling makes garbage of several times that.
func (m *mem) after() *mem {
	next := newMem(m.fs)
	next.first, next.last = m.last+1, m.last
	half := m.n / 2
	next.byID = make(map[string]uint32, half)
	next.times, next.seqs = make([]int64, 0, half), make([]int64, 0, half)
	next.stream, next.ids, next.shape = make([]uint16, 0, half), make([]string, 0, half), make([]uint32, 0, half)
	next.text, next.textEnd = make([]byte, 0, len(m.text)/2), make([]uint32, 0, half)
	return next
}

func (m *mem) key(index, id string) (string, bool) {
	c, ok := m.byName[index]
	if !ok {
		return "", false
	}
	return string([]byte{byte(c >> 8), byte(c)}) + id, true
}

// find gives the live row of a document.
func (m *mem) find(index, id string) (uint32, bool) {
	k, ok := m.key(index, id)
	if !ok {
		return 0, false
	}
	r, ok := m.byID[k]
	return r, ok
}

// kill marks a row as superseded or deleted.
func (m *mem) kill(row uint32) {
	if !m.isDead(row) {
		m.dead = m.dead.grown(m.n)
		m.dead.set(row)
		m.nDead++
	}
	delete(m.byID, m.ids[row])
}

func (m *mem) isDead(row uint32) bool { return int(row/64) < len(m.dead) && m.dead.has(row) }

// grown gives a set that can hold n rows.
func (b rows64) grown(n int) rows64 {
	if k := (n + 63) / 64; k > len(b) {
		b = append(b, make(rows64, k-len(b))...)
	}
	return b
}

// add takes one parsed row over, replacing a live one of the same index and id.
func (m *mem) add(r *row) {
	c, ok := m.byName[r.index]
	if !ok {
		c = uint16(len(m.names))
		m.byName[r.index] = c
		m.names = append(m.names, r.index)
	}
	key := string([]byte{byte(c >> 8), byte(c)}) + r.id
	if old, ok := m.byID[key]; ok {
		m.kill(old)
	}
	n := uint32(m.n)
	m.byID[key] = n
	m.ids = append(m.ids, key)
	m.stream = append(m.stream, c)
	m.times = append(m.times, r.time)
	m.seqs = append(m.seqs, r.seq)
	if m.n == 0 || r.time < m.minTime {
		m.minTime = r.time
	}
	if m.n == 0 || r.time > m.maxTime {
		m.maxTime = r.time
	}
	if m.first == 0 {
		m.first = r.seq
	}
	m.last = max(m.last, r.seq)
	code, grown := m.shapes.add(r.shape, &m.values)
	m.shape = append(m.shape, code)
	m.bytes += int64(grown + len(key) + 112)
	var whole []byte // the first text of the row, which others often end
	for i := range r.leaves {
		whole = m.leaf(&r.leaves[i], n, whole)
	}
	m.textEnd = append(m.textEnd, uint32(len(m.text)))
	m.n++
}

func (m *mem) leaf(l *leaf, n uint32, whole []byte) []byte {
	if l.f.num >= len(m.cols) {
		m.cols = append(m.cols, make([]*memColumn, l.f.num+64-len(m.cols))...)
	}
	col := m.cols[l.f.num]
	if col == nil {
		col = &memColumn{f: l.f, class: l.f.class, all: classNumber}
		m.cols[l.f.num] = col
		m.used = append(m.used, col)
		m.bytes += 256
	}
	if l.long || col.class == classText {
		if !l.long {
			col.rowOf = append(col.rowOf, n)
		}
		before := len(m.text)
		m.text = appendText(m.text, l.f.num, l.s, whole, l.long)
		m.bytes += int64(len(m.text)-before) + 4
		if len(whole) == 0 && !l.long {
			whole = l.s
		}
		return whole
	}
	col.rowOf = append(col.rowOf, n)
	if col.class == classDate {
		col.nums = append(col.nums, l.num)
		m.bytes += 12
		return whole
	}
	code, grown := col.dict.add(l.s, &m.values)
	if grown > 0 && col.class == classAuto && col.all == classNumber && !jsontape.IsNumber(l.s) {
		col.all = classString
	}
	col.codes = append(col.codes, code)
	m.bytes += int64(grown) + 8
	return whole
}

// A text record is the field's number * 4 + kind, then a length, then for textOwn the bytes.
// Most messages are the end of their raw line: textTail says so and costs nothing.
const (
	textOwn  = 0
	textTail = 1 // the last bytes of the row's first own text
	textLong = 2 // a value too long for a dictionary: not searched
)

func appendText(dst []byte, field int, s, whole []byte, long bool) []byte {
	kind := textOwn
	switch {
	case long:
		kind = textLong
	case len(whole) > 0 && len(s) > 0 && len(s) <= len(whole) && string(whole[len(whole)-len(s):]) == string(s):
		kind = textTail
	}
	dst = binary.AppendUvarint(dst, uint64(field*4+kind))
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	if kind != textTail {
		dst = append(dst, s...)
	}
	return dst
}

// textRecord is one string of a row. tail: it is the end of whole, from at on.
type textRecord struct {
	field int
	s     []byte
	kind  int
	at    int
}

// eachText visits the records of one row; a broken one ends it with errCorrupt.
func eachText(b []byte, f func(textRecord) bool) error {
	var whole []byte
	for len(b) > 0 {
		k, n := binary.Uvarint(b)
		if n <= 0 || k > 4*maxFields*4 {
			return errCorrupt
		}
		b = b[n:]
		l, n := binary.Uvarint(b)
		if n <= 0 {
			return errCorrupt
		}
		b = b[n:]
		t := textRecord{field: int(k / 4), kind: int(k % 4)}
		if t.kind == textTail {
			if l > uint64(len(whole)) {
				return errCorrupt
			}
			t.at = len(whole) - int(l)
			t.s = whole[t.at:]
		} else {
			if l > uint64(len(b)) {
				return errCorrupt
			}
			t.s, b = b[:l], b[l:]
			if len(whole) == 0 && t.kind == textOwn {
				whole = t.s
			}
		}
		if !f(t) {
			return nil
		}
	}
	return nil
}

// memView is the first n rows of a mem, as a part of a search.
type memView struct {
	m       *mem
	n       int
	deadSet rows64
	from    int64
	to      int64
	read    func(func()) // runs under the store's lock for reading
}

// view is taken under the lock.
func (m *mem) view(read func(func())) *memView {
	return &memView{m: m, n: m.n, deadSet: append(rows64(nil), m.dead...), from: m.minTime, to: m.maxTime, read: read}
}

func (v *memView) rows() int              { return v.n }
func (v *memView) dead() rows64           { return v.deadSet }
func (v *memView) name() string           { return "memory" }
func (v *memView) bounds() (int64, int64) { return v.from, v.to }

func (v *memView) seqNos() (t []int64, err error) {
	v.read(func() { t = v.m.seqs[:v.n] })
	return t, nil
}

func (v *memView) column(name string) (c *column, err error) {
	v.read(func() { c = v.m.column(name, v.n) })
	return c, nil
}

// columnsBelow lists the columns below an object.
func (v *memView) columnsBelow(prefix string) (out []string, err error) {
	v.read(func() {
		for _, c := range v.m.used {
			if strings.HasPrefix(c.f.name, prefix) && len(c.rowOf) > 0 {
				out = append(out, c.f.name)
			}
		}
	})
	return out, nil
}

func (m *mem) column(name string, n int) *column {
	switch name {
	case "_index":
		c := &column{class: classString, rows: n, dict: sliceDict(m.names)}
		c.c16 = m.stream[:n]
		return c
	case "_id":
		c := &column{class: classString, rows: n, c32: make([]uint32, n), dict: idDict(m.ids[:n])}
		for i := range c.c32 {
			c.c32[i] = uint32(i)
		}
		return c
	}
	for _, c := range m.used {
		if c.f.name == name {
			return c.view(n)
		}
	}
	return nil
}

func (c *memColumn) view(n int) *column {
	k := sort.Search(len(c.rowOf), func(i int) bool { return c.rowOf[i] >= uint32(n) })
	if k == 0 {
		return nil
	}
	out := &column{class: c.kept(), rows: n, rowOf: c.rowOf[:k]}
	switch c.class {
	case classText:
	case classDate:
		out.nums = c.nums[:k]
	default:
		out.c32, out.dict = c.codes[:k], sliceDict(c.dict.vals)
	}
	return out
}

// kept is the class that the values have turned out to be of.
func (c *memColumn) kept() class {
	if c.class == classAuto {
		return c.all
	}
	return c.class
}

// text visits the rows of want (nil: all) that have text.
func (v *memView) text(want rows64, f func(row uint32, records []byte) bool) error {
	var text []byte
	var ends []uint32
	v.read(func() { text, ends = v.m.text, v.m.textEnd[:v.n] })
	from := uint32(0)
	for i, end := range ends {
		if end > from && (want == nil || want.has(uint32(i))) && !f(uint32(i), text[from:end]) {
			return nil
		}
		from = end
	}
	return nil
}

// candidates of rows with a word: nothing is known here.
func (v *memView) candidates(string, string) (rows64, bool, error) { return nil, false, nil }

func (v *memView) fieldNum(name string) int {
	n := -1
	v.read(func() {
		for _, c := range v.m.used {
			if c.f.name == name {
				n = c.f.num
			}
		}
	})
	return n
}

// byIDs gives the live rows with one of these ids, of any index.
func (v *memView) byIDs(ids []string) (rows64, error) {
	b := newRows(v.n)
	v.read(func() {
		for _, id := range ids {
			for c := range v.m.names {
				if r, ok := v.m.byID[string([]byte{byte(c >> 8), byte(c)})+id]; ok && int(r) < v.n {
					b.set(r)
				}
			}
		}
	})
	return b, nil
}

func (v *memView) doc(row uint32, source bool) (d Doc, err error) {
	v.read(func() { d, err = v.m.doc(row, source) })
	return d, err
}

func (m *mem) doc(row uint32, source bool) (Doc, error) {
	d := Doc{Index: m.names[m.stream[row]], ID: m.ids[row][2:], SeqNo: m.seqs[row], Version: 1}
	if m.versions != nil {
		d.Version = m.versions[row]
	}
	if !source {
		return d, nil
	}
	from := uint32(0)
	if row > 0 {
		from = m.textEnd[row-1]
	}
	rb := rebuilder{row: row, text: m.text[from:m.textEnd[row]], at: map[int]int{}}
	rb.key = func(n int) (string, bool) { return m.fs.key(n) }
	rb.column = func(n int) (*column, error) {
		if n >= len(m.cols) || m.cols[n] == nil {
			return nil, errCorrupt
		}
		return m.cols[n].view(m.n), nil
	}
	var err error
	d.Source, err = rb.run(m.shapes.vals[m.shape[row]])
	return d, err
}

type sliceDict []string

func (d sliceDict) len() int                                     { return len(d) }
func (d sliceDict) at(code int) (string, error)                  { return d[code], nil }
func (d sliceDict) find(interval) (lo, hi int, ok bool, _ error) { return 0, 0, false, nil }
func (d sliceDict) each(f func(int, string)) error {
	for i, v := range d {
		f(i, v)
	}
	return nil
}

// idDict is ids behind their stream's code.
type idDict []string

func (d idDict) len() int                                     { return len(d) }
func (d idDict) at(code int) (string, error)                  { return d[code][2:], nil }
func (d idDict) find(interval) (lo, hi int, ok bool, _ error) { return 0, 0, false, nil }
func (d idDict) each(f func(int, string)) error {
	for i, v := range d {
		f(i, v[2:])
	}
	return nil
}
