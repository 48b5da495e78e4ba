package slack

import (
	"encoding/json"
	"strings"
	"testing"

	"sluice/alert"
	"sluice/alert/alerttest"
	"sluice/internal/secret"
)

// read is what a person sees of a payload.
func read(body []byte) string {
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return err.Error()
	}
	out := []string{p.Text}
	for _, b := range p.Blocks {
		if b.Text != nil {
			out = append(out, b.Text.Text)
		}
		for _, e := range b.Elements {
			out = append(out, e.Text)
		}
	}
	return strings.Join(out, "\n")
}

func TestContract(t *testing.T) {
	far := alerttest.NewHTTP(t, read)
	s := Settings{URL: secret.New(far.URL), Allow: []string{"127.0.0.0/8"}}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	n, err := s.Open(alert.Env{})
	if err != nil {
		t.Fatal(err)
	}
	alerttest.Contract(t, n, far)
}

func TestLimitsAndEscapes(t *testing.T) {
	m := alerttest.Sample("m", strings.Repeat(alerttest.Hostile+"<!here>&", 400))
	m.Alerts[0].Rule = strings.Repeat("<&>", 5000)
	for len(m.Alerts) < 60 {
		m.Alerts = append(m.Alerts, m.Alerts[0])
	}
	p := render(&m)
	if len(p.Blocks) > maxBlocks {
		t.Errorf("%d blocks", len(p.Blocks))
	}
	for _, b := range p.Blocks {
		var texts []text
		if texts = append(texts, b.Elements...); b.Text != nil {
			texts = append(texts, *b.Text)
		}
		for _, x := range texts {
			limit := maxSection
			if x.Type == "plain_text" {
				limit = maxHeader
			} else if strings.Contains(strings.ReplaceAll(x.Text, "<https://sluice.example/alerts/a1|", ""), "<") {
				t.Errorf("unescaped: %s", x.Text)
			}
			if n := len([]rune(x.Text)); n == 0 || n > limit {
				t.Errorf("%d characters, the limit is %d", n, limit)
			}
			if strings.HasSuffix(x.Text, "&") || strings.HasSuffix(x.Text, "&l") {
				t.Errorf("an escape is cut: %q", x.Text[len(x.Text)-10:])
			}
		}
	}
}

// TestMentions: what a log says calls nobody, and is no link.
func TestMentions(t *testing.T) {
	m := alerttest.Sample("m", "@channel see http://bad.example <!here>")
	p := render(&m)
	if strings.Contains(p.Text, "@channel") || strings.Contains(p.Text, "<!here>") {
		t.Errorf("%q", p.Text)
	}
	for _, b := range p.Blocks {
		for _, x := range append(b.Elements, text{}) {
			if b.Text != nil {
				x = *b.Text
			}
			if x.Type != "" && x.Verbatim != (x.Type == "mrkdwn") {
				t.Errorf("%+v", x)
			}
		}
	}
}

func TestDocumented(t *testing.T) {
	s := Defaults()
	alerttest.Example(t, "../..", "slack", s)
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}
