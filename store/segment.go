package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"sluice/internal/disk"
)

// segment is one file, read only but for its tombstones. What a store keeps of it in memory
// is this; all else comes through the cache. A file is open only while somebody reads it, so
// that 100,000 segments need no descriptors.
type segment struct {
	file  string
	fs    disk.FS
	cache *cache
	size  int64
	sum   summary
	uid   uint32 // tombstones name the segment they are of

	mu      sync.Mutex
	f       disk.File
	refs    int
	gone    bool // unlink when the last reader has left
	tombs   rows64
	nDead   int
	deadNew bool // tombstones that are not on disk yet
	bad     func(Problem)
}

// summary is the end of a file.
type summary struct {
	rows             int
	minTime, maxTime int64
	first, last      int64
	minID, maxID     string
	meta, filter     span
	streams          []string
	counts           []int64
}

// Problem is something damaged: what it is in, and what is wrong with it.
type Problem struct {
	File   string
	Offset int64
	Reason string
}

func (p Problem) String() string { return fmt.Sprintf("%s at %d: %s", p.File, p.Offset, p.Reason) }
func (p Problem) Error() string  { return p.String() }

// openSegment reads the end of a file.
func openSegment(fs disk.FS, name string, c *cache, bad func(Problem)) (*segment, error) {
	s := &segment{file: name, fs: fs, cache: c, bad: bad}
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if s.size, err = f.Size(); err != nil {
		return nil, err
	}
	var t [trailerSize]byte
	if s.size < trailerSize+int64(len(segMagic)) {
		return nil, Problem{name, 0, "the file is cut"}
	}
	if _, err := f.ReadAt(t[:], s.size-trailerSize); err != nil {
		return nil, err
	}
	at, n := int64(binary.LittleEndian.Uint64(t[:])), int64(binary.LittleEndian.Uint32(t[8:]))
	if string(t[16:]) != segMagic || at < 0 || at+n+trailerSize != s.size {
		return nil, Problem{name, s.size - trailerSize, "the end of the file is not that of a segment"}
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, at); err != nil {
		return nil, err
	}
	s.uid = binary.LittleEndian.Uint32(t[12:])
	if checksum(b) != s.uid {
		return nil, Problem{name, at, "the summary does not fit its checksum"}
	}
	if err := s.sum.decode(b, at); err != nil {
		return nil, Problem{name, at, "the summary does not read"}
	}
	return s, nil
}

func (s *summary) decode(b []byte, limit int64) error {
	d := dec{b: b}
	if v := d.uint(); v != 1 {
		return errCorrupt
	}
	s.rows = int(d.uint())
	s.minTime, s.maxTime, s.first, s.last = d.int(), d.int(), d.int(), d.int()
	s.minID, s.maxID = d.str(), d.str()
	s.meta, s.filter = d.span(), d.span()
	for n := d.count(); n > 0 && !d.bad; n-- {
		s.streams = append(s.streams, d.str())
		s.counts = append(s.counts, int64(d.uint()))
	}
	if s.rows <= 0 || s.rows > 1<<26 || s.meta.off < 0 || s.meta.off+s.meta.size > limit || s.meta.size < 0 {
		return errCorrupt
	}
	return d.err()
}

// acquire keeps the file open until release.
func (s *segment) acquire() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f == nil {
		f, err := s.fs.Open(s.file)
		if err != nil {
			return err
		}
		s.f = f
	}
	s.refs++
	return nil
}

func (s *segment) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refs--; s.refs == 0 {
		s.f.Close()
		s.f = nil
	}
}

func (s *segment) rows() int              { return s.sum.rows }
func (s *segment) name() string           { return s.file }
func (s *segment) bounds() (int64, int64) { return s.sum.minTime, s.sum.maxTime }

func (s *segment) dead() rows64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(rows64(nil), s.tombs...)
}

func (s *segment) live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum.rows - s.nDead
}

