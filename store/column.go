package store

import (
	"math/bits"
	"sort"
)

// column is the values of one field in one part, in the order of rows. It is read only.
type column struct {
	class class
	rows  int // of the part

	rowOf  []uint32 // of each value; nil: pres and counts say it
	pres   rows64   // rows with a value; nil with rowOf nil: all
	counts []uint32 // values of each row present; nil: one

	c8   []uint8 // codes, in the least width
	c16  []uint16
	c32  []uint32
	nums []int64 // of dates instead of codes
	dict dictionary
}

// dictionary is the distinct values of a column by code.
type dictionary interface {
	len() int
	// at may fail: its block is on disk.
	at(code int) (string, error)
	// each visits all in the order of codes.
	each(f func(code int, v string)) error
	// find gives the codes in [lo, hi) whose values lie within iv, if the dictionary is sorted.
	find(iv interval) (lo, hi int, sorted bool, err error)
}

func (c *column) values() int {
	switch {
	case c.nums != nil:
		return len(c.nums)
	case c.c8 != nil:
		return len(c.c8)
	case c.c16 != nil:
		return len(c.c16)
	case c.c32 != nil:
		return len(c.c32)
	case c.rowOf != nil:
		return len(c.rowOf)
	}
	return 0
}

// code of the i-th value.
func (c *column) code(i int) int {
	switch {
	case c.c8 != nil:
		return int(c.c8[i])
	case c.c16 != nil:
		return int(c.c16[i])
	}
	return int(c.c32[i])
}

// each calls f with the row of every value, in order.
func (c *column) each(f func(row uint32, i int)) {
	if c.rowOf != nil {
		for i, r := range c.rowOf {
			f(r, i)
		}
		return
	}
	if c.pres == nil && c.counts == nil {
		for i := range c.values() {
			f(uint32(i), i)
		}
		return
	}
	i, k := 0, 0
	one := func(row uint32) bool {
		n := 1
		if c.counts != nil {
			n = int(c.counts[k])
			k++
		}
		for ; n > 0; n-- {
			f(row, i)
			i++
		}
		return true
	}
	if c.pres == nil {
		for r := range c.rows {
			one(uint32(r))
		}
		return
	}
	c.pres.each(one)
}

// span gives the values of one row: [from, to).
func (c *column) span(row uint32) (from, to int) {
	if c.rowOf != nil {
		from = sort.Search(len(c.rowOf), func(i int) bool { return c.rowOf[i] >= row })
		for to = from; to < len(c.rowOf) && c.rowOf[to] == row; to++ {
		}
		return from, to
	}
	k := int(row)
	if c.pres != nil {
		if !c.pres.has(row) {
			return 0, 0
		}
		k = 0
		for _, w := range c.pres[:row/64] {
			k += bits.OnesCount64(w)
		}
		k += bits.OnesCount64(c.pres[row/64] & (1<<(row%64) - 1))
	}
	if c.counts == nil {
		return k, k + 1
	}
	for _, n := range c.counts[:k] {
		from += int(n)
	}
	return from, from + int(c.counts[k])
}

// present is the rows that have a value.
func (c *column) present() rows64 {
	switch {
	case c.rowOf != nil:
		b := newRows(c.rows)
		for _, r := range c.rowOf {
			b.set(r)
		}
		return b
	case c.pres == nil:
		return allRows(c.rows)
	}
	return append(rows64(nil), c.pres...)
}

// value gives the i-th value as text.
func (c *column) value(i int) (string, error) { return c.dict.at(c.code(i)) }
