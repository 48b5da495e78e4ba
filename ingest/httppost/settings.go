// Package httppost receives events by HTTP POST: what shippers, webhooks and senders of Splunk's HTTP
// Event Collector and to Elasticsearch send. A request is answered with 200 once all its events are
// durable, so a sender that keeps what has no answer loses nothing.
//
// Read on: body.go cuts a body into events, elastic.go those for Elasticsearch, request.go is one request,
// input.go runs the listeners.
package httppost

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"sluice/ingest"
	"sluice/internal/secret"
)

// Settings configure one HTTP input: any number of listeners that share the rest.
type Settings struct {
	TCP []string `yaml:"tcp"` // addresses such as "127.0.0.1:8088"; without any: on this machine alone
	TLS []string `yaml:"tls"` // addresses, with cert and key

	Cert     string `yaml:"cert"`      // PEM file; read again when it changes
	Key      string `yaml:"key"`       // PEM file
	ClientCA string `yaml:"client_ca"` // PEM file; set: senders must show a certificate by one of these

	Token    secret.Secret `yaml:"token"`    // what senders show, as Bearer, Splunk, the password of Basic or the key of an API key
	Insecure bool          `yaml:"insecure"` // anybody who reaches a listener may send

	MaxLine int `yaml:"max_line"` // bytes; a longer event becomes numbered parts
	MaxBody int `yaml:"max_body"` // bytes of a request, unpacked

	Allow          []string `yaml:"allow"`           // who may send; addresses or CIDR; empty: everybody
	MaxConnections int      `yaml:"max_connections"` // at a time; when all are in use, a silent one makes room

	Zone string `yaml:"zone"` // of stamps without one: Europe/Berlin, Local, +05:30; default UTC
	Pack string `yaml:"pack"` // the pack to use; empty: recognized event by event
}

const (
	// defaultAddr is the usual port of Splunk's collector, for programs of this machine: who is to be
	// reachable from elsewhere says so.
	defaultAddr    = "127.0.0.1:8088"
	defaultMaxLine = 256 << 10
	minMaxLine     = 480
	maxMaxLine     = 1 << 20 // an event is one message of 4 MiB, and has text twice: whole and read
	defaultMaxBody = 16 << 20
	minMaxBody     = 4 << 10
	maxMaxBody     = ingest.BufferMemory
	// minToken makes guessing hopeless.
	minToken           = 16
	defaultConnections = 1000
)

// Defaults are the settings of an empty section.
func Defaults() ingest.Settings {
	return &Settings{MaxLine: defaultMaxLine, MaxBody: defaultMaxBody, MaxConnections: defaultConnections}
}

// Validate reports every fault, each with its key.
func (s *Settings) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	s.streams().Validate(bad)
	if n := len(s.Token.Reveal()); n > 0 && n < minToken {
		bad("token: has %d characters; must have at least %d", n, minToken)
	}
	open := s.streams().TCP
	if s.ClientCA == "" {
		open = s.streams().Addresses()
	}
	for _, a := range open {
		if s.Token.Empty() && !s.Insecure && !onThisMachine(a) {
			bad("token: is missing, and %s is reached by others; set it, or client_ca and only tls, or insecure: true to take events from anybody", a)
			break
		}
	}
	if s.MaxLine < minMaxLine || s.MaxLine > maxMaxLine {
		bad("max_line: %d is outside of %d to %d bytes", s.MaxLine, minMaxLine, maxMaxLine)
	}
	if s.MaxBody < minMaxBody || s.MaxBody > maxMaxBody {
		bad("max_body: %d is outside of %d to %d bytes", s.MaxBody, minMaxBody, maxMaxBody)
	}
	s.senders().Validate(bad)
	if s.MaxConnections < 1 {
		bad("max_connections: %d; must be at least 1", s.MaxConnections)
	}
	return errors.Join(all...)
}

// onThisMachine reports whether only programs of this machine reach an address.
func onThisMachine(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (s *Settings) senders() ingest.SenderRules {
	return ingest.SenderRules{Allow: s.Allow, Origin: ingest.OriginPeer, Zone: s.Zone}
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
