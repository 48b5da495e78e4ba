package capture

import (
	"bytes"
	"net/netip"
	"time"
)

// address is an IPv6 address, or an IPv4 one mapped into it: a fixed size makes
// cheap map keys.
type address [16]byte

func address4(ip []byte) (a address) {
	a[10], a[11] = 0xff, 0xff
	copy(a[12:], ip)
	return a
}

func address16(ip []byte) (a address) { copy(a[:], ip); return a }

// key names a flow in both directions: a is the lesser end.
type key struct {
	a, b   address
	pa, pb uint16
	proto  uint8
	kind   uint8 // 0 ports; for ICMP 1: a request and its answers by identifier, 2: by type and code
}

// TCP flag bits, RFC 9293 and 3168.
const (
	tcpFIN = 1 << iota
	tcpSYN
	tcpRST
	tcpPSH
	tcpACK
	tcpURG
	tcpECE
	tcpCWR
)

// Why a flow record was written.
const (
	reasonIdle    = "idle"
	reasonActive  = "active"
	reasonFIN     = "fin"
	reasonRST     = "rst"
	reasonEOF     = "eof"
	reasonEvicted = "evicted"
)

// side is one direction: 0 from the opener, 1 back to it.
type side struct {
	packets, bytes uint64
	flags          uint8
	everFlags      uint8 // since the connection began; flags is since the last report
	mac            [6]byte
}

type flow struct {
	key          key
	sourceIsA    bool
	sides        [2]side
	first        uint64 // number of its first packet since the last report
	start, last  int64  // unix ns
	vlan         uint16
	tunnel       tunnel
	icmp         [2]uint8 // type and code of the first packet; of an answer, the request's type
	hasMAC       bool
	answered     bool // the other side has spoken, ever
	handshake    bool // SYN, SYN+ACK and the opener's ACK were seen, or data both ways
	refused      bool // RST to the SYN
	opened       bool // the opener's SYN was seen, and isn is its number
	isn          uint32
	closing      string // reasonFIN or reasonRST once the end was seen
	iface        string
	app          any // what a decoder keeps of this flow; nil in most
	kept         int64
	list         int8
	since        int64 // the engine's time when it was put there
	prev, nextIn *flow
}

// track adds a packet to its flow and shows it to the decoders.
func (e *Engine) track(v *view) {
	k, fromA := keyOf(v)
	f := e.table.flows[k]
	if f != nil && f.renewedBy(v, fromA) {
		e.end(f, f.reason())
		f = nil
	}
	if f == nil {
		if len(e.table.flows) >= e.limits.MaxFlows {
			e.stats.Evicted++
			e.end(e.table.oldest(), reasonEvicted)
		}
		f = e.table.add(k)
		f.begin(v, fromA)
	} else if v.time-f.start >= int64(e.limits.ActiveTimeout) {
		e.stats.Flows++
		e.emitFlow(f, reasonActive)
		f.restart(v)
	}
	from := 1
	if f.sourceIsA == fromA {
		from = 0
	}
	f.count(v, from)
	e.table.touch(f, e.now)
	for i := range decoders {
		if d := &decoders[i]; d.wants(v) {
			d.decode(e, f, from, v)
		}
	}
}

// keyOf gives the flow's key, and whether v goes from its lesser end.
func keyOf(v *view) (k key, fromA bool) {
	sport, dport := v.sport, v.dport
	switch v.proto {
	case protoICMP, protoICMPv6:
		if _, paired := icmpRequest(v.proto, v.icmpType); paired {
			k.kind, dport = 1, v.sport
		} else {
			k.kind = 2
			sport = uint16(v.icmpType)<<8 | uint16(v.icmpCode)
			dport = sport
		}
	}
	k.proto = v.proto
	c := bytes.Compare(v.src[:], v.dst[:])
	if fromA = c < 0 || c == 0 && sport <= dport; fromA {
		k.a, k.b, k.pa, k.pb = v.src, v.dst, sport, dport
	} else {
		k.a, k.b, k.pa, k.pb = v.dst, v.src, dport, sport
	}
	return k, fromA
}

// icmpRequest says whether a type belongs to a request and answer pair with an identifier, and which the
// request's is (RFC 792, 950, 4443).
func icmpRequest(proto, typ uint8) (request uint8, paired bool) {
	switch {
	case proto == protoICMPv6 && (typ == 128 || typ == 129):
		return 128, true
	case proto == protoICMPv6:
	case typ == 0 || typ == 8:
		return 8, true
	case typ >= 13 && typ <= 18: // each behind its request, which is odd
		return (typ - 1) | 1, true
	}
	return typ, false
}

