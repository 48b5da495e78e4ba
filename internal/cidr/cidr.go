// Package cidr parses addresses and CIDR ranges as people write them in settings, tables and
// lists, and looks up which of them contain an address. The meaning is the same everywhere: an
// IPv4 address equals its IPv6-mapped form (::ffff:192.0.2.1), and a zone (fe80::1%eth0) is
// ignored.
package cidr

import (
	"fmt"
	"net/netip"
	"strings"
)

// Parse reads a CIDR range, or an address as the range of it alone. Bits behind the
// prefix's length are cleared.
func Parse(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && !strings.Contains(a.Zone(), "/") { // fe80::%eth0/10 is a range
		a = Plain(a)
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%.60q is no address and no CIDR range", s)
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, fmt.Errorf("%.60q reaches beyond the IPv4 addresses in IPv6; they begin at /96", s)
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// Last is the greatest address of a range.
func Last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// Between is the ranges that hold just the addresses from one to another.
func Between(from, to string) (Set, error) {
	a, err := netip.ParseAddr(strings.TrimSpace(from))
	b, err2 := netip.ParseAddr(strings.TrimSpace(to))
	a, b = Plain(a), Plain(b)
	if err != nil || err2 != nil || a.BitLen() != b.BitLen() || b.Less(a) {
		return nil, fmt.Errorf("%.100q is no range of addresses; write it like 10.0.0.5-10.0.0.9, the lesser one first", from+"-"+to)
	}
	var all Set
	for {
		bits := a.BitLen()
		for bits > 0 { // the widest range that begins at a and ends at b or before
			wider := netip.PrefixFrom(a, bits-1).Masked()
			if wider.Addr() != a || b.Less(Last(wider)) {
				break
			}
			bits--
		}
		p := netip.PrefixFrom(a, bits)
		all = append(all, p)
		if a = Last(p).Next(); !a.IsValid() || b.Less(a) {
			return all, nil
		}
	}
}

// Plain is the address as ranges hold it: IPv4 where it is one, without an interface.
func Plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Set is ranges in no order.
type Set []netip.Prefix

// ParseSet reads addresses and CIDR ranges.
func ParseSet(texts []string) (Set, error) {
	all := make(Set, 0, len(texts))
	for _, t := range texts {
		p, err := Parse(t)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Contain says whether a lies in one of the ranges.
func (all Set) Contain(a netip.Addr) bool {
	a = Plain(a)
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
