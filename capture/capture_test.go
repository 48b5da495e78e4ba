package capture

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/miekg/dns"
)

// wire is a tap with a clock: it builds frames, feeds an engine and keeps its records.
type wire struct {
	t       testing.TB
	e       *Engine
	n       uint64
	now     time.Time
	first   uint32 // added to the number of each segment
	records []map[string]any
	raw     []Record
}

func newWire(t testing.TB, l Limits) *wire {
	w := &wire{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	w.e = New(l, func(r Record) {
		var m map[string]any
		if err := json.Unmarshal(r.JSON, &m); err != nil {
			t.Fatalf("%s: %v", r.JSON, err)
		}
		w.records = append(w.records, m)
		r.JSON = append([]byte(nil), r.JSON...)
		w.raw = append(w.raw, r)
	})
	return w
}

func (w *wire) frame(data []byte) {
	w.n++
	w.now = w.now.Add(time.Millisecond)
	w.e.Packet(Packet{Number: w.n, Time: w.now, Link: layers.LinkTypeEthernet, Data: data, Length: len(data)})
}

// build serializes an Ethernet frame with an IP packet of either version.
func build(t testing.TB, src, dst string, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}}
	var network gopacket.SerializableLayer
	proto := layers.IPProtocolUDP
	if _, ok := ls[0].(*layers.TCP); ok {
		proto = layers.IPProtocolTCP
	}
	if _, ok := ls[0].(*layers.ICMPv4); ok {
		proto = layers.IPProtocolICMPv4
	}
	var sum gopacket.NetworkLayer
	if strings.Contains(src, ":") {
		ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: net.ParseIP(src), DstIP: net.ParseIP(dst)}
		eth.EthernetType, network, sum = layers.EthernetTypeIPv6, ip, ip
	} else {
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: net.ParseIP(src).To4(), DstIP: net.ParseIP(dst).To4()}
		eth.EthernetType, network, sum = layers.EthernetTypeIPv4, ip, ip
	}
	switch l := ls[0].(type) {
	case *layers.TCP:
		_ = l.SetNetworkLayerForChecksum(sum)
	case *layers.UDP:
		_ = l.SetNetworkLayerForChecksum(sum)
	}
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		append([]gopacket.SerializableLayer{eth, network}, ls...)...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (w *wire) tcp(src string, sport int, dst string, dport int, flags string, payload string) {
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(sport), DstPort: layers.TCPPort(dport), Seq: 1 + w.first, Window: 1000,
		SYN: strings.Contains(flags, "S"), ACK: strings.Contains(flags, "A"), FIN: strings.Contains(flags, "F"),
		RST: strings.Contains(flags, "R"), PSH: strings.Contains(flags, "P"),
	}
	w.frame(build(w.t, src, dst, tcp, gopacket.Payload(payload)))
}

func (w *wire) udp(src string, sport int, dst string, dport int, payload string) {
	w.frame(build(w.t, src, dst, &layers.UDP{SrcPort: layers.UDPPort(sport), DstPort: layers.UDPPort(dport)}, gopacket.Payload(payload)))
}

// exchange sends flags in turn: "> S" from the client, "< SA" from the server.
func (w *wire) exchange(segments ...string) {
	const client, server = "10.0.0.1", "10.0.0.2"
	for _, s := range segments {
		if s[0] == '>' {
			w.tcp(client, 40000, server, 443, s[2:], "")
		} else {
			w.tcp(server, 443, client, 40000, s[2:], "")
		}
	}
}

