package cidr

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		p, err := Parse(text)
		got := p.String()
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%s is %q, want %q (%v)", text, got, want, err)
		}
	}
	f("192.0.2.7", "192.0.2.7/32")
	f("192.0.2.7/24", "192.0.2.0/24")
	f("::ffff:192.0.2.7", "192.0.2.7/32")
	f("::ffff:192.0.2.0/120", "192.0.2.0/24")
	f("::ffff:0.0.0.0/96", "0.0.0.0/0")
	f("::ffff:192.0.2.0/90", "")
	f("2001:db8::1", "2001:db8::1/128")
	f("2001:db8::1/32", "2001:db8::/32")
	f("fe80::1%eth0", "fe80::1/128")
	f("fe80::%eth0/10", "")
	f("::/0", "::/0")
	f("", "")
	f("192.0.2.0/33", "")
	f("web1", "")
}

func TestBetween(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		all, err := Between(from, to)
		got := ""
		for _, p := range all {
			got += p.String() + " "
		}
		if got = strings.TrimSpace(got); got != want || (err == nil) != (want != "") {
			t.Errorf("%s to %s is %q, want %q (%v)", from, to, got, want, err)
		}
	}
	f("192.0.2.5", "192.0.2.9", "192.0.2.5/32 192.0.2.6/31 192.0.2.8/31")
	f("192.0.2.0", "192.0.2.255 ", "192.0.2.0/24")
	f("0.0.0.0", "255.255.255.255", "0.0.0.0/0")
	f("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0")
	f("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7/32")
	f("192.0.2.9", "192.0.2.5", "")
	f("192.0.2.9", "::1", "")
	f("192.0.2.9", "", "")
}

func TestContain(t *testing.T) {
	f := func(addr string, want bool, ranges ...string) {
		t.Helper()
		s, err := ParseSet(ranges)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Contain(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s in %v: %v", addr, ranges, got)
		}
	}
	f("192.0.2.7", true, "198.51.100.0/24", "192.0.2.0/24")
	f("::ffff:192.0.2.7", true, "192.0.2.0/24")
	f("192.0.2.7", true, "::ffff:192.0.2.0/120")
	f("fe80::1%eth0", true, "fe80::/10")
	f("fe80::1%eth0", true, "fe80::1%eth1") // every interface
	f("192.0.2.7", false, "::/0")
	f("192.0.2.7", false)
}
