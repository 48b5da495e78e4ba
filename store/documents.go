package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"sluice/internal/jsontape"
)

// documents are the few that change: alerts and their triage, saved searches, users. SQLite
// keeps them; a search reads them by columns, as it does events, in chunks that are cached.
type documents struct {
	s    *Store
	path string // "" is memory, for tests without a directory
	db   *sql.DB

	mu     sync.Mutex // one write at a time
	seq    int64
	maxRow int64
	n      int64

	bytes   atomic.Int64 // that documents take, as retention saw it last
	told    bool         // that documents are removed
	indices map[string]bool
	aliases map[string]map[string]bool // alias -> index -> is written to
}

// docChunk is how many documents a search reads at once.
const docChunk = 1024

const docSchema = `
CREATE TABLE IF NOT EXISTS docs(row INTEGER PRIMARY KEY AUTOINCREMENT, idx TEXT NOT NULL, id TEXT NOT NULL,
	seq INTEGER NOT NULL, version INTEGER NOT NULL, source BLOB NOT NULL, UNIQUE(idx, id));
CREATE TABLE IF NOT EXISTS counter(one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS indices(name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS aliases(alias TEXT NOT NULL, idx TEXT NOT NULL, write INTEGER NOT NULL, PRIMARY KEY(alias, idx));
CREATE TABLE IF NOT EXISTS templates(name TEXT PRIMARY KEY, body BLOB NOT NULL);
INSERT OR IGNORE INTO counter VALUES (1, 0);`

func newDocuments(dir string, s *Store) *documents {
	d := &documents{s: s, indices: map[string]bool{}, aliases: map[string]map[string]bool{}}
	if dir != "" {
		d.path = filepath.Join(dir, "documents.db")
	}
	return d
}

// load opens the file, and takes over what still reads of one that is damaged.
func (d *documents) load() error {
	if d.path == "" {
		return d.open()
	}
	if err := d.finishRescue(); err != nil {
		return fmt.Errorf("documents.db: %w", err)
	}
	d.missing()
	err := d.open()
	if err == nil && exists(d.path+damagedSuffix) {
		err = d.rescue(errors.New("found when it was in use"))
	} else if corrupt(err) {
		err = d.rescue(err)
	}
	for _, p := range d.setAside() {
		d.s.problem(p)
	}
	return err
}

