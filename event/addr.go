package event

import (
	"net/netip"
	"strings"
)

// ParseAddr is netip.ParseAddr for texts that mostly are no address: those are told by their
// bytes, and no error is made for them.
func ParseAddr(text string) (netip.Addr, bool) {
	dots, colons, pair := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c-'0' < 10, (c|0x20)-'a' < 6:
		case c == '.':
			dots++
		case c == ':':
			colons++
			pair = pair || i > 0 && text[i-1] == ':'
		case c == '%' && colons > 0: // a zone has any bytes
			i = len(text)
		default:
			return netip.Addr{}, false
		}
	}
	four, six := colons == 0 && dots == 3, pair || colons == 7 || colons == 6 && dots == 3
	if !four && !six {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(text)
	return a, err == nil
}

// plainAddr takes the zone off an address, such as the interface in fe80::1%eth0: it says
// something on one host only, and an index refuses it. An IPv4 address as a socket of both
// families shows it, ::ffff:192.0.2.1, is that address: lists and rules know no other.
func plainAddr(a netip.Addr, text string) (addr netip.Addr, plain string) {
	if a.Is4() {
		return a, text
	}
	if a.Zone() != "" {
		text, _, _ = strings.Cut(text, "%")
		a = a.WithZone("")
	}
	if a.Is4In6() {
		a = a.Unmap()
		if text = text[strings.LastIndexByte(text, ':')+1:]; strings.IndexByte(text, '.') < 0 {
			text = a.String() // ::ffff:c000:201
		}
	}
	return a, text
}
