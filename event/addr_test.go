package event_test

import (
	"net/netip"
	"testing"

	"sluice/event"
)

func FuzzParseAddr(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "2001:db8::1", "::", "fe80::1%eth0", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:192.0.2.1", "12:30:45", "a.b.c.d", "1.2.3", "", "%", "::%a b", "1.2.3.4%x", "01.2.3.4", "1:2:3:4:5:6:7::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		if got, ok := event.ParseAddr(s); ok != (err == nil) || got != want {
			t.Errorf("%q is %v, %v; netip says %v, %v", s, got, ok, want, err)
		}
	})
}
