package syslog

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// certsEvery is how often the certificate's files are looked at, at most.
const certsEvery = 10 * time.Second

// serverTLS is the configuration of TLS listeners (RFC 5425, with TLS 1.2 as the least).
func serverTLS(cert, key, clientCA string) (*tls.Config, error) {
	c := &certificate{cert: cert, key: key}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	if clientCA == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(clientCA)
	if err != nil {
		return nil, fmt.Errorf("client_ca: %w", err)
	}
	conf.ClientCAs = x509.NewCertPool()
	if !conf.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("client_ca: %s holds no PEM certificate", clientCA)
	}
	conf.ClientAuth = tls.RequireAndVerifyClientCert
	return conf, nil
}

// certificate is read again when its file changes, so that a renewal needs no restart.
type certificate struct {
	cert, key string

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time // of the file that was loaded
	looked  time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); c.loaded == nil || now.Sub(c.looked) >= certsEvery {
		c.looked = now
		if err := c.load(); err != nil && c.loaded == nil {
			return nil, err
		}
		// A renewal that is half written leaves the old pair in use until the next look.
	}
	return c.loaded, nil
}

func (c *certificate) load() error {
	cert, err1 := os.Stat(c.cert)
	key, err2 := os.Stat(c.key)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("cert, key: %w", err)
	}
	changed := cert.ModTime()
	if key.ModTime().After(changed) {
		changed = key.ModTime()
	}
	if changed.Equal(c.changed) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("cert, key: %w", err)
	}
	c.loaded, c.changed = &pair, changed
	return nil
}
