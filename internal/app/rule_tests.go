package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/pipeline"
)

// testFields are the misspelt fields in the events of rules' tests: a test that is to be silent is so
// with them whatever the rule says. Other fields that nobody knows may be the source's own.
func testFields(set *pipeline.Set) (out []Finding) {
	var names []string
	told := map[string]bool{}
	for _, s := range set.Rules.Samples() {
		var doc map[string]any
		if !s.Document || json.Unmarshal([]byte(s.Text), &doc) != nil {
			continue // the test itself says what is wrong
		}
		for _, field := range unknownFields(set.Schema, "", doc) {
			if names == nil {
				set.Schema.Names(func(_ event.Field, name string) bool { names = append(names, name); return true })
			}
			key := fmt.Sprint(s.Rule, s.Test, field)
			meant := strictyaml.Misspelt(field, names)
			if meant == "" || told[key] {
				continue
			}
			told[key] = true
			out = append(out, Finding{
				Check: "test-field", Level: FindingWarning, File: set.Rules.Rule(s.Rule).File, Line: s.Line, Rule: s.Rule,
				Message: "an event of the test has " + field + ", which no event has" + strictyaml.Hint(meant),
			})
		}
	}
	return out
}

// unknownFields are the paths of the values in a document that are no fields.
func unknownFields(schema *event.Schema, path string, v any) (out []string) {
	f, known := schema.Lookup(path)
	switch v := v.(type) {
	case map[string]any:
		if known && schema.Type(f) == event.JSON || path == "labels" || path == "sluice.vendor" {
			return nil // of any keys
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, unknownFields(schema, strings.TrimPrefix(path+"."+name, "."), v[name])...)
		}
		return out
	case []any:
		for _, one := range v {
			if inner, ok := one.(map[string]any); ok {
				out = append(out, unknownFields(schema, path, inner)...)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if known || path == "" || v == nil {
		return nil
	}
	return []string{path}
}
