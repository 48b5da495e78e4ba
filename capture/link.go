package capture

import (
	"encoding/binary"
	"errors"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Headers between the link and IP that gopacket does not decode, or only on its slow path.

var errShort = errors.New("capture: header is cut short")

// pppoe is the session header of RFC 2516 with the PPP protocol field behind it:
//
//	version/type code session(2) length(2) | protocol(2) payload
type pppoe struct {
	next gopacket.LayerType
	rest []byte
}

func (p *pppoe) DecodeFromBytes(data []byte, _ gopacket.DecodeFeedback) error {
	if len(data) < 8 {
		return errShort
	}
	p.next, p.rest = gopacket.LayerTypeZero, data[8:]
	if data[1] != 0 { // discovery stage
		return nil
	}
	switch binary.BigEndian.Uint16(data[6:]) {
	case 0x0021:
		p.next = layers.LayerTypeIPv4
	case 0x0057:
		p.next = layers.LayerTypeIPv6
	}
	return nil
}

func (p *pppoe) CanDecode() gopacket.LayerClass    { return layers.LayerTypePPPoE }
func (p *pppoe) NextLayerType() gopacket.LayerType { return p.next }
func (p *pppoe) LayerPayload() []byte              { return p.rest }

// ip6 is IPv6 as a card leaves it that will cut the packet up: with a length of 0. gopacket takes that of
// IPv4 alone.
type ip6 struct{ layers.IPv6 }

func (p *ip6) DecodeFromBytes(data []byte, df gopacket.DecodeFeedback) error {
	err := p.IPv6.DecodeFromBytes(data, df)
	if err != nil && len(data) >= 40 && p.Length == 0 && p.IPv6.NextHeader != layers.IPProtocolIPv6HopByHop {
		return nil // all else was read
	}
	return err
}

// mpls is a label stack (RFC 3032). What follows it is not named: the IP version
// nibble tells, as in routers.
type mpls struct {
	next gopacket.LayerType
	rest []byte
}

func (m *mpls) DecodeFromBytes(data []byte, _ gopacket.DecodeFeedback) error {
	for {
		if len(data) < 4 {
			return errShort
		}
		bottom := data[2]&1 != 0
		data = data[4:]
		if bottom {
			break
		}
	}
	m.next, m.rest = gopacket.LayerTypeZero, data
	if len(data) > 0 {
		switch data[0] >> 4 {
		case 4:
			m.next = layers.LayerTypeIPv4
		case 6:
			m.next = layers.LayerTypeIPv6
		}
	}
	return nil
}

func (m *mpls) CanDecode() gopacket.LayerClass    { return layers.LayerTypeMPLS }
func (m *mpls) NextLayerType() gopacket.LayerType { return m.next }
func (m *mpls) LayerPayload() []byte              { return m.rest }

// oldQinQ is the type of the outer of two VLAN tags in switches older than IEEE 802.1ad. gopacket is told here, once
// for all parsers.
const oldQinQ = layers.EthernetType(0x9100)

var _ = func() bool {
	layers.EthernetTypeMetadata[oldQinQ] = layers.EthernetTypeMetadata[layers.EthernetTypeQinQ]
	return true
}()

// Link types of tcpdump.org that gopacket has no name for.
const (
	linkMPLS  = layers.LinkType(219)
	linkNFLog = layers.LinkType(239)
)

// unframed takes the header off a frame of a serial line or of NFLOG; of others, and of what
// carries no packet, it gives both back as they are.
func unframed(link layers.LinkType, d []byte) (layers.LinkType, []byte) {
	switch {
	case link == linkNFLog:
		return nflog(d)
	case len(d) < 4, link != layers.LinkTypePPP && link != layers.LinkTypePPP_HDLC && link != layers.LinkTypeC_HDLC:
		return link, d
	}
	if (d[0] == 0x0f || d[0] == 0x8f) && d[1] == 0 { // Cisco's HDLC: an EtherType follows
		switch layers.EthernetType(binary.BigEndian.Uint16(d[2:])) {
		case layers.EthernetTypeIPv4, layers.EthernetTypeIPv6:
			return layers.LinkTypeRaw, d[4:]
		case layers.EthernetTypeMPLSUnicast:
			return linkMPLS, d[4:]
		}
		return link, d
	}
	rest := d
	if d[0] == 0xff && d[1] == 0x03 { // RFC 1662: all stations, unnumbered information
		rest = d[2:]
	}
	proto, n := uint16(rest[0]), 1
	if proto&1 == 0 { // not compressed into one byte
		proto, n = binary.BigEndian.Uint16(rest), 2
	}
	rest = rest[n:]
	switch proto {
	case 0x0021, 0x0057:
		return layers.LinkTypeRaw, rest
	case 0x0281:
		return linkMPLS, rest
	}
	return link, d
}

// nflog finds the packet among the attributes of a message of Linux' netfilter log: length(2)
// type(2) value, padded to 4, in the order of bytes of the machine.
func nflog(d []byte) (layers.LinkType, []byte) {
	const payload = 9
	for at := 4; at+4 <= len(d); {
		size, kind := int(binary.NativeEndian.Uint16(d[at:])), binary.NativeEndian.Uint16(d[at+2:])
		if size < 4 || at+size > len(d) {
			break
		}
		if kind == payload {
			return layers.LinkTypeRaw, d[at+4 : at+size]
		}
		at += (size + 3) &^ 3
	}
	return linkNFLog, d
}
