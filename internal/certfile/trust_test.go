package certfile

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTrust: authorities that came or went are so at the next handshakes; a file that cannot be read leaves the old ones.
func TestTrust(t *testing.T) {
	dir := t.TempDir()
	file, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "key.pem")
	now := time.Now()
	renew := func(serial int64, at time.Time) *x509.CertPool {
		makePair(t, file, key, serial, now.Add(-time.Hour), now.Add(time.Hour))
		stamp(t, file, key, at, at)
		pool, err := Authorities(file)
		if err != nil {
			t.Fatal(err)
		}
		return pool
	}
	first := renew(1, now.Add(-time.Hour))
	var log bytes.Buffer
	trust, err := OpenTrust(slog.New(slog.NewTextHandler(&log, nil)), file)
	if err != nil {
		t.Fatal(err)
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true}
	trust.Demand(conf)
	f := func(what string, after time.Duration, want *x509.CertPool, lines int, say string) {
		t.Helper()
		trust.at(now.Add(after))
		trust.looked = time.Now() // so that the handshake looks no further
		c, err := conf.GetConfigForClient(nil)
		if err != nil || !c.ClientCAs.Equal(want) || c.ClientAuth != tls.RequireAndVerifyClientCert || !c.SessionTicketsDisabled || c.MinVersion != tls.VersionTLS12 {
			t.Errorf("%s: other certificates are asked for; %v", what, err)
		}
		trust.looked = now.Add(after)
		if n := strings.Count(log.String(), "\n"); n != lines || !strings.Contains(log.String(), say) {
			t.Errorf("%s: the log has %s", what, log.String())
		}
	}
	f("at first", 0, first, 0, "")
	second := renew(2, now)
	f("between two looks", 5*time.Second, first, 0, "")
	f("renewed", 20*time.Second, second, 1, "renewed certificates of authorities")
	write(t, file, []byte("half"))
	f("half written", 40*time.Second, second, 2, "holds no PEM certificate")
	f("still", 60*time.Second, second, 2, "")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	f("gone", 80*time.Second, second, 3, "no such file")
	if _, err := OpenTrust(slog.New(slog.DiscardHandler), file); err == nil {
		t.Error("a file that is not there was read")
	}
}
