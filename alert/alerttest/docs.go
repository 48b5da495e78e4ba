package alerttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/internal/strictyaml"
)

// Example decodes into v the YAML of docs/alerts.md whose first line is "# name", so
// that what people copy from there works.
func Example(t *testing.T, root, name string, v any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "alerts.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\n# "+name+"\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatalf("docs/alerts.md has no example %q", name)
	}
	node, err := strictyaml.Parse("docs/alerts.md", []byte(block))
	if err != nil {
		t.Fatal(err)
	}
	src := &strictyaml.Source{Name: "docs/alerts.md " + name}
	src.Decode(node, v)
	if err := src.Err(); err != nil {
		t.Fatal(err)
	}
}
