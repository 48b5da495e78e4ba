// Package alert decides what people are told, and when. Dedup, silence, group, throttle and route
// are stages, one file each; a channel (alert/email, alert/slack, alert/webhook) only sends.
// Package alerttest checks every channel against the contract given here.
package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Alert is one revision of an alert, as sluice.alerts carries it (ECS JSON in Doc) and as
// messages show it.
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

	Link string // to its page in the console, set when a message is sent; "" if none is configured

	State string   // open, closed (the machine's part; people have their own status)
	Tags  []string // of the rule, and attack.t1059 for each ATT&CK technique
	Doc   []byte   // the ECS document
}

// Message is what a channel is asked to send.
type Message struct {
	// ID is derived from alerts, channel and revisions. A channel that can passes it on
	// (Message-ID, dedup_key, Idempotency-Key), so that receivers recognize a message that is
	// sent again after a crash.
	ID      string
	Alerts  []Alert // one, or a group
	Again   bool    // a crash may have sent this before
	Link    string  // to the console; "" if none is configured
	Summary bool    // of what throttling kept back, sent at the end of its interval
	Dropped int     // alerts that belong to this message but are not in Alerts
	Report  *Report // a report instead of alerts
	Bare    bool    // without what logs say: with it, it was refused
}

// Report is what a message tells on a schedule. Its texts may hold log content.
type Report struct {
	Title    string    `json:"title"`
	Sections []Section `json:"sections"`
}

// Section is one part of a message: an alert, or a part of a report.
type Section struct {
	Title string `json:"title"`
	Facts []Fact `json:"facts"`
	Link  string `json:"link,omitempty"` // to the console, where a message has several alerts
}

// A Notifier sends one message. nil means that the channel has accepted it. Any error is retried
// with backoff, honouring RetryAfter, unless it wraps ErrFinal. It may be called concurrently by
// the tellers of several partitions.
type Notifier interface {
	Send(ctx context.Context, m Message) error
}

// ErrFinal is wrapped by errors that no retry will help: a rejected recipient, a 400.
var ErrFinal = errors.New("refused for good")

// ErrNotTaken is wrapped by errors that mean for certain that nothing was sent: a refused
// connection, a 503. After any other error the message may have arrived, so the next attempt is
// marked Again.
var ErrNotTaken = errors.New("not taken")

// ErrSettings is wrapped by errors that are about the channel's own address or credentials and not about
// the message, such as a webhook that was revoked: what waits is sent once somebody has mended them.
var ErrSettings = fmt.Errorf("the settings are refused, the message is %w", ErrNotTaken)

// RetryAfter is an error that says how long to wait before the next attempt. Whether the message
// may have arrived is Err's to say.
type RetryAfter struct {
	Wait time.Duration
	Err  error
}

func (r RetryAfter) Error() string { return r.Err.Error() }

// Unwrap gives the cause.
func (r RetryAfter) Unwrap() error { return r.Err }

// Settings are the decoded configuration of one channel, and its factory.
type Settings interface {
	Validate() error // no I/O
	Open(env Env) (Notifier, error)
}

// Env is what the program provides to every channel.
type Env struct {
	Name string
	Log  *slog.Logger
}
