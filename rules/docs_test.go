package rules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/internal/strictyaml"
	"sluice/rules"
)

// docsExamples are the rules in docs/rules.md.
func docsExamples(t *testing.T) (files []rules.File) {
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(text), "```yaml\n")[1:] {
		body, _, _ := strings.Cut(part, "```")
		files = append(files, rules.File{Name: fmt.Sprintf("docs/rules.md#%d", i+1), Text: []byte(body)})
	}
	return files
}

// TestDocs runs what docs/rules.md shows: one rule of each kind, with its tests.
func TestDocs(t *testing.T) {
	set, packs := engine(t, docsExamples(t))
	kinds := map[string]bool{}
	for _, r := range set.Rules() {
		kinds[r.Kind] = true
	}
	for _, kind := range schemaKinds(t) {
		if !kinds[kind] {
			t.Errorf("no example of kind %s", kind)
		}
	}
	for _, res := range set.RunTests(testInput(packs)) {
		if res.Err != nil {
			t.Error(res.Err)
		}
	}
}

// schemaKinds are the kinds that the JSON Schema for editors knows.
func schemaKinds(t *testing.T) []string {
	text, err := os.ReadFile("../schemas/rules/rule.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct {
			Description string
			Enum        []string
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil || len(schema.Properties["kind"].Enum) == 0 {
		t.Fatal("no kinds", err)
	}
	for key, p := range schema.Properties {
		if p.Description == "" {
			t.Errorf("the schema does not say what %s is", key)
		}
	}
	return schema.Properties["kind"].Enum
}

// plain is a YAML node as JSON Schema sees it.
func plain(n *strictyaml.Node) any {
	switch n = strictyaml.Follow(n); n.Kind {
	case strictyaml.Mapping:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return out
	case strictyaml.Sequence:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, plain(c))
		}
		return out
	}
	var v any
	if n.Decode(&v) != nil || n.Tag == "!!timestamp" { // an editor has a text there
		return n.Value
	}
	return v
}

// TestSchema: the JSON Schema for editors takes every rule that we ship or show, and
// refuses what the loader refuses.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../schemas/rules/rule.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	check := func(f rules.File) error {
		n, err := strictyaml.Parse(f.Name, f.Text)
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(plain(n))
	}
	days := rules.File{Name: "days.yml", Text: []byte("id: a\ntitle: A\nlevel: low\nkind: threshold\nwhen: x\ngroup_by: user.name\ncount: 3\nwindow: 1d12h")}
	for _, f := range append(append(rules.Library(), days), docsExamples(t)...) {
		if err := check(f); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	for _, bad := range []string{
		"id: a\ntitle: A\nlevel: low\nkind: match\nwehn: x\nwhen: x",
		"id: a\ntitle: A\nlevel: loud\nkind: match\nwhen: x",
		"id: a\ntitle: A\nlevel: low\nkind: match\nwhen: x\ncount: 3",
		"id: a\ntitle: A\nlevel: low\nkind: threshold\nwhen: x\ncount: 3",
		"id: a\ntitle: A\nlevel: low\nkind: match\nwhen: x\ntests: [{name: a, lines: [x]}]",
	} {
		if check(rules.File{Name: "bad.yml", Text: []byte(bad)}) == nil {
			t.Errorf("the schema takes\n%s", bad)
		}
	}
}
