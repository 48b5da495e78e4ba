// Package certfile is a certificate and its key in two PEM files, as listeners use them: what was
// renewed is in use within seconds without a restart, a renewal that cannot be read leaves the old
// pair in use and is told, and so is an end that comes near.
package certfile

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	// lookEvery is how often the files are looked at, at most.
	lookEvery = 10 * time.Second
	// near is what is left when an end is told of: time to mend what should have renewed it.
	near = 14 * 24 * time.Hour
)

// watch is when files were looked at last, and what was wrong with them. Its mutex guards what was read too.
type watch struct {
	log    *slog.Logger
	mu     sync.Mutex
	looked time.Time
	fault  string // of the last look, which is told once
}

// again has the files read if it is time to look. A fault is logged after what it says: a renewal may be
// half written, and the next look finds it whole.
func (w *watch) again(now time.Time, read func() error, says string) (looked bool) {
	if now.Sub(w.looked) < lookEvery {
		return false
	}
	w.looked = now
	fault := ""
	if err := read(); err != nil {
		fault = err.Error()
	}
	if fault != "" && fault != w.fault {
		w.log.Warn(says, "error", fault)
	}
	w.fault = fault
	return true
}

// Pair is a certificate with its key. It is safe for concurrent use.
type Pair struct {
	watch
	cert, key string
	loaded    func(cert []byte) error
	pair      *tls.Certificate
	changed   [2]time.Time // of the files of pair
	ending    string       // what of the end was told
}

// Open reads the pair. loaded, which may be nil, is told each certificate (DER) before the first
// that asks for it gets it.
func Open(log *slog.Logger, cert, key string, loaded func(cert []byte) error) (*Pair, error) {
	p := &Pair{watch: watch{log: log, looked: time.Now()}, cert: cert, key: key, loaded: loaded}
	if err := p.load(); err != nil {
		return nil, err
	}
	p.tellEnd(p.looked)
	return p, nil
}

// Config is TLS 1.2 or newer with the pair as it is at each handshake.
func (p *Pair) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return p.at(time.Now()), nil
	}}
}

// at is the pair that is in use at a time.
func (p *Pair) at(now time.Time) *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.again(now, p.load, "a certificate cannot be read again; the old one stays in use") {
		p.tellEnd(now)
	}
	return p.pair
}

// load reads the files if one of them is another than was read.
func (p *Pair) load() error {
	var changed [2]time.Time
	for i, name := range []string{p.cert, p.key} {
		st, err := os.Stat(name)
		if err != nil {
			return err
		}
		changed[i] = st.ModTime()
	}
	if changed == p.changed {
		return nil
	}
	pair, err := read(p.cert, p.key)
	if err != nil {
		return err
	}
	if p.loaded != nil {
		if err := p.loaded(pair.Certificate[0]); err != nil {
			return err
		}
	}
	if p.pair != nil {
		p.log.Info("a renewed certificate is in use", "cert", p.cert, "until", pair.Leaf.NotAfter)
	}
	p.pair, p.changed, p.ending = pair, changed, ""
	return nil
}

// tellEnd logs once that the end comes near, and once that it came.
func (p *Pair) tellEnd(now time.Time) {
	if what := ends(p.pair.Leaf, now); what != "" && what != p.ending {
		p.ending = what
		p.log.Warn("a certificate "+what, "cert", p.cert, "from", p.pair.Leaf.NotBefore, "until", p.pair.Leaf.NotAfter)
	}
}

// ends says what is wrong with the time of a certificate; "": nothing.
func ends(leaf *x509.Certificate, now time.Time) string {
	switch {
	case now.After(leaf.NotAfter):
		return "has expired"
	case now.Before(leaf.NotBefore):
		return "is not valid yet"
	case leaf.NotAfter.Sub(now) < near && leaf.NotAfter.Sub(leaf.NotBefore) > 2*near: // one for a day is always near its end
		return "expires soon"
	}
	return ""
}

func read(cert, key string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	var missing *os.PathError
	switch {
	case errors.As(err, &missing): // names the file
		return nil, err
	case err != nil && encrypted(key):
		return nil, fmt.Errorf("%s is encrypted, and nobody is asked for its passphrase; write it without one: openssl pkey -in %s -out FILE", key, key)
	case err != nil:
		return nil, fmt.Errorf("%s with the key %s: %w", cert, key, err)
	}
	return &pair, nil
}

// encrypted tells a key that needs a passphrase, by the words of its two forms.
func encrypted(key string) bool {
	text, err := os.ReadFile(key)
	return err == nil && (bytes.Contains(text, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----")) || bytes.Contains(text, []byte("Proc-Type: 4,ENCRYPTED")))
}

// Check reads the pair as Open does. warning says what is wrong with its time, if anything.
func Check(cert, key string, now time.Time) (warning string, err error) {
	pair, err := read(cert, key)
	if err != nil {
		return "", err
	}
	if what := ends(pair.Leaf, now); what != "" {
		warning = fmt.Sprintf("%s %s: it is for %s to %s", cert, what, pair.Leaf.NotBefore.Format(time.RFC3339), pair.Leaf.NotAfter.Format(time.RFC3339))
	}
	return warning, nil
}

// Authorities reads the certificates of authorities from a PEM file.
func Authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return pool, nil
}

// Unknown adds to the error of a handshake what helps where the far side's certificate is of an
// authority that we do not know. key is the setting that names a file of such, file its value.
func Unknown(err error, key, file string) error {
	var unknown x509.UnknownAuthorityError
	switch {
	case !errors.As(err, &unknown):
		return err
	case file == "":
		return fmt.Errorf("%w; if it is an authority of your own, name the file with its certificate as %s", err, key)
	}
	return fmt.Errorf("%w; the authority that signed it is not in %s (%s)", err, key, file)
}
