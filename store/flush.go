package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"sluice/internal/disk"
	"sluice/internal/jsontape"
	"sluice/internal/metrics"
	"sluice/journal"
)

// openSegments reads the folder. What can't be opened is renamed to NAME.bad and named; what
// an unfinished write has left is removed; what a merged segment holds too goes.
func (s *Store) openSegments() error {
	names, err := s.segs.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".tmp") {
			if err := s.segs.Remove(name); err != nil {
				return err
			}
			continue
		}
		name, err := s.readsAgain(name, names)
		if err != nil {
			return err
		}
		if _, _, ok := parseSegmentName(name); !ok {
			continue
		}
		seg, err := openSegment(s.segs, name, s.cache, s.problem)
		var p Problem
		switch {
		case errors.As(err, &p):
			s.problem(p)
			if err := s.segs.Rename(name, name+badSuffix); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		s.parts = append(s.parts, seg)
	}
	slices.SortFunc(s.parts, func(a, b *segment) int {
		if a.sum.first != b.sum.first {
			return int(a.sum.first - b.sum.first)
		}
		return int(b.sum.last - a.sum.last) // the wider first
	})
	kept := s.parts[:0]
	for _, seg := range s.parts {
		if n := len(kept); n > 0 && seg.sum.last <= kept[n-1].sum.last {
			if err := s.unlink(seg); err != nil {
				return err
			}
			continue
		}
		kept = append(kept, seg)
	}
	s.parts = kept
	for i, seg := range s.parts {
		s.readTombs(seg)
		s.filterIn(seg)
		if i > 0 && seg.sum.first <= s.parts[i-1].sum.last {
			s.overlap(s.parts[i-1], seg)
		}
	}
	s.readTaken()
	return s.segs.Sync()
}

func (s *Store) filterIn(seg *segment) {
	if err := seg.acquire(); err != nil {
		return
	}
	defer seg.release()
	f, err := seg.raw(seg.sum.filter)
	if err != nil || len(f)&(len(f)-1) != 0 || len(f) == 0 {
		// Without its filter every id may be in it: slower, and right.
		f = make([]byte, 8*filterWords(seg.sum.rows))
		for i := range f {
			f[i] = 0xff
		}
	}
	s.ids.add(seg, f)
}

