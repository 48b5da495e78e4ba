// Package alert decides what people are told, and when: dedup, silence, group,
// throttle and route are stages, each one file; a channel (alert/email, alert/slack,
// alert/webhook) only sends. alerttest holds every channel to what is said here.
package alert

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Alert is one revision of what a rule found, as sluice.alerts carries it (ECS JSON
// in Doc) and as messages to people show it.
type Alert struct {
	ID        string // depends only on rule, key and its first event or window
	Revision  int    // grows with each change of the machine's part
	Rule      string // rule id
	RuleName  string // what people call it
	Title     string
	Severity  string // informational, low, medium, high, critical
	Key       string // group-by values as text, for throttling
	Namespace string
	Start     time.Time // window time of its first event
	Last      time.Time // window time of its last event so far
	Count     int64     // events behind it
	Late      bool      // from a lane: something that happened earlier
	Shadow    bool      // of a rule on trial
	// Provisional: it was announced before it was settled. Supersedes are the ids of those
	// that this alert is the settled form of.
	Provisional bool
	Supersedes  []string

	Route         []string // the channels that the rule names; none: their own settings decide
	Investigation []string // what the rule says to do

	State string   // open, closed (the machine's part; people have their own status)
	Tags  []string // of the rule, and attack.t1059 for each ATT&CK technique
	Doc   []byte   // the ECS document
}

// Message is what one channel is asked to send.
type Message struct {
	// ID is made of alert, channel and revision: Message-ID, dedup_key. A channel that
	// can tells its receiver, so that a message sent again after a crash is seen as one.
	ID      string
	Alerts  []Alert // one, or a group
	Again   bool    // a crash may have sent this before
	Link    string  // to the console; "" if none is configured
	Summary bool    // of what throttling kept back, sent at the end of its interval
	Dropped int     // alerts that belong to this message but are not in Alerts
}

// A Notifier sends one message. nil means that the channel has taken it.
// An error is retried with backoff unless it is ErrFinal; Retry-After is honoured by
// way of RetryAfter.
type Notifier interface {
	Send(ctx context.Context, m Message) error
}

// ErrFinal is wrapped by errors that no retry will help: a refused recipient, a 400.
var ErrFinal = errors.New("refused for good")

// ErrNotTaken is wrapped by errors that say for certain that nothing was sent: a
// refused connection, a 503. Any other error may hide a message that arrived, so that
// the next attempt is marked Again.
var ErrNotTaken = errors.New("not taken")

// RetryAfter is an error that names when to try again.
type RetryAfter struct {
	Wait time.Duration
	Err  error
}

func (r RetryAfter) Error() string { return r.Err.Error() }

// Unwrap gives the cause.
func (r RetryAfter) Unwrap() error { return r.Err }

// Settings are one channel's decoded configuration: its value is the factory.
type Settings interface {
	Validate() error // no I/O
	Open(env Env) (Notifier, error)
}

// Env is what the program lends every channel.
type Env struct {
	Name string
	Log  *slog.Logger
}
