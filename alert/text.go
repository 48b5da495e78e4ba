package alert

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Subject summarizes m in one line: the highest severity, the first title and how many more. It
// holds no control characters and at most 200 runes.
func (m *Message) Subject() string {
	if m.Report != nil {
		return Clean(m.Report.Title, 160)
	}
	if len(m.Alerts) == 0 {
		return "Sluice: no alert"
	}
	worst := m.Alerts[0].Severity
	for i := range m.Alerts {
		if rank(m.Alerts[i].Severity) > rank(worst) {
			worst = m.Alerts[i].Severity
		}
	}
	text := fmt.Sprintf("[%s] %s", worst, Clean(m.Alerts[0].Title, 160))
	if more := len(m.Alerts) + m.Dropped - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if m.Summary {
		text = "Summary: " + text
	}
	return text
}

// Notes returns the sentences about m itself that a reader needs to know.
func (m *Message) Notes() []string {
	var out []string
	if m.Summary {
		out = append(out, "These alerts were kept back to spare you messages.")
	}
	if m.Dropped > 0 {
		out = append(out, fmt.Sprintf("%d more alerts belong to this message and are not shown.", m.Dropped))
	}
	if m.Bare {
		out = append(out, "The receiver refused this message with what the logs say in it, so that is left out: see the alert itself.")
	}
	if m.Again {
		out = append(out, "You may have had this message before: sending it was interrupted.")
	}
	return out
}

// Sections are what m shows, in order, with each text on one line and bounded.
func (m *Message) Sections() []Section {
	var out []Section
	for i := range m.Alerts {
		one := Section{Title: Clean(m.Alerts[i].Title, 300), Facts: m.Alerts[i].facts()}
		if len(m.Alerts) > 1 {
			one.Link = m.Alerts[i].Link
		}
		out = append(out, one)
	}
	if m.Report == nil {
		return out
	}
	for _, s := range m.Report.Sections {
		shown := Section{Title: Clean(s.Title, 300), Facts: []Fact{}}
		for _, f := range s.Facts {
			shown.Facts = append(shown.Facts, Fact{Clean(f.Name, 100), Clean(f.Value, 300)})
		}
		out = append(out, shown)
	}
	return out
}

// Foot is the link that stands below m as a whole: where each section has its own, one of them would
// pass for that of all.
func (m *Message) Foot() string {
	if len(m.Alerts) > 1 && m.Alerts[0].Link != "" {
		return ""
	}
	return m.Link
}

// Fact is one line about an alert.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// shown are the fields of an alert's document that people look for first.
var shown = []struct{ name, field string }{
	{"Source", "source.ip"},
	{"Destination", "destination.ip"},
	{"Destination port", "destination.port"},
	{"User", "user.name"},
	{"Host", "host.name"},
	{"Process", "process.name"},
	{"File", "file.path"},
	{"URL", "url.original"},
	{"Domain", "dns.question.name"},
}

// facts returns the lines about a that every channel shows, each value on one line and at most
// 300 runes. Values are log content; escaping them is up to the channel.
func (a *Alert) facts() []Fact {
	facts := []Fact{{"Severity", a.Severity}, {"Rule", a.ruleText()}}
	if a.Key != "" {
		facts = append(facts, Fact{"Key", Clean(a.Key, 300)})
	}
	var doc map[string]json.RawMessage
	if json.Unmarshal(a.Doc, &doc) == nil {
		for _, s := range shown {
			if v := field(doc, s.field); v != "" {
				facts = append(facts, Fact{s.name, Clean(v, 300)})
			}
		}
	}
	facts = append(facts, Fact{"Events", fmt.Sprint(a.Count)}, Fact{"First", a.Start.UTC().Format(time.RFC3339)}, Fact{"Last", a.Last.UTC().Format(time.RFC3339)})
	if a.Namespace != "" && a.Namespace != "default" {
		facts = append(facts, Fact{"Namespace", Clean(a.Namespace, 100)})
	}
	if a.Late {
		facts = append(facts, Fact{"Late", "found in logs that arrived later than they were written"})
	}
	if a.State == "closed" {
		facts = append(facts, Fact{"State", "closed"})
	}
	for i, step := range a.Investigation[:min(len(a.Investigation), maxSteps)] {
		facts = append(facts, Fact{fmt.Sprintf("To do %d", i+1), Clean(step, 300)})
	}
	return facts
}

// ruleText names the rule for people, with the id by which routes and silences know it too.
func (a *Alert) ruleText() string {
	if a.RuleName == "" || a.RuleName == a.Rule {
		return Clean(a.Rule, 100)
	}
	return fmt.Sprintf("%s (%s)", Clean(a.RuleName, 150), Clean(a.Rule, 100))
}

// maxSteps bounds what a message says to do; the rest is in the alert.
const maxSteps = 5

// field is the value of a dotted field as text, "" if it is not there or an object.
func field(doc map[string]json.RawMessage, name string) string {
	head, rest, deeper := strings.Cut(name, ".")
	raw := doc[head]
	if deeper {
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil {
			return ""
		}
		return field(inner, rest)
	}
	var one any
	if json.Unmarshal(raw, &one) != nil {
		return ""
	}
	switch v := one.(type) {
	case string:
		return v
	case float64, bool:
		return string(raw)
	case []any:
		var parts []string
		for _, p := range v[:min(len(v), 5)] {
			parts = append(parts, fmt.Sprint(p))
		}
		if len(v) > 5 {
			parts = append(parts, fmt.Sprintf("and %d more", len(v)-5))
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

// Visible says whether a text is nothing but visible characters of ASCII, as a header of HTTP and a command of
// SMTP take it.
func Visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Clean turns log content into one line for display: white space, control characters and
// invisible or direction-changing ones become a space, and text longer than limit runes is cut
// with an ellipsis.
func Clean(text string, limit int) string {
	var b strings.Builder
	n, blank := 0, false
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			blank = n > 0
			continue
		}
		if blank {
			b.WriteByte(' ')
			n, blank = n+1, false
		}
		if n >= limit {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
