package capture

import (
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

func benchmark(b *testing.B, frames [][]byte) {
	e := New(DefaultLimits(), func(Record) {})
	now := time.Unix(1_700_000_000, 0)
	p := Packet{Link: layers.LinkTypeEthernet}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		p.Data = frames[n%len(frames)]
		p.Length = len(p.Data)
		n++
		p.Number, p.Time = uint64(n), now.Add(time.Duration(n)*10*time.Microsecond)
		e.Packet(p)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "packets/s")
}

// BenchmarkData: packets of 100 long connections.
func BenchmarkData(b *testing.B) {
	var frames [][]byte
	for i := range 100 {
		frames = append(frames, build(b, "10.0.0.1", "10.0.0.2", &layers.TCP{SrcPort: layers.TCPPort(1000 + i), DstPort: 443, ACK: true}, gopacket.Payload(make([]byte, 500))))
	}
	benchmark(b, frames)
}

// BenchmarkScan: each packet is a flow of its own, and each flow a record.
func BenchmarkScan(b *testing.B) {
	var frames [][]byte
	for i := range 60_000 {
		frames = append(frames, build(b, "10.0.0.1", "10.0.0.2", &layers.TCP{SrcPort: 4000, DstPort: layers.TCPPort(i), SYN: true}))
	}
	benchmark(b, frames)
}

// BenchmarkDNS: queries and answers.
func BenchmarkDNS(b *testing.B) {
	benchmark(b, [][]byte{
		build(b, "10.0.0.1", "10.0.0.53", &layers.UDP{SrcPort: 4000, DstPort: 53}, gopacket.Payload(message(b, "www.example.com", false))),
		build(b, "10.0.0.53", "10.0.0.1", &layers.UDP{SrcPort: 53, DstPort: 4000}, gopacket.Payload(message(b, "www.example.com", true))),
	})
}
