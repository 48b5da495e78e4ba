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

// add counts a text.
func (s *tally) add(text string) {
	h := mixed(hash64(text))
	if !s.exact() {
		s.register(h)
		return
	}
	n := len(*s) / 8
	at := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint64((*s)[8*i:]) >= h })
	switch {
	case at < n && binary.BigEndian.Uint64((*s)[8*at:]) == h:
	case n < exactValues:
		*s = slices.Insert(*s, 8*at, binary.BigEndian.AppendUint64(nil, h)...)
	default:
		all := make(tally, tallyRegisters)
		for i := range n {
			all.register(binary.BigEndian.Uint64((*s)[8*i:]))
		}
		all.register(h)
		*s = all
	}
}

// mixed spreads a hash: FNV leaves the high bits of short texts alike.
func mixed(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func (s tally) register(h uint64) {
	at := h >> (64 - tallyBits)
	rank := byte(min(bits.LeadingZeros64(h<<tallyBits), 64-tallyBits) + 1)
	s[at] = max(s[at], rank)
}

// count is how many there are, or about how many.
func (s tally) count() float64 {
	if s.exact() {
		return float64(len(s) / 8)
	}
	sum, zeros := 0.0, 0.0
	for _, r := range s {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			zeros++
		}
	}
	const m = tallyRegisters
	const alpha = 0.7213 / (1 + 1.079/m)
	n := alpha * m * m / sum
	if n <= 2.5*m && zeros > 0 {
		n = m * math.Log(m/zeros)
	}
	return math.Round(n)
}