func (s *segment) isDead(row uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(row/64) < len(s.tombs) && s.tombs.has(row)
}

func (s *segment) kill(row uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tombs = s.tombs.grown(s.sum.rows)
	if !s.tombs.has(row) {
		s.tombs.set(row)
		s.nDead++
		s.deadNew = true
	}
}

// raw reads a block as it lies in the file and holds it to its checksum.
func (s *segment) raw(sp span) ([]byte, error) {
	if sp.off < 0 || sp.size < 0 || sp.off+sp.size > s.size {
		return nil, s.damaged(sp.off, "a block lies outside the file")
	}
	s.mu.Lock()
	f := s.f
	s.mu.Unlock()
	b := make([]byte, sp.size)
	if n, err := f.ReadAt(b, sp.off); err != nil && !(errors.Is(err, io.EOF) && n == len(b)) {
		return nil, s.damaged(sp.off, err.Error())
	}
	if checksum(b) != sp.sum {
		return nil, s.damaged(sp.off, "a block does not fit its checksum")
	}
	return b, nil
}

func (s *segment) damaged(off int64, why string) error {
	p := Problem{s.file, off, why}
	if s.bad != nil {
		s.bad(p)
	}
	return p
}

func (s *segment) unzip(sp span) ([]byte, error) {
	b, err := s.raw(sp)
	if err != nil {
		return nil, err
	}
	out, err := decoder.DecodeAll(b, nil)
	if err != nil {
		return nil, s.damaged(sp.off, err.Error())
	}
	return out, nil
}

// segMeta says what the blocks of a segment are.
type segMeta struct {
	times, seqs        span
	shapes, shapeCodes span
	streamCodes        span
	ids                dictSpans
	idCodes            span
	columns            []segColumn
	byName             map[string]int
	blocks             []textSpans
	textFields         []int
	postings           span
}

type dictSpans struct {
	n     int
	index span
}

type segColumn struct {
	name, key           string
	class               class // classes: an object, no values
	hasPres, multi      bool
	pres, counts, codes span
	dict                dictSpans
}

type textSpans struct {
	first       int // row
	text, bloom span
}

func (s *segment) meta() (*segMeta, error) {
	return get(s.cache, cacheKey{s, "meta", 0}, func() (*segMeta, int64, error) {
		b, err := s.unzip(s.sum.meta)
		if err != nil {
			return nil, 0, err
		}
		m, err := decodeMeta(b, &s.sum)
		if err != nil {
			return nil, 0, s.damaged(s.sum.meta.off, "the list of blocks does not read")
		}
		return m, int64(len(b)*2 + len(m.columns)*200), nil
	})
}

func decodeMeta(b []byte, sum *summary) (*segMeta, error) {
	d := dec{b: b}
	m := &segMeta{byName: map[string]int{}}
	if d.uint() != uint64(sum.rows) {
		return nil, errCorrupt
	}
	m.times, m.seqs, m.shapes, m.shapeCodes, m.streamCodes = d.span(), d.span(), d.span(), d.span(), d.span()
	m.ids = d.dict()
	m.idCodes = d.span()
	for n := d.count(); n > 0 && !d.bad; n-- {
		c := d.column()
		if c.class != classes {
			m.byName[c.name] = len(m.columns)
		}
		m.columns = append(m.columns, c)
	}
	last := -1
	for n := d.count(); n > 0 && !d.bad; n-- {
		t := textSpans{first: int(d.uint()), text: d.span(), bloom: d.span()}
		if t.first <= last || t.first >= sum.rows {
			return nil, errCorrupt
		}
		last = t.first
		m.blocks = append(m.blocks, t)
	}
	for n := d.count(); n > 0 && !d.bad; n-- {
		m.textFields = append(m.textFields, int(d.uint()))
	}
	m.postings = d.span()
	return m, d.err()
}

func (d *dec) dict() dictSpans { return dictSpans{n: int(d.uint()), index: d.span()} }

