package alert

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"sluice/internal/guardhttp"
)

// Answered turns the outcome of an HTTP post into what a Notifier returns: nil for 2xx; ErrSettings for
// what a mended url, token or allow would change (redirects, which are not followed, an address that is
// not allowed, and the statuses of a webhook that was revoked); ErrFinal for any other status below 500 but
// 408, 425 and 429. Of those and of 5xx, with RetryAfter where the answer has that header,
// 408, 425, 429 and 503 are ErrNotTaken; behind a gateway's 5xx, and behind a server that failed
// at some point, the message may have arrived.
func Answered(channel string, a guardhttp.Answer, err error, now time.Time) error {
	if err != nil {
		if errors.Is(err, guardhttp.ErrInward) {
			return fmt.Errorf("%s: %w: %w", channel, err, ErrSettings)
		}
		if errors.Is(err, guardhttp.ErrForbidden) {
			return fmt.Errorf("%s: %w: %w", channel, err, ErrFinal)
		}
		var unknown x509.UnknownAuthorityError
		if errors.As(err, &unknown) {
			return fmt.Errorf("%s: %w; if it is an authority of your own, name a file with its certificate in the environment's SSL_CERT_FILE: %w", channel, err, ErrNotTaken)
		}
		if unsent(err) {
			return fmt.Errorf("%s: %w: %w", channel, err, ErrNotTaken)
		}
		return fmt.Errorf("%s: %w", channel, err)
	}
	if a.Status >= 200 && a.Status < 300 {
		return nil
	}
	err = fmt.Errorf("%s: answer %s", channel, strings.TrimSpace(fmt.Sprint(a.Status, " ", http.StatusText(a.Status))))
	if said := Clean(string(a.Body[:min(len(a.Body), 500)]), 200); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	switch {
	case a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooEarly || a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable:
		err = fmt.Errorf("%w: %w", err, ErrNotTaken)
	case a.Status >= 300 && a.Status < 400:
		return fmt.Errorf("%w; redirects are not followed, set the channel's url to where it leads: %w", err, ErrSettings)
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusPaymentRequired || a.Status == http.StatusForbidden || a.Status == http.StatusProxyAuthRequired:
		return fmt.Errorf("%w; the receiver does not let us in, mend the channel's url or credentials and reload: %w", err, ErrSettings)
	case a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed || a.Status == http.StatusGone:
		return fmt.Errorf("%w; nothing takes messages there, mend the channel's url and reload: %w", err, ErrSettings)
	case a.Status < 500:
		return fmt.Errorf("%w: %w", err, ErrFinal)
	}
	if wait := a.RetryAfter(now); wait > 0 {
		return RetryAfter{wait, err}
	}
	return err
}

// unsent says whether a connection failed before anything was sent on it: a name that nobody knows, an
// address that does not answer, a certificate that is not believed.
func unsent(err error) bool {
	var dial *net.OpError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &certificate)
}
