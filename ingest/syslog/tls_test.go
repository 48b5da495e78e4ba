package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMutualTLS(t *testing.T) {
	cert, key, pool := certificates(t)
	w := start(t, settings(func(s *Settings) { s.TLS, s.Cert, s.Key, s.ClientCA = []string{anyPort}, cert, key, cert }))
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	conf := &tls.Config{RootCAs: pool, ServerName: "localhost"}
	if c, err := tls.Dial("tcp", w.addrs[0].String(), conf); err == nil {
		_, err = c.Read(make([]byte, 1)) // TLS 1.3 tells with the first read
		c.Close()
		if err == nil {
			t.Error("a sender without a certificate was let in")
		}
	}
	conf.Certificates = []tls.Certificate{pair}
	c, err := tls.Dial("tcp", w.addrs[0].String(), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, "10 <34>known.")
	if got := w.lines(1); got[0] != "<34>known." {
		t.Errorf("got %q", got)
	}
	w.stop()
	if got := w.log.String(); !strings.Contains(got, "why=tls_handshake refused=1 last_peer=127.0.0.1:") || !strings.Contains(got, "didn't provide a certificate") {
		t.Errorf("the log does not say who was refused and why: %s", got)
	}
}

// certificates writes a self-signed pair for localhost.
func certificates(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(crand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pool = x509.NewCertPool()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(c)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "EC PRIVATE KEY", keyDER), pool
}
