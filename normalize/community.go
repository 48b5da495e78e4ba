package normalize

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"

	"sluice/event"
)

// proto is a transport protocol.
type proto struct {
	name   event.Const
	number event.Const
	num    int
}

// protocols are the transports that devices name, by name and by number.
func protocols() *keys[proto] {
	out := &keys[proto]{}
	for n, name := range map[int]string{
		1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre",
		50: "esp", 51: "ah", 58: "ipv6-icmp", 88: "eigrp", 89: "ospf", 103: "pim", 112: "vrrp", 115: "l2tp", 132: "sctp",
	} {
		p := proto{event.NewConst(name), event.NewConst(strconv.Itoa(n)), n}
		out.set(name, p)
		out.set(p.number.Text(), p)
		for _, alias := range map[string][]string{"icmp": {"ICMP"}, "tcp": {"TCP"}, "udp": {"UDP"}, "ipv6-icmp": {"icmpv6", "icmp6", "IPv6-ICMP", "ICMPv6", "ICMP6"}}[name] {
			out.set(alias, p)
		}
	}
	return out
}

// community sets network.community_id, version 1 with seed 0, when both
// addresses and the protocol are known. ICMP's type and code take the place of
// the ports; its requests and answers get the same id.
func (w *Worker) community(translated bool) {
	ev, f := w.ev, &w.engine.f
	src, dst := ev.Get(f.srcIP), ev.Get(f.dstIP)
	if src == nil || dst == nil || src.Addr().Is4() != dst.Addr().Is4() {
		return
	}
	p := w.engine.protos.get(ev.Text(f.transport))
	if p == nil {
		return
	}
	num := p.num
	var sp, dp uint16
	ports, oneway := false, false
	switch num {
	case 1, 58:
		t := ev.Get(f.icmpType)
		if t == nil {
			return
		}
		code := uint16(0)
		if c := ev.Get(f.icmpCode); c != nil {
			code = uint16(c.Int())
		}
		sp, dp, oneway = icmpPorts(num, uint16(t.Int()), code)
		ports = true
	case 6, 17, 132:
		a, b := ev.Get(f.srcPort), ev.Get(f.dstPort)
		if a == nil || b == nil || max(a.Int(), b.Int()) > math.MaxUint16 {
			return
		}
		sp, dp, ports = uint16(a.Int()), uint16(b.Int()), true
	}
	id := communityID(src.Addr(), dst.Addr(), byte(num), sp, dp, ports, oneway)
	ev.SetText(f.communityID, ev.Own(id[:]))
	if translated && num != 1 && num != 58 {
		w.communityBehindNAT(byte(num), ports)
	}
}

// communityBehindNAT adds the id that the connection has on the other side of the
// translation, where another sensor sees it.
func (w *Worker) communityBehindNAT(num byte, ports bool) {
	ev, nat := w.ev, &w.engine.f.nat
	if !ev.Has(nat[0][0]) && !ev.Has(nat[2][0]) {
		return
	}
	seen := func(pair [2]event.Field) *event.Value {
		if v := ev.Get(pair[0]); v != nil {
			return v
		}
		return ev.Get(pair[1])
	}
	src, dst := seen(nat[0]).Addr(), seen(nat[2]).Addr()
	if src.Is4() != dst.Is4() {
		return
	}
	var sp, dp uint16
	if ports {
		a, b := seen(nat[1]).Int(), seen(nat[3]).Int()
		if max(a, b) > math.MaxUint16 {
			return
		}
		sp, dp = uint16(a), uint16(b)
	}
	id := communityID(src, dst, num, sp, dp, ports, false)
	ev.Add(w.engine.f.communityID, ev.Own(id[:]))
}

func communityID(src, dst netip.Addr, num byte, sp, dp uint16, ports, oneway bool) [30]byte {
	if c := src.Compare(dst); !oneway && (c > 0 || c == 0 && sp > dp) {
		src, dst, sp, dp = dst, src, dp, sp
	}
	buf := make([]byte, 2, 40) // seed 0
	buf = append(buf, src.AsSlice()...)
	buf = append(buf, dst.AsSlice()...)
	buf = append(buf, num, 0)
	if ports {
		buf = binary.BigEndian.AppendUint16(buf, sp)
		buf = binary.BigEndian.AppendUint16(buf, dp)
	}
	sum := sha1.Sum(buf)
	var out [30]byte
	out[0], out[1] = '1', ':'
	base64.StdEncoding.Encode(out[2:], sum[:])
	return out
}

// icmpPairs and icmp6Pairs are the types that ask and answer each other.
var (
	icmpPairs  = map[uint16]uint16{8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 10: 9, 9: 10}
	icmp6Pairs = map[uint16]uint16{128: 129, 129: 128, 130: 131, 131: 130, 133: 134, 134: 133, 135: 136, 136: 135, 144: 145, 145: 144}
)

// icmpPorts gives the counterpart of a type, as the specification wants.
func icmpPorts(num int, typ, code uint16) (sp, dp uint16, oneway bool) {
	pairs := icmpPairs
	if num == 58 {
		pairs = icmp6Pairs
	}
	if other, ok := pairs[typ]; ok {
		return typ, other, false
	}
	return typ, code, true
}
