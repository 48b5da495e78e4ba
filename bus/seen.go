package bus

// Seen holds the latest position handled of every source: the small map that a consumer writes
// with each commit. Create it with make or a literal; it is not safe for concurrent use.
type Seen map[Source]Position

// New reports whether p is new, and records it. False means a duplicate.
func (s Seen) New(p Position) bool {
	if last, ok := s[p.Source()]; ok && !p.After(last) {
		return false
	}
	s[p.Source()] = p
	return true
}
