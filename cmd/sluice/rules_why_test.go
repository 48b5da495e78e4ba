package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sluice/internal/condition"
)

// TestFieldsText: of many places where a value may stand, the one that has it is seen.
func TestFieldsText(t *testing.T) {
	fields := []condition.Actual{{Field: "a"}, {Field: "b"}, {Field: "c"}, {Field: "d", Values: []string{"x"}}, {Field: "e"}}
	if got := fieldsText(fields); got != `  [a: not set]  [b: not set]  [d: "x"]  [2 more: not set]` {
		t.Error(got)
	}
	if got := fieldsText(fields[1:4]); got != `  [b: not set]  [c: not set]  [d: "x"]` {
		t.Error(got)
	}
}

// TestWhyDocs runs the example of docs/rules.md: the rule and the lines are those of its section on
// thresholds. The lines name no year, so that it is the clock's.
func TestWhyDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	cut := func(from, to string) string {
		t.Helper()
		_, rest, _ := strings.Cut(string(page), from)
		text, _, ok := strings.Cut(rest, to)
		if !ok {
			t.Fatalf("no text between %q and %q", from, to)
		}
		return text
	}
	rule := cut("```yaml\nid: example-spraying\n", "```\n")
	lines := regexp.MustCompile(`(?m)^  - '(<.*)'$`).FindAllStringSubmatch(rule, 2)
	if len(lines) != 2 {
		t.Fatalf("the rule's test has the lines %q", lines)
	}
	dir := t.TempDir()
	file, log := filepath.Join(dir, "spraying.yml"), filepath.Join(dir, "auth.log")
	for name, text := range map[string]string{file: "id: example-spraying\n" + rule, log: lines[0][1] + "\n" + lines[1][1] + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if code := run([]string{"rules", "why", "--rules", file, "example-spraying", log}, nil, &out, &out); code != exitOK {
		t.Fatal(code, out.String())
	}
	got := strings.ReplaceAll(out.String(), file, "rules/spraying.yml")
	got = regexp.MustCompile(`\b20\d\d-03-02T`).ReplaceAllString(got, "2026-03-02T")
	if want := cut("$ sluice rules why --rules rules example-spraying auth.log\n", "```\n"); got != want {
		t.Errorf("it prints\n%s\nthe page has\n%s", got, want)
	}
}
