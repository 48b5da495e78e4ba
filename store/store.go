// Package store is the event store of a single machine: append-only, checksummed segments behind
// a write-ahead log for events, SQLite for the few documents that change.
//
// What Bulk has acknowledged survives a killed process and a power cut, is searchable at once,
// and exists once under its index and id. Everything is bounded: memory by Options.MemoryBytes,
// searches by time, rows and concurrency. A damaged file costs only its own content, and is
// reported by name.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"sluice/internal/disk"
	"sluice/internal/metrics"
	"sluice/journal"
)

// Options tunes a store; the zero value is a good one.
type Options struct {
	// MemoryBytes bounds what the store keeps in memory: rows not yet in a segment,
	// cached blocks and the filters of ids. Default 384 MiB.
	MemoryBytes int64
	// SegmentRows is how many rows a segment gets. Default 32,768.
	SegmentRows int
	Retention   Retention
	// Types tells the Elasticsearch type of a declared field ("ip", "date", "long",
	// "keyword", "flattened", ...). Nil: only what this package needs itself.
	Types func(field string) (string, bool)
	// MaxSearches bounds searches that run at the same time; others wait. Default 4.
	MaxSearches int
	Log         *slog.Logger
	Damaged     func(Problem) // told of each damage once; may be nil
	Now         func() time.Time
	// Disk opens the folders of the store ("wal", "segments"); tests stand a failing
	// disk in. Default: below the store's directory.
	Disk func(name string) disk.FS

	logSegment int64 // of the log, in bytes; 0: the journal's default
}

// Retention bounds what is kept. Zero values do not bound.
type Retention struct {
	Age   time.Duration // by the newest @timestamp of a segment
	Bytes int64         // of all segments and documents together
	// Documents begins the names of the indices whose oldest documents go where all take more than a
	// quarter of Bytes; "" keeps them all.
	Documents string
}

var (
	// ErrClosed is the answer of a store that was closed.
	ErrClosed = errors.New("store is closed")
	// ErrNoIndex means that a concrete index or alias does not exist.
	ErrNoIndex = errors.New("no such index")
)

const (
	defaultMemory   = 384 << 20 // leaves 200 MiB of 600 to the runtime and to searches
	defaultRows     = 32768     // codes of two bytes, and a flush every 3 s at 10,000 events/s
	defaultSearches = 4         // two cores: more would only wait for each other
	filterShare     = 4         // a quarter of the memory filters ids
	cacheShare      = 3         // a third of it caches blocks
	memShare        = 8         // an eighth holds rows, and another one those being written
	aggShare        = 6         // a sixth is what the buckets of one search may take
)

// Store is safe for concurrent use.
type Store struct {
	opt   Options
	log   *slog.Logger
	segs  disk.FS
	lock  io.Closer
	walFS disk.FS

	fields *fields
	cache  *cache
	docs   *documents
	slots  chan struct{} // concurrent searches

	writing sync.Mutex // one batch at a time: the check of ids, the log and memory stay in step
	// placing is held from where documents are located until they are superseded: no merge replaces
	// their segments meanwhile. It is not writing, whose holder may wait for a flush, and so for a merge.
	placing sync.Mutex
	wal     *journal.Journal
	walBad  time.Time // when the log last failed; zero: it works

	mu     sync.RWMutex // guards what follows; held for moments, never during I/O
	mem    *mem
	old    *mem          // being written to a segment; nothing is added to it
	done   chan struct{} // closed when old has become a segment
	parts  []*segment    // oldest first
	aside  []aside       // changed by load and retain only
	taken  int64         // the last number of the log that retention has removed
	ids    *idFilter
	closed bool
	known  map[Problem]bool

	flushing sync.Mutex // one at a time: flush, merge, retention
	uptime   func() time.Duration
	clock    time.Time       // when retention last looked
	looked   time.Duration   // the uptime then
	moved    time.Duration   // the uptime when the clock last jumped
	ctx      context.Context // ends with Close
	stop     context.CancelFunc
	work     sync.WaitGroup
}

