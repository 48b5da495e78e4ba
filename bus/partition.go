package bus

// MaxMessage bounds the key, value and headers of one message together, in bytes. The longest
// line that an input accepts is far below it, and Kafka's topics are created with room for it.
const MaxMessage = 4 << 20

// Partition returns the partition of key among n, chosen as Kafka's Java client and most others
// do (murmur2, seed 0x9747b28c, sign bit cleared). So producers in any language put a key where
// ours do.
func Partition(key []byte, n int) int {
	return int(murmur2(key)&0x7fffffff) % n
}

func murmur2(b []byte) uint32 {
	const m = 0x5bd1e995
	h := uint32(0x9747b28c) ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
		k *= m
		k ^= k >> 24
		h = h*m ^ k*m
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(b[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// Size returns the bytes that count against MaxMessage.
func (m *Message) Size() int {
	n := len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}
