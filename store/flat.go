package store

import "strings"

// exists is the rows that have a field: of a key inside a flattened object, of the words of a
// keyword, or of a field by itself and what is below it.
func (e *eval) exists(field string) node {
	l := e.leaf(field)
	switch {
	case l.class == classFlat && l.sub != "":
		l.intervals = func(class) ([]interval, error) { return []interval{prefixInterval(classString, l.flat(""))}, nil }
		return l
	case l.class == classText && l.sub != "":
		return existsNode{l.base}
	}
	return existsNode{field}
}

// values is the column of a field, or what a key inside a flattened object has.
func (r *run) values(p part, field string) (*column, error) {
	base, sub, class := r.s.fields.classFor(field)
	if class != classFlat || sub == "" {
		return p.column(field)
	}
	c, err := p.column(base)
	if err != nil || c == nil || c.dict == nil {
		return nil, err
	}
	return c.below(sub)
}

// below is the values of one key of a flattened object, as a column of its own.
func (c *column) below(sub string) (*column, error) {
	var dict sliceDict
	codes := map[int]uint32{}
	err := c.dict.each(func(code int, v string) {
		if k, v, ok := strings.Cut(v, "\x00"); ok && k == sub {
			codes[code] = uint32(len(dict))
			dict = append(dict, strings.Clone(v))
		}
	})
	if err != nil || len(dict) == 0 {
		return nil, err
	}
	out := &column{class: classString, rows: c.rows, rowOf: []uint32{}, dict: dict}
	c.each(func(row uint32, i int) {
		if k, ok := codes[c.code(i)]; ok {
			out.rowOf, out.c32 = append(out.rowOf, row), append(out.c32, k)
		}
	})
	return out, nil
}
