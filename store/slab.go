package store

// slab lays many short slices end to end in one block that is used again, so that they
// need no memory each.
type slab[T any] struct{ block []T }

// room is an empty slice to append to; took says what became of it.
func (s *slab[T]) room() []T { return s.block[len(s.block):] }

// took keeps what was appended to room. What did not fit lies in memory of its own; those
// behind it get a block twice as large.
func (s *slab[T]) took(v []T) {
	if free := cap(s.block) - len(s.block); len(v) > free {
		s.block = make([]T, 0, 2*max(cap(s.block), len(v)))
		return
	}
	s.block = s.block[:len(s.block)+len(v)]
}

// reset gives up all that was taken.
func (s *slab[T]) reset() { s.block = s.block[:0] }
