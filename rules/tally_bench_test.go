package rules

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkTallyPut(b *testing.B) {
	s := make(tally, tallyRegisters)
	for b.Loop() {
		s.put(rand.Uint64())
	}
}

func BenchmarkTallyMergeCount(b *testing.B) {
	s, o := make(tally, tallyRegisters), make(tally, tallyRegisters)
	for range 100_000 {
		o.put(rand.Uint64())
	}
	for b.Loop() {
		s.merge(o)
		s.count()
	}
}