// connect opens a file of SQLite's; "" is memory.
func connect(path string) (*sql.DB, error) {
	dsn := ":memory:"
	if path != "" {
		// Made by us first: SQLite would let others read it.
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		f.Close()
		// FULL: an acknowledged document survives a power cut, not only a crash. EXCLUSIVE: without a file of
		// shared memory, for which a full disk has no room at a start; it has to come before the file is looked
		// at, and the driver runs these in the order of their letters.
		q := url.Values{"_pragma": {"/* first */ locking_mode(EXCLUSIVE)", "journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "cache_size(-8192)"}, "_txlock": {"immediate"}}
		dsn = (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
	}
	db, err := sql.Open("sqlite", dsn)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func (d *documents) open() (err error) {
	if d.db, err = connect(d.path); err != nil {
		return err
	}
	if _, err := d.db.Exec(docSchema); err != nil {
		return fmt.Errorf("documents.db: %w", err)
	}
	if err := d.db.QueryRow(`SELECT (SELECT seq FROM counter), (SELECT coalesce(max(row), 0) FROM docs), (SELECT count(*) FROM docs)`).Scan(&d.seq, &d.maxRow, &d.n); err != nil {
		return fmt.Errorf("documents.db: %w", err)
	}
	d.shrink()
	return d.loadNames()
}

func (d *documents) loadNames() error {
	err := d.each(`SELECT name, '', 0 FROM indices`, func(name, _ string, _ bool) { d.indices[name] = true })
	if err != nil {
		return err
	}
	return d.each(`SELECT alias, idx, write FROM aliases`, d.addAlias)
}

func (d *documents) addAlias(alias, index string, write bool) {
	if d.aliases[alias] == nil {
		d.aliases[alias] = map[string]bool{}
	}
	d.aliases[alias][index] = write
}

func (d *documents) each(query string, f func(a, b string, c bool)) error {
	rows, err := d.db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b string
		var c bool
		if err := rows.Scan(&a, &b, &c); err != nil {
			return err
		}
		f(a, b, c)
	}
	return rows.Err()
}

func (d *documents) close() error {
	if d.db == nil {
		return nil
	}
	return d.db.Close()
}

func (d *documents) count() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.n
}

// target gives the index that writes to an alias go to.
func (d *documents) target(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := d.aliases[name]
	for index, write := range of {
		if write || len(of) == 1 {
			return index
		}
	}
	return name
}

type storedDoc struct {
	row, seq, version int64
	source            []byte
}

func (d *documents) read(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, index, id string,
) (*storedDoc, error) {
	var x storedDoc
	err := q.QueryRowContext(ctx, `SELECT row, seq, version, source FROM docs WHERE idx = ? AND id = ?`, index, id).Scan(&x.row, &x.seq, &x.version, &x.source)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &x, d.damaged(err)
}

// bulk does the operations in one transaction: all of them are durable, or the error says that
// none is.
func (d *documents) bulk(ctx context.Context, ops []Op, res []OpResult, which []int) (err error) {
	defer func() { d.damaged(err) }()
	for _, i := range which {
		ops[i].Index = d.target(ops[i].Index)
		res[i].Index = ops[i].Index
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store documents: %w", err)
	}
	defer tx.Rollback()
	w := docWriter{d: d, tx: tx, seq: d.seq, chunks: map[int64]bool{}, p: parsers.Get().(*jsontape.Doc)}
	defer parsers.Put(w.p)
	for _, i := range which {
		if err := w.do(ctx, &ops[i], &res[i]); err != nil {
			return fmt.Errorf("store documents: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE counter SET seq = ?`, w.seq); err != nil {
		return fmt.Errorf("store documents: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store documents: %w", err)
	}
	d.seq, d.n = w.seq, d.n+w.added
	d.maxRow = max(d.maxRow, w.maxRow)
	for _, name := range w.indices {
		d.indices[name] = true
	}
	for c := range w.chunks {
		d.s.cache.forget(cacheKey{d, "docs", c})
	}
	return nil
}

// docWriter is one transaction.
type docWriter struct {
	d       *documents
	tx      *sql.Tx
	p       *jsontape.Doc
	seq     int64
	added   int64
	maxRow  int64
	chunks  map[int64]bool
	indices []string
}

func (w *docWriter) do(ctx context.Context, op *Op, res *OpResult) error {
	old, err := w.d.read(ctx, w.tx, op.Index, op.ID)
	if err != nil {
		return err
	}
	if op.IfSeqNo != nil {
		seq := int64(-2)
		if old != nil {
			seq = old.seq
		}
		if seq != *op.IfSeqNo || term(op) != PrimaryTerm {
			res.refuse(409, "version_conflict_engine_exception", "[%s]: version conflict, required seqNo [%d], primary term [%d]. current document has seqNo [%d] and primary term [%d]", op.ID, *op.IfSeqNo, term(op), seq, PrimaryTerm)
			return nil
		}
	}
	source := op.Source
	switch {
	case op.Action == Delete && old == nil:
		res.Status, res.Result = 404, "not_found"
		return nil
	case op.Action == Delete:
		w.seq++
		w.added--
		w.chunks[old.row/docChunk] = true
		res.Status, res.Result, res.SeqNo = 200, "deleted", w.seq
		_, err := w.tx.ExecContext(ctx, `DELETE FROM docs WHERE row = ?`, old.row)
		return err
	case op.Action == Create && old != nil:
		res.refuse(409, "version_conflict_engine_exception", "[%s]: version conflict, document already exists (current version [%d])", op.ID, old.version)
		return nil
	case op.Action == Update && old == nil && !op.Upsert:
		res.refuse(404, "document_missing_exception", "[%s]: document missing", op.ID)
		return nil
	case op.Action == Update && old != nil:
		merged, changed, err := mergeJSON(old.source, op.Source)
		if err != nil {
			res.refuse(400, "document_parsing_exception", "failed to parse: %s", clip(err.Error()))
			return nil
		}
		if !changed {
			res.Status, res.Result, res.SeqNo = 200, "noop", old.seq
			return nil
		}
		source = merged
	}
	var r row
	if err := r.parse(w.p, w.d.s.fields, source); err != nil {
		res.refused(err)
		return nil
	}
	return w.put(ctx, op, res, old, source)
}

func (w *docWriter) put(ctx context.Context, op *Op, res *OpResult, old *storedDoc, source []byte) error {
	w.seq++
	res.SeqNo = w.seq
	if old != nil {
		res.Status, res.Result = 200, "updated"
		w.chunks[old.row/docChunk] = true
		_, err := w.tx.ExecContext(ctx, `UPDATE docs SET seq = ?, version = version + 1, source = ? WHERE row = ?`, w.seq, source, old.row)
		return err
	}
	res.Status, res.Result = 201, "created"
	if !w.d.indices[op.Index] {
		if _, err := w.tx.ExecContext(ctx, `INSERT OR IGNORE INTO indices VALUES (?)`, op.Index); err != nil {
			return err
		}
		w.indices = append(w.indices, op.Index)
	}
	x, err := w.tx.ExecContext(ctx, `INSERT INTO docs(idx, id, seq, version, source) VALUES (?, ?, ?, 1, ?)`, op.Index, op.ID, w.seq, source)
	if err != nil {
		return err
	}
	row, err := x.LastInsertId()
	w.added++
	w.maxRow = max(w.maxRow, row)
	w.chunks[row/docChunk] = true
	return err
}

// views gives all documents of the named indices as parts of a search, one after another.
func (d *documents) views(ctx context.Context, f func(part) error) error {
	d.mu.Lock()
	last := d.maxRow
	d.mu.Unlock()
	if last == 0 {
		return nil
	}
	for c := int64(0); c <= last/docChunk; c++ {
		m, err := d.cached(ctx, c)
		if err != nil {
			return err
		}
		if m.n == 0 {
			continue
		}
		if err := f(m.view(func(f func()) { f() })); err != nil {
			return err
		}
	}
	return nil
}

func (d *documents) cached(ctx context.Context, c int64) (*mem, error) {
	d.mu.Lock() // a write between reading and caching would leave an old chunk there
	defer d.mu.Unlock()
	return get(d.s.cache, cacheKey{d, "docs", c}, func() (*mem, int64, error) {
		m, err := d.chunk(ctx, c)
		if err != nil {
			return nil, 0, d.damaged(err)
		}
		return m, m.bytes, nil
	})
}

func (d *documents) chunk(ctx context.Context, c int64) (*mem, error) {
	rows, err := d.db.QueryContext(ctx, `SELECT idx, id, seq, version, source FROM docs WHERE row >= ? AND row < ?`, c*docChunk, (c+1)*docChunk)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	m := newMem(d.s.fields)
	p := parsers.Get().(*jsontape.Doc)
	defer parsers.Put(p)
	for rows.Next() {
		var r row
		var version int64
		var source []byte
		if err := rows.Scan(&r.index, &r.id, &r.seq, &version, &source); err != nil {
			return nil, err
		}
		if err := r.parse(p, d.s.fields, source); err != nil {
			// The mapping has changed since: the document is kept, and is not searched.
			d.s.log.Warn("a document no longer fits its mapping", "index", r.index, "id", r.id, "error", err)
			continue
		}
		m.add(&r)
		m.versions = append(m.versions, version)
	}
	return m, rows.Err()
}

// verify lets SQLite check its file.
func (d *documents) verify(report func(Problem)) error {
	for _, p := range d.setAside() {
		report(p)
	}
	if d.path == "" {
		return nil
	}
	bad := func(what string) {
		report(Problem{"documents.db", 0, strings.ReplaceAll(what, "\n", "; ")})
		d.mark()
	}
	rows, err := d.db.Query(`PRAGMA quick_check`)
	if err != nil {
		bad(err.Error())
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		if s != "ok" {
			bad(s)
		}
	}
	if err := rows.Err(); err != nil { // what it cannot go on behind
		bad(err.Error())
	}
	return nil
}
