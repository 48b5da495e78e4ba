package certfile

import (
	"bytes"
	"crypto/x509"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/internal/certtest"
)

// makePair writes a pair with a serial number and an end.
func makePair(t *testing.T, cert, key string, serial int64, from, until time.Time) {
	t.Helper()
	_, err := certtest.Write(cert, key, func(c *x509.Certificate) {
		c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(serial), from, until
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// stamp gives the files times of last change.
func stamp(t *testing.T, cert, key string, certAt, keyAt time.Time) {
	t.Helper()
	for name, at := range map[string]time.Time{cert: certAt, key: keyAt} {
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRenewal(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	now := time.Now()
	makePair(t, cert, key, 1, now.Add(-time.Hour), now.Add(100*24*time.Hour))
	var log bytes.Buffer
	told := 0
	p, err := Open(slog.New(slog.NewTextHandler(&log, nil)), cert, key, func([]byte) error { told++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	f := func(what string, after time.Duration, serial int64, pairs, lines int, say string) {
		t.Helper()
		got := p.at(now.Add(after)).Leaf.SerialNumber.Int64()
		if n := strings.Count(log.String(), "\n"); got != serial || told != pairs || n != lines || !strings.Contains(log.String(), say) {
			t.Errorf("%s: certificate %d, %d told, %d lines in the log: %s", what, got, told, n, log.String())
		}
	}
	f("at first", 0, 1, 1, 0, "")
	write(t, key, []byte("half"))
	f("between two looks", 5*time.Second, 1, 1, 0, "")
	f("a renewal half written", 20*time.Second, 1, 1, 1, "the old one stays in use")
	f("still", 40*time.Second, 1, 1, 1, "")
	makePair(t, cert, key, 2, now.Add(-time.Hour), now.Add(100*24*time.Hour))
	f("renewed", 60*time.Second, 2, 2, 2, "a renewed certificate is in use")
	st, err := os.Stat(key)
	if err != nil {
		t.Fatal(err)
	}
	// Put in place with the times of where it came from: the newest of the two is as before.
	makePair(t, cert, key, 3, now.Add(-time.Hour), now.Add(100*24*time.Hour))
	stamp(t, cert, key, now.Add(-50*time.Hour), st.ModTime())
	f("older times", 80*time.Second, 3, 3, 3, "")
	f("near its end", 90*24*time.Hour, 3, 3, 4, "expires soon")
	f("told once", 91*24*time.Hour, 3, 3, 4, "")
	f("behind it", 101*24*time.Hour, 3, 3, 5, "has expired")
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	cert, key, other := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "other.pem")
	now := time.Now()
	makePair(t, cert, other, 1, now.Add(-time.Hour), now.Add(time.Hour))
	makePair(t, cert, key, 1, now.Add(-time.Hour), now.Add(time.Hour))
	f := func(key string, at time.Time, warning, fault string) {
		t.Helper()
		got, err := Check(cert, key, at)
		if fault == "" && err != nil || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) || (warning == "") != (got == "") || !strings.Contains(got, warning) {
			t.Errorf("with %s at %v: %q, %v; want %q, %q", key, at, got, err, warning, fault)
		}
	}
	f(key, now, "", "")
	f(key, now.Add(2*time.Hour), "has expired", "")
	f(key, now.Add(-2*time.Hour), "is not valid yet", "")
	f(other, now, "", "does not match")
	locked := filepath.Join(dir, "locked.pem")
	if err := os.WriteFile(locked, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f(locked, now, "", "locked.pem is encrypted")
	f(filepath.Join(dir, "none.pem"), now, "", "none.pem: no such file")
	if _, err := Authorities(key); err == nil || !strings.Contains(err.Error(), "no PEM certificate") {
		t.Errorf("a key for an authority: %v", err)
	}
}
