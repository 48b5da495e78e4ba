package store

import (
	"encoding/binary"
	"hash/crc32"
)

const bloomProbes = 6

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func nextProbe(h uint64) uint64 {
	h = h*0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019
	return h ^ h>>29
}

func bloomAdd(b []uint64, h uint64) {
	n := uint64(len(b) * 64)
	for range bloomProbes {
		x := h % n
		b[x/64] |= 1 << (x % 64)
		h = nextProbe(h)
	}
}

// bloomHas looks in the bytes of bloomBytes; true may be wrong, false never.
func bloomHas(b []byte, h uint64) bool {
	n := uint64(len(b) / 8 * 64)
	if n == 0 {
		return false
	}
	for range bloomProbes {
		x := h % n
		if b[x/64*8+x%64/8]&(1<<(x%8)) == 0 {
			return false
		}
		h = nextProbe(h)
	}
	return true
}

func bloomBytes(b []uint64) []byte {
	o := make([]byte, 0, len(b)*8)
	for _, x := range b {
		o = binary.LittleEndian.AppendUint64(o, x)
	}
	return o
}

func rowsOf(b []byte, n int) (rows64, error) {
	if len(b) != (n+63)/64*8 {
		return nil, errCorrupt
	}
	out := make(rows64, len(b)/8)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	if n%64 != 0 && out[len(out)-1]>>(n%64) != 0 {
		return nil, errCorrupt
	}
	return out, nil
}
