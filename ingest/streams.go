package ingest

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"slices"
	"time"
)

// StreamRules are the settings that say where an input listens over TCP, plain and by TLS.
type StreamRules struct {
	TCP, TLS            []string // addresses
	Cert, Key, ClientCA string   // PEM files, for TLS
}

// Validate tells bad of each fault, with its key.
func (r StreamRules) Validate(bad func(format string, args ...any)) {
	ValidateAddrs(bad, "tcp", r.TCP)
	ValidateAddrs(bad, "tls", r.TLS)
	validateTLS(bad, r.TLS, r.Cert, r.Key, r.ClientCA)
}

// Or is r, or a TCP listener at address where r has none.
func (r StreamRules) Or(address string) StreamRules {
	if len(r.TCP)+len(r.TLS) == 0 {
		r.TCP = []string{address}
	}
	return r
}

// Addresses are those of all listeners, as the settings have them.
func (r StreamRules) Addresses() []string { return slices.Concat(r.TCP, r.TLS) }

// Certificates reads the files of certificates, for a check before they are used.
func (r StreamRules) Certificates(now time.Time) (warning string, err error) {
	if len(r.TLS) == 0 {
		return "", nil
	}
	return checkTLS(r.Cert, r.Key, r.ClientCA, now)
}

// Open binds every listener; when one cannot be bound, none stays open.
func (r StreamRules) Open(log *slog.Logger) (all Streams, err error) {
	var certs *tls.Config
	if len(r.TLS) > 0 {
		if certs, err = serverTLS(log, r.Cert, r.Key, r.ClientCA); err != nil {
			return nil, err
		}
	}
	listen := func(kind string, addrs []string, certs *tls.Config) error {
		for _, a := range addrs {
			l, err := listenTCP(kind, a)
			if err != nil {
				return err
			}
			all = append(all, Stream{l, certs})
		}
		return nil
	}
	if err := errors.Join(listen("tcp", r.TCP, nil), listen("tls", r.TLS, certs)); err != nil {
		all.Close()
		return nil, err
	}
	return all, nil
}

// Stream is one TCP or TLS listener.
type Stream struct {
	net.Listener
	TLS *tls.Config // nil: plain
}

// Streams are the listeners of one input: tcp, tls, each in the order of the settings.
type Streams []Stream

// Close closes all; it may be called again.
func (s Streams) Close() {
	for _, l := range s {
		l.Listener.Close()
	}
}

// Addrs are the bound addresses. The network of a listener with certificates is "tls": who starts
// Sluice reads from it what a sender has to speak there.
func (s Streams) Addrs() []net.Addr {
	var all []net.Addr
	for _, l := range s {
		if l.TLS != nil {
			all = append(all, secured{l.Addr()})
		} else {
			all = append(all, l.Addr())
		}
	}
	return all
}

// secured is the address of a listener with certificates.
type secured struct{ net.Addr }

// Network implements net.Addr.
func (secured) Network() string { return "tls" }
