package console

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluice/internal/certfile"
)

// Settings are the section console of the configuration.
type Settings struct {
	Listen   string   `yaml:"listen"`   // host:port
	Hosts    []string `yaml:"hosts"`    // names beside the loopback ones that browsers may call it by
	TLSCert  string   `yaml:"tls_cert"` // file, PEM with the chain
	TLSKey   string   `yaml:"tls_key"`  // file, PEM
	Insecure bool     `yaml:"insecure"` // listen beyond loopback without TLS
}

// Defaults listen on loopback only.
func Defaults() *Settings {
	return &Settings{
		Listen: "127.0.0.1:8514", // 8000 + syslog's 514
	}
}

// Validate checks the settings without I/O.
func (s *Settings) Validate() error {
	var faults []error
	host, port, err := net.SplitHostPort(s.Listen)
	if n, e := strconv.Atoi(port); err != nil || port == "" || e == nil && (n < 0 || n > 65535) {
		faults = append(faults, fmt.Errorf("listen: %q is not host:port, such as 127.0.0.1:8514", s.Listen))
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		faults = append(faults, errors.New("tls_cert and tls_key: set both or neither"))
	}
	if err == nil && !isLoopback(host) && s.TLSCert == "" && !s.Insecure {
		faults = append(faults, fmt.Errorf("listen: %s is reachable from other machines and the token would cross the network in clear; "+
			"set tls_cert and tls_key, listen on 127.0.0.1, or set insecure: true where a proxy in front does TLS", s.Listen))
	}
	for _, h := range s.Hosts {
		_, _, port := net.SplitHostPort(h)
		if h == "" || strings.ContainsAny(h, "/ @") || port == nil {
			faults = append(faults, fmt.Errorf("hosts: %q is not a host name (without scheme and port)", h))
		}
	}
	return errors.Join(faults...)
}

// Open listens, with TLS 1.2 or newer where a certificate is set; loaded is told each that comes
// into use (DER), and may be nil.
func (s *Settings) Open(log *slog.Logger, loaded func(cert []byte) error) (net.Listener, error) {
	var conf *tls.Config
	if s.TLSCert != "" {
		pair, err := certfile.Open(log, s.TLSCert, s.TLSKey, loaded)
		if err != nil {
			return nil, fmt.Errorf("load the console's certificate: %w", err)
		}
		conf = pair.Config()
	}
	ln, err := net.Listen("tcp", s.Listen)
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		return nil, fmt.Errorf("open the console on %s: %w; no interface of this machine has the address: set console.listen", s.Listen, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the console on %s: %w; stop what uses the port or set console.listen", s.Listen, err)
	}
	if conf != nil {
		ln = tls.NewListener(ln, conf)
	}
	return ln, nil
}

// Certificates reads the certificate's files, for a check before they are used.
func (s *Settings) Certificates(now time.Time) (warning string, err error) {
	if s.TLSCert == "" || s.TLSKey == "" {
		return "", nil
	}
	if warning, err = certfile.Check(s.TLSCert, s.TLSKey, now); err != nil {
		err = fmt.Errorf("tls_cert, tls_key: %w", err)
	}
	return warning, err
}

// URL is where people reach a console that listens on addr; an unspecified address
// is shown as 127.0.0.1.
func (s *Settings) URL(addr net.Addr) string {
	scheme := "http"
	if s.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return scheme + "://" + addr.String()
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// isLoopback tells whether a host name or address can only mean this machine.
func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, 6.3
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}
