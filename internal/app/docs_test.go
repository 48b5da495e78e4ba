package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func texts(t *testing.T, glob string) string {
	t.Helper()
	names, err := filepath.Glob(glob)
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// TestOperatingNamesEverySection: whoever looks a top-level key up finds it in one place.
func TestOperatingNamesEverySection(t *testing.T) {
	page := texts(t, "../../docs/operating.md")
	for _, name := range sections {
		if !regexp.MustCompile("(?m)^\\| [^|]*`" + name + "[`.]").MatchString(page) {
			t.Errorf("docs/operating.md has no row for %s", name)
		}
	}
}

// TestDocumentedMetricsExist: an alarm on a metric that nobody declares never fires.
func TestDocumentedMetricsExist(t *testing.T) {
	declared := texts(t, "../metrics/*.go")
	found := 0
	for _, name := range regexp.MustCompile(`\bsluice_[a-z_]+[a-z]\b`).FindAllString(texts(t, "../../docs/*.md"), -1) {
		if slices.Contains([]string{"sluice_dns", "sluice_flow", "sluice_netflow"}, name) {
			continue // packs
		}
		if found++; !strings.Contains(declared, `"`+name+`"`) {
			t.Errorf("the docs speak of %s, which internal/metrics does not declare", name)
		}
	}
	if found < 10 {
		t.Errorf("%d metrics in the docs: the pattern fits no more", found)
	}
}

// TestPromisesHaveTheirTests: each test that docs/reliability.md names is where it says.
func TestPromisesHaveTheirTests(t *testing.T) {
	page, found := texts(t, "../../docs/reliability.md"), 0
	for _, row := range regexp.MustCompile("(?m)^\\|.*\\|.*`.*\\|$").FindAllString(page, -1) {
		for _, part := range regexp.MustCompile("`([a-z0-9/]+)`([^`]*)").FindAllStringSubmatch(row, -1) {
			for _, name := range regexp.MustCompile(`\bTest\w+`).FindAllString(part[2], -1) {
				if found++; !strings.Contains(texts(t, "../../"+part[1]+"/*_test.go"), "\nfunc "+name+"(") {
					t.Errorf("%s has no %s", part[1], name)
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("%d tests in the page: the pattern fits no more", found)
	}
}

// TestArchitectureNamesEveryFolder: whoever looks for something in the tree finds each folder with Go.
func TestArchitectureNamesEveryFolder(t *testing.T) {
	page, found := texts(t, "../../docs/architecture.md"), 0
	for _, glob := range []string{"../../*/*.go", "../../internal/*/*.go", "../../cmd/*/*.go"} {
		names, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			dir, err := filepath.Rel("../..", filepath.Dir(name))
			if err != nil {
				t.Fatal(err)
			}
			if found++; !strings.Contains(page, "(../"+dir+")") {
				t.Errorf("docs/architecture.md does not name %s", dir)
			}
		}
	}
	if found < 30 {
		t.Errorf("%d files of Go: the globs fit no more", found)
	}
}

// TestLinks: what a page points to is there, and so is the heading.
func TestLinks(t *testing.T) {
	link, heading := regexp.MustCompile(`\]\(([^)\s]+)\)`), regexp.MustCompile(`(?m)^#+ (.*)$`)
	odd, found := regexp.MustCompile(`[^\w\- ]`), 0
	anchors := func(name string) (all []string) {
		for _, m := range heading.FindAllStringSubmatch(texts(t, name), -1) {
			all = append(all, strings.ReplaceAll(odd.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
		}
		return all
	}
	for _, glob := range []string{"../../*.md", "../../docs/*.md", "../../docs/decisions/*.md"} {
		pages, _ := filepath.Glob(glob)
		for _, page := range pages {
			for _, m := range link.FindAllStringSubmatch(texts(t, page), -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				file, anchor, _ := strings.Cut(m[1], "#")
				target := page
				if file != "" {
					target = filepath.Join(filepath.Dir(page), file)
				}
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s: %s leads nowhere", page, m[1])
				} else if anchor != "" && filepath.Ext(target) == ".md" && !slices.Contains(anchors(target), anchor) {
					t.Errorf("%s: no heading is %s", page, m[1])
				}
				found++
			}
		}
	}
	if found < 100 {
		t.Errorf("%d links: the pattern fits no more", found)
	}
}

// TestDocsNameEveryKey: what the schema of the configuration takes is described somewhere, as a
// word of its own in code or as a key of an example.
func TestDocsNameEveryKey(t *testing.T) {
	var schema any
	readSchema(t, &schema)
	pages, keys := texts(t, "../../docs/*.md"), map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if named, ok := v["properties"].(map[string]any); ok {
				for key := range named {
					keys[key] = true
				}
			}
			for _, below := range v {
				walk(below)
			}
		case []any:
			for _, below := range v {
				walk(below)
			}
		}
	}
	walk(schema)
	for key := range keys {
		if !regexp.MustCompile("(?m)`[^`\n]*\\b" + key + "\\b[^`\n]*`|^[ -]*" + key + ":|[{ ]" + key + ": ").MatchString(pages) {
			t.Errorf("no page of docs/ says what %s is", key)
		}
	}
	if len(keys) < 100 {
		t.Errorf("%d keys in the schema: the walk finds no more", len(keys))
	}
}
