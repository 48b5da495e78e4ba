package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// TestTunnels: the innermost packet makes the flow.
func TestTunnels(t *testing.T) {
	inner := build(t, "10.9.0.1", "10.9.0.2", &layers.UDP{SrcPort: 5, DstPort: 6}, gopacket.Payload("x"))
	f := func(what string, frame []byte) {
		t.Helper()
		w := newWire(t, DefaultLimits())
		w.frame(frame)
		w.e.Flush()
		if len(w.records) != 1 || w.records[0]["src_ip"] != "10.9.0.1" || w.records[0]["dst_port"] != 6.0 {
			t.Errorf("%s: %v, %+v", what, w.records, w.e.Stats())
		}
	}
	link, ip := inner[:12], inner[14:]
	join := func(parts ...[]byte) (out []byte) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	f("plain", inner)
	f("VLAN", join(link, []byte{0x81, 0, 0, 7, 8, 0}, ip))
	f("QinQ", join(link, []byte{0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, 8, 0}, ip))
	f("QinQ of old switches", join(link, []byte{0x91, 0, 0, 7, 0x81, 0, 0, 9, 8, 0}, ip))
	f("MPLS", join(link, []byte{0x88, 0x47, 0, 1, 0x00, 9, 0, 2, 0x01, 9}, ip))
	f("PPPoE", join(link, []byte{0x88, 0x64, 0x11, 0, 0, 1, 0, byte(len(ip) + 2), 0, 0x21}, ip))
	outer := append([]byte(nil), inner[14:34]...)
	outer[3], outer[9] = byte(20+4+len(ip)), 47
	f("GRE", join(link, []byte{8, 0}, outer, []byte{0, 0, 8, 0}, ip))
	outer[3], outer[9] = byte(20+len(ip)), 4
	f("IP in IP", join(link, []byte{8, 0}, outer, ip))
	gre := func(header []byte, payload []byte) []byte {
		outer[3], outer[9] = byte(20+len(header)+len(payload)), 47
		return join(link, []byte{8, 0}, outer, header, payload)
	}
	f("PPTP", gre([]byte{0x30, 0x01, 0x88, 0x0b, 0, byte(4 + len(ip)), 0, 7, 0, 0, 0, 1, 0xff, 3, 0, 0x21}, ip))
	f("NVGRE", gre([]byte{0x20, 0, 0x65, 0x58, 0, 0, 7, 0}, inner))
	f("ERSPAN I", gre([]byte{0, 0, 0x88, 0xbe}, inner))
	f("ERSPAN II", gre([]byte{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 7, 0, 9, 0, 0, 0, 0}, inner))
	f("ERSPAN III", gre([]byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 7, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0}, inner))
	f("ERSPAN III with a subheader", gre([]byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 7, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8}, inner))

	// Linux puts a limit of nested tunnels in front, as an option for the destination (RFC 2473).
	six := func(next byte, limited bool, payload ...[]byte) []byte {
		body := join(payload...)
		head := append([]byte{0x60, 0, 0, 0, 0, 0, next, 64}, bytes.Repeat([]byte{0xfd}, 32)...)
		if limited {
			head[6] = 60
			body = join([]byte{next, 0, 4, 1, 4, 1, 1, 0}, body)
		}
		head[5] = byte(len(body))
		return join(link, []byte{0x86, 0xdd}, head, body)
	}
	for _, limited := range []bool{false, true} {
		f(fmt.Sprint("IP in IPv6 ", limited), six(4, limited, ip))
		f(fmt.Sprint("GRE in IPv6 ", limited), six(47, limited, []byte{0, 0, 8, 0}, ip))
		f(fmt.Sprint("ERSPAN in IPv6 ", limited), six(47, limited, []byte{0, 0, 0x88, 0xbe}, inner))
		f(fmt.Sprint("IP in IPv6 in IPv6 ", limited), six(41, limited, six(4, limited, ip)[14:]))
	}
}

