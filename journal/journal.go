// Package journal is an append-only log in one directory. Whatever Append has acknowledged
// survives a killed process and a power cut; damage to the disk is detected, reported and
// skipped, never dropped silently.
//
// A journal is a sequence of segment files. A segment is a header followed by frames; a frame is
// one appended batch with two checksums, so a batch is either there as a whole or not at all:
//
//	00000000000000000001.seg   00000000000000048211.seg   ← appends go here
//	[head][snapshot?][frame][frame]…   named by the first sequence it may hold
//
// Memory does not grow with the log: Open reads one segment, a Reader one frame.
package journal

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sluice/internal/disk"
)

// Seq numbers records, from 1. Numbers increase, are never reused for anything acknowledged, and
// may have gaps where there was damage.
type Seq uint64

// Batch is what one Append makes durable as a whole.
type Batch struct {
	First   Seq       // of Records[0]; set by the journal
	Time    time.Time // when it was appended; set by the journal
	Labels  uint64    // owner's bits; a Reader can skip batches by them unread
	Records [][]byte

	// Reserved lets this append go past MaxBytes: it is what the owner has to
	// write before it can trim. It is not stored.
	Reserved bool
}

// State is the owner's state, kept in step with the log. Apply is called with every durable batch
// exactly once and in order, both live and during Open, and must not retain the records. Snapshot
// is written at the start of each new segment, so that Open calls Restore with the latest one
// (nil if there is none) and replays a single segment. Calls never overlap.
type State interface {
	Restore(snapshot []byte) error
	Apply(Batch)
	Snapshot() []byte
}

// SegmentBytes is the default size of a segment: what trimming frees at a time, and
// about what Open reads.
const SegmentBytes = 64 << 20

// Options tunes a journal; the zero value is a good one.
type Options struct {
	SegmentBytes int64 // default SegmentBytes
	MaxBytes     int64 // refuse appends past this size with ErrFull; 0: no bound
	Codec        Codec // default S2

	// ReserveBytes are kept allocated on the disk. When it is full they are given up
	// for Reserved appends alone, until there is room to set them aside again.
	ReserveBytes int64

	// After is what the owner knows to have been given: a log that has lost its end goes on behind it.
	After Seq

	State   State        // may be nil
	Damaged func(Damage) // told of each damage once; must not call back
	Now     func() time.Time
}

var (
	// ErrFull means there is no room now. Nothing was written; append again
	// when the disk has space or TrimBefore has freed some.
	ErrFull = errors.New("journal is full")

	// ErrFailed means a write or fsync failed. What the kernel holds is unknown
	// (a second fsync would lie), so nothing is acknowledged until Reopen or a new
	// Open. After Reopen the batches that got this error are not in the journal:
	// append them again. After a new Open (the process was killed) each is there as a
	// whole or not at all; State tells which, if a batch says what it is.
	ErrFailed = errors.New("journal has failed; reopen it")

	ErrClosed   = errors.New("journal is closed")
	ErrTooLarge = errors.New("batch is larger than 16 MiB")

	// ErrAhead means that a reader's position is past the end: the log has
	// lost its tail, or the position belongs to another log.
	ErrAhead = errors.New("position is past the end of the journal")
)

// Journal is safe for concurrent use.
type Journal struct {
	fs   disk.FS
	opt  Options
	lock io.Closer
	code *coder

	name string
	runs []run // oldest first

	recent recent

	committing sync.Mutex // held while a group is written; guards file and buf
	file       disk.File  // the last segment
	salt       uint32     // of its frames
	buf        []byte
	refilled   time.Time // last attempt to set the reserve aside

	mu       sync.Mutex // guards what follows; never held during I/O
	segs     []segment  // oldest first, never empty
	next     Seq        // of the next record
	waiting  *group     // forms while the group before it is written
	failed   error
	maxBytes int64
	spent    bool          // the reserve was given up
	full     bool          // the disk refused an append, and nothing was trimmed since
	epochs   int           // tells the files that were made under one name
	moved    chan struct{} // closed and replaced when the durable end moves
	stats    Stats
	reported map[place]bool
}

// Stats is a snapshot of counters and bounds.
type Stats struct {
	First, Next     Seq // Next-First is at most the records held
	Bytes           int64
	Segments        int
	Appends, Syncs  uint64 // Appends/Syncs is how well commits are shared
	RawBytes        uint64 // before compression, since Open
	StoredBytes     uint64
	Damages         uint64
	Full            bool  // the disk has no room for appends now
	TornBytes       int64 // cut from the tail at Open
	ReplayedRecords uint64
}

// Open locks the directory, cuts off a torn tail and replays State.
func Open(fs disk.FS, opt Options) (*Journal, error) {
	opt.defaults()
	code, err := newCoder(opt.Codec)
	if err != nil {
		return nil, err
	}
	lock, err := fs.Lock()
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{
		fs: fs, opt: opt, lock: lock, code: code, maxBytes: opt.MaxBytes,
		moved: make(chan struct{}), reported: map[place]bool{},
	}
	if err := j.takeOver(); err != nil {
		if j.file != nil {
			j.file.Close()
		}
		lock.Close()
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return j, nil
}

func (j *Journal) takeOver() error {
	if err := j.identify(); err != nil {
		return err
	}
	if err := j.recover(); err != nil {
		return err
	}
	// Behind the first segment, so that a name without one tells of a loss.
	if j.name == "" {
		j.christen()
	}
	if err := j.begin(); err != nil {
		return err
	}
	return j.setAside()
}

func (o *Options) defaults() {
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = SegmentBytes
	}
	if o.Codec == 0 {
		o.Codec = S2
	}
	if o.Damaged == nil {
		o.Damaged = func(Damage) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Close waits for the group that is being written and unlocks the directory. Waiting readers
// return ErrClosed.
func (j *Journal) Close() error {
	j.committing.Lock()
	defer j.committing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if errors.Is(j.failed, ErrClosed) {
		return nil
	}
	j.failed = ErrClosed
	close(j.moved)
	j.moved = make(chan struct{})
	return errors.Join(j.file.Close(), j.lock.Close())
}

// Stats returns the current counters.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.stats
	s.First, s.Next, s.Segments, s.Bytes = j.segs[0].first, j.next, len(j.segs), j.bytes()
	s.Full = j.full || j.spent
	return s
}

// Err returns ErrFailed (with its cause) or ErrClosed while appends are refused because of it,
// otherwise nil.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failed
}

// SetMaxBytes changes Options.MaxBytes of an open journal.
func (j *Journal) SetMaxBytes(n int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.maxBytes = n
}
