package store

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"strings"
)

// sortValue is one key of a hit.
type sortValue struct {
	missing bool
	isText  bool
	isInt   bool
	s       string
	k       key
}

func (v sortValue) out() any {
	switch {
	case v.missing:
		return nil
	case v.isText:
		return v.s
	case v.isInt:
		return v.k.i
	}
	return v.k.f
}

// hit is a row that may be shown.
type hit struct {
	p    part
	row  uint32
	keys []sortValue
}

// compareKeys orders two hits; below 0: a comes first.
func compareKeys(sort []Sort, a, b []sortValue) int {
	for i, s := range sort {
		x, y := &a[i], &b[i]
		if x.missing || y.missing {
			if x.missing == y.missing {
				continue
			}
			if x.missing == s.MissingFirst {
				return -1
			}
			return 1
		}
		var c int
		if x.isText || y.isText {
			c = strings.Compare(x.s, y.s)
		} else {
			c = x.k.compare(classNumber, y.k)
		}
		if c != 0 {
			if s.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// hitHeap keeps the best max hits, the worst on top.
type hitHeap struct {
	sort []Sort
	max  int
	list []hit
}

func (h *hitHeap) Len() int           { return len(h.list) }
func (h *hitHeap) Less(i, j int) bool { return compareKeys(h.sort, h.list[i].keys, h.list[j].keys) > 0 }
func (h *hitHeap) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *hitHeap) Push(x any)         { h.list = append(h.list, x.(hit)) }
func (h *hitHeap) Pop() any {
	x := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return x
}

func (h *hitHeap) offer(x hit) {
	switch {
	case len(h.list) < h.max:
		heap.Push(h, x)
	case h.max > 0 && compareKeys(h.sort, x.keys, h.list[0].keys) < 0:
		h.list[0] = x
		heap.Fix(h, 0)
	}
}

// keyer gives the sort value of a row.
type keyer func(row uint32) (sortValue, error)

// byTime is collect for the order that most searches have. Most parts are older than what
// was found already, and are left at a glance.
func (r *run) byTime(p part, got rows64) ([]hit, error) {
	desc := r.sort[0].Desc
	worst := int64(math.MinInt64) // what a row must beat, in milliseconds, signs turned for ascending
	sign := func(ms int64) int64 {
		if desc {
			return ms
		}
		return -ms
	}
	r.mu.Lock()
	if len(r.hits.list) >= r.hits.max && !r.hits.list[0].keys[0].missing {
		worst = sign(r.hits.list[0].keys[0].k.i)
	}
	r.mu.Unlock()
	if from, to := p.bounds(); worst > max(sign(floorMilli(from)), sign(floorMilli(to))) {
		return nil, nil
	}
	c, err := p.column("@timestamp")
	if err != nil {
		return nil, err
	}
	type found struct {
		at  int64
		row uint32
	}
	var list []found
	rest := append(rows64(nil), got...)
	if c != nil && c.class == classDate {
		c.each(func(row uint32, i int) {
			if !rest.has(row) {
				return
			}
			rest.clear(row) // a list of times counts by its first
			if at := sign(floorMilli(c.nums[i])); at > worst || worst == math.MinInt64 {
				list = append(list, found{at, row})
			}
		})
	}
	slices.SortStableFunc(list, func(a, b found) int { return cmp.Compare(b.at, a.at) })
	var out []hit
	for _, f := range list {
		v := []sortValue{intValue(sign(f.at))}
		if r.after != nil && compareKeys(r.sort, r.after, v) >= 0 {
			continue
		}
		if out = append(out, hit{p, f.row, v}); len(out) == r.hits.max {
			return out, nil
		}
	}
	none := []sortValue{{missing: true}} // without a time: behind all others
	if r.after == nil || compareKeys(r.sort, r.after, none) < 0 {
		rest.each(func(row uint32) bool {
			out = append(out, hit{p, row, none})
			return len(out) < r.hits.max
		})
	}
	return out, nil
}

// collect gives the best rows of a part.
func (r *run) collect(p part, got rows64) ([]hit, error) {
	if len(r.sort) == 1 && r.sort[0].Field == "@timestamp" && !r.sort[0].MissingFirst {
		return r.byTime(p, got)
	}
	got, err := r.near(p, got)
	if err != nil || got.empty() {
		return nil, err
	}
	keys := make([]keyer, len(r.sort))
	for i, s := range r.sort {
		if keys[i], err = r.keyer(p, s); err != nil {
			return nil, err
		}
	}
	best := hitHeap{sort: r.sort, max: r.hits.max}
	tmp := make([]sortValue, len(keys))
	got.each(func(row uint32) bool {
		for i, k := range keys {
			if tmp[i], err = k(row); err != nil {
				return false
			}
		}
		if r.after != nil && compareKeys(r.sort, r.after, tmp) >= 0 {
			return true
		}
		if len(best.list) < best.max || compareKeys(r.sort, tmp, best.list[0].keys) < 0 {
			best.offer(hit{p, row, slices.Clone(tmp)})
		}
		return true
	})
	return best.list, err
}

func (r *run) keyer(p part, s Sort) (keyer, error) {
	switch {
	case s.Field == "_score":
		return func(uint32) (sortValue, error) { return sortValue{k: key{f: 1}}, nil }, nil
	case s.bySequence():
		seqs, err := p.seqNos()
		return func(row uint32) (sortValue, error) { return intValue(seqs[row]), nil }, err
	}
	c, err := r.values(p, s.Field)
	if err != nil {
		return nil, err
	}
	if c == nil || c.class == classText {
		return func(uint32) (sortValue, error) { return sortValue{missing: true}, nil }, nil
	}
	return func(row uint32) (best sortValue, err error) {
		from, to := c.span(row)
		best.missing = true
		for i := from; i < to; i++ {
			v, err := c.sortValue(i)
			if err != nil {
				return best, err
			}
			// A list counts as its least value, or its greatest when descending.
			if best.missing || compareKeys([]Sort{{Desc: s.Desc}}, []sortValue{v}, []sortValue{best}) < 0 {
				best = v
			}
		}
		return best, nil
	}, nil
}

func intValue(n int64) sortValue { return sortValue{isInt: true, k: key{i: n, f: float64(n)}} }

func (c *column) sortValue(i int) (sortValue, error) {
	if c.class == classDate {
		return intValue(floorMilli(c.nums[i])), nil
	}
	v, err := c.value(i)
	if err != nil {
		return sortValue{}, err
	}
	switch c.class {
	case classNumber:
		k := numberKey(v)
		return sortValue{k: k, isInt: !strings.ContainsAny(v, ".eE")}, nil
	case classIP:
		a, _ := parseAddr(v)
		b := a.As16() // IPv4 as mapped addresses: Elasticsearch's order
		return sortValue{isText: true, s: string(b[:])}, nil
	}
	return sortValue{isText: true, s: v}, nil
}

// floorMilli rounds nanoseconds down to milliseconds.
func floorMilli(ns int64) int64 {
	ms := ns / 1e6
	if ns%1e6 < 0 {
		ms--
	}
	return ms
}

func (r *run) afterValues() ([]sortValue, error) {
	if len(r.q.After) == 0 {
		return nil, nil
	}
	if len(r.q.After) != len(r.sort) {
		return nil, &QueryError{"illegal_argument_exception", "search_after has a different number of values than sort"}
	}
	out := make([]sortValue, len(r.sort))
	for i, v := range r.q.After {
		_, _, c := r.s.fields.classFor(r.sort[i].Field)
		switch v := v.(type) {
		case nil:
			out[i].missing = true
		case int64:
			out[i] = intValue(v)
		case float64:
			out[i] = sortValue{k: key{f: v, i: int64(v)}}
		case string:
			out[i] = sortValue{isText: true, s: v}
			if c == classNumber {
				if !isNumber(v) {
					return nil, badQuery("Failed to parse search_after value for field [%s]: For input string: \"%s\"", r.sort[i].Field, clip(v))
				}
				out[i] = sortValue{k: numberKey(v)}
			}
			if c == classIP {
				a, ok := parseAddr(v)
				if !ok {
					return nil, badQuery("'%s' is not an IP string literal.", clip(v))
				}
				b := a.As16()
				out[i].s = string(b[:])
			}
			if c == classDate {
				ns, err := dateMath(v, "", nil, r.e.now, false)
				if err != nil {
					return nil, badQuery("%s", err)
				}
				out[i] = intValue(floorMilli(ns))
			}
		default:
			return nil, badQuery("search_after takes texts and numbers")
		}
	}
	return out, nil
}
