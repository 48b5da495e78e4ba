// Package schemas defines the names and types of fields: the table of the Elastic Common Schema,
// generated from its published list, and our own fields from sluice.yml.
package schemas

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sluice/event"
	"sluice/internal/strictyaml"
)

//go:generate go run ./gen ${ECS_CSV} ecs.tsv

// ECSVersion is the newest release of ECS whose fields we use; the engine writes
// it to ecs.version. Fields of the list that no release has, or only as beta, are
// marked Dev.
const ECSVersion = "9.2.0"

// Field is what is known of one field.
type Field struct {
	Name    string   // dotted
	Type    string   // Elasticsearch's: keyword, long, ip, flattened, nested, ...
	Array   bool     // holds several values
	Allowed []string // the only values it may have; nil: any
	Dev     bool     // in no release, or beta: not mapped, and no pack may fill it
}

//go:embed ecs.tsv
var ecsTable string

//go:embed sluice.yml
var sluiceTable []byte

// table is read once; it is data of the binary, so a fault in it is a bug.
var table = sync.OnceValue(func() map[string]Field {
	out := map[string]Field{}
	for line := range strings.Lines(ecsTable) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		cols := append(strings.Split(line, "\t"), "")
		out[cols[0]] = Field{
			Name: cols[0], Type: cols[1], Allowed: allowed[cols[0]],
			Array: strings.Contains(cols[2], "a"), Dev: strings.Contains(cols[2], "d"),
		}
	}
	if f, ok := out["labels"]; ok { // keywords by any names: an index finds them without a mapping for each
		f.Type = "flattened"
		out["labels"] = f
	}
	own, err := parseOwn(sluiceTable)
	if err != nil {
		panic("BUG: schemas/" + err.Error())
	}
	for _, f := range own {
		out[f.Name] = f
	}
	return out
})

// parseOwn reads sluice.yml.
func parseOwn(text []byte) ([]Field, error) {
	root, err := strictyaml.Parse("sluice.yml", text)
	if err != nil {
		return nil, err
	}
	src := &strictyaml.Source{Name: "sluice.yml"}
	var out []Field
	src.Pairs(root, func(name string, k, v *strictyaml.Node) {
		var one struct {
			Type  string `yaml:"type"`
			Array bool   `yaml:"array"`
			About string `yaml:"about"`
		}
		src.Decode(v, &one)
		if _, ok := types[one.Type]; !ok {
			src.Fail(v, "%s is no type of a field", one.Type)
		}
		if one.About == "" {
			src.Fail(k, "%s does not say what it is about", name)
		}
		out = append(out, Field{Name: name, Type: one.Type, Array: one.Array, Allowed: allowed[name]})
	})
	return out, src.Err()
}

// types are the types of fields and what their values are in memory.
var types = map[string]event.Type{
	"keyword": event.Keyword, "constant_keyword": event.Keyword, "wildcard": event.Keyword, "match_only_text": event.Keyword,
	"long": event.Long, "integer": event.Long,
	"float": event.Double, "double": event.Double, "scaled_float": event.Double,
	"boolean": event.Bool, "date": event.Date, "ip": event.IP,
	"object": event.JSON, "nested": event.JSON, "flattened": event.JSON, "geo_point": event.JSON,
}

// Lookup finds a field of ECS or one of ours.
func Lookup(name string) (Field, bool) {
	f, ok := table()[name]
	return f, ok
}

var fields = sync.OnceValue(func() []Field {
	return slices.SortedFunc(maps.Values(table()), func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
})

// Fields is every field of ECS and ours, by name. The caller does not change it.
func Fields() []Field { return fields() }

// ECS is what an event may hold: the released fields of ECS and our own.
func ECS() []event.Spec {
	var out []event.Spec
	for _, f := range Fields() {
		if !f.Dev {
			out = append(out, f.Spec())
		}
	}
	return out
}

// Spec declares the field for events.
func (f Field) Spec() event.Spec {
	t, ok := types[f.Type]
	if !ok {
		panic(fmt.Sprintf("BUG: schemas: field %s has the unknown type %s", f.Name, f.Type))
	}
	return event.Spec{Name: f.Name, Type: t, Array: f.Array && t != event.JSON, Void: true, Allowed: strings.Join(f.Allowed, " ")}
}
