package alert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/internal/guardhttp"
)

func TestClean(t *testing.T) {
	f := func(text string, limit int, want string) {
		t.Helper()
		if got := Clean(text, limit); got != want {
			t.Errorf("Clean(%q, %d) = %q, want %q", text, limit, got, want)
		}
	}
	f("Port scan", 20, "Port scan")
	f("two\r\nlines", 20, "two lines")
	f(" \t a \x00 b ", 20, "a b")
	f("evil\u202etxt", 20, "evil txt") // turns the direction of writing
	f("a\u200bb", 20, "a b")           // shows nothing
	f("\xff!", 20, "\uFFFD!")
	f("Münze", 5, "Münze")
	f("Münzen", 5, "Münze…")
	f("four five", 5, "four…")
}

func TestSubject(t *testing.T) {
	f := func(m Message, want string) {
		t.Helper()
		if got := m.Subject(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	low, high := Alert{Title: "Port\nscan", Severity: "low"}, Alert{Title: "Beacon", Severity: "high"}
	f(Message{}, "Sluice: no alert")
	f(Message{Alerts: []Alert{low}}, "[low] Port scan")
	f(Message{Alerts: []Alert{low, high}}, "[high] Port scan and 1 more")
	f(Message{Alerts: []Alert{low}, Dropped: 4, Summary: true}, "Summary: [low] Port scan and 4 more")
	if n := len([]rune((&Message{Alerts: []Alert{{Title: strings.Repeat("x", 1000), Severity: "informational"}}}).Subject())); n > 200 {
		t.Errorf("a subject of %d runes", n)
	}
}

// TestAnswered: what may have reached people is neither final nor certainly lost.
func TestAnswered(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := func(status int, retryAfter string, want string) {
		t.Helper()
		a := guardhttp.Answer{Status: status, Header: http.Header{"Retry-After": {retryAfter}}}
		err := Answered("c", a, nil, now)
		got := "uncertain"
		switch {
		case err == nil:
			got = "sent"
		case errors.Is(err, ErrFinal):
			got = "final"
		case errors.Is(err, ErrSettings) && errors.Is(err, ErrNotTaken):
			got = "settings"
		case errors.Is(err, ErrNotTaken):
			got = "not taken"
		}
		var asked RetryAfter
		if errors.As(err, &asked) {
			got += ", " + asked.Wait.String()
		}
		if got != want {
			t.Errorf("%d: %s (%v), want %s", status, got, err, want)
		}
	}
	f(200, "", "sent")
	f(204, "", "sent")
	f(301, "", "settings")
	f(400, "", "final")
	f(401, "", "settings")
	f(403, "", "settings")
	f(404, "7", "settings")
	f(405, "", "settings")
	f(410, "", "settings")
	f(413, "", "final")
	f(422, "", "final")
	f(408, "", "not taken")
	f(425, "", "not taken")
	f(429, "", "not taken")
	f(429, "7", "not taken, 7s")
	f(500, "", "uncertain")
	f(502, "", "uncertain")
	f(502, "7", "uncertain, 7s")
	f(503, "", "not taken")
	f(503, "90", "not taken, 1m30s")
	f(504, "", "uncertain")
	f(504, "90", "uncertain, 1m30s")
	f(524, "", "uncertain")
	foreign := fmt.Errorf("post: %w", x509.UnknownAuthorityError{})
	if err := Answered("c", guardhttp.Answer{}, foreign, now); !errors.Is(err, ErrNotTaken) || !strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Errorf("another authority: %v", err)
	}
	for err, unsent := range map[error]bool{
		&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "hooks.example"}}:   true,
		&net.OpError{Op: "dial", Err: context.DeadlineExceeded}:                                    true,
		&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}: true,
		&net.OpError{Op: "read", Err: syscall.ECONNRESET}:                                          false,
		context.DeadlineExceeded: false,
	} {
		if got := Answered("c", guardhttp.Answer{}, fmt.Errorf("post: %w", err), now); errors.Is(got, ErrNotTaken) != unsent {
			t.Errorf("%v: not taken %v", got, !unsent)
		}
	}
	if err := Answered("c", guardhttp.Answer{Status: 302}, nil, now); !strings.Contains(err.Error(), "redirects are not followed, set the channel's url to where it leads") {
		t.Errorf("a redirect: %v", err)
	}
	err := Answered("c", guardhttp.Answer{Status: 503}, nil, now)
	if want := "c: answer 503 Service Unavailable: not taken"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	err = Answered("c", guardhttp.Answer{Status: 400, Body: []byte("no such channel")}, nil, now)
	if want := "c: answer 400 Bad Request: no such channel: "; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%q, want %q", err, want)
	}
}

// TestLinks: of several alerts each has its link, and none stands below for all; one alert has one link.
func TestLinks(t *testing.T) {
	a, b := Alert{Title: "A", Link: "https://sluice.example/alerts/a"}, Alert{Title: "B", Link: "https://sluice.example/alerts/b"}
	f := func(m Message, foot string, want ...string) {
		t.Helper()
		var got []string
		for _, s := range m.Sections() {
			got = append(got, s.Link)
		}
		if !slices.Equal(got, want) || m.Foot() != foot {
			t.Errorf("%q, below %q; want %q, below %q", got, m.Foot(), want, foot)
		}
	}
	f(Message{Alerts: []Alert{a}, Link: a.Link}, a.Link, "")
	f(Message{Alerts: []Alert{a, b}, Link: a.Link}, "", a.Link, b.Link)
	f(Message{Alerts: []Alert{{Title: "A"}, {Title: "B"}}, Link: a.Link}, a.Link, "", "") // noted by a version that linked to one
}
