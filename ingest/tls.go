package ingest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sluice/internal/certfile"
)

// serverTLS is the configuration of TLS listeners (RFC 5425, with TLS 1.2 as the least). With
// clientCA senders must show a certificate by one of these.
func serverTLS(log *slog.Logger, cert, key, clientCA string) (*tls.Config, error) {
	pair, err := certfile.Open(log, cert, key, nil)
	if err != nil {
		return nil, fmt.Errorf("cert, key: %w", err)
	}
	conf := pair.Config()
	// A ticket is sent behind the handshake, to a sender that may never read: its close is a reset
	// then, and what it wrote last is gone before we have read it.
	conf.SessionTicketsDisabled = true
	if clientCA == "" {
		return conf, nil
	}
	trust, err := certfile.OpenTrust(log, clientCA)
	if err != nil {
		return nil, fmt.Errorf("client_ca: %w", err)
	}
	trust.Demand(conf)
	return conf, nil
}

// validateTLS tells bad of keys that are missing beside TLS listeners, or stand without one.
func validateTLS(bad func(format string, args ...any), addrs []string, cert, key, clientCA string) {
	switch {
	case len(addrs) > 0 && (cert == "" || key == ""):
		bad("tls: needs cert and key, two PEM files")
	case len(addrs) == 0 && (cert != "" || key != "" || clientCA != ""):
		bad("cert, key, client_ca: are for tls listeners, and tls is not set")
	}
}

// checkTLS reads the files that serverTLS would, for a check before they are used.
func checkTLS(cert, key, clientCA string, now time.Time) (warning string, err error) {
	if cert != "" && key != "" { // else Validate has said it
		if warning, err = certfile.Check(cert, key, now); err != nil {
			err = fmt.Errorf("cert, key: %w", err)
		}
	}
	if clientCA != "" {
		if _, e := certfile.Authorities(clientCA); e != nil {
			err = errors.Join(err, fmt.Errorf("client_ca: %w", e))
		}
	}
	return warning, err
}
