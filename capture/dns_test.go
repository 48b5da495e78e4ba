package capture

import (
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/miekg/dns"
)

// TestAnswerData: data is what a record holds, whatever its type; tunnels are made of odd ones.
func TestAnswerData(t *testing.T) {
	f := func(rr dns.RR, class uint16, want string) {
		t.Helper()
		*rr.Header() = dns.RR_Header{Name: "x.example.", Rrtype: rr.Header().Rrtype, Class: class, Ttl: 3}
		var m dns.Msg
		m.SetQuestion("x.example.", rr.Header().Rrtype)
		m.Response, m.Answer = true, []dns.RR{rr}
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		w := newWire(t, DefaultLimits())
		w.udp("10.0.0.53", 53, "10.0.0.1", 5353, string(wire))
		if len(w.records) != 1 {
			t.Fatalf("%d records", len(w.records))
		}
		if got := w.records[0]["answers"].([]any)[0].(map[string]any)["data"]; got != want {
			t.Errorf("%T: %q, not %q", rr, got, want)
		}
	}
	f(&dns.NULL{Hdr: dns.RR_Header{Rrtype: dns.TypeNULL}, Data: "\x00ab\xff"}, dns.ClassINET, `\# 4 006162ff`)
	f(&dns.RFC3597{Hdr: dns.RR_Header{Rrtype: 65280}, Rdata: "0a000001"}, dns.ClassINET, `\# 4 0a000001`)
	f(&dns.SRV{Hdr: dns.RR_Header{Rrtype: dns.TypeSRV}, Port: 53, Target: "t.example."}, dns.ClassINET, "0 0 53 t.example.")
	// A dynamic update names what is to go, and holds no data (RFC 2136, 2.5).
	f(&dns.A{Hdr: dns.RR_Header{Rrtype: dns.TypeA}}, dns.ClassANY, "")
	f(&dns.AAAA{Hdr: dns.RR_Header{Rrtype: dns.TypeAAAA}}, dns.ClassANY, "")
	f(&dns.CNAME{Hdr: dns.RR_Header{Rrtype: dns.TypeCNAME}, Target: "."}, dns.ClassINET, ".")
}

// TestDNSInSYN: TCP Fast Open carries the first query in the SYN (RFC 7413).
func TestDNSInSYN(t *testing.T) {
	q := message(t, "www.example.com", false)
	stream := append([]byte{0, byte(len(q))}, q...)
	w := newWire(t, DefaultLimits())
	send := func(syn bool, seq int, payload []byte) {
		tcp := &layers.TCP{SrcPort: 40000, DstPort: 53, Seq: uint32(seq), SYN: syn, ACK: !syn}
		w.frame(build(t, "10.0.0.1", "10.0.0.53", tcp, gopacket.Payload(payload)))
	}
	send(true, 99, stream)
	send(false, 100+len(stream), stream)
	if n := w.e.Stats().Messages; n != 2 {
		t.Errorf("%d of 2 queries", n)
	}
	w = newWire(t, DefaultLimits())
	send(true, 99, stream) // the server did not take it: it is sent again
	send(true, 99, nil)
	send(false, 100, stream)
	if n := w.e.Stats().Messages; n != 1 {
		t.Errorf("%d queries of one that was repeated", n)
	}
}
