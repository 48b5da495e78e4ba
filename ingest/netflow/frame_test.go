package netflow

import "testing"

// TestTags: a sampled frame is read behind its VLAN tags, whatever type the outer one has.
func TestTags(t *testing.T) {
	for _, outer := range []int{0x8100, 0x88a8, 0x9100} {
		var f frame
		f.ethernet(packer{}.u8(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2).u16(outer, 7, 0x8100, 9, 0x0800).
			u8(0x45, 0).u16(28, 0, 0).u8(64, 17).u16(0).addr("198.51.100.7").addr("203.0.113.9").u16(5, 53, 8, 0))
		if f.vlan != 9 || f.dport != 53 || f.src.String() != "198.51.100.7" {
			t.Errorf("behind %#x: %+v", outer, f)
		}
	}
}
