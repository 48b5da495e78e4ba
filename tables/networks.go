package tables

import (
	"fmt"

	"github.com/gaissmai/bart"

	"sluice/event"
	"sluice/internal/cidr"
)

// Networks says which networks are ours: network.direction follows from it.
type Networks struct {
	Internal []string `yaml:"internal"` // CIDR ranges and addresses; empty: those that are private by their RFCs
}

// NewNetworks is the kind networks.
func NewNetworks() Settings { return &Networks{} }

// private are the ranges that nobody routes: RFC 1918, 6598, 3927, 4193, 4291 and loopback.
var private = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1"}

// Validate implements Settings.
func (s *Networks) Validate() error {
	for _, t := range s.Internal {
		if _, err := cidr.Parse(t); err != nil {
			return fmt.Errorf("internal: %w", err)
		}
	}
	return nil
}

// Path implements Settings.
func (s *Networks) Path() string { return "" }

// Build implements Settings.
func (s *Networks) Build([]File) (Table, error) {
	n := &networks{}
	list := s.Internal
	if len(list) == 0 {
		list = private
	}
	for _, t := range list {
		p, err := cidr.Parse(t)
		if err != nil {
			return nil, err
		}
		n.internal.Insert(p, struct{}{})
	}
	return n, nil
}

type networks struct{ internal bart.Table[struct{}] }

func (n *networks) Size() int        { return n.internal.Size() }
func (n *networks) fields() []string { return nil }
func (n *networks) rank() rank       { return rankNetworks }

func (n *networks) bind(look lookup) applier {
	return &direction{internal: &n.internal, src: look("source.ip"), dst: look("destination.ip"), field: look("network.direction")}
}

type direction struct {
	internal        *bart.Table[struct{}]
	src, dst, field event.Field
}

// The directions between two addresses, by whether source and destination are ours.
var directions = [2][2]event.Const{
	{event.NewConst("external"), event.NewConst("inbound")},
	{event.NewConst("outbound"), event.NewConst("internal")},
}

func (d *direction) apply(_ *Worker, ev *event.Event) bool {
	src, dst := ev.Get(d.src), ev.Get(d.dst)
	if src == nil || dst == nil || ev.Has(d.field) {
		return false
	}
	return ev.SetConst(d.field, directions[d.ours(src)][d.ours(dst)])
}

func (d *direction) ours(v *event.Value) int {
	if _, ok := d.internal.Lookup(cidr.Plain(v.Addr())); ok {
		return 1
	}
	return 0
}
