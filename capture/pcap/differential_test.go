package pcap

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	old "github.com/google/gopacket"
	oldlayers "github.com/google/gopacket/layers"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"sluice/capture"
)

// TestBothGopackets: google/gopacket, whose last release is of 2020, and its maintained
// continuation give equal layers for well-formed packets (docs/decisions/0020).
func TestBothGopackets(t *testing.T) {
	const perFile = 300
	files := captures(t, "pcaps.tar.gz")
	compared, differ := 0, 0
	for name, data := range files {
		src, err := newSource(bytes.NewReader(data))
		if err != nil {
			continue
		}
		var p capture.Packet
		for range perFile {
			if src.packet(&p) != nil {
				break
			}
			if p.Link != layers.LinkTypeEthernet {
				continue
			}
			a := gopacket.NewPacket(p.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
			b := old.NewPacket(p.Data, oldlayers.LayerTypeEthernet, old.NoCopy)
			if ip, ok := a.NetworkLayer().(*layers.IPv4); ok && len(ip.Contents) >= 20 && bytes.Equal(ip.Contents[2:4], []byte{0, 0}) {
				continue // the card was to cut it: longer than any packet on a wire, and the old one takes it for cut short
			}
			if a.ErrorLayer() != nil || b.ErrorLayer() != nil || a.Metadata().Truncated || b.Metadata().Truncated {
				continue
			}
			compared++
			if x, y := summary(a), oldSummary(b); !slices.EqualFunc(x, y, layer.equal) {
				if differ++; differ <= 5 {
					t.Logf("%s, packet %d: %v is not %v", name, p.Number, x, y)
				}
			}
		}
	}
	t.Logf("%d packets compared, %d differ", compared, differ)
	if compared < 10_000 || differ > 0 {
		t.Errorf("%d of %d packets differ", differ, compared)
	}
}

// layer is what must be equal: the kind, where it lies in the packet, and what the
// flow table reads of it.
type layer struct {
	name              string
	contents, payload []byte
	from, to          string
}

func (a layer) String() string {
	return fmt.Sprintf("%s %s>%s %d+%d bytes", a.name, a.from, a.to, len(a.contents), len(a.payload))
}

func (a layer) equal(b layer) bool {
	return a.name == b.name && a.from == b.from && a.to == b.to && bytes.Equal(a.contents, b.contents) && bytes.Equal(a.payload, b.payload)
}

// read are the layers that the capture decodes by gopacket, and the transports whose
// place it takes from them.
var read = []string{"Ethernet", "Dot1Q", "GRE", "IPv4", "IPv6", "TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6"}

func summary(p gopacket.Packet) (out []layer) {
	for _, l := range p.Layers() {
		if !slices.Contains(read, l.LayerType().String()) {
			break
		}
		s := layer{name: l.LayerType().String(), contents: l.LayerContents(), payload: l.LayerPayload()}
		switch l := l.(type) {
		case gopacket.LinkLayer:
			s.from, s.to = l.LinkFlow().Src().String(), l.LinkFlow().Dst().String()
		case gopacket.NetworkLayer:
			s.from, s.to = l.NetworkFlow().Src().String(), l.NetworkFlow().Dst().String()
		case gopacket.TransportLayer:
			s.from, s.to = l.TransportFlow().Src().String(), l.TransportFlow().Dst().String()
		}
		out = append(out, s)
	}
	return out
}

func oldSummary(p old.Packet) (out []layer) {
	for _, l := range p.Layers() {
		if !slices.Contains(read, l.LayerType().String()) {
			break
		}
		s := layer{name: l.LayerType().String(), contents: l.LayerContents(), payload: l.LayerPayload()}
		switch l := l.(type) {
		case old.LinkLayer:
			s.from, s.to = l.LinkFlow().Src().String(), l.LinkFlow().Dst().String()
		case old.NetworkLayer:
			s.from, s.to = l.NetworkFlow().Src().String(), l.NetworkFlow().Dst().String()
		case old.TransportLayer:
			s.from, s.to = l.TransportFlow().Src().String(), l.TransportFlow().Dst().String()
		}
		out = append(out, s)
	}
	return out
}
