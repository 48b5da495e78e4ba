package capture

import (
	"encoding/binary"
	"errors"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Two headers between the link and IP that gopacket decodes only on its slow path.

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