func (d *dec) column() segColumn {
	c := segColumn{name: d.str(), key: d.str()}
	k := d.uint()
	if k > uint64(classes) {
		d.bad = true
	}
	if c.class = class(k); d.bad || c.class == classes {
		return c
	}
	kind := d.uint()
	c.hasPres, c.multi = kind&1 != 0, kind&2 != 0
	if c.hasPres {
		c.pres = d.span()
	}
	if c.multi {
		c.counts = d.span()
	}
	switch c.class {
	case classText:
	case classDate:
		c.codes = d.span()
	default:
		c.dict, c.codes = d.dict(), d.span()
	}
	return c
}

func (s *segment) numbers(what string, pick func(*segMeta) span) ([]int64, error) {
	m, err := s.meta()
	if err != nil {
		return nil, err
	}
	sp := pick(m)
	return get(s.cache, cacheKey{s, what, sp.off}, func() ([]int64, int64, error) {
		b, err := s.unzip(sp)
		if err != nil {
			return nil, 0, err
		}
		n, err := undelta(b, s.sum.rows)
		if err != nil || len(n) != s.sum.rows {
			return nil, 0, s.damaged(sp.off, "numbers do not read")
		}
		return n, int64(8 * len(n)), nil
	})
}

func (s *segment) times() ([]int64, error) {
	return s.numbers("num", func(m *segMeta) span { return m.times })
}

func (s *segment) seqNos() ([]int64, error) {
	return s.numbers("num", func(m *segMeta) span { return m.seqs })
}

// columnsBelow lists the columns of an object.
func (s *segment) columnsBelow(prefix string) ([]string, error) {
	m, err := s.meta()
	if err != nil {
		return nil, err
	}
	var out []string
	for name := range m.byName {
		if strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
	}
	return out, nil
}

func (s *segment) fieldNum(name string) int {
	m, err := s.meta()
	if err != nil {
		return -1
	}
	if i, ok := m.byName[name]; ok {
		return i
	}
	return -1
}

// column gives a field's values, nil if it has none here.
func (s *segment) column(name string) (*column, error) {
	m, err := s.meta()
	if err != nil {
		return nil, err
	}
	switch name {
	case "_index":
		return s.internal("stream", m.streamCodes, len(s.sum.streams), sliceDict(s.sum.streams))
	case "_id":
		return s.internal("id", m.idCodes, m.ids.n, &segDict{s: s, sp: m.ids, class: classString})
	}
	i, ok := m.byName[name]
	if !ok {
		return nil, nil
	}
	return s.columnAt(m, i)
}

func (s *segment) columnAt(m *segMeta, i int) (*column, error) {
	if i < 0 || i >= len(m.columns) || m.columns[i].class == classes {
		return nil, nil
	}
	return get(s.cache, cacheKey{s, "col", int64(i)}, func() (*column, int64, error) {
		c, err := s.load(&m.columns[i])
		if err != nil {
			return nil, 0, err
		}
		return c, int64(len(c.pres)*8+len(c.counts)*4+len(c.c8)+len(c.c16)*2+len(c.c32)*4+len(c.nums)*8) + 100, nil
	})
}

func (s *segment) internal(what string, codes span, n int, d dictionary) (*column, error) {
	return get(s.cache, cacheKey{s, what, 0}, func() (*column, int64, error) {
		c := &column{class: classString, rows: s.sum.rows, dict: d}
		if err := s.readCodes(c, codes, n, s.sum.rows); err != nil {
			return nil, 0, err
		}
		return c, int64(4*s.sum.rows + 100), nil
	})
}

