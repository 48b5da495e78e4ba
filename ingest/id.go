package ingest

import (
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Ids are texts of 0-9 and a-v (base32hex keeps the order of the bytes):
//
//	live   | ms since 1970: 6 bytes | process: 8 | sequence: 6 | crc32c of the raw: 4 |  39 characters
//	place  | offset or number: 6    | where: 8                 | crc32c of the raw: 4 |  29 characters
//
// Time or offset comes first, so that neighbours sort together and the index finds
// them cheaply. The checksum is last: a place wrongly taken for known then doubles an
// event and never drops one.
const (
	liveBytes  = 6 + 8 + 6 + 4
	placeBytes = 6 + 8 + 4
)

var (
	encoding   = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	process  = RandomNumber()
	sequence atomic.Uint64 // 48 bits of it: 8 years at a million a second
)

// RandomNumber draws 64 random bits, never 0: the number of a process or a file.
func RandomNumber() uint64 {
	for {
		// The top-level source of math/rand/v2 is ChaCha8, seeded by the system.
		if n := rand.Uint64(); n != 0 {
			return n
		}
	}
}

// LiveID returns the id of a raw that cannot be read a second time: syslog, live capture. No two
// calls return the same id. It is safe for concurrent use.
func LiveID(received time.Time, raw []byte) string {
	var b [liveBytes]byte
	put48(b[0:], uint64(received.UnixMilli()))
	binary.BigEndian.PutUint64(b[6:], process)
	put48(b[14:], sequence.Add(1))
	binary.BigEndian.PutUint32(b[20:], crc32.Checksum(raw, castagnoli))
	return encode(b[:])
}

// PlaceID returns the id of a raw that can be read again. It depends only on where the raw is
// (file number or fingerprint), at which offset or index (48 bits are used), and on its bytes.
func PlaceID(at, where uint64, raw []byte) string {
	var b [placeBytes]byte
	put48(b[0:], at)
	binary.BigEndian.PutUint64(b[6:], where)
	binary.BigEndian.PutUint32(b[14:], crc32.Checksum(raw, castagnoli))
	return encode(b[:])
}

func put48(b []byte, v uint64) {
	binary.BigEndian.PutUint16(b, uint16(v>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(v))
}

func encode(b []byte) string {
	var text [40]byte
	n := encoding.EncodedLen(len(b))
	encoding.Encode(text[:n], b)
	return string(text[:n])
}