func (o *Options) defaults(dir string) {
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = defaultMemory
	}
	if o.SegmentRows <= 0 {
		o.SegmentRows = defaultRows
	}
	if o.MaxSearches <= 0 {
		o.MaxSearches = defaultSearches
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Disk == nil {
		o.Disk = func(name string) disk.FS { return disk.Dir(filepath.Join(dir, name)) }
	}
	if o.Types == nil {
		o.Types = func(string) (string, bool) { return "", false }
	}
}

// Open takes the directory for itself, sets damaged segments aside and reads the end of the
// log. A directory that another process has is disk.ErrLocked.
func Open(dir string, opt Options) (*Store, error) {
	opt.defaults(dir)
	s := &Store{
		opt: opt, log: opt.Log, segs: opt.Disk("segments"), walFS: opt.Disk("wal"),
		fields: newFields(opt.Types), cache: newCache(opt.MemoryBytes / cacheShare),
		slots: make(chan struct{}, opt.MaxSearches), ids: &idFilter{max: opt.MemoryBytes / filterShare},
		known: map[Problem]bool{},
	}
	s.mem = newMem(s.fields)
	start := time.Now()
	s.clock, s.uptime = opt.Now().Round(0), func() time.Duration { return time.Since(start) }
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.docs = newDocuments(dir, s)
	lock, err := s.segs.Lock()
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.lock = lock
	if err := s.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", dir, err), s.shut())
	}
	s.work.Go(func() { s.keep(s.ctx) })
	return s, nil
}

// load opens the segments and replays what the log holds beyond them.
func (s *Store) load() error {
	if err := s.openSegments(); err != nil {
		return err
	}
	if err := s.openLog(); err != nil {
		return err
	}
	s.refill()
	if err := s.listAside(); err != nil {
		return err
	}
	for _, p := range s.gaps() {
		s.problem(p)
	}
	return s.docs.load()
}

// Close ends searches that wait and gives the directory back. It writes no segment: the log
// has every row, and Open reads it again.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.stop()         // before the lock: who has it may wait for a disk that takes no segment
	s.writing.Lock() // no batch is under way, and none begins
	defer s.writing.Unlock()
	s.work.Wait()
	return s.shut()
}

func (s *Store) shut() error {
	err := s.docs.close()
	if s.wal != nil {
		err = errors.Join(err, s.wal.Close())
	}
	return errors.Join(err, s.lock.Close())
}

// keep applies retention once a minute: age passes without a write.
func (s *Store) keep(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			err := s.docs.retain(s.opt.Retention) // first: what they take, events may not
			if _, more := s.retain(s.opt.Retention); err != nil || more != nil {
				s.log.Warn("retention of the store", "error", errors.Join(err, more))
			}
			s.mergeSegments()
		}
	}
}

// problem notes damage, once.
func (s *Store) problem(p Problem) {
	s.mu.Lock()
	seen := s.known[p] || len(s.known) >= 10000
	s.known[p] = true
	s.mu.Unlock()
	if !seen {
		metrics.StoreDamages.WithLabelValues().Inc()
		s.log.Error("the store is damaged", "file", p.File, "offset", p.Offset, "reason", p.Reason)
		if s.opt.Damaged != nil {
			s.opt.Damaged(p)
		}
	}
}

// Stats is a snapshot of what the store holds.
type Stats struct {
	Events      int64 // in segments and in memory, without tombstones
	Documents   int64 // that may change
	Segments    int
	Bytes       int64     // of segments
	MemoryRows  int       // not in a segment yet
	MemoryBytes int64     // of them, estimated
	Problems    []Problem // found since Open
}

// Stats tells what the store holds now.
func (s *Store) Stats() Stats {
	documents := s.docs.count() // may wait for a write of theirs, which nobody else has to
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := Stats{Segments: len(s.parts), Documents: documents}
	for _, m := range []*mem{s.mem, s.old} {
		if m != nil {
			st.MemoryRows += m.n - m.nDead
			st.MemoryBytes += m.bytes
		}
	}
	st.Events = int64(st.MemoryRows)
	for _, p := range s.parts {
		st.Bytes += p.size
		st.Events += int64(p.live())
	}
	for p := range s.known {
		st.Problems = append(st.Problems, p)
	}
	return st
}