func (s *segment) load(m *segColumn) (*column, error) {
	c := &column{class: m.class, rows: s.sum.rows}
	present := s.sum.rows
	if m.hasPres {
		b, err := s.unzip(m.pres)
		if err != nil {
			return nil, err
		}
		if c.pres, err = rowsOf(b, s.sum.rows); err != nil {
			return nil, s.damaged(m.pres.off, "a set of rows does not read")
		}
		present = c.pres.count()
	}
	n := present
	if m.multi {
		b, err := s.unzip(m.counts)
		if err != nil {
			return nil, err
		}
		d := dec{b: b}
		n = 0
		for range present {
			k := d.uint()
			if k > maxBlock || n > maxBlock {
				return nil, s.damaged(m.counts.off, "counts of values do not read")
			}
			c.counts = append(c.counts, uint32(k))
			n += int(k)
		}
		if d.err() != nil {
			return nil, s.damaged(m.counts.off, "counts of values do not read")
		}
	}
	switch m.class {
	case classText:
		return c, nil
	case classDate:
		b, err := s.unzip(m.codes)
		if err != nil {
			return nil, err
		}
		if c.nums, err = undelta(b, n); err != nil || len(c.nums) != n {
			return nil, s.damaged(m.codes.off, "dates do not read")
		}
		return c, nil
	}
	c.dict = &segDict{s: s, sp: m.dict, class: m.class}
	return c, s.readCodes(c, m.codes, m.dict.n, n)
}

