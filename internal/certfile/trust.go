package certfile

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"time"
)

// Trust is the authorities whose certificates a listener takes. It is safe for concurrent use.
type Trust struct {
	watch
	file    string
	pool    *x509.CertPool
	changed time.Time // of the file of pool
}

// OpenTrust reads the certificates of authorities from a PEM file.
func OpenTrust(log *slog.Logger, file string) (*Trust, error) {
	t := &Trust{watch: watch{log: log, looked: time.Now()}, file: file}
	return t, t.load()
}

// Demand has conf take only who shows a certificate of the authorities as they are at each handshake.
func (t *Trust) Demand(conf *tls.Config) {
	conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, t.at(time.Now())
	base := conf.Clone()
	conf.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		now := base.Clone()
		now.ClientCAs = t.at(time.Now())
		return now, nil
	}
}

// at is the authorities that are trusted at a time.
func (t *Trust) at(now time.Time) *x509.CertPool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.again(now, t.load, "the certificates of authorities cannot be read again; the old ones stay in use")
	return t.pool
}

// load reads the file if it is another than was read.
func (t *Trust) load() error {
	st, err := os.Stat(t.file)
	if err != nil {
		return err
	}
	if st.ModTime().Equal(t.changed) {
		return nil
	}
	pool, err := Authorities(t.file)
	if err != nil {
		return err
	}
	if t.pool != nil {
		t.log.Info("renewed certificates of authorities are in use", "file", t.file)
	}
	t.pool, t.changed = pool, st.ModTime()
	return nil
}