func TestTCPStates(t *testing.T) {
	f := func(state, reason, flags string, segments ...string) {
		t.Helper()
		w := newWire(t, DefaultLimits())
		w.exchange(segments...)
		w.e.Flush()
		if len(w.records) != 1 {
			t.Fatalf("%d records: %v", len(w.records), w.records)
		}
		r := w.records[0]
		seen := r["tcp_flags"].(map[string]any)
		if r["state"] != state || r["end_reason"] != reason || fmt.Sprint(seen["src"], " ", seen["dst"]) != flags {
			t.Errorf("%v: state %v, end %v, flags %v; want %s, %s, %s", segments, r["state"], r["end_reason"], seen, state, reason, flags)
		}
		if r["src_ip"] != "10.0.0.1" || r["dst_port"] != 443.0 {
			t.Errorf("%v: the opener is %v, the service %v", segments, r["src_ip"], r["dst_port"])
		}
	}
	f("attempt", "eof", "S ", "> S", "> S")
	f("attempt", "eof", "S SA", "> S", "< SA")
	f("rejected", "rst", "S RA", "> S", "< RA")
	f("established", "eof", "SA SA", "> S", "< SA", "> A")
	f("closed", "fin", "SFA SFA", "> S", "< SA", "> A", "> FA", "< FA", "> A")
	f("closed", "rst", "SA SRA", "> S", "< SA", "> A", "< RA")
	f("closed", "rst", "SR SA", "> S", "< SA", "> R") // a half-open scan of an open port
	f("rejected", "rst", "A R", "> A", "< R")         // ACK scan
	f("rejected", "rst", "F RA", "> F", "< RA")       // FIN scan
	f("attempt", "eof", " ", "> ")                    // NULL scan
	f("attempt", "eof", "S SA", "< SA", "> S")        // taken out of order
	f("established", "eof", "PA A", "> PA", "< A")    // joined in the middle
	f("established", "eof", "A PA", "< PA", "> A")    // the same, the service first
	f("established", "eof", "SFA SA", "> S", "< SA", "> A", "> FA", "< A")
}

func TestBytesAndOrientation(t *testing.T) {
	w := newWire(t, DefaultLimits())
	w.udp("2001:db8::1", 5000, "2001:db8::2", 514, "hello")
	w.udp("2001:db8::2", 514, "2001:db8::1", 5000, "hello, too")
	w.e.Flush()
	r := w.records[0]
	f := func(key string, want any) {
		t.Helper()
		if r[key] != want {
			t.Errorf("%s = %v, want %v", key, r[key], want)
		}
	}
	f("type", "flow")
	f("proto", "udp")
	f("iana", 17.0)
	f("src_ip", "2001:db8::1")
	f("dst_ip", "2001:db8::2")
	f("src_port", 5000.0)
	f("dst_port", 514.0)
	f("src_packets", 1.0)
	f("dst_packets", 1.0)
	f("src_bytes", float64(14+40+8+5))
	f("dst_bytes", float64(14+40+8+10))
	f("state", "established")
	f("src_mac", "02:00:00:00:00:01")
	f("start", "2026-03-02T09:00:00.001Z")
	f("end", "2026-03-02T09:00:00.002Z")
}

func TestTimeouts(t *testing.T) {
	l := DefaultLimits()
	w := newWire(t, l)
	w.udp("10.0.0.1", 1, "10.0.0.2", 2, "x")
	w.e.Advance(w.now.Add(l.AttemptTimeout - time.Millisecond))
	if len(w.records) != 0 {
		t.Fatal("ended early")
	}
	w.e.Advance(w.now.Add(l.AttemptTimeout))
	if len(w.records) != 1 || w.records[0]["end_reason"] != "idle" || w.records[0]["state"] != "attempt" {
		t.Fatalf("after the attempt timeout: %v", w.records)
	}
	w.now = w.now.Add(time.Hour)
	for range 8 { // talks for 8 minutes
		w.udp("10.0.0.1", 1, "10.0.0.2", 2, "x")
		w.udp("10.0.0.2", 2, "10.0.0.1", 1, "y")
		w.now = w.now.Add(time.Minute)
	}
	w.e.Flush()
	if len(w.records) != 3 || w.records[1]["end_reason"] != "active" || w.records[2]["end_reason"] != "eof" {
		t.Fatalf("a long flow: %v", w.records)
	}
	if a, b := w.records[1]["src_packets"].(float64), w.records[2]["src_packets"].(float64); a+b != 8 || w.records[2]["src_ip"] != "10.0.0.1" {
		t.Errorf("parts have %v and %v packets, the second from %v", a, b, w.records[2]["src_ip"])
	}
	if w.raw[1].First == w.raw[2].First {
		t.Error("two parts begin with the same packet: their ids would be equal")
	}
}

