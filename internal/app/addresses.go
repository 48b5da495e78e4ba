package app

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"

	"sluice/config"
	"sluice/ingest"
)

// bound is an address that a part of the configuration takes.
type bound struct {
	who, network, host, port string
	at                       written
}

// written is where an address stands: under the first of the keys that has it.
type written struct {
	part    config.Part
	keys    []string
	address string
}

func (w written) fail(format string, args ...any) {
	w.part.FailValue(w.address, w.keys, format, args...)
}

// clashes says whether only one of the two can be bound: the same port, and one address in
// the other. Port 0 is a free one each time.
func (b bound) clashes(o bound) bool {
	return b.network == o.network && b.port == o.port && b.port != "0" && (b.host == o.host || b.holds(o.host) || o.holds(b.host))
}

// holds says whether b's address is all of what host is one of: 0.0.0.0 is IPv4 alone.
func (b bound) holds(host string) bool {
	if b.host == "0.0.0.0" {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is4()
	}
	return b.host == "" || b.host == "::"
}

// checkAddresses finds inputs that would take an address from each other, or from the console. The
// fault is at the second of the two, which is the one that was added.
func (s *Settings) checkAddresses(f *config.File) {
	var all []bound
	compare := func(who, network string, at written) (b bound, ok bool) {
		host, port, err := net.SplitHostPort(at.address)
		if err != nil {
			return b, false // told already
		}
		b = bound{who, network, host, port, at}
		for _, o := range all {
			if !b.clashes(o) {
				continue
			}
			second := b.at
			if !second.part.Present() { // the console's default
				second = o.at
			}
			second.fail("%s and %s both listen on %s port %s", o.who, who, network, port)
		}
		return b, true
	}
	inputs := f.Section("inputs")
	take := func(who, network string, keys []string, addresses ...string) {
		for _, a := range addresses {
			if b, ok := compare(who, network, written{inputs, keys, a}); ok {
				all = append(all, b)
			}
		}
	}
	paths := map[string]string{} // of sockets, and who has them
	for _, in := range s.Inputs {
		l, ok := in.Settings.(ingest.Listens)
		if !ok {
			continue
		}
		tcp, udp, unix := l.Listens()
		take(in.Name, "tcp", []string{in.Name + ".tls", in.Name + ".tcp", in.Name}, tcp...)
		take(in.Name, "udp", []string{in.Name + ".udp", in.Name}, udp...)
		for _, path := range unix {
			if who, taken := paths[path]; taken {
				written{inputs, []string{in.Name + ".unix_stream", in.Name + ".unix", in.Name}, path}.fail("%s and %s both listen on %s", who, in.Name, path)
			}
			paths[path] = in.Name
		}
	}
	// One of the two is open in a process, so these may have the same.
	compare("the console", "tcp", written{f.Section("console"), []string{"listen"}, s.Console.Listen})
	compare("health", "tcp", written{f.Section("health"), nil, s.Main.Health})
}

// cannotListen names the addresses that now's inputs would take, old's have nothing of, and another program
// has: the inputs that work would give way to some that do not. One that no interface has yet is left to
// the input, since such an address may float between machines.
func cannotListen(old, now *Settings) error {
	var faults []error
	had := listeners(old)
	for _, b := range listeners(now) {
		if slices.ContainsFunc(had, b.clashes) {
			continue
		}
		address := net.JoinHostPort(b.host, b.port)
		err := tryListen(b.network, address)
		if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, os.ErrPermission) {
			where := cmp.Or(now.at("inputs", b.who+"."+b.network, b.at.address), now.at("inputs", b.who+".tls", b.at.address), now.at("inputs", b.who, b.at.address))
			faults = append(faults, fmt.Errorf("%s%s: %w", where, b.who, ingest.ExplainBind(b.network, address, err)))
		}
	}
	return errors.Join(faults...)
}

// tryListen binds an address for a moment.
func tryListen(network, address string) error {
	var c io.Closer
	var err error
	if network == "udp" {
		c, err = net.ListenPacket(network, address)
	} else {
		c, err = net.Listen(network, address)
	}
	if err != nil {
		return err
	}
	return c.Close()
}

// listeners are the addresses of all inputs.
func listeners(s *Settings) (all []bound) {
	for _, in := range s.Inputs {
		l, ok := in.Settings.(ingest.Listens)
		if !ok {
			continue
		}
		tcp, udp, _ := l.Listens()
		for network, addresses := range map[string][]string{"tcp": tcp, "udp": udp} {
			for _, a := range addresses {
				if host, port, err := net.SplitHostPort(a); err == nil {
					all = append(all, bound{who: in.Name, network: network, host: host, port: port, at: written{address: a}})
				}
			}
		}
	}
	return all
}
