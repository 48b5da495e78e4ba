package netflow

import (
	"net/netip"
	"testing"
	"time"
)

// BenchmarkHoldFull: sets whose templates never come, when there is no room for more. What it costs
// must not grow with how many wait.
func BenchmarkHoldFull(b *testing.B) {
	for name, room := range map[string]int{"64KiB": 64 << 10, "4MiB": 4 << 20, "64MiB": 64 << 20} {
		b.Run(name, func(b *testing.B) {
			s := Defaults().(*Settings)
			s.Hold = room
			d := newDecoder(s, "bench", func(string, []byte) {}, func(string, string, int) {})
			h, now := header{peer: netip.MustParseAddrPort("192.0.2.1:2055"), version: 10}, time.Now()
			for d.held.bytes+2*heldOverhead < room {
				d.hold(&h, 256, nil, now)
			}
			for b.Loop() {
				d.hold(&h, 256, nil, now)
			}
		})
	}
}
