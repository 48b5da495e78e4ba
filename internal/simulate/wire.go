package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/miekg/dns"
)

var routerMAC = mac(254)

// frame puts an Ethernet frame on the wire.
func (p *play) frame(at time.Duration, from, to netip.AddrPort, fromMAC, toMAC [6]byte, transport gopacket.SerializableLayer, payload []byte) {
	eth := &layers.Ethernet{SrcMAC: fromMAC[:], DstMAC: toMAC[:], EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, TTL: 64, SrcIP: from.Addr().AsSlice(), DstIP: to.Addr().AsSlice(), Id: uint16(p.rng.IntN(65536))}
	switch t := transport.(type) {
	case *layers.TCP:
		ip.Protocol = layers.IPProtocolTCP
		_ = t.SetNetworkLayerForChecksum(ip) // fails only for layers that are no IP
	case *layers.UDP:
		ip.Protocol = layers.IPProtocolUDP
		_ = t.SetNetworkLayerForChecksum(ip)
	}
	b := gopacket.NewSerializeBuffer()
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(b, opt, eth, ip, transport, gopacket.Payload(payload)); err != nil {
		panic("BUG: simulate: " + err.Error())
	}
	text := b.Bytes()
	p.put(at, Wire, "", func(time.Time) []byte { return text })
}

// talk is a TCP connection being played.
type talk struct {
	p    *play
	a, b netip.AddrPort
	mac  [6]byte // of a; b is behind the router
	seq  [2]uint32
}

// send plays one segment; from 0 is a.
func (t *talk) send(at time.Duration, from int, flags string, payload []byte) {
	tcp := &layers.TCP{Window: 64240, Seq: t.seq[from], Ack: t.seq[1-from]}
	for _, f := range flags {
		switch f {
		case 'S':
			tcp.SYN = true
		case 'A':
			tcp.ACK = true
		case 'P':
			tcp.PSH = true
		case 'F':
			tcp.FIN = true
		case 'R':
			tcp.RST = true
		}
	}
	if !tcp.ACK {
		tcp.Ack = 0
	}
	src, dst, srcMAC, dstMAC := t.a, t.b, t.mac, routerMAC
	if from == 1 {
		src, dst, srcMAC, dstMAC = dst, src, dstMAC, srcMAC
	}
	tcp.SrcPort, tcp.DstPort = layers.TCPPort(src.Port()), layers.TCPPort(dst.Port())
	t.p.frame(at, src, dst, srcMAC, dstMAC, tcp, payload)
	t.seq[from] += uint32(len(payload))
	if tcp.SYN || tcp.FIN {
		t.seq[from]++
	}
}

func (p *play) talk(u person, dst netip.Addr, port int) *talk {
	return &talk{
		p: p, mac: u.mac, seq: [2]uint32{p.rng.Uint32(), p.rng.Uint32()},
		a: netip.AddrPortFrom(u.ip, uint16(ephemeral(p.rng))), b: netip.AddrPortFrom(dst, uint16(port)),
	}
}

// connection is a whole connection with a little data.
func (p *play) connection(at time.Duration, u person, dst netip.Addr, port int) {
	t := p.talk(u, dst, port)
	step := func() time.Duration { at += p.millis(1, 9); return at }
	t.send(at, 0, "S", nil)
	t.send(step(), 1, "SA", nil)
	t.send(step(), 0, "A", nil)
	t.send(step(), 0, "PA", noise(p.rng, 200+p.rng.IntN(300)))
	for range 1 + p.rng.IntN(4) {
		t.send(step(), 1, "PA", noise(p.rng, 400+p.rng.IntN(1000)))
	}
	t.send(step(), 0, "FA", nil)
	t.send(step(), 1, "FA", nil)
	t.send(step(), 0, "A", nil)
}

// dns is a query to the office's resolver, and its answer.
func (p *play) dns(at time.Duration, u person, name string, answer netip.Addr) {
	var q dns.Msg
	q.SetQuestion(dns.Fqdn(name), dns.TypeA)
	q.Id = uint16(p.rng.IntN(65536))
	var r dns.Msg
	r.SetReply(&q)
	r.RecursionAvailable = true
	rr, err := dns.NewRR(fmt.Sprintf("%s %d IN A %s", dns.Fqdn(name), 60+p.rng.IntN(3000), answer))
	if err != nil {
		panic("BUG: simulate: " + err.Error())
	}
	r.Answer = append(r.Answer, rr)
	p.exchange(at, u, &q, &r)
}

func (p *play) exchange(at time.Duration, u person, q, r *dns.Msg) {
	client := netip.AddrPortFrom(u.ip, uint16(ephemeral(p.rng)))
	server := netip.AddrPortFrom(resolver, 53)
	query, err := q.Pack()
	if err != nil {
		panic("BUG: simulate: " + err.Error())
	}
	reply, err := r.Pack()
	if err != nil {
		panic("BUG: simulate: " + err.Error())
	}
	p.frame(at, client, server, u.mac, routerMAC, &layers.UDP{SrcPort: layers.UDPPort(client.Port()), DstPort: 53}, query)
	p.frame(at+p.millis(2, 30), server, client, routerMAC, u.mac, &layers.UDP{SrcPort: 53, DstPort: layers.UDPPort(client.Port())}, reply)
}

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// word draws n characters as in keys and encoded data.
func word(rng *rand.Rand, n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rng.IntN(len(letters))]
	}
	return string(b)
}
