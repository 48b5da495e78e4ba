package alert

import (
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"sluice/internal/guardhttp"
)

// Answered turns the outcome of an HTTP post into what a Notifier returns: nil for 2xx;
// RetryAfter for 408, 425, 429 and 5xx with that header; otherwise ErrNotTaken for those, except
// for 502 and 504, behind which the message may have arrived; ErrFinal for any other status
// (including redirects, which are not followed) and for a forbidden address.
func Answered(channel string, a guardhttp.Answer, err error, now time.Time) error {
	if err != nil {
		if errors.Is(err, guardhttp.ErrForbidden) {
			return fmt.Errorf("%s: %w: %w", channel, err, ErrFinal)
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("%s: %w: %w", channel, err, ErrNotTaken)
		}
		return fmt.Errorf("%s: %w", channel, err)
	}
	if a.Status >= 200 && a.Status < 300 {
		return nil
	}
	err = fmt.Errorf("%s: answer %d: %s", channel, a.Status, Clean(string(a.Body[:min(len(a.Body), 500)]), 200))
	switch {
	case a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooEarly || a.Status == http.StatusTooManyRequests || a.Status >= 500:
		if wait := a.RetryAfter(now); wait > 0 {
			return RetryAfter{wait, err}
		}
		if a.Status == http.StatusBadGateway || a.Status == http.StatusGatewayTimeout {
			return err // what is behind the gateway may have taken it
		}
		return fmt.Errorf("%w: %w", err, ErrNotTaken)
	}
	return fmt.Errorf("%w: %w", err, ErrFinal)
}
