package netflow

import (
	"encoding/binary"
	"net/netip"

	"github.com/netsampler/goflow2/v2/decoders/sflow"
)

// frame is what the first bytes of a sampled packet say.
type frame struct {
	length         uint32
	srcMAC, dstMAC []byte
	etherType      uint16
	vlan           uint16
	src, dst       netip.Addr
	proto          uint8
	hasIP, ports   bool
	sport, dport   uint16
	flags          uint8
	hasFlags       bool
	tos            uint8
	icmp           []byte // type and code
}

// ethernet reads a frame from its beginning, whatever tags it has.
func (f *frame) ethernet(b []byte) {
	if len(b) < 14 {
		return
	}
	f.dstMAC, f.srcMAC = b[0:6], b[6:12]
	f.etherType = binary.BigEndian.Uint16(b[12:])
	b = b[14:]
	for tags := 0; tags < 4 && (f.etherType == 0x8100 || f.etherType == 0x88a8 || f.etherType == 0x9100) && len(b) >= 4; tags++ {
		f.vlan = binary.BigEndian.Uint16(b) & 0xfff
		f.etherType = binary.BigEndian.Uint16(b[2:])
		b = b[4:]
	}
	switch f.etherType {
	case 0x0800:
		f.ip(b, 4)
	case 0x86dd:
		f.ip(b, 6)
	}
}

func (f *frame) ip(b []byte, version int) {
	switch {
	case version == 4 && len(b) >= 20 && b[0]>>4 == 4:
		head := int(b[0]&15) * 4
		f.address(b[12:16], b[16:20])
		f.proto, f.tos = b[9], b[1]
		if later := binary.BigEndian.Uint16(b[6:])&0x1fff != 0; !later && head >= 20 && len(b) >= head {
			f.transport(b[head:])
		}
	case version == 6 && len(b) >= 40 && b[0]>>4 == 6:
		f.address(b[8:24], b[24:40])
		f.proto, f.tos = b[6], b[0]<<4|b[1]>>4
		b = b[40:]
		// Extension headers: hop by hop, routing, destination; at most a few.
		for n := 0; n < 8 && (f.proto == 0 || f.proto == 43 || f.proto == 60) && len(b) >= 8; n++ {
			next, size := b[0], 8+int(b[1])*8
			if size > len(b) {
				return
			}
			f.proto, b = next, b[size:]
		}
		f.transport(b)
	}
}

func (f *frame) address(src, dst []byte) {
	f.src, _ = netip.AddrFromSlice(src)
	f.dst, _ = netip.AddrFromSlice(dst)
	f.hasIP = true
}

func (f *frame) transport(b []byte) {
	switch f.proto {
	case 6, 17, 132, 136:
		if len(b) >= 4 {
			f.ports, f.sport, f.dport = true, binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		}
		if f.proto == 6 && len(b) >= 14 {
			f.flags, f.hasFlags = b[13], true
		}
	case 1, 58:
		if len(b) >= 2 {
			f.icmp = b[:2]
		}
	}
}

// base takes what the agent read of the packet itself.
func (f *frame) base(r *sflow.SampledIPBase) {
	f.address(r.SrcIP, r.DstIP)
	f.proto = uint8(r.Protocol)
	f.length = max(f.length, r.Length)
	if f.proto == 6 || f.proto == 17 || f.proto == 132 {
		f.ports, f.sport, f.dport = true, uint16(r.SrcPort), uint16(r.DstPort)
	}
	if f.proto == 6 {
		f.flags, f.hasFlags = uint8(r.TcpFlags), true
	}
}

func appendAddr(b []byte, name string, a netip.Addr) []byte {
	if a.Is4() {
		b = appendKey(b, name+"_ipv4_address")
	} else {
		b = appendKey(b, name+"_ipv6_address")
	}
	b = append(b, '"')
	return append(a.AppendTo(b), '"')
}

// write gives the packet the names of the information elements.
func (f *frame) write(b []byte) []byte {
	if f.length > 0 {
		b = appendUint(b, "octet_delta_count", uint64(f.length))
		b = appendUint(b, "packet_delta_count", 1)
	}
	if len(f.srcMAC) == 6 && len(f.dstMAC) == 6 {
		b = appendMAC(appendKey(b, "source_mac_address"), f.srcMAC)
		b = appendMAC(appendKey(b, "destination_mac_address"), f.dstMAC)
	}
	if f.etherType != 0 {
		b = appendUint(b, "ethernet_type", uint64(f.etherType))
	}
	if f.vlan != 0 {
		b = appendUint(b, "vlan_id", uint64(f.vlan))
	}
	if !f.hasIP {
		return b
	}
	b = appendAddr(b, "source", f.src)
	b = appendAddr(b, "destination", f.dst)
	b = appendUint(b, "protocol_identifier", uint64(f.proto))
	b = appendUint(b, "ip_class_of_service", uint64(f.tos))
	if f.ports {
		b = appendUint(b, "source_transport_port", uint64(f.sport))
		b = appendUint(b, "destination_transport_port", uint64(f.dport))
	}
	if f.hasFlags {
		b = appendUint(b, "tcp_control_bits", uint64(f.flags))
	}
	if f.icmp != nil {
		version := "4"
		if f.proto == 58 {
			version = "6"
		}
		b = appendUint(b, "icmp_type_ipv"+version, uint64(f.icmp[0]))
		b = appendUint(b, "icmp_code_ipv"+version, uint64(f.icmp[1]))
	}
	return b
}
