package main

import (
	"encoding/binary"
	"os"
	"time"
)

// writeCapture writes a pcap file: one address asks 30 ports of another for a
// connection, and is refused by each.
//
//	file header, 24 bytes | per packet: header, 16 bytes | Ethernet 14 | IPv4 20 | TCP 20
func writeCapture(path string) error {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 1) // Ethernet
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	scanner, target := [4]byte{10, 0, 0, 5}, [4]byte{10, 0, 0, 9}
	for i := range 30 {
		at := start.Add(time.Duration(i) * 10 * time.Millisecond)
		port := uint16(1000 + i)
		b = appendPacket(b, at, tcp(scanner, target, 40000, port, 0x02))                       // SYN
		b = appendPacket(b, at.Add(time.Millisecond), tcp(target, scanner, port, 40000, 0x14)) // RST, ACK
	}
	return os.WriteFile(path, b, 0o600)
}

func appendPacket(b []byte, at time.Time, p []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, uint32(at.Unix()))
	b = le.AppendUint32(b, uint32(at.Nanosecond()/1000))
	b = le.AppendUint32(b, uint32(len(p)))
	b = le.AppendUint32(b, uint32(len(p)))
	return append(b, p...)
}

func tcp(src, dst [4]byte, sport, dport uint16, flags byte) []byte {
	be := binary.BigEndian
	p := make([]byte, 12, 54) // two zero addresses of Ethernet
	p = be.AppendUint16(p, 0x0800)
	ip := []byte{0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0}
	ip = append(append(ip, src[:]...), dst[:]...)
	var sum uint32
	for i := 0; i < len(ip); i += 2 {
		sum += uint32(be.Uint16(ip[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	be.PutUint16(ip[10:], ^uint16(sum))
	p = append(p, ip...)
	p = be.AppendUint16(p, sport)
	p = be.AppendUint16(p, dport)
	p = append(p, make([]byte, 8)...)
	return append(p, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0)
}