// TestClockSetBack: a clock that was ahead and is right again does not keep flows from being reported.
func TestClockSetBack(t *testing.T) {
	l := DefaultLimits()
	w := newWire(t, l)
	w.udp("10.0.0.1", 1, "10.0.0.2", 2, "x")
	w.exchange("> S", "< SA", "> A", "> FA", "< FA")
	w.e.Present(w.now.Add(time.Second - setBack)) // too little to matter
	if len(w.records) != 0 {
		t.Fatalf("%d records too early", len(w.records))
	}
	w.now = w.now.Add(-time.Hour)
	w.e.Present(w.now)
	if len(w.records) != 2 || w.records[0]["end_reason"] != "fin" || w.records[1]["end_reason"] != "active" {
		t.Fatalf("behind the step: %v", w.records)
	}
	w.udp("10.0.0.1", 1, "10.0.0.2", 2, "x")
	w.e.Present(w.now.Add(l.AttemptTimeout))
	if len(w.records) != 3 || w.records[2]["end_reason"] != "idle" {
		t.Errorf("a flow behind the step never ends: %v", w.records)
	}
}

// TestPortReuse: a SYN behind the end of a connection begins another one.
func TestPortReuse(t *testing.T) {
	w := newWire(t, DefaultLimits())
	w.exchange("> S", "< RA", "> S", "< RA")
	w.e.Flush()
	if len(w.records) != 2 {
		t.Errorf("%d records: %v", len(w.records), w.records)
	}
	f := func(records int, number uint32, again ...string) {
		t.Helper()
		w := newWire(t, DefaultLimits())
		w.exchange("> S", "< SA", "> A", "> PA", "< A")
		w.first += number
		w.exchange(again...)
		w.e.Flush()
		if len(w.records) != records || w.records[0]["state"] != "established" {
			t.Errorf("%d records, want %d: %v", len(w.records), records, w.records)
		}
	}
	f(2, 1000, "> S", "< SA", "> A") // the end of the first was lost on the way to us
	f(1, 0, "> S", "< SA", "> A")    // a repeat
	f(1, 1000, "< S", "> SA", "< A") // the other side's, which nobody asked for
}

func TestEviction(t *testing.T) {
	l := DefaultLimits()
	l.MaxFlows = 16
	w := newWire(t, l)
	for i := range 100 {
		w.udp("10.0.0.1", 1000+i, "10.0.0.2", 2, "x")
	}
	if s := w.e.Stats(); w.e.openFlows() != 16 || s.Evicted != 84 || len(w.records) != 84 {
		t.Errorf("%d open, %d evicted, %d records", w.e.openFlows(), s.Evicted, len(w.records))
	}
	if w.records[0]["end_reason"] != "evicted" || w.records[0]["src_port"] != 1000.0 {
		t.Errorf("the longest silent must go first: %v", w.records[0])
	}
}

func TestICMP(t *testing.T) {
	w := newWire(t, DefaultLimits())
	for _, typ := range []uint8{8, 0} {
		src, dst := "10.0.0.1", "10.0.0.2"
		if typ == 0 {
			src, dst = dst, src
		}
		w.frame(build(t, src, dst, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, 0), Id: 7, Seq: 1}))
	}
	w.e.Flush()
	if len(w.records) != 1 {
		t.Fatalf("%v", w.records)
	}
	r := w.records[0]
	if _, port := r["src_port"]; port || r["proto"] != "icmp" || r["icmp_type"] != 8.0 || r["src_ip"] != "10.0.0.1" || r["state"] != "established" {
		t.Errorf("%v", r)
	}
}

// TestEchoReplies: of a tap that sees the way back alone, the flow is still that of the request.
func TestEchoReplies(t *testing.T) {
	w := newWire(t, DefaultLimits())
	w.frame(build(t, "10.0.0.2", "10.0.0.1", &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(0, 0), Id: 7, Seq: 1}))
	w.e.Flush()
	if r := w.records[0]; r["src_ip"] != "10.0.0.1" || r["icmp_type"] != 8.0 || r["dst_packets"] != 1.0 {
		t.Errorf("%v", r)
	}
}

