// Package syslog receives syslog over UDP, TCP, TLS and the sockets of this machine: RFC 3164, RFC 5424 and what devices
// really send, framed as in RFC 6587 and RFC 5425, each frame detected on its own. It frames and
// timestamps; the header is parsed later, by normalize/header.
//
// Syslog has no acknowledgements, so a sender does not notice loss. What is read from the kernel
// is made durable, or counted as dropped by reason; TCP senders are throttled by not reading.
package syslog

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/ingest"
)

// Settings configure one syslog input: any number of listeners that share the rest.
type Settings struct {
	UDP []string `yaml:"udp"` // addresses such as ":514" or "10.0.0.1:514"
	TCP []string `yaml:"tcp"` // addresses
	TLS []string `yaml:"tls"` // addresses, with cert and key

	Unix       []string `yaml:"unix"`        // paths of datagram sockets, as /dev/log is one
	UnixStream []string `yaml:"unix_stream"` // paths of stream sockets
	UnixMode   Mode     `yaml:"unix_mode"`   // who may write to them

	Cert     string `yaml:"cert"`      // PEM file; read again when it changes
	Key      string `yaml:"key"`       // PEM file
	ClientCA string `yaml:"client_ca"` // PEM file; set: senders must show a certificate by one of these

	MaxLine int     `yaml:"max_line"` // bytes; a longer line becomes numbered parts
	Framing Framing `yaml:"framing"`  // of TCP and TLS
	Format  Format  `yaml:"format"`   // what a line must be to be taken

	Datagram Datagram `yaml:"datagram"` // what a datagram is: one message, or lines

	Origin        ingest.OriginBy `yaml:"origin"`         // what names the device: peer or host
	TrustedRelays []string        `yaml:"trusted_relays"` // whose header's host is believed; addresses or CIDR
	Allow         []string        `yaml:"allow"`          // who may send; addresses or CIDR; empty: everybody
	RateLimit     int             `yaml:"rate_limit"`     // lines a second and sender address; 0: no limit

	MaxConnections int           `yaml:"max_connections"` // at a time; when all are in use, a silent one makes room
	IdleTimeout    time.Duration `yaml:"idle_timeout"`    // 0: never
	ReceiveBuffer  int           `yaml:"receive_buffer"`  // bytes of the kernel for each UDP socket

	Zone  string            `yaml:"zone"`  // of stamps without one: Europe/Berlin, Local, +05:30; default UTC
	Zones map[string]string `yaml:"zones"` // the same by sender, address or CIDR; the narrowest that has it counts
	Pack  string            `yaml:"pack"`  // the pack to use; empty: recognized line by line
}

// Framing is how a stream is cut into messages (RFC 6587).
type Framing string

// The framings. Auto tells them apart at each frame.
const (
	FramingAuto  Framing = "auto"
	FramingOctet Framing = "octet"
	FramingLF    Framing = "lf"
	FramingNUL   Framing = "nul"
)

// Format is what a line must be to be taken.
type Format string

// The formats. Strict refuses what is not RFC 5424 to the letter, with the position.
const (
	FormatAuto   Format = "auto"
	FormatStrict Format = "rfc5424_strict"
)

// Datagram is what one datagram holds.
type Datagram string

// One datagram is one message (RFC 5426, 3.1), whatever line ends its text has: who can write a line
// end into a text that a device logs must not be able to write messages of it. Lines is for
// devices that put several messages into one, each on a line of its own.
const (
	DatagramMessage Datagram = "message"
	DatagramLines   Datagram = "lines"
)

const (
	defaultMaxLine = 256 << 10 // what one event may hold everywhere; ESXi and audit lines reach 40 KiB
	minMaxLine     = 480       // RFC 5424, 6.1: every receiver takes that much
	maxMaxLine     = 1 << 20   // an event is one message of 4 MiB, and has text twice: whole and read
	// defaultConnections take some 16 KiB each while they are idle (TLS 40).
	defaultConnections = 2000
	// defaultReceiveBuffer rides out a pause of 0.2 s at 40,000 datagrams/s of 500 bytes.
	defaultReceiveBuffer = 4 << 20
)

