package console_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"sluice/console"
	"sluice/internal/certtest"
)

func TestTLS(t *testing.T) {
	s := console.Defaults()
	s.Listen = "127.0.0.1:0"
	pair := certtest.New(t)
	s.TLSCert, s.TLSKey = pair.Cert, pair.Key
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
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pair.Pool, MinVersion: tls.VersionTLS10, MaxVersion: most}}
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
	s.Listen = "192.0.2.1:0"
	if _, err := s.Open(slog.New(slog.DiscardHandler), nil); err == nil || !strings.Contains(err.Error(), "no interface of this machine has the address") {
		t.Errorf("the address of another machine: %v", err)
	}
	s.TLSCert, s.TLSKey = "none.crt", "none.key"
	if _, err := s.Open(slog.New(slog.DiscardHandler), nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("no certificate: %v", err)
	}
}
