package app

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPages: what the pages show of a configuration is taken as it stands.
func TestPages(t *testing.T) {
	example := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")
	for _, page := range []string{"../../docs/capture.md", "../../docs/console.md", "../../docs/inputs.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		examples := example.FindAllStringSubmatch(string(text), -1)
		if len(examples) == 0 {
			t.Errorf("%s shows no configuration", page)
		}
		for _, e := range examples {
			if _, err := parse(e[1]); err != nil {
				t.Errorf("%s: %v in\n%s", page, err, e[1])
			}
			if err := inEditor(t, e[1]); err != nil {
				t.Errorf("%s: an editor says %v of\n%s", page, err, e[1])
			}
		}
	}
}

// TestAlertsPage: docs/alerts.md shows the keys of each kind of channel, and those that all have.
func TestAlertsPage(t *testing.T) {
	page := blocks(t, "../../docs/alerts.md")
	if s, err := parse(page["channel"]); err != nil || len(s.Channels) != 1 {
		t.Errorf("channel: %v in\n%s", err, page["channel"])
	}
	indent := func(text, by string) string {
		return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+by)
	}
	for kind := range Channels {
		if page[kind] == "" {
			t.Errorf("the page does not show %s", kind)
		}
		text := "channels:\n  soc:\n    kind: " + kind + "\n    " + indent(page[kind], "    ") + "\n    notify:\n      " + indent(page["policy"], "      ") + "\n"
		if _, err := parse(text); err != nil {
			t.Errorf("%s: %v in\n%s", kind, err, text)
		}
		if err := inEditor(t, text); err != nil {
			t.Errorf("%s: an editor says %v of\n%s", kind, err, text)
		}
	}
	text := "channels:\n  soc:\n    kind: slack\n    url: https://hooks.slack.com/services/x\n" + page["reports"]
	if s, err := parse(text); err != nil || len(s.Reports) != 1 {
		t.Errorf("reports: %v in\n%s", err, text)
	}
}
