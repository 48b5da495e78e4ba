package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"sluice/internal/disk"
)

// segment is one file, read only but for its tombstones. What a store keeps of it in memory
// is this; all else comes through the cache. A file is open only while somebody reads it, so
// that 100,000 segments need no descriptors.
type segment struct {
	file     string
	fs       disk.FS
	cache    *cache
	size     int64
	sum      summary
	uid      uint32 // tombstones name the segment they are of
	received int64  // when its last event came, once retention has asked; guarded by flushing
	heavy    bool   // a merge has found, or its flush, that it fills memory by itself; guarded by flushing
	unread   bool   // a merge has found that not all of it reads; guarded by flushing

	mu      sync.Mutex
	f       disk.File
	refs    int
	tombs   rows64
	nDead   int
	deadNew bool                  // tombstones that are not on disk yet
	lent    bool                  // a search reads tombs: they are not changed in place
	dates   map[string]dateBounds // of the fields by which pages were ordered
	bad     func(Problem)
	expired atomic.Bool // retention has taken it away, and nothing has its events
}

// errNewer is a segment that this program does not know how to read.
var errNewer = errors.New("a newer version of sluice has written it; start that one")

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

// isDamage tells bytes that no longer read from what passes.
func isDamage(err error) bool {
	var p Problem
	return errors.As(err, &p) || errors.Is(err, errCorrupt)
}

// openSegment reads the end of a file.
func openSegment(fs disk.FS, name string, c *cache, bad func(Problem)) (*segment, error) {
	s := &segment{file: name, fs: fs, cache: c, bad: bad}
	f, err := fs.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
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
		return nil, unreadable(name, err)
	}
	at, n := int64(binary.LittleEndian.Uint64(t[:])), int64(binary.LittleEndian.Uint32(t[8:]))
	if string(t[16:]) != segMagic || at < 0 || at+n+trailerSize != s.size {
		return nil, Problem{name, s.size - trailerSize, "the end of the file is not that of a segment"}
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, at); err != nil {
		return nil, unreadable(name, err)
	}
	s.uid = binary.LittleEndian.Uint32(t[12:])
	if checksum(b) != s.uid {
		return nil, Problem{name, at, "the summary does not fit its checksum"}
	}
	if err := s.sum.decode(b, at); errors.Is(err, errNewer) {
		return nil, fmt.Errorf("%s: %w", name, err) // as it is, it is good: it is not set aside
	} else if err != nil {
		return nil, Problem{name, at, "the summary does not read"}
	}
	return s, nil
}

// unreadable tells what the disk, or the file system, does not read of this file from what keeps all files from
// being read, as a want of descriptors.
func unreadable(name string, err error) error {
	if errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EUCLEAN) {
		return Problem{name, 0, err.Error()}
	}
	return err
}

func (s *summary) decode(b []byte, limit int64) error {
	d := dec{b: b}
	switch v := d.uint(); {
	case v > segVersion:
		return errNewer
	case v != segVersion:
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

// dead is the rows that are dead now; what is killed later does not change it.
func (s *segment) dead() rows64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lent = len(s.tombs) > 0
	return s.tombs
}

func (s *segment) live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum.rows - s.nDead
}

// full tells that a merge can add nothing to the segment, or cannot read it. The caller holds flushing.
func (s *segment) full() bool { return s.unread || s.heavy && s.live()*2 >= s.sum.rows }

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
		if s.lent {
			s.tombs, s.lent = slices.Clone(s.tombs), false
		}
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

func (s *segment) seqNos() ([]int64, error) {
	m, err := s.meta()
	if err != nil {
		return nil, err
	}
	sp := m.seqs
	return get(s.cache, cacheKey{s, "num", sp.off}, func() ([]int64, int64, error) {
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
