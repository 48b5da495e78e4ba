// Package relp receives syslog over RELP, rsyslog's Reliable Event Logging Protocol: a sender keeps each
// message until it is answered, and sends what has no answer again over its next connection. An answer
// goes out once the message is durable, so nothing that was answered is lost, and nothing that was
// not is gone at the sender.
//
// Read on: frame.go has the framing, session.go one connection, answers.go what it is told.
package relp

import (
	"errors"
	"fmt"
	"time"

	"sluice/ingest"
)

// Settings configure one RELP input: any number of listeners that share the rest.
type Settings struct {
	TCP []string `yaml:"tcp"` // addresses such as ":2514" or "10.0.0.1:2514"; without any: on this machine alone
	TLS []string `yaml:"tls"` // addresses, with cert and key

	Cert     string `yaml:"cert"`      // PEM file; read again when it changes
	Key      string `yaml:"key"`       // PEM file
	ClientCA string `yaml:"client_ca"` // PEM file; set: senders must show a certificate by one of these

	MaxLine int `yaml:"max_line"` // bytes; a longer line becomes numbered parts

	Origin        ingest.OriginBy `yaml:"origin"`         // what names the device: peer or host
	TrustedRelays []string        `yaml:"trusted_relays"` // whose header's host is believed; addresses or CIDR
	Allow         []string        `yaml:"allow"`          // who may send; addresses or CIDR; empty: everybody

	MaxConnections int           `yaml:"max_connections"` // at a time; when all are in use, a silent one makes room
	IdleTimeout    time.Duration `yaml:"idle_timeout"`    // 0: never

	Zone  string            `yaml:"zone"`  // of stamps without one: Europe/Berlin, Local, +05:30; default UTC
	Zones map[string]string `yaml:"zones"` // the same by sender, address or CIDR; the narrowest that has it counts
	Pack  string            `yaml:"pack"`  // the pack to use; empty: recognized line by line
}

const (
	// defaultAddr is rsyslog's usual port, for programs of this machine: who is to be reachable from
	// elsewhere says so.
	defaultAddr    = "127.0.0.1:2514"
	defaultMaxLine = 256 << 10 // what one event may hold everywhere; ESXi and audit lines reach 40 KiB
	minMaxLine     = 480       // RFC 5424, 6.1: every receiver takes that much
	maxMaxLine     = 1 << 20   // an event is one message of 4 MiB, and has text twice: whole and read
	// maxFrame is what of one frame is read; rsyslog's largest message is 8 KiB unless it is told otherwise.
	maxFrame = 4 << 20
	// defaultConnections take some 24 KiB each while they are idle (TLS 48).
	defaultConnections = 2000
)

// Defaults are the settings of an empty section.
func Defaults() ingest.Settings {
	return &Settings{MaxLine: defaultMaxLine, Origin: ingest.OriginPeer, MaxConnections: defaultConnections}
}

// Validate reports every fault, each with its key.
func (s *Settings) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	s.streams().Validate(bad)
	if s.MaxLine < minMaxLine || s.MaxLine > maxMaxLine {
		bad("max_line: %d is outside of %d to %d bytes", s.MaxLine, minMaxLine, maxMaxLine)
	}
	s.senders().Validate(bad)
	if s.MaxConnections < 1 {
		bad("max_connections: %d; must be at least 1", s.MaxConnections)
	}
	if s.IdleTimeout < 0 {
		bad("idle_timeout: must not be negative")
	}
	return errors.Join(all...)
}

func (s *Settings) senders() ingest.SenderRules {
	return ingest.SenderRules{Allow: s.Allow, Origin: s.Origin, TrustedRelays: s.TrustedRelays, Zone: s.Zone, Zones: s.Zones}
}

// streams are where it listens; where neither is set, for programs of this machine.
func (s *Settings) streams() ingest.StreamRules {
	return ingest.StreamRules{TCP: s.TCP, TLS: s.TLS, Cert: s.Cert, Key: s.Key, ClientCA: s.ClientCA}.Or(defaultAddr)
}

// Listens implements ingest.Listens.
func (s *Settings) Listens() (tcp, udp, unix []string) { return s.streams().Addresses(), nil, nil }

// Open binds every listener; when one cannot be bound, none stays open.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	own := *s
	own.MaxConnections = ingest.Descriptors(env.Log, env.Name, "max_connections", s.MaxConnections)
	in, err := newInput(&own, env)
	if err != nil {
		return nil, err
	}
	if in.listeners, err = s.streams().Open(env.Log); err != nil {
		return nil, err
	}
	return in, nil
}

// Certificates reads the files of certificates that the settings name, for a check before they are used.
func (s *Settings) Certificates(now time.Time) (warning string, err error) {
	return s.streams().Certificates(now)
}

// Reading implements ingest.Reads.
func (s *Settings) Reading() (pack, zone string) { return s.Pack, s.Zone }
