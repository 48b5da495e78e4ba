package ingest

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"sluice/internal/cidr"
	"sluice/internal/zone"
)

// OriginBy is what names the device that a line came from.
type OriginBy string

// The ways to name a device.
const (
	OriginPeer OriginBy = "peer"
	OriginHost OriginBy = "host"
)

// SenderRules are the settings that say whose lines are taken, what names their devices, and the
// zones of their stamps.
type SenderRules struct {
	Allow         []string // empty: everybody
	Origin        OriginBy
	TrustedRelays []string
	Zone          string
	Zones         map[string]string
}

// Validate tells bad of each fault, with its key.
func (r SenderRules) Validate(bad func(format string, args ...any)) {
	if _, err := cidr.ParseSet(r.Allow); err != nil {
		bad("allow: %v", err)
	}
	if _, err := cidr.ParseSet(r.TrustedRelays); err != nil {
		bad("trusted_relays: %v", err)
	}
	switch r.Origin {
	case OriginPeer:
		if len(r.TrustedRelays) > 0 {
			bad("trusted_relays: are for origin: host; without it their headers name no device, and all that a relay sends is one origin's")
		}
	case OriginHost:
		// Whoever may write a header may name any host: somebody has to be trusted by name.
		if len(r.TrustedRelays) == 0 {
			bad("origin: host needs trusted_relays, the addresses whose headers are believed (0.0.0.0/0 and ::/0 for all)")
		}
	default:
		bad("origin: %q is none of peer, host", r.Origin)
	}
	if _, err := zone.Load(r.Zone); err != nil {
		bad("zone: %v", err)
	}
	if _, err := zones(r.Zones); err != nil {
		bad("zones: %v", err)
	}
}

// Senders tells what is known of a sender by its address.
type Senders struct {
	input  string
	allow  cidr.Set
	relays cidr.Set
	byHost bool
	zone   string
	zones  []zoned
}

// NewSenders reads the rules for the input of that name.
func NewSenders(input string, r SenderRules) (*Senders, error) {
	s := &Senders{input: input, byHost: r.Origin == OriginHost, zone: r.Zone}
	var err1, err2, err3 error
	s.allow, err1 = cidr.ParseSet(r.Allow)
	s.relays, err2 = cidr.ParseSet(r.TrustedRelays)
	s.zones, err3 = zones(r.Zones)
	return s, errors.Join(err1, err2, err3)
}

// Sender is what all lines of one peer share.
type Sender struct {
	Addr     netip.Addr
	Origin   string
	Peer     string
	Listener string
	Zone     string

	input string
	relay bool // its headers' host names the device
}

// Of is the sender at an address.
func (s *Senders) Of(a netip.AddrPort, listener string) Sender {
	addr := a.Addr().Unmap().WithZone("")
	p := Sender{
		Addr: addr, Origin: Origin(s.input, addr.String()), Peer: netip.AddrPortFrom(addr, a.Port()).String(),
		Listener: listener, Zone: s.zone, input: s.input, relay: s.byHost && s.relays.Contain(addr),
	}
	for _, z := range s.zones {
		if z.senders.Contains(addr) {
			p.Zone = z.zone
			break
		}
	}
	return p
}

// Allowed reports whether lines from an address are taken.
func (s *Senders) Allowed(a netip.Addr) bool { return len(s.allow) == 0 || s.allow.Contain(a) }

// OriginOf is the origin of one line: behind a trusted relay, the device that its header names.
func (p *Sender) OriginOf(line []byte) string {
	if p.relay {
		if host := headerHost(line); host != "" {
			return Origin(p.input, host)
		}
	}
	return p.Origin
}

// zoned is the zone of the senders in a range.
type zoned struct {
	senders netip.Prefix
	zone    string
}

// zones reads zones by sender, the narrowest range first.
func zones(by map[string]string) ([]zoned, error) {
	all := make([]zoned, 0, len(by))
	for _, text := range slices.Sorted(maps.Keys(by)) {
		p, err := cidr.Parse(text)
		if err != nil {
			return nil, err
		}
		if by[text] == "" {
			return nil, fmt.Errorf("%s: no zone is given, such as Europe/Berlin", text)
		}
		if _, err := zone.Load(by[text]); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		all = append(all, zoned{p, by[text]})
	}
	slices.SortStableFunc(all, func(a, b zoned) int { return b.senders.Bits() - a.senders.Bits() })
	return all, nil
}
