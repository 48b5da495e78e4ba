package store

// run asks one part.
func (l *leafTest) run(_ *eval, p part) (rows64, error) {
	out := newRows(p.rows())
	c, err := p.column(l.base)
	if err != nil || c == nil || c.class == classText {
		return out, err
	}
	var ivs []interval
	if l.intervals != nil {
		if ivs, err = l.intervals(c.class); err != nil {
			return nil, err
		}
	}
	if c.class == classDate {
		for _, iv := range ivs {
			datesIn(c, iv, out)
		}
		return out, nil
	}
	if c.dict == nil || len(ivs) == 0 && l.test == nil {
		return out, nil
	}
	return out, l.codes(c, ivs, out)
}

func datesIn(c *column, iv interval, out rows64) {
	from, to := int64(-1<<63), int64(1<<63-1)
	if iv.hasFrom {
		if from = iv.from.i; iv.openFrom {
			from++
		}
	}
	if iv.hasTo {
		if to = iv.to.i; iv.openTo {
			to--
		}
	}
	c.each(func(row uint32, i int) {
		if n := c.nums[i]; n >= from && n <= to {
			out.set(row)
		}
	})
}

// codes finds the codes that match and then the rows that have them.
func (l *leafTest) codes(c *column, ivs []interval, out rows64) error {
	var set rows64
	add := func(code int) {
		if set == nil {
			set = newRows(c.dict.len())
		}
		set.set(uint32(code))
	}
	scan := l.test != nil
	lo, hi, ranges := 0, 0, 0
	for _, iv := range ivs {
		from, to, sorted, err := c.dict.find(iv)
		if err != nil {
			return err
		}
		if !sorted {
			scan = true
			break
		}
		if from < to {
			lo, hi = from, to
			ranges++
			if len(ivs) > 1 {
				for k := from; k < to; k++ {
					add(k)
				}
			}
		}
	}
	if !scan && ranges == 1 && set == nil {
		rowsWithin(c, lo, hi, out)
		return nil
	}
	if scan {
		err := c.dict.each(func(code int, v string) {
			if l.test != nil && l.test(v) || inAny(ivs, v) {
				add(code)
			}
		})
		if err != nil {
			return err
		}
	}
	if set != nil {
		c.each(func(row uint32, i int) {
			if set.has(uint32(c.code(i))) {
				out.set(row)
			}
		})
	}
	return nil
}

func inAny(ivs []interval, v string) bool {
	for i := range ivs {
		if ivs[i].has(v) {
			return true
		}
	}
	return false
}

func rowsWithin(c *column, lo, hi int, out rows64) {
	c.each(func(row uint32, i int) {
		if k := c.code(i); k >= lo && k < hi {
			out.set(row)
		}
	})
}
