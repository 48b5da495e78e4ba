package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCoverageDocs runs the example of docs/rules.md.
func TestCoverageDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Coverage\n")
	block := func(fence string) string {
		_, rest, _ := strings.Cut(section, "\n```"+fence+"\n")
		text, after, ok := strings.Cut(rest, "\n```\n")
		if !ok {
			t.Fatalf("no block %q", fence)
		}
		section = after
		return text + "\n"
	}
	file := filepath.Join(t.TempDir(), "three.yml")
	if err := os.WriteFile(file, []byte(block("yml")), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(c rulesCoverageCmd) string {
		t.Helper()
		var out bytes.Buffer
		c.rulePaths = rulePaths{Paths: []string{file}}
		if err := c.Run(&env{stdout: &out}); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(out.String(), file, "three.yml")
	}
	trimmed := func(s string) (lines []string) {
		for l := range strings.Lines(s) {
			lines = append(lines, strings.Join(strings.Fields(l), " "))
		}
		return lines
	}
	f := func(c rulesCoverageCmd, fence string) {
		t.Helper()
		out := run(c)
		if got, want := strings.Join(trimmed(out), "\n"), strings.Join(trimmed(block(fence)), "\n"); got != want {
			t.Errorf("it prints\n%s\nthe page has\n%s", out, want)
		}
	}
	f(rulesCoverageCmd{}, "")
	f(rulesCoverageCmd{JSON: true}, "json")
}
