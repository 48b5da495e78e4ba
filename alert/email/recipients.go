package email

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	gomail "github.com/wneessen/go-mail"

	"sluice/alert"
	"sluice/internal/metrics"
)

// recipients knows who of a message's recipients do not have it yet, where some do: a server answers
// for each of them, and one whose address is no more must not keep a message from the others. What it
// knows is of messages that are tried again, one a teller; a restart forgets it, and sends those again.
type recipients struct {
	mu   sync.Mutex
	left map[string][]string // by message
}

// errRecipient says that a recipient is refused for good.
var errRecipient = errors.New("refused for good")

// missing are those of all that do not have the message; some says that others do.
func (r *recipients) missing(message string, all []string) (left []string, some bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if left, some = r.left[message]; some {
		return left, true
	}
	return all, false
}

// isRecipient says that a server refused recipients, and so took the message for nobody.
func isRecipient(err error) bool {
	var send *gomail.SendError
	return errors.As(err, &send) && send.Reason == gomail.ErrSMTPRcptTo
}

// settle makes one answer of those for each of whom. If some have the message, those refused for good
// are told in the log and counted, and only the others are tried again. If nobody is left, somebody has
// to mend the channel's recipients: what the message says plays no part in that.
func (r *recipients) settle(env alert.Env, message string, whom [][]string, errs []error, some bool) error {
	var wait, refused []string
	var later, final error
	for i, err := range errs {
		switch {
		case err == nil:
			some = true
		case errors.Is(err, alert.ErrFinal) || errors.Is(err, errRecipient):
			refused, final = append(refused, whom[i]...), err
		default:
			wait = append(wait, whom[i]...)
			if later == nil || !errors.Is(err, alert.ErrNotTaken) { // what may have arrived decides how it is sent again
				later = err
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.left, message)
	switch {
	case !some && later != nil:
		return later
	case !some && errors.Is(final, errRecipient):
		return fmt.Errorf("%w, and nobody is left; see to of the channel: %w", final, alert.ErrSettings)
	case !some:
		return final
	}
	if len(refused) > 0 {
		metrics.AlertRecipients.WithLabelValues(env.Name).Add(float64(len(refused)))
		env.Log.Error("the mail server refused recipients for good; the others are told", "channel", env.Name, "message", message, "recipients", strings.Join(refused, ", "), "error", final)
	}
	if len(wait) > 0 {
		r.left[message] = wait
	}
	return later
}
