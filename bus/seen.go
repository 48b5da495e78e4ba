package bus

// Seen is how far a consumer has come with every source: the small map that goes out
// with its commit. The zero value is not usable; make one.
type Seen map[Source]Position

// New says whether p was not seen yet, and notes it. False is a double.
func (s Seen) New(p Position) bool {
	if last, ok := s[p.Source()]; ok && !p.After(last) {
		return false
	}
	s[p.Source()] = p
	return true
}
