package store

import "slices"

// near leaves of got the rows that may be on the page: by their first key, where that is a
// date or a sequence number, they are not before the end of the page before, nor behind the
// worst of a full page of what other parts gave. So who reads a long history page by page
// makes keys for little more than a page's rows, and opens no other column of most parts.
func (r *run) near(p part, got rows64) (rows64, error) {
	after, worst := r.window1()
	if after == nil && worst == nil {
		return got, nil
	}
	if r.outside(p) {
		return newRows(p.rows()), nil
	}
	s := r.sort[0]
	beyond := func(v int64, end *int64) bool { // v comes before end
		return end != nil && (v < *end) != s.Desc && v != *end
	}
	within := func(v int64) bool { return worst == nil || v == *worst || beyond(v, worst) }
	if s.bySequence() {
		seqs, err := p.seqNos()
		if err != nil {
			return nil, err
		}
		out := slices.Clone(got)
		got.each(func(row uint32) bool {
			if beyond(seqs[row], after) || !within(seqs[row]) {
				out.clear(row)
			}
			return true
		})
		return out, nil
	}
	c, err := p.column(s.Field)
	if err != nil || c == nil || c.class != classDate {
		return got, err
	}
	if seg, ok := p.(*segment); ok {
		seg.remember(s.Field, c)
	}
	// A list counts by its first value in this order: one that is beyond takes the row
	// off, and one that is within keeps it.
	out, in := slices.Clone(got), make(rows64, len(got))
	c.each(func(row uint32, i int) {
		v := floorMilli(c.nums[i])
		if beyond(v, after) {
			out.clear(row)
		}
		if within(v) {
			in.set(row)
		}
	})
	if worst != nil && !s.MissingFirst { // a row without the field is behind all
		out.and(in)
	}
	return out, nil
}

// window1 is the first key of the last page's end, and that of the worst hit if there are
// enough; nil where there is none, or none that is a whole number.
func (r *run) window1() (after, worst *int64) {
	whole := func(keys []sortValue) *int64 {
		if keys[0].missing || keys[0].isText || !keys[0].isInt {
			return nil
		}
		return &keys[0].k.i
	}
	if r.after != nil {
		after = whole(r.after)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.hits.list) >= r.hits.max {
		worst = whole(r.hits.list[0].keys)
	}
	return after, worst
}

// dateBounds are the least and the greatest date of a field in a segment, in milliseconds.
type dateBounds struct {
	lo, hi  int64
	missing bool // some rows have no date
}

// remember keeps the bounds of a column of dates, which the cache may forget: whoever reads page by
// page asks for them with every page. A file never changes, so they stay true.
func (s *segment) remember(field string, c *column) {
	if _, known := s.datesOf(field); known || len(c.nums) == 0 {
		return
	}
	b := dateBounds{floorMilli(slices.Min(c.nums)), floorMilli(slices.Max(c.nums)), c.pres != nil}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dates == nil {
		s.dates = map[string]dateBounds{}
	}
	s.dates[field] = b
}

func (s *segment) datesOf(field string) (dateBounds, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, known := s.dates[field]
	return b, known
}

// outside tells, by what is remembered, that no row of a part is on the page.
func (r *run) outside(p part) bool {
	seg, ok := p.(*segment)
	if !ok {
		return false
	}
	s := r.sort[0]
	b, known := seg.datesOf(s.Field)
	if !known {
		return false
	}
	first, last := b.lo, b.hi
	if s.Desc {
		first, last = last, first
	}
	before := func(x, y int64) bool { return x != y && (x < y) != s.Desc }
	after, worst := r.window1()
	return after != nil && before(last, *after) && (!b.missing || s.MissingFirst) ||
		worst != nil && before(*worst, first) && (!b.missing || !s.MissingFirst)
}

// needless tells that a segment can be left closed: nothing is counted, and no row of it is on the page.
func (r *run) needless(p *segment) bool {
	return r.q.TrackTotal == 0 && len(r.aggs) == 0 && r.hits.max > 0 && r.outside(p)
}
