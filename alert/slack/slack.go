// Package slack sends alerts to a Slack incoming webhook, or to anything compatible (Mattermost,
// Rocket.Chat). Slack has no idempotency key: a message that may have been sent before a crash
// says so in its text.
package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sluice/alert"
	"sluice/internal/cidr"
	"sluice/internal/guardhttp"
	"sluice/internal/secret"
)

// Limits of Slack's block kit, https://docs.slack.dev/reference/block-kit/blocks
const (
	maxHeader  = 150  // characters of a header
	maxSection = 3000 // of a section's text
	maxBlocks  = 50
	maxShown   = 15 // alerts; more do not fit on a screen
)

// Settings say which webhook.
type Settings struct {
	URL   secret.Secret `yaml:"url" instead:"webhook_url webhook"` // https://hooks.slack.com/services/…, a secret by itself
	Allow []string      `yaml:"allow"`                             // inner addresses, for a server of one's own
}

// Defaults are the settings of a file that names none.
func Defaults() alert.Settings { return &Settings{} }

// Validate reports every fault, each naming its key.
func (s *Settings) Validate() error {
	var faults []error
	if err := guardhttp.CheckURL(s.URL.Reveal()); err != nil {
		faults = append(faults, fmt.Errorf("url: %w", err))
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
	return &notifier{s.URL, guardhttp.New(guardhttp.Options{Allow: guardhttp.Inner(s.Allow)}), time.Now}, nil
}

type notifier struct {
	url  secret.Secret
	http *guardhttp.Client
	now  func() time.Time
}

type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"` // of mrkdwn: what stands there plainly becomes no link and no mention
}

func mrkdwn(s string) text { return text{Type: "mrkdwn", Text: s, Verbatim: true} }

type block struct {
	Type     string `json:"type"`
	Text     *text  `json:"text,omitempty"`
	Elements []text `json:"elements,omitempty"`
}

type payload struct {
	Text        string  `json:"text"` // of the notification
	Blocks      []block `json:"blocks"`
	UnfurlLinks bool    `json:"unfurl_links"` // a preview would fetch what an attacker named
	UnfurlMedia bool    `json:"unfurl_media"`
}

// Send posts m.
func (n *notifier) Send(ctx context.Context, m alert.Message) error {
	body, err := json.Marshal(render(&m))
	if err != nil {
		return fmt.Errorf("slack: %w: %w", err, alert.ErrFinal)
	}
	answer, err := n.http.Post(ctx, n.url.Reveal(), http.Header{"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"sluice"}}, body)
	return alert.Answered("slack", answer, err, n.now())
}

func render(m *alert.Message) payload {
	subject := m.Subject()
	// A header is plain text: nothing in it is markup.
	header := text{Type: "plain_text", Text: alert.Clean(subject, maxHeader-1)}
	p := payload{Text: noMention(escape(subject)), Blocks: []block{{Type: "header", Text: &header}}}
	sections := m.Sections()
	for _, s := range sections[:min(len(sections), maxShown)] {
		lines := []string{"*" + escape(s.Title) + "*"}
		if s.Link != "" { // above the facts: what is too long loses its end
			lines = append(lines, "<"+escape(s.Link)+"|Open in Sluice>")
		}
		for _, f := range s.Facts {
			lines = append(lines, escape(f.Name)+": "+escape(f.Value))
		}
		shown := mrkdwn(fit(lines))
		p.Blocks = append(p.Blocks, block{Type: "section", Text: &shown})
	}
	notes := m.Notes()
	if over := len(sections) - maxShown; over > 0 {
		notes = append(notes, fmt.Sprintf("%d parts of this message are not shown here.", over))
	}
	if foot := m.Foot(); foot != "" {
		notes = append(notes, "<"+escape(foot)+"|Open in Sluice>")
	}
	if len(notes) > 0 {
		p.Blocks = append(p.Blocks, block{Type: "context", Elements: []text{mrkdwn(fit(notes))}})
	}
	p.Blocks = p.Blocks[:min(len(p.Blocks), maxBlocks)]
	return p
}

// fit joins the lines that fit a section: an escape is never cut in two.
func fit(lines []string) string {
	size := 0
	for i, l := range lines {
		if size += len(l) + 1; size > maxSection {
			if i == 0 {
				return "(too long)"
			}
			return strings.Join(lines[:i], "\n")
		}
	}
	return strings.Join(lines, "\n")
}

// escape makes log content text: Slack reads <...> as links and mentions. Emphasis (*, _,
// ~, `) stays, since a value must be fit to be copied; it can only change the looks.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// noMention keeps Mattermost and Rocket.Chat, which show the text and not the blocks, from reading @channel
// in a log as a call to everybody: an invisible sign stands behind each @.
func noMention(s string) string { return strings.ReplaceAll(s, "@", "@\u2060") }
