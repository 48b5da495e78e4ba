package store

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"sluice/internal/jsontape"
	"sluice/internal/metrics"
	"sluice/journal"
)

// retain unlinks the oldest segments until the rest is within r, and tells how many events
// went. The newest segment always stays: it says how far the log is read.
func (s *Store) retain(r Retention) (events int64, err error) {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	s.mu.Lock()
	var gone []*segment
	size := s.sizeOfParts() + s.docs.bytes.Load()
	now := s.opt.Now()
	limit, aged := now.Add(-r.Age).UnixNano(), s.steady() && r.Age > 0
	for len(s.parts) > 1 {
		p := s.parts[0]
		if !(r.Bytes > 0 && size > r.Bytes) && !(aged && p.newest(now.UnixNano()) < limit) {
			break
		}
		size -= p.size
		gone = append(gone, p)
		s.parts = s.parts[1:]
		s.ids.remove(p)
	}
	if len(gone) > 0 {
		s.taken = gone[len(gone)-1].sum.last
	}
	last := s.taken
	s.mu.Unlock()
	noted := len(gone) == 0 || s.noteTaken(last) == nil // before they go: a power cut between two is no damage
	for _, p := range gone {
		events += int64(p.live())
		p.expired.Store(true)
		err = errors.Join(err, s.unlink(p), s.segs.Sync()) // one by one: a power cut between two leaves no gap
	}
	if !noted { // a full disk has room now
		err = errors.Join(err, s.noteTaken(last))
	}
	metrics.StoreRetained.WithLabelValues().Add(float64(events))
	return events, errors.Join(err, s.retainAside())
}

// newest is the time from which a segment's age counts: of its newest event or, where that is of a clock
// that is ahead and would hold the segment, and all behind it, until then, of the last one received.
func (s *segment) newest(now int64) int64 {
	if s.sum.maxTime <= now && s.sum.maxTime != 0 {
		return s.sum.maxTime
	}
	if s.received == 0 {
		s.received = s.lastReceived()
	}
	switch {
	case s.sum.maxTime != 0:
		return min(s.received, s.sum.maxTime)
	case s.received == 0: // no event says anything of its age: they go by size alone
		return now
	}
	return s.received
}

// lastReceived is when the segment's last event came; where that cannot be read its age is unknown, and
// its @timestamp decides.
func (s *segment) lastReceived() int64 {
	if s.acquire() != nil {
		return s.sum.maxTime
	}
	defer s.release()
	c, err := s.column("event.ingested")
	if err != nil || c == nil || len(c.nums) == 0 {
		return s.sum.maxTime
	}
	return slices.Max(c.nums)
}

const (
	jumped    = 10 * time.Minute // of the clock: more than a time server moves one that is right
	distrusts = time.Hour        // how long a clock that jumped, or that is new to us, removes nothing
)

// steady says whether the clock has gone on by itself for an hour. One that is a year ahead, until
// somebody sees it, would remove everything by its age, and nothing brings that back.
func (s *Store) steady() bool {
	now, up := s.opt.Now().Round(0), s.uptime()
	if now.Sub(s.clock)-(up-s.looked) > jumped {
		s.log.Warn("the clock has jumped ahead; nothing is removed by its age for an hour", "by", (now.Sub(s.clock) - (up - s.looked)).Round(time.Second))
		s.moved = up
	}
	s.clock, s.looked = now, up
	return up-s.moved >= distrusts
}

// mergeSegments joins neighbours that are small, or mostly deleted, into one segment. It is called
// once a minute; an early flush, not a restart, is what leaves small ones.
func (s *Store) mergeSegments() {
	for next, ok := int64(0), true; ok && s.ctx.Err() == nil; {
		next, ok = s.mergeFrom(next)
	}
}

// mergeFrom joins the first run of neighbours from the place in the log on, and tells where the next
// may begin. Between two runs a flush gets its turn, for which a batch may be waiting.
func (s *Store) mergeFrom(from int64) (next int64, more bool) {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	s.mu.RLock()
	parts := slices.Clone(s.parts)
	s.mu.RUnlock()
	parts = slices.DeleteFunc(parts, func(p *segment) bool { return p.sum.first < from })
	for i := 0; i < len(parts); {
		rows, j := 0, i
		for j < len(parts) && !parts[j].full() && rows+parts[j].live() <= s.opt.SegmentRows && (j == i || parts[j].sum.first <= parts[j-1].sum.last+1) {
			rows += parts[j].live()
			j++
		}
		// Not over a gap: a copy that is put back would look like one that they hold already.
		// A run of two or three would be written again with every one that joins it. One alone
		// keeps its name, which a search may be about to open.
		if run := parts[i:j]; len(run) > 3 || len(run) > 1 && rows*2 < written(run) {
			n, err := s.mergeRun(run)
			if err != nil {
				s.log.Warn("merge segments", "first", run[0].file, "error", err)
			}
			if n == 0 {
				return from, true
			}
			return run[n-1].sum.last + 1, true
		}
		i = max(j, i+1)
	}
	return 0, false
}

func written(run []*segment) (rows int) {
	for _, p := range run {
		rows += p.sum.rows
	}
	return rows
}

