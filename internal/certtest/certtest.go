// Package certtest makes certificates for tests: self-signed, each its own authority.
package certtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Pair is a certificate and its key: as files, as a server or client shows it, and as what
// the other side trusts.
type Pair struct {
	Cert, Key string
	TLS       tls.Certificate
	Pool      *x509.CertPool
}

// New makes a pair for localhost and 127.0.0.1 in a folder of the test.
func New(t testing.TB) Pair {
	t.Helper()
	dir := t.TempDir()
	p, err := Write(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Write makes a pair that is good for an hour, as change alters it, and writes its files.
func Write(cert, key string, change func(*x509.Certificate)) (Pair, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return Pair{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Pair{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return Pair{}, err
	}
	p := Pair{Cert: cert, Key: key, TLS: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private, Leaf: leaf}, Pool: x509.NewCertPool()}
	p.Pool.AddCert(leaf)
	return p, errors.Join(write(cert, "CERTIFICATE", der), write(key, "PRIVATE KEY", keyDER))
}

func write(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