func TestBadPackets(t *testing.T) {
	good := build(t, "10.0.0.1", "10.0.0.2", &layers.TCP{SrcPort: 1, DstPort: 2, SYN: true})
	w := newWire(t, DefaultLimits())
	for n := range len(good) { // cut anywhere
		w.frame(good[:n])
	}
	fragment := append([]byte(nil), good...)
	fragment[20], fragment[21] = 0, 100
	w.frame(fragment)
	w.frame([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x08, 0x06, 0, 1}) // ARP
	w.e.Packet(Packet{Number: 1, Link: 9999, Data: good})
	w.e.Flush()
	s := w.e.Stats()
	if s.Fragments != 1 || s.Ignored != 3 || /* ARP, the unknown link, a bare Ethernet header */ s.Malformed == 0 || s.Panics != 0 {
		t.Errorf("%+v", s)
	}
	if s.Packets != uint64(len(good))+3 {
		t.Errorf("%d packets counted", s.Packets)
	}
}

func message(t testing.TB, name string, response bool) []byte {
	t.Helper()
	var m dns.Msg
	m.SetQuestion(dns.Fqdn(name), dns.TypeA)
	m.Id = 4711
	if response {
		m.Response, m.RecursionAvailable = true, true
		for _, s := range []string{"www.example.com. 300 IN CNAME a.example.com.", "a.example.com. 60 IN A 192.0.2.7", `a.example.com. 60 IN TXT "a\"b" "<c>"`, "example.com. 60 IN MX 10 mx.example.com."} {
			rr, err := dns.NewRR(s)
			if err != nil {
				t.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDNS(t *testing.T) {
	w := newWire(t, DefaultLimits())
	w.udp("10.0.0.1", 5353, "10.0.0.53", 53, string(message(t, "www.example.com", false)))
	w.udp("10.0.0.53", 53, "10.0.0.1", 5353, string(message(t, "www.example.com", true)))
	w.udp("10.0.0.1", 5353, "10.0.0.53", 53, "no DNS at all")
	if len(w.raw) != 2 || w.e.Stats().BadMessages != 1 {
		t.Fatalf("%v %+v", w.records, w.e.Stats())
	}
	const query = `{"type":"dns","time":"2026-03-02T09:00:00.001Z","proto":"udp","src_ip":"10.0.0.1","src_port":5353,"dst_ip":"10.0.0.53","dst_port":53,` +
		`"id":4711,"op":"QUERY","qr":"query","question":{"name":"www.example.com","type":"A","class":"IN"},"flags":["RD"]}`
	const answer = `{"type":"dns","time":"2026-03-02T09:00:00.002Z","proto":"udp","src_ip":"10.0.0.1","src_port":5353,"dst_ip":"10.0.0.53","dst_port":53,` +
		`"id":4711,"op":"QUERY","qr":"answer","question":{"name":"www.example.com","type":"A","class":"IN"},"rcode":"NOERROR","flags":["RD","RA"],` +
		`"answers":[{"name":"www.example.com","type":"CNAME","class":"IN","ttl":300,"data":"a.example.com"},` +
		`{"name":"a.example.com","type":"A","class":"IN","ttl":60,"data":"192.0.2.7"},`
	if got := string(w.raw[0].JSON); got != query {
		t.Errorf("query\n%s\nwant\n%s", got, query)
	}
	if got := string(w.raw[1].JSON); !strings.HasPrefix(got, answer) {
		t.Errorf("answer\n%s\nwant\n%s...", got, answer)
	}
	if w.raw[0].Pack != "sluice_dns" || w.raw[0].Ordinal == 0 {
		t.Errorf("%+v: a message must not have the ordinal of flows", w.raw[0])
	}
}

// TestDNSOverTCP cuts two messages at every place, and sends the segments in any order.
func TestDNSOverTCP(t *testing.T) {
	m := message(t, "www.example.com", false)
	stream := append([]byte{0, byte(len(m))}, m...)
	stream = append(stream, stream...)
	for cut := 1; cut < len(stream); cut++ {
		for _, swap := range []bool{false, true} {
			w := newWire(t, DefaultLimits())
			send := func(syn bool, from, to int) {
				tcp := &layers.TCP{SrcPort: 40000, DstPort: 53, Seq: 1000 + uint32(from), SYN: syn, ACK: !syn}
				if !syn {
					tcp.Seq++
				}
				w.frame(build(t, "10.0.0.1", "10.0.0.53", tcp, gopacket.Payload(stream[from:to])))
			}
			send(true, 0, 0)
			if swap {
				send(false, cut, len(stream))
				send(false, 0, cut)
			} else {
				send(false, 0, cut)
				send(false, 0, cut) // a repeat changes nothing
				send(false, cut, len(stream))
			}
			if n := w.e.Stats().Messages; n != 2 || w.records[0]["proto"] != "tcp" {
				t.Fatalf("cut at %d, swapped %v: %d messages", cut, swap, n)
			}
		}
	}
}

// TestDNSStreamIsBounded: a transfer of megabytes is read for 16 KiB.
func TestDNSStreamIsBounded(t *testing.T) {
	var s dnsStream
	v := view{proto: protoTCP, payload: append([]byte{0xff, 0xff}, make([]byte, 1400)...)}
	for range 1000 {
		s.take(&v, func([]byte) {})
		v.seq += uint32(len(v.payload))
		if cap(s.buf) > 4*dnsStreamMax {
			t.Fatalf("%d bytes kept", cap(s.buf))
		}
	}
	if !s.done {
		t.Error("still reading")
	}
}

// TestDNSStreamsAreBounded: so is what is kept of all of them, and it is given back.
func TestDNSStreamsAreBounded(t *testing.T) {
	w := newWire(t, DefaultLimits())
	kept := func() (n int) {
		for _, f := range w.e.table.flows {
			for _, s := range *f.app.(*[2]dnsStream) {
				n += cap(s.buf)
				for _, p := range s.pending {
					n += len(p.data)
				}
			}
		}
		return n
	}
	const port, seq = 14 + 20, 14 + 20 + 4
	syn := build(t, "10.0.0.1", "10.0.0.53", &layers.TCP{DstPort: 53, SYN: true})
	data := build(t, "10.0.0.1", "10.0.0.53", &layers.TCP{DstPort: 53, ACK: true}, gopacket.Payload(make([]byte, 60_000)))
	for sender := range 200 {
		for segment := range dnsPendingMax + 1 {
			frame := data
			if segment == 0 {
				frame = syn
			}
			binary.BigEndian.PutUint16(frame[port:], uint16(1024+sender))
			binary.BigEndian.PutUint32(frame[seq:], uint32(2*segment)) // what lies before never comes
			w.frame(frame)
		}
	}
	if n := kept(); n > 64<<20+1<<20 || w.e.Stats().BadMessages == 0 {
		t.Errorf("%d bytes kept of %d flows, %d given up", n, len(w.e.table.flows), w.e.Stats().BadMessages)
	}
	if w.e.Flush(); w.e.table.kept != 0 {
		t.Errorf("%d bytes are kept of no flow", w.e.table.kept)
	}
}

// TestSameInSameOut: no map decides the order of records.
func TestSameInSameOut(t *testing.T) {
	play := func() string {
		var all strings.Builder
		w := newWire(t, DefaultLimits())
		for i := range 500 {
			w.udp("10.0.0.1", 1000+i*7%400, fmt.Sprintf("10.0.%d.2", i%13), 2, "x")
		}
		w.e.Flush()
		for _, r := range w.raw {
			fmt.Fprintf(&all, "%d %d %s\n", r.First, r.Ordinal, r.JSON)
		}
		return all.String()
	}
	if first, again := play(), play(); first != again {
		t.Error("two runs differ")
	}
}

func TestLimits(t *testing.T) {
	l := DefaultLimits()
	if err := l.Validate(); err != nil {
		t.Error(err)
	}
	err := Limits{}.Validate()
	for _, key := range []string{"max_flows", "idle_timeout", "attempt_timeout", "active_timeout"} {
		if err == nil || !strings.Contains(err.Error(), key+": ") {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}
