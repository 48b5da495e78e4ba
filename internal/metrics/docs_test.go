package metrics

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/metrics.md")

const docsFile = "../../docs/metrics.md"

const docsHead = "# Metrics\n" +
	"\n" +
	"What `/metrics` of the console, or of `health`, serves in Prometheus' text format, for whoever has the token, beside what Go's runtime and the process say\n" +
	"of themselves (`go_*`, `process_*`). A series appears with its first value. Label values are names from the configuration, packs, rules and constants,\n" +
	"never devices or users. [Operating](operating.md#is-it-healthy) names those worth an alert. `go test ./internal/metrics -update` writes this page.\n" +
	"\n" +
	"| metric | kind | labels | what |\n" +
	"|---|---|---|---|\n"

// declared finds declarations, whose help may be on several lines.
var declared = regexp.MustCompile(`(?s)= *(counter|gauge|histogram)\(\s*("[^"]*"),\s*("(?:[^"\\]|\\.)*")(.*?)\)\n`)

// TestDocs: the documentation lists every metric that there is, and names none that is not.
func TestDocs(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			name, help := unquote(t, m[2]), unquote(t, m[3])
			names[name] = true
			var labels []string
			for _, l := range regexp.MustCompile(`"[^"]*"`).FindAllString(m[4], -1) {
				labels = append(labels, "`"+unquote(t, l)+"`")
			}
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, m[1], strings.Join(labels, ", "), strings.ReplaceAll(help, "|", "\\|")))
		}
	}
	slices.Sort(rows)
	want := docsHead + strings.Join(rows, "")
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(docsFile); err != nil || string(got) != want {
		t.Errorf("docs/metrics.md is not what the code declares (%v): go test ./internal/metrics -update", err)
	}
	for place, name := range named(t) {
		if !names[name] {
			t.Errorf("%s: no metric is called %s", place, name)
		}
	}
}

// named are the metrics that the pages of docs name in full, by page and line.
func named(t *testing.T) map[string]string {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	one := regexp.MustCompile(`\bsluice(?:_[a-z0-9]+){2,}\b`)
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			for k, name := range one.FindAllString(line, -1) {
				found[fmt.Sprintf("%s:%d (%d)", page, i+1, k)] = name
			}
		}
	}
	return found
}

func unquote(t *testing.T, text string) string {
	t.Helper()
	s, err := strconv.Unquote(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}
