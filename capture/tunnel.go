package capture

import (
	"encoding/binary"

	"github.com/gopacket/gopacket/layers"
)

// maxTunnels is how deep tunnels inside tunnels are followed.
const maxTunnels = 4

// tunnel names what a packet was carried in.
type tunnel struct {
	name string // "": nothing
	id   uint32 // VNI, TEID, or session of ERSPAN
}

// UDP ports of tunnels that carry whole packets.
const (
	portVXLAN      = 4789 // RFC 7348
	portVXLANLinux = 8472 // what Linux used before there was a number, and flannel does still
	portGeneve     = 6081 // RFC 8926
	portGTPU       = 2152 // 3GPP TS 29.281
	portTeredo     = 3544 // RFC 4380
)

// inside reads the packet that the one just read carries, over UDP. Cloud providers mirror
// traffic so: of a flow of VXLAN alone nobody learns who talked to whom.
func (p *parser) inside() (*view, bool) {
	v := &p.view
	if v.proto != protoUDP || v.depth == maxTunnels {
		return nil, false
	}
	t, link, data := carried(v)
	if t.name == "" {
		return nil, false
	}
	*v = view{number: v.number, time: v.time, length: v.length, iface: v.iface, tunnel: t, depth: v.depth + 1}
	return v, p.frame(p.start(link, data), data) == decoded
}

// carried tells the tunnel by its port and a header without contradictions.
func carried(v *view) (tunnel, layers.LinkType, []byte) {
	switch d := v.payload; {
	case len(d) < 8:
	case v.dport == portVXLAN, v.dport == portVXLANLinux:
		if d[0]&0x08 != 0 && d[7] == 0 { // the VNI is valid; the last byte is reserved
			return tunnel{"vxlan", binary.BigEndian.Uint32(d[4:]) >> 8}, layers.LinkTypeEthernet, d[8:]
		}
	case v.dport == portGeneve:
		if n := 8 + 4*int(d[0]&0x3f); d[0]>>6 == 0 && n <= len(d) {
			link := layers.LinkTypeRaw
			switch layers.EthernetType(binary.BigEndian.Uint16(d[2:])) {
			case layers.EthernetTypeTransparentEthernetBridging:
				link = layers.LinkTypeEthernet
			case layers.EthernetTypeIPv4, layers.EthernetTypeIPv6:
			default:
				return tunnel{}, 0, nil
			}
			return tunnel{"geneve", binary.BigEndian.Uint32(d[4:]) >> 8}, link, d[n:]
		}
	case v.dport == portGTPU, v.sport == portGTPU:
		if rest := gtpPayload(d); isIP(rest) {
			return tunnel{"gtp", binary.BigEndian.Uint32(d[4:])}, layers.LinkTypeRaw, rest
		}
	case v.dport == portTeredo, v.sport == portTeredo:
		if rest := teredoPayload(d); len(rest) > 0 && rest[0]>>4 == 6 {
			return tunnel{name: "teredo"}, layers.LinkTypeIPv6, rest
		}
	}
	return tunnel{}, 0, nil
}

func isIP(d []byte) bool { return len(d) > 0 && (d[0]>>4 == 4 || d[0]>>4 == 6) }

// gtpPayload is what a G-PDU of GTP-U version 1 carries, behind its optional fields and
// extension headers (TS 29.281, section 5).
func gtpPayload(d []byte) []byte {
	const gPDU = 255
	if d[0]>>5 != 1 || d[0]&0x10 == 0 || d[1] != gPDU {
		return nil
	}
	n := 8
	if d[0]&7 != 0 {
		if n = 12; len(d) < n {
			return nil
		}
		if d[0]&4 != 0 {
			for next := d[11]; next != 0; {
				if n >= len(d) || d[n] == 0 || n+4*int(d[n]) > len(d) {
					return nil
				}
				n += 4 * int(d[n])
				next = d[n-1]
			}
		}
	}
	return d[n:]
}

// teredoPayload is what stands behind Teredo's indications of authentication and origin
// (RFC 4380, section 5.1.1).
func teredoPayload(d []byte) []byte {
	if len(d) >= 4 && d[0] == 0 && d[1] == 1 {
		n := 4 + int(d[2]) + int(d[3]) + 9
		if n > len(d) {
			return nil
		}
		d = d[n:]
	}
	if len(d) >= 8 && d[0] == 0 && d[1] == 0 {
		d = d[8:]
	}
	return d
}

// inGRE is what GRE carries beyond what gopacket decodes: the frames of ERSPAN, and PPP, as
// PPTP has it (RFC 2637).
func inGRE(g *layers.GRE) (tunnel, layers.LinkType, []byte) {
	if g.Protocol == layers.EthernetTypePPP {
		link, data := unframed(layers.LinkTypePPP, g.LayerPayload())
		if link == layers.LinkTypePPP { // a message of the link's own
			data = nil
		}
		return tunnel{}, link, data
	}
	t, data := erspan(g)
	return t, layers.LinkTypeEthernet, data
}

// erspan is the frame that a switch mirrors over GRE, and its session: Cisco's ERSPAN type I,
// II and III (draft-foschiano-erspan-03).
func erspan(g *layers.GRE) (tunnel, []byte) {
	const typeII, typeIII = 0x88be, 0x22eb
	d, n := g.LayerPayload(), 0
	switch {
	case g.Protocol == typeII && !g.SeqPresent: // type I has no header of its own
		return tunnel{name: "erspan"}, d
	case g.Protocol == typeII && len(d) >= 8:
		n = 8
	case g.Protocol == typeIII && len(d) >= 12 && d[10]&0x7c == 0: // frame type: Ethernet
		if n = 12; d[11]&1 != 0 { // a subheader of the platform
			n = 20
		}
	}
	if n == 0 || n > len(d) {
		return tunnel{}, nil
	}
	return tunnel{"erspan", uint32(binary.BigEndian.Uint16(d[2:]) & 0x3ff)}, d[n:]
}
