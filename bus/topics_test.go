package bus_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/bus"
)

// Every topic has a schema, and the examples in it fit it.
func TestTopicSchemas(t *testing.T) {
	topics := bus.Topics(1, 0, nil)
	files, err := filepath.Glob("../schemas/topics/*.schema.json")
	if err != nil || len(files) != len(topics) {
		t.Errorf("%d schemas of %d topics, %v", len(files), len(topics), err)
	}
	for _, topic := range topics {
		path := filepath.Join("..", "schemas", "topics", topic.Name+".schema.json")
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		schema, err := compiler.Compile(path)
		if err != nil {
			t.Errorf("%s: %v", topic.Name, err)
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Examples []any }
		if err := json.Unmarshal(src, &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Examples) == 0 {
			t.Errorf("%s: no example", topic.Name)
		}
		for i, e := range doc.Examples {
			if err := schema.Validate(e); err != nil {
				t.Errorf("%s, example %d: %v", topic.Name, i, err)
			}
		}
		if err := schema.Validate(map[string]any{"value": 1.0}); err == nil {
			t.Errorf("%s takes anything", topic.Name)
		}
	}
}
