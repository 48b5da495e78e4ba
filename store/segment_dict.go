package store

import "sort"

// segDict is a dictionary on disk: an index of blocks, each of dictBlock values.
type segDict struct {
	s     *segment
	sp    dictSpans
	class class
}

type dictIndex struct {
	first []string
	spans []span
}

func (d *segDict) len() int { return d.sp.n }

func (d *segDict) index() (*dictIndex, error) {
	return get(d.s.cache, cacheKey{d.s, "dict", d.sp.index.off}, func() (*dictIndex, int64, error) {
		b, err := d.s.unzip(d.sp.index)
		if err != nil {
			return nil, 0, err
		}
		x := &dictIndex{}
		r := dec{b: b}
		for len(r.b) > 0 {
			x.first = append(x.first, r.str())
			x.spans = append(x.spans, r.span())
		}
		if r.bad || d.sp.n < 0 || len(x.spans) != (d.sp.n+dictBlock-1)/dictBlock {
			return nil, 0, d.s.damaged(d.sp.index.off, "the index of a dictionary does not read")
		}
		return x, int64(len(b) + 48*len(x.spans)), nil
	})
}

func (d *segDict) block(x *dictIndex, k int) ([]string, error) {
	sp := x.spans[k]
	return get(d.s.cache, cacheKey{d.s, "vals", sp.off}, func() ([]string, int64, error) {
		b, err := d.s.unzip(sp)
		if err != nil {
			return nil, 0, err
		}
		n := min(dictBlock, d.sp.n-k*dictBlock)
		vals := make([]string, 0, n)
		size := int64(16 * n)
		r := dec{b: b}
		prev := ""
		for range n {
			l := r.uint()
			tail := r.bytes()
			if r.bad || l > uint64(len(prev)) {
				return nil, 0, d.s.damaged(sp.off, "values do not read")
			}
			prev = prev[:l] + string(tail)
			size += int64(len(prev))
			vals = append(vals, prev)
		}
		if r.err() != nil {
			return nil, 0, d.s.damaged(sp.off, "values do not read")
		}
		return vals, size, nil
	})
}

func (d *segDict) at(code int) (string, error) {
	x, err := d.index()
	if err != nil {
		return "", err
	}
	b, err := d.block(x, code/dictBlock)
	if err != nil {
		return "", err
	}
	return b[code%dictBlock], nil
}

func (d *segDict) each(f func(int, string)) error {
	x, err := d.index()
	if err != nil {
		return err
	}
	for k := range x.spans {
		b, err := d.block(x, k)
		if err != nil {
			return err
		}
		for i, v := range b {
			f(k*dictBlock+i, v)
		}
	}
	return nil
}

func (d *segDict) find(iv interval) (lo, hi int, sorted bool, err error) {
	if iv.class != d.class && !(iv.class == classString && stringOrder(d.class)) {
		return 0, 0, false, nil
	}
	x, err := d.index()
	if err != nil {
		return 0, 0, true, err
	}
	// search gives the first code that is not in f's part of the order.
	search := func(f func(key) bool) (int, error) {
		k := sort.Search(len(x.first), func(i int) bool { return !f(keyOf(iv.class, x.first[i])) }) - 1
		if k < 0 {
			return 0, nil
		}
		b, err := d.block(x, k)
		if err != nil {
			return 0, err
		}
		return k*dictBlock + sort.Search(len(b), func(i int) bool { return !f(keyOf(iv.class, b[i])) }), nil
	}
	if lo, err = search(iv.before); err != nil {
		return 0, 0, true, err
	}
	hi, err = search(func(k key) bool { return !iv.after(k) })
	return lo, max(lo, hi), true, err
}

// stringOrder tells the classes whose dictionaries are in the order of bytes.
func stringOrder(c class) bool {
	return c == classString || c == classBool || c == classFlat || c == classAuto
}
