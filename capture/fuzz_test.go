package capture

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// FuzzPacket: whatever a frame holds, nothing panics, every record is JSON, and the
// packets are accounted for.
func FuzzPacket(f *testing.F) {
	f.Add(uint16(1), build(f, "10.0.0.1", "10.0.0.2", &layers.TCP{SrcPort: 1, DstPort: 53, SYN: true}))
	f.Add(uint16(1), build(f, "2001:db8::1", "2001:db8::2", &layers.UDP{SrcPort: 1, DstPort: 53}, gopacket.Payload(message(f, "a.example", true))))
	f.Add(uint16(101), build(f, "10.0.0.1", "10.0.0.2", &layers.UDP{SrcPort: 1, DstPort: 2})[14:])
	f.Add(uint16(113), make([]byte, 40))
	inner := string(build(f, "10.0.0.1", "10.0.0.2", &layers.UDP{SrcPort: 1, DstPort: 2}))
	for port, head := range map[layers.UDPPort]string{portVXLAN: "\x08\x00\x00\x00\x00\x00\x01\x00", portGeneve: "\x01\x00\x65\x58\x00\x00\x01\x00\x00\x00\x00\x00"} {
		f.Add(uint16(1), build(f, "10.0.0.1", "10.0.0.2", &layers.UDP{SrcPort: 1, DstPort: port}, gopacket.Payload(head+inner)))
	}
	f.Add(uint16(1), build(f, "10.0.0.1", "10.0.0.2", &layers.UDP{SrcPort: 1, DstPort: portGTPU}, gopacket.Payload("\x34\xff\x00\x22\x00\x00\x00\x09\x00\x00\x00\x85\x01\x00\x00\x00"+inner[14:])))
	f.Add(uint16(9), []byte("\xff\x03\x00\x21"+inner[14:]))
	f.Add(uint16(239), []byte("\x02\x00\x00\x00\x08\x00\x09\x00"+inner[14:18]))
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		flowPackets := 0
		e := New(DefaultLimits(), func(r Record) {
			var rec struct {
				Type string
				Src  int `json:"src_packets"`
				Dst  int `json:"dst_packets"`
			}
			if err := json.Unmarshal(r.JSON, &rec); err != nil {
				t.Fatalf("%s: %v", r.JSON, err)
			}
			if len(r.JSON) > 256<<10 {
				t.Fatalf("a record of %d bytes", len(r.JSON))
			}
			flowPackets += rec.Src + rec.Dst
		})
		// The frame, and its second half again as another frame.
		for i, d := range [][]byte{data, data[len(data)/2:], data} {
			e.Packet(Packet{Number: uint64(i + 1), Time: time.Unix(int64(i), 0), Link: layers.LinkType(link), Data: d, Length: len(d)})
		}
		e.Flush()
		s := e.Stats()
		if s.Panics > 0 {
			t.Error("a decoder panicked")
		}
		if got := uint64(flowPackets) + s.Ignored + s.Malformed + s.Fragments; got != s.Packets+s.Inner || e.openFlows() != 0 {
			t.Errorf("%d of %d packets accounted for, %d flows open: %+v", got, s.Packets, e.openFlows(), s)
		}
	})
}

// FuzzDNS gives any bytes to the message decoder.
func FuzzDNS(f *testing.F) {
	f.Add(message(f, "www.example.com", true))
	f.Add(message(f, "www.example.com", false))
	f.Fuzz(func(t *testing.T, wire []byte) {
		e := New(DefaultLimits(), func(r Record) {
			if !json.Valid(r.JSON) || len(r.JSON) > 256<<10 {
				t.Fatalf("%d bytes: %.200s", len(r.JSON), r.JSON)
			}
		})
		e.dnsMessage(&view{proto: protoUDP}, wire)
		if s := e.Stats(); s.Messages+s.BadMessages != 1 {
			t.Errorf("%+v", s)
		}
	})
}
