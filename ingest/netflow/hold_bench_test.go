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
			d, h := fullHold(room)
			for now := time.Now(); b.Loop(); {
				d.hold(&h, 256, nil, now)
			}
		})
	}
}

// BenchmarkTakeNone: a template that is sent again, while sets wait for others that never come. What it
// costs must not grow with how many wait.
func BenchmarkTakeNone(b *testing.B) {
	for name, room := range map[string]int{"64KiB": 64 << 10, "4MiB": 4 << 20, "64MiB": 64 << 20} {
		b.Run(name, func(b *testing.B) {
			d, h := fullHold(room)
			x := exporterID{h.peer.Addr(), h.version, h.domain}
			for b.Loop() {
				d.held.take(awaited{x, 257})
			}
		})
	}
}

// fullHold is a decoder with data in room bytes that waits for template 256 of the sender of h.
func fullHold(room int) (*decoder, header) {
	s := Defaults().(*Settings)
	s.Hold = room
	d := newDecoder(s, "bench", func(string, []byte) {}, func(string, string, int) {})
	h := header{peer: netip.MustParseAddrPort("192.0.2.1:2055"), version: 10}
	for d.held.bytes+2*heldOverhead < room {
		d.hold(&h, 256, nil, time.Now())
	}
	return d, h
}
