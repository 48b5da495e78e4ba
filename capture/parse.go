package capture

import (
	"encoding/binary"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// IP protocol numbers (IANA) that the flow table knows more about than addresses.
const (
	protoICMP   = 1
	protoIPv4   = 4
	protoTCP    = 6
	protoUDP    = 17
	protoIPv6   = 41
	protoGRE    = 47
	protoICMPv6 = 58
	protoSCTP   = 132
)

type verdict uint8

const (
	decoded verdict = iota
	ignored
	malformed
	fragment
)

// view is what the flow table and the decoders need of one packet. It and its
// slices are valid until the next packet.
type view struct {
	number         uint64
	time           int64 // unix ns
	length         int
	iface          string
	srcMAC, dstMAC []byte
	vlan           uint16
	src, dst       address
	proto          uint8
	sport, dport   uint16
	flags          uint8 // TCP, as on the wire
	seq            uint32
	icmpType       uint8
	icmpCode       uint8
	payload        []byte
	tunnel         tunnel // that carried it
	depth          uint8  // how many of them
}

// parser reads the link, the network and tunnels by gopacket's layers, and keeps the
// innermost network. The transport header is read by transport: gopacket refuses a
// whole TCP header when one option is odd, and probes are made of odd options.
type parser struct {
	eth    layers.Ethernet
	dot1q  layers.Dot1Q
	sll    layers.LinuxSLL
	sll2   layers.LinuxSLL2
	loop   layers.Loopback
	gre    layers.GRE
	pppoe  pppoe
	mpls   mpls
	ip4    layers.IPv4
	ip6    ip6
	byLink map[layers.LinkType]*gopacket.DecodingLayerParser
	byGRE  *gopacket.DecodingLayerParser
	seen   []gopacket.LayerType
	view   view
}

// first is the layer that each link type begins with.
var first = map[layers.LinkType]gopacket.LayerType{
	layers.LinkTypeEthernet:  layers.LayerTypeEthernet,
	layers.LinkTypeLinuxSLL:  layers.LayerTypeLinuxSLL,
	layers.LinkTypeLinuxSLL2: layers.LayerTypeLinuxSLL2,
	layers.LinkTypeNull:      layers.LayerTypeLoopback,
	layers.LinkTypeLoop:      layers.LayerTypeLoopback,
	layers.LinkTypeIPv4:      layers.LayerTypeIPv4,
	layers.LinkTypeIPv6:      layers.LayerTypeIPv6,
	linkMPLS:                 layers.LayerTypeMPLS,
}

func (p *parser) layers(start gopacket.LayerType) *gopacket.DecodingLayerParser {
	l := gopacket.NewDecodingLayerParser(start, &p.eth, &p.dot1q, &p.sll, &p.sll2, &p.loop,
		&p.gre, &p.pppoe, &p.mpls, &p.ip4, &p.ip6)
	l.IgnoreUnsupported = true
	return l
}

// start finds the layers of a frame. LINKTYPE_RAW (and its BSD number 12) has no
// header: the IP version nibble tells.
func (p *parser) start(link layers.LinkType, data []byte) *gopacket.DecodingLayerParser {
	if link == layers.LinkTypeRaw || link == 12 || link == 14 {
		link = layers.LinkTypeIPv4
		if len(data) > 0 && data[0]>>4 == 6 {
			link = layers.LinkTypeIPv6
		}
	}
	l, ok := p.byLink[link]
	if !ok {
		if p.byLink == nil {
			p.byLink = map[layers.LinkType]*gopacket.DecodingLayerParser{}
		}
		if t, known := first[link]; known {
			l = p.layers(t)
		}
		if len(p.byLink) < 256 { // link types come from the file
			p.byLink[link] = l
		}
	}
	return l
}

func (p *parser) packet(in *Packet) (*view, verdict) {
	link, data := unframed(in.Link, in.Data)
	l := p.start(link, data)
	if l == nil {
		return nil, ignored
	}
	p.view = view{number: in.Number, time: in.Time.UnixNano(), length: in.Length, iface: in.Interface, vlan: in.VLAN}
	return &p.view, p.frame(l, data)
}

// frame reads a frame, or a packet without one, into p.view.
func (p *parser) frame(l *gopacket.DecodingLayerParser, data []byte) verdict {
	err := l.DecodeLayers(data, &p.seen)
	v := &p.view
	var network gopacket.LayerType
	for _, t := range p.seen {
		switch t {
		case layers.LayerTypeEthernet:
			v.srcMAC, v.dstMAC = p.eth.SrcMAC, p.eth.DstMAC
		case layers.LayerTypeDot1Q:
			v.vlan = p.dot1q.VLANIdentifier
		case layers.LayerTypeIPv4, layers.LayerTypeIPv6:
			network = t
		}
	}
	if err != nil { // inside a tunnel too: the outer header is half overwritten by then
		return malformed
	}
	if n := len(p.seen); p.seen[n-1] == layers.LayerTypeGRE && v.depth < maxTunnels {
		if t, link, inner := inGRE(&p.gre); inner != nil {
			v.tunnel, v.depth = t, v.depth+1
			return p.frame(p.start(link, inner), inner)
		}
	}
	switch network {
	case layers.LayerTypeIPv4:
		return p.ipv4(v)
	case layers.LayerTypeIPv6:
		return p.ipv6(v)
	}
	return ignored
}

func (p *parser) ipv4(v *view) verdict {
	if len(p.ip4.SrcIP) != 4 || len(p.ip4.DstIP) != 4 {
		return malformed
	}
	v.src, v.dst = address4(p.ip4.SrcIP), address4(p.ip4.DstIP)
	v.proto = uint8(p.ip4.Protocol)
	if p.ip4.FragOffset != 0 {
		return fragment
	}
	return v.transport(p.ip4.Payload)
}

// ipv6 walks the extension headers (RFC 8200 section 4) to the transport.
func (p *parser) ipv6(v *view) verdict {
	if len(p.ip6.SrcIP) != 16 || len(p.ip6.DstIP) != 16 {
		return malformed
	}
	v.src, v.dst = address16(p.ip6.SrcIP), address16(p.ip6.DstIP)
	next, data := uint8(p.ip6.NextHeader), p.ip6.Payload
	for range 16 { // no honest packet has more extension headers
		size := 8
		switch next {
		case 0, 43, 60, 135: // hop-by-hop, routing, destination, mobility: length in units of 8 bytes
			if len(data) >= 2 {
				size = 8 + 8*int(data[1])
			}
		case 44: // fragment
			if len(data) >= 4 && binary.BigEndian.Uint16(data[2:])>>3 != 0 {
				return fragment
			}
		case 51: // authentication header, RFC 4302: length in units of 4 bytes, less 2
			if len(data) >= 2 {
				size = 8 + 4*int(data[1])
			}
		default:
			if l := p.behind(next, data); l != nil && v.depth < maxTunnels {
				carrier := *v
				v.depth++
				if is := p.frame(l, data); is != ignored {
					return is
				}
				*v = carrier
			}
			v.proto = next
			return v.transport(data)
		}
		if len(data) < size {
			return malformed
		}
		next, data = data[0], data[size:]
	}
	return malformed
}

// behind finds the layers of a tunnel that stands behind extension headers, where gopacket does not
// look for it; nil: it is none.
func (p *parser) behind(proto uint8, data []byte) *gopacket.DecodingLayerParser {
	switch proto {
	case protoIPv4:
		return p.start(layers.LinkTypeIPv4, data)
	case protoIPv6:
		return p.start(layers.LinkTypeIPv6, data)
	case protoGRE:
		if p.byGRE == nil {
			p.byGRE = p.layers(layers.LayerTypeGRE)
		}
		return p.byGRE
	}
	return nil
}

// transport reads the ports and what else the flow table needs. A header cut short
// by the snap length is no fault as long as the ports are there.
func (v *view) transport(d []byte) verdict {
	switch v.proto {
	case protoTCP:
		if len(d) < 14 {
			return malformed
		}
		v.seq = binary.BigEndian.Uint32(d[4:])
		v.flags = d[13]
		v.payload = tail(d, int(d[12]>>4)*4)
	case protoUDP:
		if len(d) < 8 {
			return malformed
		}
		v.payload = d[8:]
		if n := int(binary.BigEndian.Uint16(d[4:])); n >= 8 && n < len(d) {
			v.payload = d[8:n] // padding of the link may follow
		}
	case protoSCTP:
		if len(d) < 12 {
			return malformed
		}
	case protoICMP, protoICMPv6:
		if len(d) < 4 {
			return malformed
		}
		v.icmpType, v.icmpCode = d[0], d[1]
		if len(d) >= 6 {
			v.sport = binary.BigEndian.Uint16(d[4:]) // the identifier of a request, if it is one
		}
		return decoded
	default:
		return decoded
	}
	v.sport, v.dport = binary.BigEndian.Uint16(d), binary.BigEndian.Uint16(d[2:])
	return decoded
}

func tail(d []byte, from int) []byte {
	if from < 20 || from > len(d) {
		return nil
	}
	return d[from:]
}
