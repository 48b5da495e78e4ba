package rules

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sort"
)

// tally counts distinct texts: exactly up to exactValues, then by HyperLogLog, whose
// registers forget order as sets do. It is packed as the state stands in records: hashes
// of 8 bytes in order, or, where it is as long as that, the registers.
type tally []byte

const (
	tallyBits      = 13 // 8,192 registers of a byte: off by 1.15 % in two of three cases
	tallyRegisters = 1 << tallyBits
)

func (s tally) exact() bool { return len(s) != tallyRegisters }

// whole says whether a record's bytes are a tally.
func (s tally) whole() bool { return !s.exact() || len(s)%8 == 0 && len(s) <= 8*exactValues }

// add counts a text; false: nothing changed.
func (s *tally) add(text string) bool { return s.put(mixed(hash64(text))) }

// merge counts what another one has counted.
func (s *tally) merge(o tally) {
	if o.exact() {
		for i := range len(o) / 8 {
			s.put(binary.BigEndian.Uint64(o[8*i:]))
		}
		return
	}
	if s.exact() {
		s.estimate()
	}
	for i, r := range o {
		(*s)[i] = max((*s)[i], r)
	}
}

// estimate makes registers of the hashes.
func (s *tally) estimate() {
	all := make(tally, tallyRegisters)
	for i := range len(*s) / 8 {
		all.register(binary.BigEndian.Uint64((*s)[8*i:]))
	}
	*s = all
}

// put counts a hash; false: nothing changed.
func (s *tally) put(h uint64) bool {
	if !s.exact() {
		return s.register(h)
	}
	n := len(*s) / 8
	at := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint64((*s)[8*i:]) >= h })
	switch {
	case at < n && binary.BigEndian.Uint64((*s)[8*at:]) == h:
		return false
	case n < exactValues:
		*s = slices.Insert(*s, 8*at, binary.BigEndian.AppendUint64(nil, h)...)
	default:
		s.estimate()
		s.register(h)
	}
	return true
}

// mixed spreads a hash: FNV leaves the high bits of short texts alike.
func mixed(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func (s tally) register(h uint64) (more bool) {
	at := h >> (64 - tallyBits)
	rank := byte(min(bits.LeadingZeros64(h<<tallyBits), 64-tallyBits) + 1)
	more = rank > s[at]
	s[at] = max(s[at], rank)
	return more
}

// count is how many there are, or about how many.
func (s tally) count() float64 {
	if s.exact() {
		return float64(len(s) / 8)
	}
	// Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches",
	// 2017): by how many registers have each rank, without a bias in between, where few
	// values end and many begin.
	const m, most = float64(tallyRegisters), 64 - tallyBits + 1
	var ranks [most + 1]int
	for _, r := range s {
		ranks[min(int(r), most)]++
	}
	z := m * tau(1-float64(ranks[most])/m)
	for rank := most - 1; rank > 0; rank-- {
		z = (z + float64(ranks[rank])) / 2
	}
	z += m * sigma(float64(ranks[0])/m)
	return math.Round(m * m / (2 * math.Ln2 * z))
}

// sigma and tau are the series of that estimator: for registers that nothing has met, and
// for those that are full.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	for y, z := 1.0, x; ; y += y {
		x *= x
		before := z
		if z += x * y; z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	for y, z := 1.0, 1-x; ; {
		x = math.Sqrt(x)
		before := z
		y /= 2
		if z -= (1 - x) * (1 - x) * y; z == before {
			return z / 3
		}
	}
}
