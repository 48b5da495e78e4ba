// Package sigma reads Sigma rules (specification 2.1) and lowers them to the trees that
// all rules are. What it cannot lower it refuses, with the place and the reason. A
// mapping says where Sigma's fields stand in our events and what the events of a log
// source look like; both are bound when a rule is loaded, nothing is renamed per event.
package sigma

import (
	_ "embed"
	"slices"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/rules"
	"sluice/schemas"
)

// Translator is the dialect for rules.Options. It is read-only after New.
type Translator struct {
	name         string // of the mapping's file
	roots        []string
	first        map[string][]string
	names        map[string][]string
	sources      map[source]*strictyaml.Node
	placeholders map[string][]string
}

//go:embed mapping.yml
var shipped []byte

// Shipped is the mapping that comes with the program.
func Shipped() rules.File { return rules.File{Name: "rules/sigma/mapping.yml", Text: shipped} }

// New reads a mapping: `names` has, for each of Sigma's fields, the fields of events that
// may hold it beside the one of its own name; `roots` are objects below which all of them
// may stand; `first` the fields that are asked before any of those; `sources` what the events of a log source look like, as a Sigma selection;
// `placeholders` the values of %name% for the modifier expand.
func New(mapping rules.File) (*Translator, error) {
	root, err := strictyaml.Parse(mapping.Name, mapping.Text)
	if err != nil {
		return nil, err
	}
	src := &strictyaml.Source{Name: mapping.Name}
	var file struct {
		Roots   []string            `yaml:"roots"`
		First   map[string][]string `yaml:"first"`
		Names   map[string][]string `yaml:"names"`
		Sources []struct {
			Product  string           `yaml:"product"`
			Category string           `yaml:"category"`
			Service  string           `yaml:"service"`
			When     *strictyaml.Node `yaml:"when"`
		} `yaml:"sources"`
		Placeholders map[string][]string `yaml:"placeholders"`
	}
	src.Decode(root, &file)
	t := &Translator{name: mapping.Name, roots: append([]string{""}, file.Roots...), first: file.First, names: file.Names, sources: map[source]*strictyaml.Node{}, placeholders: file.Placeholders}
	for i := range file.Sources {
		s := &file.Sources[i]
		if s.When == nil {
			src.Fail(root, "source %s %s %s has no when", s.Product, s.Category, s.Service)
			continue
		}
		t.sources[source{s.Product, s.Category, s.Service}] = s.When
	}
	return t, src.Err()
}

// Fields are the fields that the rules of files name and ECS lacks, as vendor keys, to be
// numbered with the schema that rules.Load gets. Names that known has are left out.
func (t *Translator) Fields(files []rules.File, known func(name string) bool) []event.Spec {
	seen := map[string]bool{}
	var out []event.Spec
	add := func(sigma string) {
		for _, name := range t.places(sigma) {
			if _, ecs := schemas.Lookup(name); !ecs && !seen[name] && !known(name) {
				seen[name] = true
				out = append(out, event.Spec{Name: name, Vendor: true})
			}
		}
	}
	for _, f := range files {
		docs, err := strictyaml.ParseAll(f.Name, f.Text)
		if err != nil {
			continue // Load says so
		}
		for _, doc := range docs {
			for k, v := range pairs(doc) {
				switch k.Value {
				case "detection", "filter":
					itemNames(v, add)
				case "correlation":
					correlationNames(v, add)
				}
			}
		}
	}
	if len(out) > 0 { // without such rules nobody asks for a log source
		for _, n := range t.sources {
			itemNames(n, add)
		}
	}
	slices.SortFunc(out, func(a, b event.Spec) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// places are the names under which an event may hold a Sigma field.
func (t *Translator) places(sigma string) (out []string) {
	if sigma == "" {
		return nil // keywords: any value
	}
	out = append(out, t.first[sigma]...)
	for _, name := range append([]string{sigma}, t.names[sigma]...) {
		for _, root := range t.roots {
			if root != "" {
				root += "."
			}
			if !slices.Contains(out, root+name) {
				out = append(out, root+name)
			}
		}
	}
	return out
}