// Defaults are the settings of an empty section. Listeners have none: the port is the
// user's to name. There is no idle timeout, since a plain syslog sender loses the first
// line that it writes into a connection that we closed.
func Defaults() ingest.Settings {
	return &Settings{
		MaxLine:        defaultMaxLine,
		Framing:        FramingAuto,
		Format:         FormatAuto,
		Datagram:       DatagramMessage,
		UnixMode:       defaultMode,
		Origin:         ingest.OriginPeer,
		MaxConnections: defaultConnections,
		ReceiveBuffer:  defaultReceiveBuffer,
	}
}

// Validate reports every fault, each with its key.
func (s *Settings) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }

	if len(s.UDP)+len(s.TCP)+len(s.TLS)+len(s.Unix)+len(s.UnixStream) == 0 {
		bad(`udp, tcp, tls, unix, unix_stream: none is set; name at least one address, such as udp: ":5514"`)
	}
	s.validateUnix(bad)
	ingest.ValidateAddrs(bad, "udp", s.UDP)
	s.streams().Validate(bad)
	if s.MaxLine < minMaxLine || s.MaxLine > maxMaxLine {
		bad("max_line: %d is outside of %d to %d bytes", s.MaxLine, minMaxLine, maxMaxLine)
	}
	switch s.Framing {
	case FramingAuto, FramingOctet, FramingLF, FramingNUL:
	default:
		bad("framing: %q is none of auto, octet, lf, nul", s.Framing)
	}
	if s.Format != FormatAuto && s.Format != FormatStrict {
		bad("format: %q is none of auto, rfc5424_strict", s.Format)
	}
	if s.Datagram != DatagramMessage && s.Datagram != DatagramLines {
		bad("datagram: %q is none of message, lines", s.Datagram)
	}
	s.senders().Validate(bad)
	if s.MaxConnections < 1 {
		bad("max_connections: %d; must be at least 1", s.MaxConnections)
	}
	if s.IdleTimeout < 0 {
		bad("idle_timeout: must not be negative")
	}
	if s.RateLimit < 0 {
		bad("rate_limit: must not be negative")
	}
	if s.ReceiveBuffer < 0 {
		bad("receive_buffer: must not be negative")
	}
	return errors.Join(all...)
}

// Listens implements ingest.Listens.
func (s *Settings) Listens() (tcp, udp, unix []string) {
	return s.streams().Addresses(), s.UDP, slices.Concat(s.Unix, s.UnixStream)
}

func (s *Settings) streams() ingest.StreamRules {
	return ingest.StreamRules{TCP: s.TCP, TLS: s.TLS, Cert: s.Cert, Key: s.Key, ClientCA: s.ClientCA}
}

func (s *Settings) senders() ingest.SenderRules {
	return ingest.SenderRules{Allow: s.Allow, Origin: s.Origin, TrustedRelays: s.TrustedRelays, Zone: s.Zone, Zones: s.Zones}
}

// Open binds every listener; when one cannot be bound, none stays open.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	own := *s
	if len(s.TCP)+len(s.TLS)+len(s.UnixStream) > 0 {
		own.MaxConnections = ingest.Descriptors(env.Log, env.Name, "max_connections", s.MaxConnections)
	}
	in, err := newInput(&own, env)
	if err != nil {
		return nil, err
	}
	if err := in.bind(s); err != nil {
		in.closeListeners()
		return nil, err
	}
	return in, nil
}

// Reading implements ingest.Reads.
func (s *Settings) Reading() (pack, zone string) { return s.Pack, s.Zone }

// Certificates reads the files of certificates that the settings name, for a check before they are used.
func (s *Settings) Certificates(now time.Time) (warning string, err error) {
	return s.streams().Certificates(now)
}
