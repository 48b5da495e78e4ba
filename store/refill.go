package store

import (
	"cmp"
	"slices"

	"sluice/internal/jsontape"
	"sluice/journal"
)

// refill reads again from the log what no segment has: it keeps up to 64 MiB more than it has to, so the newest
// that were set aside or removed may be in it, whole or their end.
func (s *Store) refill() {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	kept := int64(s.wal.Stats().First)
	for _, h := range s.holes() {
		for at := max(h.first, kept); at <= h.last; {
			next, err := s.refillFrom(at, h.last)
			if err != nil { // a full disk, or damage: the next start tries again
				s.log.Warn("read events again from the log", "of", segmentName(at, h.last), "error", err)
				break
			}
			at = next
		}
	}
}

// refillFrom writes a segment of what the log has of the numbers from..to, as many as one may have, and tells the
// number behind it.
func (s *Store) refillFrom(from, to int64) (next int64, err error) {
	f := filling{s: s, m: newMem(s.fields), next: from, to: to}
	r := s.wal.Reader(journal.Seq(from), 0)
	defer r.Close()
	for {
		b, ok, err := r.TryNext()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		for k, rec := range b.Records {
			if n := int64(b.First) + int64(k); n >= from {
				if err := f.record(rec, n); err != nil {
					return 0, err
				}
			}
		}
	}
	m := f.m
	switch {
	case m.first == 0:
		return to + 1, nil
	case m.n == m.nDead:
		return f.next, nil
	}
	m.last = f.next - 1
	b, _ := encodeSegment(m, m.dead)
	seg, filter, err := s.publish(segmentName(m.first, m.last), b)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts = append(s.parts, seg)
	slices.SortFunc(s.parts, func(a, b *segment) int { return cmp.Compare(a.sum.first, b.sum.first) })
	s.ids.add(seg, filter)
	s.log.Info("events that no segment has are read again from the log", "segment", seg.file, "events", m.n-m.nDead)
	return f.next, nil
}

// filling is a segment that is read again, record by record.
type filling struct {
	s        *Store
	p        jsontape.Doc
	row      row
	m        *mem
	next, to int64 // numbers: the next one that it takes, and the last
	done     bool  // what comes now only says what of it was replaced or deleted since
}

func (f *filling) record(rec []byte, n int64) error {
	d := dec{b: rec}
	kind := d.uint()
	r := &f.row
	r.index, r.id, r.seq = d.str(), d.str(), n
	if d.bad {
		return errCorrupt
	}
	if old, ok := f.m.find(r.index, r.id); ok {
		f.m.kill(old)
	}
	if f.m.first == 0 && n <= f.to { // the log may have lost what is before
		f.m.first, f.next = n, n
	}
	if f.done = f.done || n != f.next || n > f.to || f.m.n >= f.s.opt.SegmentRows || f.s.heavy(f.m); f.done {
		return nil
	}
	f.next++
	if kind == recDelete {
		return nil
	}
	if err := r.parse(&f.p, f.s.fields, d.b); err != nil {
		return err
	}
	f.m.add(r)
	return nil
}
