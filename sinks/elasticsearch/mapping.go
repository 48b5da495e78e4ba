package elasticsearch

import "strings"

// FieldMapping is one row of the field table: a dotted name and its type in
// Elasticsearch's words.
type FieldMapping struct {
	Name string
	Type string
}

// fallbacks are the types that a trimmed cluster may lack, with what serves instead:
// the same queries work, more slowly or in more space.
var fallbacks = map[string]string{
	"constant_keyword": "keyword",
	"flattened":        "object",
	"geo_point":        "object",
	"match_only_text":  "text",
	"scaled_float":     "double",
	"unsigned_long":    "long",
	"version":          "keyword",
	"wildcard":         "keyword",
}

// ownTypes overrule the field table. ECS leaves event.original unindexed; people search
// for words of the raw line more than for anything else.
var ownTypes = map[string]string{
	"event.original": "match_only_text",
	"message":        "match_only_text",
	"sluice.vendor":  "flattened",
	// Opaque: only ever read back.
	"sluice.original_base64": "binary",
}

// searchedByDefault are the fields that a query without a field name looks at. All of
// some 2,000 fields would be more than a query may name.
var searchedByDefault = []string{"message", "event.original", "host.name", "user.name", "process.name", "rule.name", "related.user", "related.hosts"}

// parameters are the mapping of a field of that type.
func parameters(fieldType string) map[string]any {
	m := map[string]any{"type": fieldType}
	switch fieldType {
	case "keyword", "flattened":
		m["ignore_above"] = 1024 // ECS's own; Lucene refuses terms over 32,766 bytes
	case "scaled_float":
		m["scaling_factor"] = 1000
	case "object":
		m["enabled"] = false
	}
	return m
}

// component is the component template of all fields.
func component(fields []FieldMapping, instead map[string]string) map[string]any {
	types := map[string]string{}
	for _, f := range fields {
		types[f.Name] = f.Type
	}
	for name, t := range ownTypes {
		types[name] = t
	}
	parents := map[string]bool{}
	for name := range types {
		for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name[:at], '.') {
			parents[name[:at]] = true
		}
	}
	properties := map[string]any{"@timestamp": parameters("date")}
	for name, t := range types {
		if parents[name] && t != "flattened" || within(name, types) {
			continue // an object is there by its children
		}
		if t == "nested" || t == "group" {
			t = "object"
		}
		if other := instead[t]; other != "" {
			t = other
		}
		properties[name] = parameters(t)
	}
	return map[string]any{
		"template": map[string]any{
			"settings": map[string]any{"index": map[string]any{
				"mapping": map[string]any{"total_fields": map[string]any{"limit": max(2000, 2*len(properties))}},
				"query":   map[string]any{"default_field": searchedByDefault},
			}},
			"mappings": map[string]any{
				"date_detection": false, // a text that looks like a date once would refuse all others
				"dynamic_templates": []any{map[string]any{"strings": map[string]any{
					"match_mapping_type": "string", "mapping": parameters("keyword"),
				}}},
				"properties": properties,
			},
		},
		"_meta": meta,
	}
}

// within says whether a name lies inside a flattened field.
func within(name string, types map[string]string) bool {
	for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name[:at], '.') {
		if types[name[:at]] == "flattened" {
			return true
		}
	}
	return false
}

var meta = map[string]any{"managed_by": "sluice"}

// eventsTemplate makes logs-sluice.* data streams.
func eventsTemplate(composed []string, lifecycle string) map[string]any {
	index := map[string]any{"codec": "best_compression"}
	if lifecycle != "" {
		index["lifecycle"] = map[string]any{"name": lifecycle}
	}
	return map[string]any{
		"index_patterns": []string{EventIndex("*")},
		"priority":       templatePriority,
		"data_stream":    map[string]any{},
		"composed_of":    composed,
		"template":       map[string]any{"settings": map[string]any{"index": index}},
		"_meta":          meta,
	}
}

// alertsTemplate is for the plain indices behind the aliases of alerts.
func alertsTemplate(composed []string) map[string]any {
	return map[string]any{
		"index_patterns": []string{AlertIndex("*")},
		"priority":       templatePriority,
		"composed_of":    composed,
		"_meta":          meta,
	}
}
