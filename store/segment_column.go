package store

import "encoding/binary"

// column gives a field's values, nil if it has none here.
func (s *segment) column(name string) (*column, error) {
	m, err := s.meta()
	if err != nil {
		return nil, err
	}
	switch name {
	case "_index":
		return s.internal("stream", m.streamCodes, len(s.sum.streams), sliceDict(s.sum.streams))
	case "_id":
		return s.internal("id", m.idCodes, m.ids.n, &segDict{s: s, sp: m.ids, class: classString})
	}
	i, ok := m.byName[name]
	if !ok {
		return nil, nil
	}
	return s.columnAt(m, i)
}

func (s *segment) columnAt(m *segMeta, i int) (*column, error) {
	if i < 0 || i >= len(m.columns) || m.columns[i].class == classes {
		return nil, nil
	}
	return get(s.cache, cacheKey{s, "col", int64(i)}, func() (*column, int64, error) {
		c, err := s.load(&m.columns[i])
		if err != nil {
			return nil, 0, err
		}
		return c, int64(len(c.pres)*8+len(c.counts)*4+len(c.c8)+len(c.c16)*2+len(c.c32)*4+len(c.nums)*8) + 100, nil
	})
}

func (s *segment) internal(what string, codes span, n int, d dictionary) (*column, error) {
	return get(s.cache, cacheKey{s, what, 0}, func() (*column, int64, error) {
		c := &column{class: classString, rows: s.sum.rows, dict: d}
		if err := s.readCodes(c, codes, n, s.sum.rows); err != nil {
			return nil, 0, err
		}
		return c, int64(4*s.sum.rows + 100), nil
	})
}

func (s *segment) load(m *segColumn) (*column, error) {
	c := &column{class: m.class, rows: s.sum.rows}
	present := s.sum.rows
	if m.hasPres {
		b, err := s.unzip(m.pres)
		if err != nil {
			return nil, err
		}
		if c.pres, err = rowsOf(b, s.sum.rows); err != nil {
			return nil, s.damaged(m.pres.off, "a set of rows does not read")
		}
		present = c.pres.count()
	}
	n := present
	if m.multi {
		b, err := s.unzip(m.counts)
		if err != nil {
			return nil, err
		}
		d := dec{b: b}
		n = 0
		for range present {
			k := d.uint()
			if k > maxBlock || n > maxBlock {
				return nil, s.damaged(m.counts.off, "counts of values do not read")
			}
			c.counts = append(c.counts, uint32(k))
			n += int(k)
		}
		if d.err() != nil {
			return nil, s.damaged(m.counts.off, "counts of values do not read")
		}
	}
	switch m.class {
	case classText:
		return c, nil
	case classDate:
		b, err := s.unzip(m.codes)
		if err != nil {
			return nil, err
		}
		if c.nums, err = undelta(b, n); err != nil || len(c.nums) != n {
			return nil, s.damaged(m.codes.off, "dates do not read")
		}
		return c, nil
	}
	c.dict = &segDict{s: s, sp: m.dict, class: m.class}
	return c, s.readCodes(c, m.codes, m.dict.n, n)
}

// readCodes reads n codes below limit.
func (s *segment) readCodes(c *column, sp span, limit, n int) error {
	b, err := s.unzip(sp)
	if err != nil {
		return err
	}
	width := 4
	switch {
	case limit <= 1<<8:
		width = 1
		c.c8 = b
	case limit <= 1<<16:
		width = 2
		c.c16 = make([]uint16, len(b)/2)
		for i := range c.c16 {
			c.c16[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
	default:
		c.c32 = make([]uint32, len(b)/4)
		for i := range c.c32 {
			c.c32[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
	}
	if len(b) != n*width {
		return s.damaged(sp.off, "codes do not read")
	}
	for i := range n {
		if c.code(i) >= limit {
			return s.damaged(sp.off, "a code is not in its dictionary")
		}
	}
	return nil
}