func (s *Store) unlink(seg *segment) error {
	for _, name := range []string{seg.file, tombName(seg.file)} {
		if err := s.segs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.cache.drop(seg)
	return nil
}

// walFile names a segment of the log apart from the store's own.
func walFile(d journal.Damage) string { return path.Join("wal", d.Segment) }

// openLog opens the log and brings memory up to its end.
func (s *Store) openLog() error {
	from := int64(0)
	for _, seg := range s.parts {
		from = max(from, seg.sum.last)
	}
	for _, m := range []*mem{s.old, s.mem} { // of a log that is opened again
		if m != nil {
			from = max(from, m.last)
		}
	}
	wal, err := journal.Open(s.walFS, journal.Options{SegmentBytes: s.opt.logSegment, After: journal.Seq(from), Damaged: func(d journal.Damage) {
		if !d.Torn { // an append that was never acknowledged
			s.problem(Problem{walFile(d), d.Offset, d.String()})
		}
	}})
	if err != nil {
		return err
	}
	s.setLog(wal)
	if s.mem.first == 0 {
		s.mem.first = max(from+1, int64(wal.Stats().First))
	}
	return s.replay(wal, journal.Seq(from+1))
}

func (s *Store) replay(wal *journal.Journal, from journal.Seq) error {
	r := wal.Reader(from, 0)
	defer r.Close()
	var p jsontape.Doc
	for {
		b, ok, err := r.TryNext()
		if !ok || err != nil {
			return err
		}
		// Before the batch and not behind it, as when it was written: memory may be full with the last one, and
		// the disk take no segment.
		if err := s.ready(s.ctx); err != nil {
			return err
		}
		for k, rec := range b.Records {
			if err := s.again(&p, rec, int64(b.First)+int64(k)); err != nil {
				return err
			}
		}
	}
}

// again does what one log record says, unless that was done before.
func (s *Store) again(p *jsontape.Doc, rec []byte, seq int64) error {
	d := dec{b: rec}
	kind := d.uint()
	rows := []row{{index: d.str(), id: d.str(), seq: seq, delete: kind == recDelete}}
	r := &rows[0]
	if d.bad || kind != recPut && kind != recDelete {
		s.problem(Problem{"wal", seq, "a record does not read"})
		return nil
	}
	s.placing.Lock()
	defer s.placing.Unlock()
	at, err := s.locate(r.index, r.id)
	if err != nil && !isDamage(err) {
		return err
	}
	if at.found() {
		have, err := at.seqNo()
		if err != nil && !isDamage(err) || err == nil && have >= seq {
			return err
		}
	}
	r.old = at
	if !r.delete {
		if err := r.parse(p, s.fields, d.b); err != nil {
			s.problem(Problem{"wal", seq, err.Error()})
			return nil
		}
	}
	return s.apply(rows)
}

// ready waits until there is room in memory and the log works. The caller holds writing.
func (s *Store) ready(ctx context.Context) error {
	if !s.walBad.IsZero() {
		if err := s.reopen(); err != nil {
			return err
		}
	}
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return ErrClosed
		}
		full := s.mem.n >= s.opt.SegmentRows || s.heavy(s.mem)
		if full && s.old == nil {
			s.rotate()
			full = false
		}
		done := s.done
		s.mu.Unlock()
		if !full {
			return nil
		}
		select {
		case <-done:
		case <-s.ctx.Done():
			return ErrClosed
		case <-ctx.Done():
			return fmt.Errorf("store: memory is full and the disk does not follow: %w", ctx.Err())
		}
	}
}

// reopen takes a log that has failed up again: what it says to be durable is true again then.
func (s *Store) reopen() error {
	if s.opt.Now().Sub(s.walBad) < reopenAfter {
		return fmt.Errorf("store: the log has failed: %w", journal.ErrFailed)
	}
	s.walBad = s.opt.Now()
	bad := s.walBad
	if s.wal != nil {
		s.wal.Close()
	}
	s.setLog(nil)
	s.walBad = time.Time{} // replay asks for room in memory
	if err := s.openLog(); err != nil {
		s.walBad = bad
		return fmt.Errorf("store: reopen the log: %w", err)
	}
	return nil
}

func (s *Store) setLog(wal *journal.Journal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wal = wal
}

// heavy tells that rows have taken their share of memory.
func (s *Store) heavy(m *mem) bool { return m.bytes >= s.opt.MemoryBytes/memShare }

// rotate begins a new mem and writes the old one. The caller holds mu; there is no other old one.
func (s *Store) rotate() {
	s.old, s.mem = s.mem, s.mem.after()
	s.done = make(chan struct{})
	s.work.Go(s.flush)
}

// flush makes old a segment, and tries again until it is one: the log has its rows meanwhile.
func (s *Store) flush() {
	told := ""
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		err := s.flushOld()
		if err == nil {
			break
		}
		if err.Error() != told {
			told = err.Error()
			s.log.Error("a segment cannot be written; it is tried until it can", "error", err)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(wait):
		}
	}
	if told != "" {
		s.log.Info("the segment is written")
	}
	if s.ctx.Err() == nil {
		if _, err := s.retain(s.opt.Retention); err != nil {
			s.log.Warn("retention of the store", "error", err)
		}
	}
}