// TestUnreadTunnel: of a tunnel whose payload nobody reads, the carrier is the flow.
func TestUnreadTunnel(t *testing.T) {
	w := newWire(t, DefaultLimits())
	frame := append(build(t, "fd00::1", "fd00::2", &layers.UDP{})[:54], 47, 0, 4, 1, 4, 1, 1, 0, 0, 0, 0x12, 0x34, 1, 2)
	frame[14+6], frame[14+4], frame[14+5] = 60, 0, byte(len(frame)-54)
	w.frame(frame)
	w.e.Flush()
	if len(w.records) != 1 || w.records[0]["proto"] != "gre" || w.records[0]["src_ip"] != "fd00::1" {
		t.Errorf("%v %+v", w.records, w.e.Stats())
	}
}

// TestNoLength: a card that segments leaves IPv6's length open, as it does IPv4's.
func TestNoLength(t *testing.T) {
	for _, src := range []string{"10.0.0.1", "2001:db8::1"} {
		w := newWire(t, DefaultLimits())
		frame := build(t, src, src, &layers.TCP{SrcPort: 5, DstPort: 6, ACK: true}, gopacket.Payload("x"))
		at := 14 + 2
		if src != "10.0.0.1" {
			at = 14 + 4
		}
		frame[at], frame[at+1] = 0, 0
		w.frame(frame)
		w.e.Flush()
		if len(w.records) != 1 || w.records[0]["src_port"] != 5.0 {
			t.Errorf("%s: %v %+v", src, w.records, w.e.Stats())
		}
	}
}

// TestSerialLines: frames of links other than Ethernet.
func TestSerialLines(t *testing.T) {
	ip := build(t, "10.9.0.1", "10.9.0.2", &layers.UDP{SrcPort: 5, DstPort: 6}, gopacket.Payload("x"))[14:]
	f := func(what string, link layers.LinkType, head []byte, want int) {
		t.Helper()
		w := newWire(t, DefaultLimits())
		data := append(head, ip...)
		w.e.Packet(Packet{Number: 1, Time: w.now, Link: link, Data: data, Length: len(data)})
		w.e.Flush()
		if len(w.records) != want || want == 1 && w.records[0]["src_ip"] != "10.9.0.1" {
			t.Errorf("%s: %v, %+v", what, w.records, w.e.Stats())
		}
	}
	f("PPP", layers.LinkTypePPP, []byte{0xff, 3, 0, 0x21}, 1)
	f("PPP, compressed", layers.LinkTypePPP, []byte{0x21}, 1)
	f("PPP, MPLS", layers.LinkTypePPP_HDLC, []byte{0xff, 3, 2, 0x81, 0, 2, 1, 9}, 1)
	f("PPP, LCP", layers.LinkTypePPP, []byte{0xff, 3, 0xc0, 0x21}, 0)
	f("Cisco HDLC", layers.LinkTypeC_HDLC, []byte{0x0f, 0, 8, 0}, 1)
	f("Cisco HDLC, MPLS", layers.LinkTypeC_HDLC, []byte{0x0f, 0, 0x88, 0x47, 0, 2, 1, 9}, 1)
	f("Cisco HDLC, SLARP", layers.LinkTypeC_HDLC, []byte{0x8f, 0, 0x80, 0x35}, 0)
	attribute := func(kind, size int) []byte {
		return binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, uint16(size)), uint16(kind))
	}
	prefix := append(attribute(10, 6), 'a', 0, 0, 0)
	f("NFLOG", linkNFLog, slices.Concat([]byte{2, 0, 0, 0}, prefix, attribute(9, 4+len(ip))), 1)
	f("NFLOG that lies", linkNFLog, slices.Concat([]byte{2, 0, 0, 0}, prefix, attribute(9, 5+len(ip))), 0)
	f("NFLOG without length", linkNFLog, slices.Concat([]byte{2, 0, 0, 0}, attribute(10, 0), attribute(9, 4+len(ip))), 0)
}

