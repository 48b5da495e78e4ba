package console_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/console"
)

// certificate writes a self-signed one for 127.0.0.1 and returns the pool that trusts it.
func certificate(t *testing.T, s *console.Settings) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, block []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: block}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s.TLSCert, s.TLSKey = write("crt", "CERTIFICATE", der), write("key", "PRIVATE KEY", private)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

func TestTLS(t *testing.T) {
	s := console.Defaults()
	s.Listen = "127.0.0.1:0"
	pool := certificate(t, s)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	ln, err := s.Open(slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	w := newWorld(t)
	go func() { done <- w.s.Run(ctx, ln) }()
	get := func(most uint16) (*http.Response, error) {
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: most}}
		defer tr.CloseIdleConnections()
		return (&http.Client{Transport: tr}).Get(s.URL(ln.Addr()) + "/healthz")
	}
	answer, err := get(tls.VersionTLS13)
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("TLS 1.3: %v, %v", answer, err)
	}
	answer.Body.Close()
	if answer, err := get(tls.VersionTLS11); err == nil {
		answer.Body.Close()
		t.Error("TLS 1.1 was taken")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestOpenNamesTheRemedy(t *testing.T) {
	s := console.Defaults()
	s.Listen = "127.0.0.1:0"
	ln, err := s.Open(slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s.Listen = ln.Addr().String()
	if _, err := s.Open(slog.New(slog.DiscardHandler), nil); err == nil || !strings.Contains(err.Error(), "set console.listen") {
		t.Errorf("a port in use: %v", err)
	}
	s.TLSCert, s.TLSKey = "none.crt", "none.key"
	if _, err := s.Open(slog.New(slog.DiscardHandler), nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("no certificate: %v", err)
	}
}
