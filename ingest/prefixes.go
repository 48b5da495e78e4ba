package ingest

import (
	"fmt"
	"net/netip"
)

// Prefixes are ranges of senders' addresses, as allow names them.
type Prefixes []netip.Prefix

// ReadPrefixes reads addresses and CIDR ranges.
func ReadPrefixes(texts []string) (Prefixes, error) {
	all := make(Prefixes, 0, len(texts))
	for _, t := range texts {
		if a, err := netip.ParseAddr(t); err == nil {
			all = append(all, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("%q is no address and no CIDR range", t)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// Contain says whether a lies in one of the ranges. The address must be unmapped and
// without a zone (netip.Prefix.Contains).
func (all Prefixes) Contain(a netip.Addr) bool {
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