// readCodes reads n codes below limit.
func (s *segment) readCodes(c *column, sp span, limit, n int) error {
	b, err := s.unzip(sp)
	if err != nil {
		return err
	}
	width := 4
	switch {
	case limit <= 1<<8:
		width = 1
		c.c8 = b
	case limit <= 1<<16:
		width = 2
		c.c16 = make([]uint16, len(b)/2)
		for i := range c.c16 {
			c.c16[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
	default:
		c.c32 = make([]uint32, len(b)/4)
		for i := range c.c32 {
			c.c32[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
	}
	if len(b) != n*width {
		return s.damaged(sp.off, "codes do not read")
	}
	for i := range n {
		if c.code(i) >= limit {
			return s.damaged(sp.off, "a code is not in its dictionary")
		}
	}
	return nil
}

// doc writes a document again.
func (s *segment) doc(row uint32, source bool) (Doc, error) {
	var d Doc
	m, err := s.meta()
	if err != nil {
		return d, err
	}
	for _, x := range []struct {
		name string
		to   *string
	}{{"_index", &d.Index}, {"_id", &d.ID}} {
		c, err := s.column(x.name)
		if err != nil {
			return d, err
		}
		if *x.to, err = c.value(int(row)); err != nil {
			return d, err
		}
	}
	seqs, err := s.seqNos()
	if err != nil {
		return d, err
	}
	if d.SeqNo, d.Version = seqs[row], 1; !source {
		return d, nil
	}
	shape, err := s.shapeOf(m, row)
	if err != nil {
		return d, err
	}
	rb := rebuilder{row: row, file: true}
	if rb.text, err = s.textOf(m, row); err != nil {
		return d, err
	}
	rb.key = func(n int) (string, bool) {
		if n >= len(m.columns) {
			return "", false
		}
		return m.columns[n].key, true
	}
	rb.column = func(n int) (*column, error) { return s.columnAt(m, n) }
	if d.Source, err = rb.run(shape); errors.Is(err, errCorrupt) {
		err = s.damaged(m.shapes.off, "a document does not read")
	}
	return d, err
}

func (s *segment) shapeOf(m *segMeta, row uint32) (string, error) {
	shapes, err := get(s.cache, cacheKey{s, "shapes", 0}, func() ([]string, int64, error) {
		b, err := s.unzip(m.shapes)
		if err != nil {
			return nil, 0, err
		}
		var list []string
		d := dec{b: b}
		for len(d.b) > 0 {
			list = append(list, d.str())
		}
		if d.bad {
			return nil, 0, s.damaged(m.shapes.off, "shapes do not read")
		}
		return list, int64(len(b) + 16*len(list)), nil
	})
	if err != nil {
		return "", err
	}
	c, err := s.internal("shape", m.shapeCodes, len(shapes), sliceDict(shapes))
	if err != nil {
		return "", err
	}
	return c.value(int(row))
}

// segDict is a dictionary on disk: an index of blocks, each of dictBlock values.
type segDict struct {
	s     *segment
	sp    dictSpans
	class class
}

type dictIndex struct {
	first []string
	spans []span
}

func (d *segDict) len() int { return d.sp.n }

func (d *segDict) index() (*dictIndex, error) {
	return get(d.s.cache, cacheKey{d.s, "dict", d.sp.index.off}, func() (*dictIndex, int64, error) {
		b, err := d.s.unzip(d.sp.index)
		if err != nil {
			return nil, 0, err
		}
		x := &dictIndex{}
		r := dec{b: b}
		for len(r.b) > 0 {
			x.first = append(x.first, r.str())
			x.spans = append(x.spans, r.span())
		}
		if r.bad || d.sp.n < 0 || len(x.spans) != (d.sp.n+dictBlock-1)/dictBlock {
			return nil, 0, d.s.damaged(d.sp.index.off, "the index of a dictionary does not read")
		}
		return x, int64(len(b) + 48*len(x.spans)), nil
	})
}

func (d *segDict) block(x *dictIndex, k int) ([]string, error) {
	sp := x.spans[k]
	return get(d.s.cache, cacheKey{d.s, "vals", sp.off}, func() ([]string, int64, error) {
		b, err := d.s.unzip(sp)
		if err != nil {
			return nil, 0, err
		}
		n := min(dictBlock, d.sp.n-k*dictBlock)
		vals := make([]string, 0, n)
		size := int64(16 * n)
		r := dec{b: b}
		prev := ""
		for range n {
			l := r.uint()
			tail := r.bytes()
			if r.bad || l > uint64(len(prev)) {
				return nil, 0, d.s.damaged(sp.off, "values do not read")
			}
			prev = prev[:l] + string(tail)
			size += int64(len(prev))
			vals = append(vals, prev)
		}
		if r.err() != nil {
			return nil, 0, d.s.damaged(sp.off, "values do not read")
		}
		return vals, size, nil
	})
}

func (d *segDict) at(code int) (string, error) {
	x, err := d.index()
	if err != nil {
		return "", err
	}
	b, err := d.block(x, code/dictBlock)
	if err != nil {
		return "", err
	}
	return b[code%dictBlock], nil
}

func (d *segDict) each(f func(int, string)) error {
	x, err := d.index()
	if err != nil {
		return err
	}
	for k := range x.spans {
		b, err := d.block(x, k)
		if err != nil {
			return err
		}
		for i, v := range b {
			f(k*dictBlock+i, v)
		}
	}
	return nil
}

func (d *segDict) find(iv interval) (lo, hi int, sorted bool, err error) {
	if iv.class != d.class && !(iv.class == classString && stringOrder(d.class)) {
		return 0, 0, false, nil
	}
	x, err := d.index()
	if err != nil {
		return 0, 0, true, err
	}
	// search gives the first code that is not in f's part of the order.
	search := func(f func(key) bool) (int, error) {
		k := sort.Search(len(x.first), func(i int) bool { return !f(keyOf(iv.class, x.first[i])) }) - 1
		if k < 0 {
			return 0, nil
		}
		b, err := d.block(x, k)
		if err != nil {
			return 0, err
		}
		return k*dictBlock + sort.Search(len(b), func(i int) bool { return !f(keyOf(iv.class, b[i])) }), nil
	}
	if lo, err = search(iv.before); err != nil {
		return 0, 0, true, err
	}
	hi, err = search(func(k key) bool { return !iv.after(k) })
	return lo, max(lo, hi), true, err
}

// stringOrder tells the classes whose dictionaries are in the order of bytes.
func stringOrder(c class) bool {
	return c == classString || c == classBool || c == classFlat || c == classAuto
}
