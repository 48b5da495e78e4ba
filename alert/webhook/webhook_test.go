package webhook

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/alert"
	"sluice/alert/alerttest"
	"sluice/internal/secret"
)

var inner = []string{"127.0.0.1"}

func open(t *testing.T, s Settings) alert.Notifier {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	n, err := s.Open(alert.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestContract(t *testing.T) {
	far := alerttest.NewHTTP(t, func(b []byte) string { return string(b) })
	alerttest.Contract(t, open(t, Settings{URL: secret.New(far.URL + "/hook"), Allow: inner}), far)
}

func TestSigned(t *testing.T) {
	far := alerttest.NewHTTP(t, func(b []byte) string { return string(b) })
	key := secret.New("0123456789abcdef")
	n := open(t, Settings{URL: secret.New(far.URL), Secret: key, Token: secret.New("t0ken"), Allow: inner})
	if err := n.Send(t.Context(), alerttest.Sample("m1", "Many failed logins")); err != nil {
		t.Fatal(err)
	}
	p := far.Posts()[0]
	if got, want := p.Header.Get(headerSignature), "v1="+sign(key, p.Header.Get(headerTime), p.Body); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if sign(key, p.Header.Get(headerTime)+"1", p.Body) == sign(key, p.Header.Get(headerTime), p.Body) {
		t.Error("the timestamp is not signed")
	}
	if p.Header.Get(headerKey) != "m1" || p.Header.Get("Authorization") != "Bearer t0ken" {
		t.Errorf("headers %v", p.Header)
	}
	var b body
	if err := json.Unmarshal(p.Body, &b); err != nil || b.ID != "m1" || len(b.Alerts) != 1 || b.Alerts[0].Count != 12 || len(b.Alerts[0].Document) == 0 {
		t.Errorf("body %s, %v", p.Body, err)
	}
}

func TestRetryAfter(t *testing.T) {
	far := alerttest.NewHTTP(t, func(b []byte) string { return string(b) })
	far.Next(alerttest.Busy)
	err := open(t, Settings{URL: secret.New(far.URL), Allow: inner}).Send(t.Context(), alerttest.Sample("m", "x"))
	var wait alert.RetryAfter
	if !errors.As(err, &wait) || wait.Wait != 7*time.Second {
		t.Errorf("err %v", err)
	}
}

func TestInwardWaits(t *testing.T) {
	far := alerttest.NewHTTP(t, func(b []byte) string { return string(b) })
	err := open(t, Settings{URL: secret.New(far.URL + "/t0ken")}).Send(t.Context(), alerttest.Sample("m", "x"))
	if !errors.Is(err, alert.ErrSettings) || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("err %v", err)
	}
	far.Close()
	err = open(t, Settings{URL: secret.New(far.URL + "/t0ken"), Allow: inner}).Send(t.Context(), alerttest.Sample("m", "x"))
	if !errors.Is(err, alert.ErrNotTaken) || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("err %v", err)
	}
}

func TestFaults(t *testing.T) {
	f := func(want string, s Settings) {
		t.Helper()
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("url: ", Settings{})
	f("user name", Settings{URL: secret.New("https://me:hunter2@example.com")})
	f("secret: ", Settings{URL: secret.New("https://example.com"), Secret: secret.New("hunter2")})
	f("url: the URL names no port", Settings{URL: secret.New("https://example.com:99999/hunter2")})
	f("token: ", Settings{URL: secret.New("https://example.com"), Token: secret.New("hunter2\nhunter2")})
	f(`allow: "10.0.0/8" is no address and no CIDR range`, Settings{URL: secret.New("https://example.com"), Allow: []string{"10.0.0.7", "10.0.0/8"}})
}

func TestDocumented(t *testing.T) {
	s := Defaults()
	alerttest.Example(t, "../..", "webhook", s)
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}
