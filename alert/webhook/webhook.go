// Package webhook posts alerts as JSON to a URL, signed so that the receiver can verify the
// sender and detect replays. docs/alerts.md tells receivers how.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sluice/alert"
	"sluice/internal/cidr"
	"sluice/internal/guardhttp"
	"sluice/internal/secret"
)

// Headers of a message.
const (
	headerKey       = "Idempotency-Key"
	headerTime      = "Sluice-Timestamp" // Unix seconds of the attempt
	headerSignature = "Sluice-Signature" // "v1=" + hex HMAC-SHA256 of timestamp, ".", body
)

// Settings say where to post.
type Settings struct {
	URL    secret.Secret `yaml:"url" instead:"webhook_url address endpoint"` // many receivers keep a token in it
	Secret secret.Secret `yaml:"secret"`                                     // key of the signature, 16 bytes at least; none is no signature
	Token  secret.Secret `yaml:"token"`                                      // sent as Authorization: Bearer
	Allow  []string      `yaml:"allow"`                                      // inner addresses that may be posted to
}

// Defaults are the settings of a file that names none.
func Defaults() alert.Settings { return &Settings{} }

// Validate reports every fault, each naming its key.
func (s *Settings) Validate() error {
	var faults []error
	if err := guardhttp.CheckURL(s.URL.Reveal()); err != nil {
		faults = append(faults, fmt.Errorf("url: %w", err))
	}
	if n := len(s.Secret.Reveal()); n > 0 && n < 16 {
		faults = append(faults, fmt.Errorf("secret: %d bytes can be guessed; use 16 or more", n))
	}
	if !alert.Visible(s.Token.Reveal()) { // and not which: it is a secret
		faults = append(faults, errors.New("token: it holds blanks, line ends or letters other than ASCII, which a header does not take"))
	}
	if _, err := cidr.ParseSet(s.Allow); err != nil {
		faults = append(faults, fmt.Errorf("allow: %w", err))
	}
	return errors.Join(faults...)
}

// Refusal says why nothing will be sent to the URL, as far as that is known before; "": nothing does.
func (s *Settings) Refusal() string {
	return guardhttp.Refusal(s.URL.Reveal(), guardhttp.Inner(s.Allow))
}

// Open makes the channel.
func (s *Settings) Open(alert.Env) (alert.Notifier, error) {
	return &notifier{*s, guardhttp.New(guardhttp.Options{Allow: guardhttp.Inner(s.Allow)}), time.Now}, nil
}

type notifier struct {
	s    Settings
	http *guardhttp.Client
	now  func() time.Time
}

// body is the message as JSON. Fields are only ever added.
type body struct {
	Version int           `json:"version"`
	ID      string        `json:"id"` // the same when a message comes twice
	Subject string        `json:"subject"`
	Again   bool          `json:"again"`
	Bare    bool          `json:"bare,omitempty"` // without what logs say, with which it was refused
	Summary bool          `json:"summary"`
	Dropped int           `json:"dropped"`
	Link    string        `json:"link,omitempty"`
	Alerts  []shownAlert  `json:"alerts"`
	Report  *alert.Report `json:"report,omitempty"` // instead of alerts
}

type shownAlert struct {
	ID        string          `json:"id"`
	Revision  int             `json:"revision"`
	Namespace string          `json:"namespace"`
	Rule      string          `json:"rule"`
	Title     string          `json:"title"`
	Severity  string          `json:"severity"`
	State     string          `json:"state"`
	Count     int64           `json:"count"`
	First     time.Time       `json:"first"`
	Last      time.Time       `json:"last"`
	Link      string          `json:"link,omitempty"`
	Document  json.RawMessage `json:"document,omitempty"` // the alert in ECS
}

// Send posts m. alert.Answered says what becomes of each answer.
func (n *notifier) Send(ctx context.Context, m alert.Message) error {
	b := body{Version: 1, ID: m.ID, Subject: m.Subject(), Again: m.Again, Bare: m.Bare, Summary: m.Summary, Dropped: m.Dropped, Link: m.Link, Alerts: []shownAlert{}}
	for _, a := range m.Alerts {
		b.Alerts = append(b.Alerts, shownAlert{a.ID, a.Revision, a.Namespace, a.Rule, a.Title, a.Severity, a.State, a.Count, a.Start, a.Last, a.Link, a.Doc})
	}
	if m.Report != nil {
		b.Report = &alert.Report{Title: b.Subject, Sections: m.Sections()}
	}
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("webhook: %w: %w", err, alert.ErrFinal)
	}
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"sluice"}, headerKey: {m.ID}}
	stamp := strconv.FormatInt(n.now().Unix(), 10)
	h.Set(headerTime, stamp)
	if !n.s.Secret.Empty() {
		h.Set(headerSignature, "v1="+sign(n.s.Secret, stamp, text))
	}
	if !n.s.Token.Empty() {
		h.Set("Authorization", "Bearer "+n.s.Token.Reveal())
	}
	answer, err := n.http.Post(ctx, n.s.URL.Reveal(), h, text)
	return alert.Answered("webhook", answer, err, n.now())
}

// sign is the hex HMAC-SHA256 that a receiver computes as well, and compares in
// constant time. It should refuse timestamps that are more than five minutes off.
func sign(key secret.Secret, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(key.Reveal()))
	h.Write([]byte(timestamp + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
