package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/internal/jsontape"
	"sluice/internal/metrics"
	"sluice/journal"

	"github.com/cespare/xxhash/v2"
)

// Action is what an Op does.
type Action string

// The actions of the _bulk API.
const (
	Create Action = "create" // refused when the id is there
	Index  Action = "index"  // replaces
	Update Action = "update" // merges into what is there
	Delete Action = "delete"
)

// Op is one operation on one document.
type Op struct {
	Action Action
	Index  string // a concrete index, or an alias with one
	ID     string
	Source []byte // of update: the partial document
	// IfSeqNo, when set, must be the document's: else the answer is a conflict.
	IfSeqNo *int64
	IfTerm  *int64
	Upsert  bool // of update: a missing document is made from Source
}

// OpResult is what became of an Op. Reason is empty when it was done.
type OpResult struct {
	Index  string
	ID     string
	Status int    // HTTP: 200, 201, 400, 404, 409, 429, 503
	Result string // created, updated, deleted, noop, not_found
	SeqNo  int64
	Kind   string // of a refusal, in Elasticsearch's words
	Reason string
}

const (
	// maxBatch bounds one append to the log, which takes 16 MiB at most.
	maxBatch = 8 << 20
	// maxSource bounds one document: topics take messages of 4 MiB.
	maxSource = 8 << 20
	maxID     = 512 // bytes, as Elasticsearch
	// reopenAfter is how long a log that has failed is left alone.
	reopenAfter = time.Second
)

var parsers = sync.Pool{New: func() any { return new(jsontape.Doc) }}

// Bulk does ops in order, each for itself. When it returns without an error all that it calls
// done is durable and searchable; after an error some of it may be.
// Indices whose names begin with "sluice-" hold documents that change, all others events.
func (s *Store) Bulk(ctx context.Context, ops []Op) ([]OpResult, error) {
	res := make([]OpResult, len(ops))
	var events, docs []int
	for i := range ops {
		res[i].Index, res[i].ID = ops[i].Index, ops[i].ID
		if !checkOp(&ops[i], &res[i]) {
			continue
		}
		if mutable(ops[i].Index) {
			docs = append(docs, i)
		} else {
			events = append(events, i)
		}
	}
	var err error
	if len(docs) > 0 {
		err = s.docs.bulk(ctx, ops, res, docs)
	}
	for len(events) > 0 && err == nil {
		n, size := 0, 0
		for n < len(events) && (n == 0 || size+len(ops[events[n]].Source) < maxBatch) {
			size += len(ops[events[n]].Source) + 600
			n++
		}
		err = s.writeEvents(ctx, ops, res, events[:n])
		events = events[n:]
	}
	for i := range res {
		what := res[i].Result
		if res[i].Reason != "" {
			what = "refused"
		}
		metrics.StoreOps.WithLabelValues(string(ops[i].Action), what).Inc()
	}
	return res, err
}

func (r *OpResult) refuse(status int, kind, format string, a ...any) bool {
	r.Status, r.Kind, r.Reason = status, kind, fmt.Sprintf(format, a...)
	return false
}

func checkOp(o *Op, r *OpResult) bool {
	switch {
	case !validIndex(o.Index):
		return r.refuse(400, "invalid_index_name_exception", "Invalid index name [%s]", clip(o.Index))
	case o.ID == "":
		return r.refuse(400, "illegal_argument_exception", "if _id is specified it must not be empty")
	case len(o.ID) > maxID:
		return r.refuse(400, "illegal_argument_exception", "id [%s] is too long, must be no longer than %d bytes but was: %d", clip(o.ID), maxID, len(o.ID))
	case len(o.Source) > maxSource:
		return r.refuse(413, "illegal_argument_exception", "document of %d bytes is larger than %d", len(o.Source), maxSource)
	}
	return true
}

func validIndex(s string) bool {
	return s != "" && len(s) <= 255 && s == strings.ToLower(s) && !strings.ContainsAny(s, "\\/*?\"<>| ,#:\x00") &&
		!strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "_") && !strings.HasPrefix(s, "+") && s != "." && s != ".."
}

// mutable tells which indices hold documents that change.
func mutable(index string) bool { return strings.HasPrefix(index, "sluice-") }

// batch is the working memory of one writeEvents. What its rows hold lies end to end.
type batch struct {
	rows    []row
	shapes  slab[byte]
	leaves  slab[leaf]
	arenas  slab[byte]
	guide   guide
	ops     []int // of rows
	records [][]byte
	log     []byte
	mine    map[string]int // index, 0, id -> row of this batch
}

var batches = sync.Pool{New: func() any { return &batch{mine: map[string]int{}} }}

