package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// aside is a segment whose end did not read when the store was opened: the file lies there under another name, so
// that a copy from a backup can take its place, and what it held is in no answer.
type aside struct {
	name        string // of the segment, without badSuffix
	first, last int64  // numbers of the log
}

const badSuffix = ".bad"

func (a aside) problem() Problem {
	return Problem{a.name + badSuffix, 0, "set aside: its end did not read"}
}

// readsAgain gives a segment its name back that was set aside and reads now, as with a disk that was away.
func (s *Store) readsAgain(name string, names []string) (string, error) {
	good, bad := strings.CutSuffix(name, badSuffix)
	if _, _, ok := parseSegmentName(good); !bad || !ok || slices.Contains(names, good) {
		return name, nil
	}
	if _, err := openSegment(s.segs, name, s.cache, nil); err != nil {
		return name, nil
	}
	s.log.Info("a segment that was set aside reads again", "segment", good)
	return good, s.segs.Rename(name, good)
}

// listAside takes up what was set aside, now and before, unless all of it is in the kept
// segments or is read again from the log.
func (s *Store) listAside() error {
	names, err := s.segs.List()
	if err != nil {
		return err
	}
	var list []aside
	for _, name := range names {
		name, bad := strings.CutSuffix(name, badSuffix)
		if first, last, ok := parseSegmentName(name); bad && ok && !s.held(first, last) {
			list = append(list, aside{name, first, last})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aside = list
	return nil
}

// held says whether segments and what is replayed of the log behind them have all numbers
// from first to last.
func (s *Store) held(first, last int64) bool {
	need := first
	for _, p := range s.parts {
		if p.sum.first <= need {
			need = max(need, p.sum.last+1)
		}
	}
	behind := int64(0)
	if n := len(s.parts); n > 0 {
		behind = s.parts[n-1].sum.last
	}
	return need > last || need > behind && int64(s.wal.Stats().First) <= need
}

// missing are the segments set aside, where events are searched for. Nobody can say which
// time or data stream theirs are.
func (s *Store) missing(targets []string) (list []Problem) {
	if len(targets) > 0 && !slices.ContainsFunc(targets, func(t string) bool { return !mutable(t) && !strings.HasPrefix(t, "-") }) {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, a := range s.aside {
		list = append(list, a.problem())
	}
	return list
}

// hole is numbers of the log that no file has.
type hole struct{ first, last int64 }

// holes are between segments, or between the last one and the log: flushes and merges leave none, and retention
// notes what it takes.
func (s *Store) holes() (list []hole) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	next := s.taken + 1
	if len(s.parts) > 0 {
		next = min(next, s.parts[0].sum.first)
	}
	check := func(first int64) {
		if first > next {
			list = append(list, hole{next, first - 1})
		}
	}
	for _, p := range s.parts {
		check(p.sum.first)
		next = max(next, p.sum.last+1)
	}
	behind := s.mem
	if s.old != nil {
		behind = s.old
	}
	check(behind.first)
	return list
}

// gaps are the holes. Where a segment was set aside, that is what is told.
func (s *Store) gaps() (list []Problem) {
	s.mu.RLock()
	asides := s.aside
	s.mu.RUnlock()
	for _, h := range s.holes() {
		if !slices.ContainsFunc(asides, func(a aside) bool { return a.first <= h.last && a.last >= h.first }) {
			list = append(list, Problem{segmentName(h.first, h.last), 0, fmt.Sprintf("is gone, or the segments with these numbers are: up to %d events are in no answer", h.last-h.first+1)})
		}
	}
	return list
}

// retainAside removes what was set aside and is older than all that is kept, and forgets
// what somebody has removed. The caller holds flushing.
func (s *Store) retainAside() error {
	s.mu.RLock()
	list, oldest := s.aside, int64(0)
	if len(s.parts) > 0 {
		oldest = s.parts[0].sum.first
	}
	s.mu.RUnlock()
	if len(list) == 0 {
		return nil
	}
	names, err := s.segs.List()
	if err != nil {
		return err
	}
	var left []aside
	for _, a := range list {
		switch file := a.name + badSuffix; {
		case !slices.Contains(names, file):
		case a.last < oldest:
			if e := s.segs.Remove(file); e != nil {
				err = errors.Join(err, e)
				left = append(left, a)
			}
		default:
			left = append(left, a)
		}
	}
	s.mu.Lock()
	s.aside = left
	s.mu.Unlock()
	return err
}
