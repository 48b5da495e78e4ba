package capture

import (
	"net/netip"
	"strconv"
	"time"

	"sluice/event"
)

// protocols are the names of the IANA protocol numbers that ECS writes as words;
// others are named by their number.
var protocols = map[uint8]string{
	1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 46: "rsvp", 47: "gre", 50: "esp", 51: "ah",
	58: "ipv6-icmp", 88: "eigrp", 89: "ospf", 103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp", 136: "udplite",
}

// emitFlow writes the record of a flow as it is now.
func (e *Engine) emitFlow(f *flow, reason string) {
	src, dst := f.ends()
	b := append(e.buf[:0], `{"type":"flow"`...)
	b = appendTime(b, "start", f.start)
	b = appendTime(b, "end", f.last)
	b = appendProtocol(b, f.key.proto)
	b = append(b, `,"iana":`...)
	b = strconv.AppendUint(b, uint64(f.key.proto), 10)
	ports := f.key.proto == protoTCP || f.key.proto == protoUDP || f.key.proto == protoSCTP
	b = appendEnd(b, "src", src, ports)
	b = appendEnd(b, "dst", dst, ports)
	b = appendUint(b, "src_bytes", f.sides[0].bytes)
	b = appendUint(b, "dst_bytes", f.sides[1].bytes)
	b = appendUint(b, "src_packets", f.sides[0].packets)
	b = appendUint(b, "dst_packets", f.sides[1].packets)
	if f.key.proto == protoTCP {
		b = append(b, `,"tcp_flags":{"src":"`...)
		b = appendFlags(b, f.sides[0].flags)
		b = append(b, `","dst":"`...)
		b = appendFlags(b, f.sides[1].flags)
		b = append(b, `"}`...)
	}
	if f.key.kind != 0 {
		b = appendUint(b, "icmp_type", uint64(f.icmp[0]))
		b = appendUint(b, "icmp_code", uint64(f.icmp[1]))
	}
	b = appendString(b, "state", f.state())
	b = appendString(b, "end_reason", reason)
	if f.vlan != 0 {
		b = appendUint(b, "vlan", uint64(f.vlan))
	}
	if f.tunnel.name != "" {
		b = appendString(b, "tunnel", f.tunnel.name)
		b = appendUint(b, "tunnel_id", uint64(f.tunnel.id))
	}
	if f.hasMAC {
		b = appendMAC(b, "src_mac", f.sides[0].mac)
		b = appendMAC(b, "dst_mac", f.sides[1].mac)
	}
	if f.iface != "" {
		b = appendString(b, "interface", f.iface)
	}
	e.buf = append(b, '}')
	e.sink(Record{Pack: "sluice_flow", JSON: e.buf, First: f.first})
}

// message hands a decoder's record (in e.buf) to the sink.
func (e *Engine) message(pack string, v *view) {
	e.stats.Messages++
	e.order++
	e.sink(Record{Pack: pack, JSON: e.buf, First: v.number, Ordinal: e.order})
}

func appendKey(b []byte, name string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendString(b []byte, name, value string) []byte {
	return event.AppendString(appendKey(b, name), value)
}

func appendUint(b []byte, name string, n uint64) []byte {
	return strconv.AppendUint(appendKey(b, name), n, 10)
}

func appendTime(b []byte, name string, ns int64) []byte {
	b = append(appendKey(b, name), '"')
	b = at(ns).AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendProtocol(b []byte, proto uint8) []byte {
	b = append(b, `,"proto":"`...)
	if name, ok := protocols[proto]; ok {
		b = append(b, name...)
	} else {
		b = strconv.AppendUint(b, uint64(proto), 10)
	}
	return append(b, '"')
}

func appendEnd(b []byte, which string, at netip.AddrPort, port bool) []byte {
	b = append(b, ',', '"')
	b = append(b, which...)
	b = append(b, `_ip":"`...)
	b = at.Addr().AppendTo(b)
	b = append(b, '"')
	if port {
		b = append(b, ',', '"')
		b = append(b, which...)
		b = append(b, `_port":`...)
		b = strconv.AppendUint(b, uint64(at.Port()), 10)
	}
	return b
}

func appendMAC(b []byte, name string, mac [6]byte) []byte {
	const hex = "0123456789abcdef"
	b = append(appendKey(b, name), '"')
	for i, c := range mac {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, hex[c>>4], hex[c&15])
	}
	return append(b, '"')
}

// appendFlags writes the flags seen in the order that people read them.
func appendFlags(b []byte, flags uint8) []byte {
	const names = "SFRPAUEC"
	for i, bit := range [...]uint8{tcpSYN, tcpFIN, tcpRST, tcpPSH, tcpACK, tcpURG, tcpECE, tcpCWR} {
		if flags&bit != 0 {
			b = append(b, names[i])
		}
	}
	return b
}