func (s *Store) flushOld() error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	start := time.Now()
	s.mu.RLock()
	m := s.old
	dead := append(rows64(nil), m.dead...)
	s.mu.RUnlock()
	var seg *segment
	var filter []byte
	var newRow []int32
	if live := m.n - dead.count(); live > 0 {
		var b []byte
		var err error
		b, newRow = encodeSegment(m, dead)
		if err = s.saveTombs(); err != nil { // before the rows that supersede them
			return err
		}
		if seg, filter, err = s.publish(segmentName(m.first, m.last), b); err != nil {
			return err
		}
	} else if err := s.saveTombs(); err != nil {
		return err
	}
	s.mu.Lock()
	if seg != nil {
		for r := range newRow { // killed since
			if newRow[r] >= 0 && m.isDead(uint32(r)) {
				seg.kill(uint32(newRow[r]))
			}
		}
		m.seg, m.newRow, seg.heavy = seg, newRow, s.heavy(m)
		s.parts = append(s.parts, seg)
		s.ids.add(seg, filter)
	} else {
		s.mem.first = m.first // the next segment's name has these numbers too: none is missing
	}
	s.old = nil
	close(s.done)
	metrics.StoreSegments.WithLabelValues().Set(float64(len(s.parts)))
	metrics.StoreBytes.WithLabelValues().Set(float64(s.sizeOfParts()))
	s.mu.Unlock()
	metrics.StoreFlush.WithLabelValues().Observe(time.Since(start).Seconds())
	if seg == nil {
		return nil
	}
	return s.trim(m.last)
}

func (s *Store) sizeOfParts() (n int64) {
	for _, p := range s.parts {
		n += p.size
	}
	return n
}

// trim lets the log go up to seq. A log that failed or closed meanwhile is trimmed next time.
func (s *Store) trim(seq int64) error {
	s.mu.RLock()
	wal := s.wal
	s.mu.RUnlock()
	if wal != nil {
		if err := wal.TrimBefore(journal.Seq(seq + 1)); err != nil {
			s.log.Warn("trim the log of the store", "error", err)
		}
	}
	return nil
}

// publish writes a segment file, durable with its name, and opens it.
func (s *Store) publish(name string, b []byte) (*segment, []byte, error) {
	if err := writeFile(s.segs, name, b); err != nil {
		return nil, nil, fmt.Errorf("write %s: %w", name, err)
	}
	seg, err := openSegment(s.segs, name, s.cache, s.problem)
	if err != nil {
		return nil, nil, err
	}
	f := seg.sum.filter
	return seg, b[f.off : f.off+f.size], nil
}

// writeFile replaces a file whole: after a crash it is the old one or the new one.
func writeFile(d disk.FS, name string, b []byte) error {
	tmp := name + ".tmp"
	if err := d.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := d.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, d.Remove(tmp)) // a full disk gets its space back
	}
	if err := d.Rename(tmp, name); err != nil {
		return err
	}
	return d.Sync()
}

// Tombstones lie beside their segment: [uid 4][crc 4][zstd of the set of rows].
func tombName(seg string) string { return strings.TrimSuffix(seg, ".seg") + ".dead" }

func (s *Store) saveTombs() error {
	s.mu.RLock()
	parts := slices.Clone(s.parts)
	s.mu.RUnlock()
	for _, seg := range parts {
		seg.mu.Lock()
		dirty, set := seg.deadNew, append(rows64(nil), seg.tombs...)
		seg.deadNew = false
		seg.mu.Unlock()
		if !dirty {
			continue
		}
		e := enc{b: le32(nil, seg.uid)}
		z := encoder.EncodeAll(bloomBytes(set), nil)
		e.b = append(le32(e.b, checksum(z)), z...)
		if err := writeFile(s.segs, tombName(seg.file), e.b); err != nil {
			seg.mu.Lock()
			seg.deadNew = true
			seg.mu.Unlock()
			return err
		}
	}
	return nil
}

func (s *Store) readTombs(seg *segment) {
	b, err := readFile(s.segs, tombName(seg.file))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = seg.decodeTombs(b)
	}
	if err != nil {
		s.problem(Problem{tombName(seg.file), 0, "tombstones do not read: deleted documents may be back"})
	}
}
