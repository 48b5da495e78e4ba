package app

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/invopop/jsonschema"

	"sluice/alert"
	"sluice/bus/kafka"
	"sluice/console"
	"sluice/report"
	"sluice/sinks/elasticsearch"
	"sluice/tables"
)

// ConfigSchema is the JSON Schema of the configuration file, for editors. It is made
// from the settings themselves, so it knows every key that the program knows.
func ConfigSchema() ([]byte, error) {
	r := &jsonschema.Reflector{
		FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, ExpandedStruct: true, Anonymous: true,
		Mapper: scalar,
	}
	of := func(v any) *jsonschema.Schema {
		s := r.Reflect(v)
		s.Version = ""
		return s
	}
	root := of(&Main{})
	root.Version = jsonschema.Version
	root.Title = "Configuration of Sluice"
	add := func(name string, s *jsonschema.Schema) { root.Properties.Set(name, s) }
	add("inputs", kindsSchema(of, Inputs, nil))
	add("channels", kindsSchema(of, Channels, of(&alert.Policy{})))
	add("reports", &jsonschema.Schema{Type: "object", AdditionalProperties: of(&report.Settings{})})
	add("archives", kindsSchema(of, Archives, nil))
	add("enrich", kindsSchema(of, Tables, nil))
	add("kafka", of(&kafka.Settings{}))
	add("elasticsearch", of(&elasticsearch.Settings{}))
	add("console", of(&console.Settings{}))
	add("rules", of(&RuleSettings{}))
	add("packs", of(&PackSettings{}))
	add("retention", of(&Retention{}))
	add("limits", of(&Limits{}))
	return json.MarshalIndent(root, "", "  ")
}

// scalar knows the types that are written as text, and that any list may be one value.
func scalar(t reflect.Type) *jsonschema.Schema {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: `^-?([0-9]+[wd]|[0-9.]+(ns|us|µs|ms|s|m|h))+$|^0$|^\$`, Description: "a duration such as 15s, 10m, 24h or 7d"}
	case t == reflect.TypeFor[Bytes]():
		return &jsonschema.Schema{Description: "a size such as 512MiB or 20GB", OneOf: []*jsonschema.Schema{{Type: "string"}, {Type: "integer"}}}
	case reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()):
		return &jsonschema.Schema{Type: "string"}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		one := &jsonschema.Schema{Type: "string"}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{one, {Type: "array", Items: one}}}
	}
	return nil
}

// kindsSchema is a section of named entries, each of one kind.
func kindsSchema[S any](of func(any) *jsonschema.Schema, kinds map[string]func() S, notify *jsonschema.Schema) *jsonschema.Schema {
	entry := &jsonschema.Schema{}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		s := of(kinds[kind]())
		s.Properties.Set("kind", &jsonschema.Schema{Const: kind})
		if notify != nil {
			s.Properties.Set("notify", notify)
		} else if _, table := any(kinds).(map[string]func() tables.Settings); !table {
			s.Properties.Set("namespace", &jsonschema.Schema{Type: "string"})
		}
		s.Required = append(s.Required, "kind")
		entry.OneOf = append(entry.OneOf, s)
	}
	return &jsonschema.Schema{Type: "object", AdditionalProperties: entry}
}
