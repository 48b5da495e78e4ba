package normalize

import (
	"net/netip"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// directionStep sets network.direction from the addresses of both sides, if the
// device did not say it.
type directionStep struct{ src, dst, to event.Field }

func (s *directionStep) apply(r *run) bool {
	src, dst := r.ev.Get(s.src), r.ev.Get(s.dst)
	if src == nil || dst == nil || r.ev.Has(s.to) {
		return true
	}
	words := [2][2]string{{"external", "inbound"}, {"outbound", "internal"}}
	in := func(v *event.Value) int {
		if internal(v.Addr()) {
			return 1
		}
		return 0
	}
	return r.ev.SetText(s.to, words[in(src)][in(dst)])
}

// internal says whether an address is of a network of one's own, or stands for no host.
func internal(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// direction reads direction: {}.
func (l *loader) direction(n *strictyaml.Node) step {
	return &directionStep{l.field(n, "source.ip"), l.field(n, "destination.ip"), l.field(n, "network.direction")}
}