func (s *Store) writeEvents(ctx context.Context, ops []Op, res []OpResult, which []int) error {
	b := batches.Get().(*batch)
	defer batches.Put(b)
	b.ops, b.records, b.log = b.ops[:0], b.records[:0], b.log[:0]
	clear(b.mine)
	b.shapes.reset()
	b.leaves.reset()
	b.arenas.reset()
	if n := len(which); cap(b.rows) < n {
		b.rows = append(b.rows[:cap(b.rows)], make([]row, n-cap(b.rows))...)
	}
	b.rows = b.rows[:len(which)]
	p := parsers.Get().(*jsontape.Doc)
	defer parsers.Put(p)
	k, size := 0, 0
	for _, i := range which {
		size += len(ops[i].Source) + len(ops[i].Index) + len(ops[i].ID) + 16
		r := &b.rows[k]
		r.index, r.id = ops[i].Index, ops[i].ID
		r.delete = ops[i].Action == Delete
		if ops[i].Action == Create || ops[i].Action == Index { // an update is parsed when it is merged
			r.guide = &b.guide
			r.shape, r.leaves, r.arena = b.shapes.room(), b.leaves.room(), b.arenas.room()
			if err := r.parse(p, s.fields, ops[i].Source); err != nil {
				res[i].refused(err)
				continue
			}
			b.shapes.took(r.shape)
			b.leaves.took(r.leaves)
			b.arenas.took(r.arena)
		}
		b.ops = append(b.ops, i)
		k++
	}
	b.log = slices.Grow(b.log, size)
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.commit(ctx, b, ops, res, p)
}

func (r *OpResult) refused(err error) {
	var f *refusal
	if errors.As(err, &f) {
		r.refuse(400, f.kind, "%s", f.reason)
		return
	}
	r.refuse(500, "exception", "%s", err)
}

// commit settles which ops of a batch go ahead, logs them, and puts them into memory.
func (s *Store) commit(ctx context.Context, b *batch, ops []Op, res []OpResult, p *jsontape.Doc) error {
	s.placing.Lock()
	defer s.placing.Unlock()
	go1 := b.ops[:0]
	rows := b.rows[:0]
	for k, i := range b.ops {
		r := &b.rows[k]
		ok, err := s.settle(b, r, &ops[i], &res[i], p)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		from := len(b.log)
		b.log = appendRecord(b.log, r)
		b.records = append(b.records, b.log[from:])
		if len(rows) != k { // keep both: their buffers are used again
			b.rows[len(rows)], b.rows[k] = b.rows[k], b.rows[len(rows)]
		}
		b.mine[r.index+"\x00"+r.id] = len(rows)
		rows = b.rows[:len(rows)+1]
		go1 = append(go1, i)
	}
	if len(rows) == 0 {
		return nil
	}
	seq, err := s.wal.Append(ctx, journal.Batch{Records: b.records})
	if err != nil {
		if errors.Is(err, journal.ErrFailed) {
			s.walBad = s.opt.Now()
		}
		return fmt.Errorf("store: %w", err)
	}
	for k := range rows {
		rows[k].seq = int64(seq) + int64(k)
		res[go1[k]].SeqNo = rows[k].seq
	}
	return s.apply(rows)
}

// settle decides one op against what is there. The caller holds writing and placing.
func (s *Store) settle(b *batch, r *row, op *Op, res *OpResult, p *jsontape.Doc) (bool, error) {
	at, err := s.locate(r.index, r.id)
	if err != nil && !isDamage(err) {
		return false, err
	}
	exists := at.found()
	if k, ok := b.mine[op.Index+"\x00"+op.ID]; ok {
		exists = !b.rows[k].delete
		if op.IfSeqNo != nil || op.Action == Update {
			return res.refuse(409, "version_conflict_engine_exception", "[%s]: version conflict, the same request writes the document", op.ID), nil
		}
	}
	if op.IfSeqNo != nil {
		seq := int64(-2)
		if exists {
			if seq, err = at.seqNo(); err != nil {
				return false, err
			}
		}
		if seq != *op.IfSeqNo || op.IfTerm != nil && *op.IfTerm != PrimaryTerm {
			return res.refuse(409, "version_conflict_engine_exception", "[%s]: version conflict, required seqNo [%d], primary term [%d]. current document has seqNo [%d] and primary term [%d]", op.ID, *op.IfSeqNo, term(op), seq, PrimaryTerm), nil
		}
	}
	r.old = at
	switch op.Action {
	case Create:
		if exists {
			return res.refuse(409, "version_conflict_engine_exception", "[%s]: version conflict, document already exists (current version [1])", op.ID), nil
		}
	case Delete:
		if !exists {
			res.Status, res.Result = 404, "not_found"
			return false, nil
		}
		res.Status, res.Result = 200, "deleted"
		return true, nil
	case Update:
		return s.merge(r, op, res, at, p)
	case Index:
	default:
		return res.refuse(400, "illegal_argument_exception", "unknown action [%s]", op.Action), nil
	}
	res.Status, res.Result = 201, "created"
	if exists {
		res.Status, res.Result = 200, "updated"
	}
	return true, nil
}

func term(op *Op) int64 {
	if op.IfTerm != nil {
		return *op.IfTerm
	}
	return PrimaryTerm
}

