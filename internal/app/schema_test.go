package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/internal/strictyaml"
)

// inEditor is what an editor with the schema says of a configuration.
func inEditor(t *testing.T, text string) error {
	t.Helper()
	var schema any
	readSchema(t, &schema)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sluice.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("sluice.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := strictyaml.Parse("sluice.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := root.Decode(&v); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc)))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(value)
}

// TestSchemaAgrees: an editor marks what sluice check refuses, and nothing that it takes.
func TestSchemaAgrees(t *testing.T) {
	f := func(text string, fine bool) {
		t.Helper()
		if _, err := parse(text); (err == nil) != fine {
			t.Errorf("%s: check says %v", text, err)
		}
		if err := inEditor(t, text); (err == nil) != fine {
			t.Errorf("%s: an editor says %v", text, err)
		}
	}
	f("inputs: {a: {kind: syslog, udp: \":514\", idle_timeout: 0}}\n", true)
	f("inputs: {a: {kind: syslog, udp: [\":514\"], idle_timeout: 10m, zones: {192.0.2.0/24: Europe/Berlin}, namespace: office}}\n", true)
	f("inputs: {a: {kind: syslog, udp: \":514\", idle_timeout: 5}}\n", false)
	f("inputs: {a: {kind: file_tail, paths: /var/log/x, partial_after: 0, max_line: 4096}}\n", true)
	f("inputs: {a: {kind: file_tail, paths: /var/log/x, max_line: 4KiB}}\n", false)
	f("inputs: {a: {kind: sylog, udp: \":514\"}}\n", false)
	f("retention: {size: 20GB, age: 90d, bus: 0}\nlimits: {memory: 512MiB}\n", true)
	f("retention: {age: 30}\n", false)
	f("archives: {a: {kind: file, path: /x}}\n", true)
	f("archives: {a: {kind: file, path: /x, namespace: office}}\n", false)
	f("enrich: {a: {kind: networks, namespace: office}}\n", false)
	f("input: {}\n", false)
}