// renewedBy: a new SYN on ports whose connection has ended begins another one, and so does the opener's with
// another number than the first, where the end was not seen.
func (f *flow) renewedBy(v *view, fromA bool) bool {
	if v.proto != protoTCP || v.flags&(tcpSYN|tcpACK) != tcpSYN {
		return false
	}
	return f.closing != "" || f.handshake && f.opened && fromA == f.sourceIsA && v.seq != f.isn
}

// begin makes the opener of the connection the source: who sent the SYN, or got the
// SYN+ACK; when the beginning was not seen, who sent first, unless that is the
// well-known port of a TCP service.
func (f *flow) begin(v *view, fromA bool) {
	opener := true
	switch v.proto {
	case protoTCP:
		switch {
		case v.flags&(tcpSYN|tcpACK) == tcpSYN:
		case v.flags&tcpSYN != 0:
			opener = false
		case v.flags&tcpACK != 0:
			opener = v.sport >= 1024 || v.dport < 1024
		}
	case protoICMP, protoICMPv6:
		request, _ := icmpRequest(v.proto, v.icmpType)
		opener = v.icmpType == request
		f.icmp = [2]uint8{request, v.icmpCode}
	}
	f.sourceIsA = fromA == opener
	f.start, f.first, f.last = v.time, v.number, v.time
	f.vlan, f.iface, f.tunnel = v.vlan, v.iface, v.tunnel
	if len(v.srcMAC) == 6 && len(v.dstMAC) == 6 {
		from, to := 0, 1
		if !opener {
			from, to = 1, 0
		}
		f.hasMAC = true
		copy(f.sides[from].mac[:], v.srcMAC)
		copy(f.sides[to].mac[:], v.dstMAC)
	}
}

// restart begins the next part of a flow that was reported while it goes on.
func (f *flow) restart(v *view) {
	f.start, f.first = v.time, v.number
	for i := range f.sides {
		s := &f.sides[i]
		s.packets, s.bytes, s.flags = 0, 0, 0
	}
}

func (f *flow) count(v *view, from int) {
	s := &f.sides[from]
	s.packets++
	s.bytes += uint64(max(v.length, 0))
	f.last = max(f.last, v.time)
	if from == 1 {
		f.answered = true
	}
	if v.proto != protoTCP {
		return
	}
	s.flags |= v.flags
	s.everFlags |= v.flags
	if from == 0 && v.flags&(tcpSYN|tcpACK) == tcpSYN {
		f.opened, f.isn = true, v.seq
	}
	src, dst := f.sides[0].everFlags, f.sides[1].everFlags
	switch {
	case src&tcpSYN != 0 && dst&tcpSYN != 0: // then the opener's ACK makes it one
		f.handshake = f.handshake || from == 0 && v.flags&tcpACK != 0 && v.flags&tcpRST == 0
	case (src|dst)&(tcpSYN|tcpRST) == 0 && src&dst&tcpACK != 0: // joined in the middle
		f.handshake = true
	}
	if v.flags&tcpRST != 0 {
		f.refused = f.refused || from == 1 && !f.handshake && dst&tcpSYN == 0
		if f.closing == "" {
			f.closing = reasonRST
		}
	} else if f.closing == "" && src&dst&tcpFIN != 0 {
		f.closing = reasonFIN
	}
}

// state is how far the connection came. Without TCP's handshake, an answer is all
// that can be known.
func (f *flow) state() string {
	switch {
	case f.refused:
		return "rejected"
	case f.key.proto != protoTCP:
		if f.answered {
			return "established"
		}
		return "attempt"
	case f.closing != "" && f.answered:
		return "closed"
	case f.handshake:
		return "established"
	}
	return "attempt"
}

// reason is why the flow ends now, when its time has run out.
func (f *flow) reason() string {
	if f.closing != "" {
		return f.closing
	}
	return reasonIdle
}

// source and destination as the record names them.
func (f *flow) ends() (src, dst netip.AddrPort) {
	a := netip.AddrPortFrom(netip.AddrFrom16(f.key.a).Unmap(), f.key.pa)
	b := netip.AddrPortFrom(netip.AddrFrom16(f.key.b).Unmap(), f.key.pb)
	if f.sourceIsA {
		return a, b
	}
	return b, a
}

func at(ns int64) time.Time { return time.Unix(0, ns).UTC() }