// merge makes the document of an update.
func (s *Store) merge(r *row, op *Op, res *OpResult, at location, p *jsontape.Doc) (bool, error) {
	source := op.Source
	if at.found() {
		d, err := at.doc()
		if err != nil {
			return false, err
		}
		merged, changed, err := mergeJSON(d.Source, op.Source)
		if err != nil {
			res.refused(refuse("document_parsing_exception", "failed to parse: %s", clip(err.Error())))
			return false, nil
		}
		if !changed {
			res.Status, res.Result, res.SeqNo = 200, "noop", d.SeqNo
			return false, nil
		}
		source = merged
		res.Status, res.Result = 200, "updated"
	} else {
		if !op.Upsert {
			return res.refuse(404, "document_missing_exception", "[%s]: document missing", op.ID), nil
		}
		res.Status, res.Result = 201, "created"
	}
	if err := r.parse(p, s.fields, source); err != nil {
		res.refused(err)
		return false, nil
	}
	return true, nil
}

// A log record is the kind, index and id as counted strings, and the source.
const (
	recPut    = 1
	recDelete = 2
)

func appendRecord(dst []byte, r *row) []byte {
	e := enc{b: dst}
	if r.delete {
		e.uint(recDelete)
		r.source = nil
	} else {
		e.uint(recPut)
	}
	e.str(r.index)
	e.str(r.id)
	return append(e.b, r.source...)
}

// apply puts logged rows into memory. The caller holds writing and placing.
func (s *Store) apply(rows []row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var before *mem // that the first rows of the batch are in, where memory was full behind them
	for k := range rows {
		r := &rows[k]
		r.old.kill()
		r.old = location{}
		if before != nil {
			if row, ok := before.find(r.index, r.id); ok { // written by the same batch
				before.kill(row)
			}
		}
		if r.delete {
			if row, ok := s.mem.find(r.index, r.id); ok { // written by the same batch
				s.mem.kill(row)
			}
			s.mem.last = max(s.mem.last, r.seq)
			continue
		}
		s.mem.add(r)
		if s.mem.n >= s.opt.SegmentRows || s.heavy(s.mem) {
			if s.old == nil {
				before = s.mem
				s.rotate()
			}
		}
	}
	return nil
}

// location is where a live document is.
type location struct {
	mem *mem
	seg *segment
	row uint32
	s   *Store
}

func (l location) found() bool { return l.mem != nil || l.seg != nil }

// kill marks the document as superseded. The caller holds the store's lock. Rows of memory
// may have become those of a segment meanwhile.
func (l location) kill() {
	switch {
	case l.seg != nil:
		l.seg.kill(l.row)
	case l.mem != nil && l.mem.seg != nil:
		l.mem.seg.kill(uint32(l.mem.newRow[l.row]))
	case l.mem != nil:
		l.mem.kill(l.row)
	}
}

func (l location) seqNo() (int64, error) {
	d, err := l.read(false)
	return d.SeqNo, err
}

func (l location) doc() (Doc, error) { return l.read(true) }

func (l location) read(source bool) (Doc, error) {
	if l.mem != nil {
		l.s.mu.RLock()
		defer l.s.mu.RUnlock()
		return l.mem.doc(l.row, source)
	}
	if err := l.seg.acquire(); err != nil {
		return Doc{}, err
	}
	defer l.seg.release()
	return l.seg.doc(l.row, source)
}

// locate finds the live document of an index and id, newest first. Where it is found nowhere and a segment
// does not read that may have it, the error says so: who writes goes on, or that one would hold up all that
// come behind it.
func (s *Store) locate(index, id string) (location, error) {
	var few [8]*segment
	s.mu.RLock()
	for _, m := range []*mem{s.mem, s.old} {
		if m == nil {
			continue
		}
		if r, ok := m.find(index, id); ok {
			s.mu.RUnlock()
			return location{mem: m, row: r, s: s}, nil
		}
	}
	maybe := s.ids.find(id, xxhash.Sum64String(id), few[:0])
	s.mu.RUnlock()
	var damaged error
	for _, seg := range maybe {
		r, ok, err := seg.lookup(index, id)
		switch {
		case isDamage(err):
			damaged = err
		case err != nil:
			return location{}, err
		case ok:
			return location{seg: seg, row: r, s: s}, nil
		}
	}
	return location{}, damaged
}

// lookup finds a live row by index and id.
func (s *segment) lookup(index, id string) (row uint32, found bool, err error) {
	if err := s.acquire(); err != nil {
		return 0, false, err
	}
	defer s.release()
	rows, err := s.byIDs([]string{id})
	if err != nil {
		return 0, false, err
	}
	c, err := s.column("_index")
	if err != nil {
		return 0, false, err
	}
	rows.without(s.dead())
	rows.each(func(r uint32) bool {
		v, e := c.value(int(r))
		if err = e; e == nil && v == index {
			row, found = r, true
		}
		return err == nil && !found
	})
	return row, found, err
}