// mergeRun joins the first segments of a run, as many as memory has room for, and tells how many it
// has looked at: rows alone bound nothing where lines are long. None: one of them is found to stay as it is, and
// its neighbours are runs of their own.
func (s *Store) mergeRun(run []*segment) (looked int, err error) {
	m := newMem(s.fields)
	place := make([][]int32, len(run)) // where the rows of each went in m
	for k, seg := range run {
		if place[k], err = s.addTo(m, seg); err != nil {
			var refused *refusal // of a document that no longer fits its mapping
			if seg.unread = isDamage(err) || errors.As(err, &refused); seg.unread {
				return 0, err
			}
			return len(run), err
		}
		if s.heavy(m) {
			run = run[:k+1]
			break
		}
	}
	if len(run) == 1 {
		run[0].heavy = true
	}
	if m.n == 0 || len(run) == 1 {
		return len(run), nil
	}
	m.first, m.last = run[0].sum.first, run[len(run)-1].sum.last
	b, newRow := encodeSegment(m, nil)
	seg, filter, err := s.publish(segmentName(m.first, m.last), b)
	if err != nil {
		return len(run), err
	}
	seg.heavy = s.heavy(m)
	s.swap(run, seg, filter, place, newRow)
	for _, old := range run {
		err = errors.Join(err, s.unlink(old))
	}
	return len(run), errors.Join(err, s.segs.Sync())
}

// addTo adds the live rows of a segment to memory, and tells where each went; -1: it was dead.
func (s *Store) addTo(m *mem, seg *segment) ([]int32, error) {
	if err := seg.acquire(); err != nil {
		return nil, err
	}
	defer seg.release()
	p := parsers.Get().(*jsontape.Doc)
	defer parsers.Put(p)
	place := make([]int32, seg.sum.rows)
	for r := range seg.sum.rows {
		place[r] = -1
		if seg.isDead(uint32(r)) {
			continue
		}
		d, err := seg.doc(uint32(r), true)
		if err != nil {
			return nil, err
		}
		x := row{index: d.Index, id: d.ID, seq: d.SeqNo}
		if err := x.parse(p, s.fields, d.Source); err != nil {
			return nil, err
		}
		place[r] = int32(m.n)
		m.add(&x)
	}
	return place, nil
}

// swap puts seg in place of run, with what was deleted meanwhile. No batch is being placed:
// one could have found a document in what is replaced.
func (s *Store) swap(run []*segment, seg *segment, filter []byte, place [][]int32, newRow []int32) {
	s.placing.Lock()
	defer s.placing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, old := range run {
		for r, at := range place[k] {
			if at >= 0 && old.isDead(uint32(r)) {
				seg.kill(uint32(newRow[at]))
			}
		}
		s.ids.remove(old)
	}
	i := slices.Index(s.parts, run[0])
	s.parts = slices.Concat(s.parts[:i], []*segment{seg}, s.parts[i+len(run):])
	s.ids.add(seg, filter)
}

// Verify reads everything and names what is damaged, also what was set aside before. It may
// run while the store is used.
func (s *Store) Verify(report func(Problem)) error {
	names, err := s.segs.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if name, bad := strings.CutSuffix(name, badSuffix); bad {
			report(aside{name: name}.problem())
		}
	}
	s.mu.RLock()
	parts := slices.Clone(s.parts)
	s.mu.RUnlock()
	for _, p := range s.gaps() {
		report(p)
	}
	for _, p := range parts {
		if err := verifySegment(p, report); err != nil {
			return err
		}
	}
	if err := s.docs.verify(report); err != nil {
		return err
	}
	held := journal.Seq(0)
	for _, p := range parts {
		held = max(held, journal.Seq(p.sum.last))
	}
	_, err = journal.Verify(s.walFS, func(d journal.Damage) {
		inSegments := d.Length == 0 && d.Last > 0 && d.Last <= held // the log goes on behind a loss of its end
		if !d.Torn && !inSegments {                                 // an append that was never acknowledged
			report(Problem{walFile(d), d.Offset, d.String()})
		}
	})
	if err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for p := range s.known {
		if p.File == "wal" || !strings.HasSuffix(p.File, ".seg") && !strings.HasSuffix(p.File, badSuffix) {
			report(p)
		}
	}
	return nil
}

// verifySegment reads a file past the cache, which may hold what the disk has lost.
func verifySegment(p *segment, report func(Problem)) error {
	seen := map[Problem]bool{}
	bad := func(x Problem) {
		if !seen[x] {
			seen[x] = true
			report(x)
		}
	}
	seg, err := openSegment(p.fs, p.file, newCache(0), bad)
	var x Problem
	if errors.As(err, &x) {
		bad(x)
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) { // retention was here
		return nil
	}
	if err != nil {
		return err
	}
	if err := seg.acquire(); err != nil {
		return err
	}
	defer seg.release()
	m, err := seg.meta()
	if err != nil {
		return nil
	}
	for _, sp := range m.spans() {
		_, _ = seg.raw(sp)
	}
	_, _ = seg.raw(seg.sum.filter)
	for _, d := range m.dicts() {
		if x, err := (&segDict{s: seg, sp: d}).index(); err == nil {
			for _, sp := range x.spans {
				_, _ = seg.raw(sp)
			}
		}
	}
	if b, err := seg.unzip(m.postings); err == nil {
		d := dec{b: b}
		for len(d.b) > 0 {
			d.str()
			_, _ = seg.raw(d.span())
		}
	}
	return nil
}

// spans is every block that the meta names itself.
func (m *segMeta) spans() []span {
	out := []span{m.times, m.seqs, m.shapes, m.shapeCodes, m.streamCodes, m.idCodes, m.postings}
	for _, c := range m.columns {
		if c.hasPres {
			out = append(out, c.pres)
		}
		if c.multi {
			out = append(out, c.counts)
		}
		if c.class != classes && c.class != classText {
			out = append(out, c.codes)
		}
	}
	for _, b := range m.blocks {
		out = append(out, b.text, b.bloom)
	}
	return out
}

func (m *segMeta) dicts() []dictSpans {
	out := []dictSpans{m.ids}
	for _, c := range m.columns {
		if c.class != classes && c.class != classText && c.class != classDate {
			out = append(out, c.dict)
		}
	}
	return out
}
