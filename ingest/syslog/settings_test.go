package syslog

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"sluice/ingest"
)

func TestValidate(t *testing.T) {
	f := func(want string, change func(*Settings)) {
		t.Helper()
		s := settings(func(s *Settings) { s.UDP = []string{":5514"} })
		change(s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("udp, tcp, tls, unix, unix_stream: none is set", func(s *Settings) { s.UDP = nil })
	f("udp: \"514\" is no address", func(s *Settings) { s.UDP = []string{"514"} })
	f("tls: needs cert and key", func(s *Settings) { s.TLS = []string{":6514"} })
	f("are for tls listeners", func(s *Settings) { s.Cert = "x" })
	f("max_line:", func(s *Settings) { s.MaxLine = 10 })
	f("framing:", func(s *Settings) { s.Framing = "crlf" })
	f("format:", func(s *Settings) { s.Format = "rfc3164" })
	f("datagram: \"split\" is none of", func(s *Settings) { s.Datagram = "split" })
	f("unix: \"log\" is no path", func(s *Settings) { s.Unix = []string{"log"} })
	f("unix_stream: \"/"+strings.Repeat("x", 107)+"\" has 108 bytes", func(s *Settings) { s.UnixStream = []string{"/" + strings.Repeat("x", 107)} })
	f("allow: \"x\"", func(s *Settings) { s.Allow = []string{"x"} })
	f("needs trusted_relays", func(s *Settings) { s.Origin = ingest.OriginHost })
	f("trusted_relays:", func(s *Settings) { s.TrustedRelays = []string{"10.0.0.0/99"} })
	f("trusted_relays: are for origin: host", func(s *Settings) { s.TrustedRelays = []string{"10.0.0.1"} })
	f("origin:", func(s *Settings) { s.Origin = "name" })
	f("max_connections:", func(s *Settings) { s.MaxConnections = 0 })
	f("must not be negative", func(s *Settings) { s.IdleTimeout = -1 })
	f("zone:", func(s *Settings) { s.Zone = "Mars" })
	f("zones: 192.0.2.7: \"Mars\"", func(s *Settings) { s.Zones = map[string]string{"192.0.2.7": "Mars"} })
	f("zones: \"fw1\" is no address", func(s *Settings) { s.Zones = map[string]string{"fw1": "UTC"} })
}

// TestZones: the narrowest range that has a sender gives its stamps their zone.
func TestZones(t *testing.T) {
	s := settings(func(s *Settings) {
		s.Zone = "UTC"
		s.Zones = map[string]string{"192.0.2.0/24": "Europe/Berlin", "192.0.2.7": "Asia/Tokyo", "2001:db8::/32": "America/New_York"}
	})
	in, err := newInput(s, ingest.Env{Name: "net", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	f := func(addr, want string) {
		t.Helper()
		if got := in.sender(netip.MustParseAddrPort(addr), "udp").Zone; got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
	f("192.0.2.7:5000", "Asia/Tokyo")
	f("192.0.2.8:5000", "Europe/Berlin")
	f("[::ffff:192.0.2.8]:5000", "Europe/Berlin")
	f("[2001:db8::1]:5000", "America/New_York")
	f("198.51.100.1:5000", "UTC")
}
