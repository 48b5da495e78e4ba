package bus_test

import (
	"testing"

	"sluice/bus"
)

// The hashes are those of Kafka's own unit test of murmur2 (UtilsTest), sign bit cleared.
func TestPartitionIsThatOfJavaClients(t *testing.T) {
	f := func(key string, hash int32) {
		t.Helper()
		for _, n := range []int{1, 2, 12, 97, 1 << 30} {
			want := int(uint32(hash)&0x7fffffff) % n
			if got := bus.Partition([]byte(key), n); got != want {
				t.Errorf("Partition(%q, %d) = %d, want %d", key, n, got, want)
			}
		}
	}
	f("21", -973932308)
	f("foobar", -790332482)
	f("a-little-bit-long-string", -985981536)
	f("a-little-bit-longer-string", -1486304829)
	f("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)
	f("abc", 479470107)
}

func TestPositionRoundTrip(t *testing.T) {
	f := func(p bus.Position) {
		t.Helper()
		if got, err := bus.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("ParsePosition(%q) = %v, %v", p, got, err)
		}
	}
	f(bus.Position{Producer: "9f2c/0", Raw: -1, Sequence: 1})
	f(bus.Position{Producer: "9f2c/11", Raw: 11, Sequence: 1 << 62, Ordinal: 7})
}

func FuzzParsePosition(f *testing.F) {
	f.Add("9f2c/0 -1 17 0")
	f.Add("  1 2 3")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := bus.ParsePosition(s)
		if err != nil {
			return
		}
		if again, err := bus.ParsePosition(p.String()); err != nil || again != p {
			t.Errorf("%q reads as %v, and that again as %v (%v)", s, p, again, err)
		}
	})
}
