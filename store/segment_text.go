package store

import (
	"slices"
	"sort"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// textRows is one decompressed block: the records of each row.
type textRows struct {
	b  []byte
	at []uint32 // from, to of each row
}

func (t *textRows) row(i int) []byte { return t.b[t.at[2*i]:t.at[2*i+1]] }

func (s *segment) textBlock(m *segMeta, k int) (*textRows, error) {
	sp := m.blocks[k].text
	return get(s.cache, cacheKey{s, "text", sp.off}, func() (*textRows, int64, error) {
		b, err := s.unzip(sp)
		if err != nil {
			return nil, 0, err
		}
		t := &textRows{b: b}
		d := dec{b: b}
		for len(d.b) > 0 {
			n := d.count()
			at := len(b) - len(d.b)
			if d.bad || at+n > len(b) {
				break
			}
			t.at = append(t.at, uint32(at), uint32(at+n))
			d.b = d.b[n:]
		}
		if d.bad || len(t.at)/2 != m.blockRows(k, s.sum.rows) {
			return nil, 0, s.damaged(sp.off, "text does not read")
		}
		return t, int64(len(b) + 4*len(t.at)), nil
	})
}

// blockRows is how many rows are in a block.
func (m *segMeta) blockRows(k, rows int) int {
	if k+1 < len(m.blocks) {
		return m.blocks[k+1].first - m.blocks[k].first
	}
	return rows - m.blocks[k].first
}

func (s *segment) textOf(m *segMeta, row uint32) ([]byte, error) {
	k := sort.Search(len(m.blocks), func(i int) bool { return m.blocks[i].first > int(row) }) - 1
	if k < 0 {
		return nil, nil
	}
	t, err := s.textBlock(m, k)
	if err != nil {
		return nil, err
	}
	return t.row(int(row) - m.blocks[k].first), nil
}

// text visits the rows of want that have text.
func (s *segment) text(want rows64, f func(row uint32, records []byte) bool) error {
	m, err := s.meta()
	if err != nil {
		return err
	}
	for k := range m.blocks {
		first, n := m.blocks[k].first, m.blockRows(k, s.sum.rows)
		if want != nil && !want.any(first, first+n) {
			continue
		}
		t, err := s.textBlock(m, k)
		if err != nil {
			return err
		}
		for i := range n {
			if r := uint32(first + i); (want == nil || want.has(r)) && !f(r, t.row(i)) {
				return nil
			}
		}
	}
	return nil
}

// candidates gives rows among which all with the word in the field are; exact: those are them.
func (s *segment) candidates(field, word string) (rows rows64, exact bool, err error) {
	m, err := s.meta()
	if err != nil {
		return nil, false, err
	}
	p, err := s.posting(m, word)
	if err != nil {
		return nil, false, err
	}
	if p != nil {
		slot := slices.Index(m.textFields, s.fieldNum(field))
		switch {
		case slot >= 0 && slot < textSlots && p.counts[slot] == 0:
			return newRows(s.sum.rows), true, nil
		case slot >= 0 && slot < textSlots:
			exact = int(p.counts[slot]) == p.n
		}
		b := newRows(s.sum.rows)
		for _, r := range p.rows {
			b.set(r)
		}
		return b, exact, nil
	}
	b := newRows(s.sum.rows)
	h := xxhash.Sum64String(word)
	for k, t := range m.blocks {
		f, err := get(s.cache, cacheKey{s, "bloom", t.bloom.off}, func() ([]byte, int64, error) {
			b, err := s.raw(t.bloom)
			return b, int64(len(b)), err
		})
		if err != nil {
			return nil, false, err
		}
		if bloomHas(f, h) {
			for r := t.first; r < t.first+m.blockRows(k, s.sum.rows); r++ {
				b.set(uint32(r))
			}
		}
	}
	return b, false, nil
}

type posting struct {
	word   string
	counts [textSlots]uint32
	n      int
	rows   []uint32
}

// posting finds the list of a common word, nil if it has none.
func (s *segment) posting(m *segMeta, word string) (*posting, error) {
	x, err := get(s.cache, cacheKey{s, "posts", m.postings.off}, func() (*dictIndex, int64, error) {
		b, err := s.unzip(m.postings)
		if err != nil {
			return nil, 0, err
		}
		x := &dictIndex{}
		d := dec{b: b}
		for len(d.b) > 0 {
			x.first = append(x.first, d.str())
			x.spans = append(x.spans, d.span())
		}
		if d.bad {
			return nil, 0, s.damaged(m.postings.off, "the index of words does not read")
		}
		return x, int64(len(b) + 48*len(x.spans)), nil
	})
	if err != nil {
		return nil, err
	}
	k := sort.Search(len(x.first), func(i int) bool { return x.first[i] > word }) - 1
	if k < 0 {
		return nil, nil
	}
	list, err := get(s.cache, cacheKey{s, "post", x.spans[k].off}, func() ([]posting, int64, error) {
		return s.postings(x.spans[k])
	})
	if err != nil {
		return nil, err
	}
	i, ok := slices.BinarySearchFunc(list, word, func(p posting, w string) int { return strings.Compare(p.word, w) })
	if !ok {
		return nil, nil
	}
	return &list[i], nil
}

func (s *segment) postings(sp span) ([]posting, int64, error) {
	b, err := s.unzip(sp)
	if err != nil {
		return nil, 0, err
	}
	var list []posting
	size := int64(0)
	d := dec{b: b}
	for len(d.b) > 0 {
		p := posting{word: d.str()}
		for i := range p.counts {
			p.counts[i] = uint32(d.uint())
		}
		p.n = d.count()
		p.rows = make([]uint32, p.n)
		prev := uint64(0)
		for i := range p.rows {
			if prev += d.uint(); prev >= uint64(s.sum.rows) {
				d.bad = true
				break
			}
			p.rows[i] = uint32(prev)
		}
		if d.bad {
			return nil, 0, s.damaged(sp.off, "the rows of words do not read")
		}
		size += int64(80 + len(p.word) + 4*p.n)
		list = append(list, p)
	}
	return list, size, nil
}

// byIDs gives the rows with one of these ids, dead ones too.
func (s *segment) byIDs(ids []string) (rows64, error) {
	b := newRows(s.sum.rows)
	var c *column
	for _, id := range ids {
		if id < s.sum.minID || id > s.sum.maxID {
			continue
		}
		f, err := get(s.cache, cacheKey{s, "ids", 0}, func() ([]byte, int64, error) {
			b, err := s.raw(s.sum.filter)
			return b, int64(len(b)), err
		})
		if err != nil {
			return nil, err
		}
		if !bloomHas(f, xxhash.Sum64String(id)) {
			continue
		}
		if c == nil {
			if c, err = s.column("_id"); err != nil {
				return nil, err
			}
		}
		lo, hi, _, err := c.dict.find(exactly(classString, key{s: id}))
		if err != nil {
			return nil, err
		}
		if lo < hi {
			c.each(func(row uint32, i int) {
				if c.code(i) == lo {
					b.set(row)
				}
			})
		}
	}
	return b, nil
}
