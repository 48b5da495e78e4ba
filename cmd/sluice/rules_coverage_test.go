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
	var out bytes.Buffer
	if err := (&rulesCoverageCmd{rulePaths: rulePaths{Paths: []string{file}}}).Run(&env{stdout: &out}); err != nil {
		t.Fatal(err)
	}
	trimmed := func(s string) (lines []string) {
		for l := range strings.Lines(s) {
			lines = append(lines, strings.Join(strings.Fields(l), " "))
		}
		return lines
	}
	if got, want := strings.Join(trimmed(out.String()), "\n"), strings.Join(trimmed(block("")), "\n"); got != want {
		t.Errorf("it prints\n%s\nthe page has\n%s", out.String(), want)
	}
}