// TestTunnelsOverUDP: the tunnel is a flow, and so is what it carries; what contradicts itself
// is the payload of a flow and no more.
func TestTunnelsOverUDP(t *testing.T) {
	inner := build(t, "10.9.0.1", "10.9.0.2", &layers.UDP{SrcPort: 5, DstPort: 6}, gopacket.Payload("x"))
	ip6 := build(t, "2001:db8::1", "2001:db8::2", &layers.UDP{SrcPort: 5, DstPort: 6}, gopacket.Payload("x"))[14:]
	f := func(what string, port layers.UDPPort, payload []byte, want ...string) {
		t.Helper()
		w := newWire(t, DefaultLimits())
		w.frame(build(t, "192.0.2.1", "192.0.2.2", &layers.UDP{SrcPort: 40000, DstPort: port}, gopacket.Payload(payload)))
		w.e.Flush()
		var got []string
		for _, r := range w.records {
			s := fmt.Sprint(r["src_ip"], " ", r["dst_port"])
			if r["tunnel"] != nil {
				s += fmt.Sprint(" ", r["tunnel"], " ", r["tunnel_id"])
			}
			got = append(got, s)
		}
		want = append([]string{fmt.Sprint("192.0.2.1 ", int(port))}, want...)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", what, got, want)
		}
	}
	join := func(head []byte, rest ...[]byte) []byte { return bytes.Join(append([][]byte{head}, rest...), nil) }
	vxlan := []byte{8, 0, 0, 0, 0, 0, 42, 0}
	f("VXLAN", 4789, join(vxlan, inner), "10.9.0.1 6 vxlan 42")
	f("flannel", 8472, join(vxlan, inner), "10.9.0.1 6 vxlan 42")
	f("another port", 4788, join(vxlan, inner))
	f("VXLAN without a VNI", 4789, join([]byte{0, 0, 0, 0, 0, 0, 42, 0}, inner))
	f("VXLAN cut short", 4789, join(vxlan, inner[:20]))
	f("VXLAN of ARP", 4789, join(vxlan, inner[:12], []byte{8, 6, 0, 1, 8, 0, 6, 4, 0, 1}))
	f("Geneve", 6081, join([]byte{0, 0, 0x65, 0x58, 0, 0, 42, 0}, inner), "10.9.0.1 6 geneve 42")
	f("Geneve with an option", 6081, join([]byte{1, 0, 8, 0, 0, 0, 42, 0, 1, 2, 3, 4}, inner[14:]), "10.9.0.1 6 geneve 42")
	f("Geneve whose options lie", 6081, join([]byte{0x3f, 0, 8, 0, 0, 0, 42, 0}, inner[14:]))
	f("Geneve of something else", 6081, join([]byte{0, 0, 0x88, 0xcc, 0, 0, 42, 0}, inner))
	f("GTP-U", 2152, join([]byte{0x30, 255, 0, 30, 0, 0, 0, 9}, inner[14:]), "10.9.0.1 6 gtp 9")
	f("GTP-U with extensions", 2152, join([]byte{0x34, 255, 0, 34, 0, 0, 0, 9, 0, 0, 0, 0x85, 1, 0, 0, 0}, inner[14:]), "10.9.0.1 6 gtp 9")
	f("GTP-U whose extension has no length", 2152, join([]byte{0x34, 255, 0, 34, 0, 0, 0, 9, 0, 0, 0, 0x85, 0, 0, 0, 0}, inner[14:]))
	f("GTP-U echo", 2152, join([]byte{0x32, 1, 0, 4, 0, 0, 0, 0}, inner[14:]))
	f("Teredo", 3544, ip6, "2001:db8::1 6 teredo 0")
	f("Teredo with indications", 3544, join([]byte{0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6}, ip6), "2001:db8::1 6 teredo 0")
	deep := inner
	for range maxTunnels + 1 {
		deep = build(t, "192.0.2.1", "192.0.2.2", &layers.UDP{SrcPort: 40000, DstPort: 4789}, gopacket.Payload(join(vxlan, deep)))
	}
	f("too deep", 4789, join(vxlan, deep))
}
