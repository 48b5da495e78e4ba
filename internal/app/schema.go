package app

import (
	_ "embed" // for what the comments say
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/invopop/jsonschema"

	"sluice/alert"
	"sluice/bus/kafka"
	"sluice/console"
	"sluice/ingest"
	"sluice/pipeline"
	"sluice/report"
	"sluice/sinks/elasticsearch"
)

// ConfigSchema is the JSON Schema of the configuration file, for editors. It is made
// from the settings themselves, so it knows every key that the program knows, with its
// default and with what the comment beside it in the code says.
func ConfigSchema() ([]byte, error) {
	r := &jsonschema.Reflector{
		FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, ExpandedStruct: true, Anonymous: true,
		Mapper: scalar, LookupComment: about,
	}
	of := func(v any) *jsonschema.Schema {
		s := r.Reflect(v)
		s.Version = ""
		defaults(s, reflect.ValueOf(v).Elem())
		return s
	}
	root := of(&Main{Ack: AckLocal, Lateness: pipeline.DefaultLateness})
	root.Version = jsonschema.Version
	root.Title = "Configuration of Sluice"
	add := func(name, about string, s *jsonschema.Schema) {
		s.Description = about
		root.Properties.Set(name, s)
	}
	policy := alert.DefaultPolicy()
	add("inputs", "where events come from, each by a name of your choice", kindsSchema(of, Inputs, nil))
	add("channels", "how people are told of alerts, each by a name of your choice", kindsSchema(of, Channels, of(&policy)))
	add("reports", "sums of alerts and events on a schedule, each by a name of your choice", &jsonschema.Schema{Type: "object", AdditionalProperties: of(&report.Settings{})})
	add("archives", "sinks that keep events beside the index, each by a name of your choice", kindsSchema(of, Archives, nil))
	add("enrich", "tables of what is known of the values in an event, each by a name of your choice", kindsSchema(of, Tables, nil))
	add("kafka", "the cluster that carries events between roles; without it the bus is in the data directory", of(kafka.Defaults()))
	add("elasticsearch", "the cluster that keeps events and alerts; without it the store is in the data directory", of(elasticsearch.Defaults()))
	add("console", "the pages and the API", of(console.Defaults()))
	add("rules", "which detections run", of(&RuleSettings{Library: true}))
	add("packs", "which packs read lines, beside the shipped ones", of(&PackSettings{}))
	add("retention", "how long and how much is kept, oldest first, never what is not indexed yet", of(&Retention{}))
	add("limits", "the memory from which all bounds derive", of(&Limits{}))
	return json.MarshalIndent(root, "", "  ")
}

// abouts is what the comments in the code say of settings, and which values their types
// have: a name and a text a line. TestSettingsAbout writes it.
//
//go:embed settings_about.tsv
var abouts string

var aboutOf = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(abouts) {
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		m[name] = text
	}
	return m
})

// typeName is the name of a type among the abouts.
func typeName(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// about is what a field of the settings is for; of a type itself, nothing.
func about(t reflect.Type, field string) string {
	if field == "" {
		return ""
	}
	text := aboutOf()[typeName(t)+"."+field]
	f, _ := t.FieldByName(field)
	switch f.Type {
	case reflect.TypeFor[time.Duration]():
		text += " (a duration such as 15s, 10m, 24h or 7d)"
	case reflect.TypeFor[Bytes]():
		text += " (a size such as 512MiB or 20GB)"
	}
	return text
}

// defaults gives each key the value that it has where a file does not name it, unless that is nothing.
func defaults(s *jsonschema.Schema, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		p, ok := s.Properties.Get(v.Type().Field(i).Tag.Get("yaml"))
		switch {
		case !ok || f.IsZero():
		case p.Properties != nil && f.Kind() == reflect.Struct:
			defaults(p, f)
		default:
			p.Default = shown(f)
		}
	}
}

// shown is a value as people write it in YAML.
func shown(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return whole(x)
	case fmt.Stringer:
		return x.String()
	}
	return v.Interface()
}

// whole is a duration in its largest units: 10m, not 10m0s.
func whole(d time.Duration) string {
	text := d.String()
	if d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d%time.Hour == 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// reference is a value that the environment or a file has: ${NAME}, ${file:PATH}.
var reference = &jsonschema.Schema{Type: "string", Pattern: `^\$`}

// scalar knows the types that are written as text, that any list may be one value, and that a
// reference may stand for any value.
func scalar(t reflect.Type) *jsonschema.Schema {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		text := &jsonschema.Schema{Type: "string", Pattern: `^-?([0-9]+[wd]|[0-9.]+(ns|us|µs|ms|s|m|h))+$|^\$`}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{text, {Const: 0}}} // a number in YAML, as the pages write it
	case t == reflect.TypeFor[Bytes]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string"}, {Type: "integer"}}}
	case aboutOf()[typeName(t)] != "":
		values := &jsonschema.Schema{}
		for value := range strings.SplitSeq(aboutOf()[typeName(t)], " ") {
			values.Enum = append(values.Enum, value)
		}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{values, reference}}
	case reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()):
		return &jsonschema.Schema{Type: "string"}
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "integer"}, reference}}
	case t.Kind() == reflect.Bool:
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "boolean"}, reference}}
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
		}
		if _, input := any(kinds).(map[string]func() ingest.Settings); input {
			s.Properties.Set("namespace", &jsonschema.Schema{Type: "string", Description: "of the events and their alerts: a part of the index's name"})
		}
		s.Required = append(s.Required, "kind")
		entry.OneOf = append(entry.OneOf, s)
	}
	return &jsonschema.Schema{Type: "object", AdditionalProperties: entry}
}
