// Package sigma reads Sigma rules (specification 2.1) and lowers them to the trees that
// all rules are. What it cannot lower it refuses, with the place and the reason. A
// mapping says where Sigma's fields stand in our events and what the events of a log
// source look like; both are bound when a rule is loaded, nothing is renamed per event.
package sigma

import (
	_ "embed"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/rules"
	"sluice/schemas"
)

// Translator is the dialect for rules.Options. It belongs to one goroutine.
type Translator struct {
	found        map[string][]event.Field // of in, by Sigma's name
	in           *event.Schema
	roots        []string
	first        map[string][]string
	names        map[string][]string
	sources      map[source]logSource
	lowered      map[source]*condition.Node // what sources look like, of leaves
	leaves       *condition.Leaves
	placeholders map[string][]string
}

// logSource is what the events of one look like, and its own names of fields.
type logSource struct {
	file  string
	when  *strictyaml.Node
	names map[string][]string
}

//go:embed mapping.yml
var shipped []byte

// Shipped is the mapping that comes with the program.
func Shipped() rules.File { return rules.File{Name: "rules/sigma/mapping.yml", Text: shipped} }

// New reads a mapping: `names` has, for each of Sigma's fields, the fields of events that
// may hold it beside the one of its own name; `roots` are objects below which all of them
// may stand; `first` the fields that are asked before any of those; `sources` what the
// events of a log source look like, as a Sigma selection, with names of its own;
// `placeholders` the values of %name% for the modifier expand.
//
// Each further mapping is laid over the ones before: what it says of a field, a log source
// or a placeholder takes the place of what they say, and its roots are added. The error has
// every fault with its place.
func New(mappings ...rules.File) (*Translator, error) {
	t := &Translator{roots: []string{""}, first: map[string][]string{}, names: map[string][]string{}, sources: map[source]logSource{}, placeholders: map[string][]string{}}
	var errs []error
	for i, m := range mappings {
		errs = append(errs, t.lay(m, i > 0)) // the first is ours: a test checks it
	}
	return t, errors.Join(errs...)
}

// fileSource is one entry of sources as people write it.
type fileSource struct {
	Product  string              `yaml:"product"`
	Category string              `yaml:"category"`
	Service  string              `yaml:"service"`
	When     *strictyaml.Node    `yaml:"when"`
	Names    map[string][]string `yaml:"names"`
}

// lay reads one mapping.
func (t *Translator) lay(mapping rules.File, check bool) error {
	root, err := strictyaml.Parse(mapping.Name, mapping.Text)
	if err != nil {
		return err
	}
	src := &strictyaml.Source{Name: mapping.Name}
	var file struct {
		Roots        []string            `yaml:"roots"`
		First        map[string][]string `yaml:"first"`
		Names        map[string][]string `yaml:"names"`
		Sources      []*strictyaml.Node  `yaml:"sources"`
		Placeholders map[string][]string `yaml:"placeholders"`
	}
	src.Decode(root, &file)
	checkNames(src, strictyaml.Value(root, "first"))
	checkNames(src, strictyaml.Value(root, "names"))
	for _, r := range file.Roots {
		if !slices.Contains(t.roots, r) {
			t.roots = append(t.roots, r)
		}
	}
	maps.Copy(t.first, file.First)
	maps.Copy(t.names, file.Names)
	maps.Copy(t.placeholders, file.Placeholders)
	seen := map[source]bool{}
	for _, n := range file.Sources {
		var s fileSource
		src.Decode(n, &s)
		checkNames(src, strictyaml.Value(n, "names"))
		key := source{s.Product, s.Category, s.Service}
		switch {
		case key == source{}:
			src.Fail(n, "a source has product, category or service")
		case seen[key]:
			src.Fail(n, "the source %s is there twice", key)
		case s.When == nil:
			src.Fail(n, "the source %s has no when: what its events look like", key)
		default:
			t.sources[key] = logSource{mapping.Name, s.When, s.Names}
			if check {
				t.check(src, key)
			}
		}
		seen[key] = true
	}
	return src.Err()
}

// checkNames finds names of fields that no event has: none at all, and slips in those of
// ECS. What else may be a key of a source cannot be known here.
func checkNames(src *strictyaml.Source, names *strictyaml.Node) {
	if names == nil {
		return
	}
	for _, v := range pairs(names) {
		for _, n := range list(v) {
			n = strictyaml.Follow(n)
			if n.Kind != strictyaml.Scalar {
				continue // Decode says so
			}
			if strings.TrimSpace(n.Value) == "" {
				src.Fail(n, "expected the name of a field of events, such as user.name")
				continue
			}
			object, _, nested := strings.Cut(n.Value, ".")
			if _, ok := schemas.Lookup(n.Value); !ok && nested && slices.Contains(objects(), object) {
				src.Fail(n, "ECS has no field %s%s", n.Value, strictyaml.DidYouMean(n.Value, ecsNames()))
			}
		}
	}
}

var ecsNames = sync.OnceValue(func() (out []string) {
	for _, s := range schemas.ECS() {
		out = append(out, s.Name)
	}
	return out
})

// objects are those of ECS that hold fields.
var objects = sync.OnceValue(func() (out []string) {
	for _, name := range ecsNames() {
		if object, _, nested := strings.Cut(name, "."); nested && !slices.Contains(out, object) {
			out = append(out, object)
		}
	}
	return out
})

// check lowers what a source looks like once, so that its faults are told where no rule
// asks for it.
func (t *Translator) check(src *strictyaml.Source, key source) {
	var specs []event.Spec
	itemNames(t.sources[key].when, func(sigma string) {
		for _, name := range t.places(sigma, nil) {
			if !slices.ContainsFunc(specs, func(s event.Spec) bool { return s.Name == name }) {
				specs = append(specs, event.Spec{Name: name, Vendor: true})
			}
		}
	})
	schema, err := event.New(specs)
	if err != nil {
		return // more names than an event has fields: where rules are loaded, that is told
	}
	r := &reader{t: t, file: src.Name, schema: schema, leaves: condition.NewLeaves()}
	var f *Fault
	if _, err := r.selection(t.sources[key].when); errors.As(err, &f) {
		hint := ""
		if f.Hint != "" {
			hint = "; " + f.Hint
		}
		src.FailAt(f.Line, f.Column, "%s%s", f.Problem, hint)
	}
}

// Fields are the fields that the rules of files name and ECS lacks, as vendor keys, to be
// numbered with the schema that rules.Load gets. Names that known has are left out.
func (t *Translator) Fields(files []rules.File, known func(name string) bool) []event.Spec {
	seen := map[string]bool{}
	var out []event.Spec
	own := t.ownNames()
	asked := map[string]bool{}
	add := func(sigma string) {
		if asked[sigma] {
			return
		}
		asked[sigma] = true
		for _, name := range append(t.places(sigma, nil), own[sigma]...) {
			if _, ecs := schemas.Lookup(name); !ecs && !seen[name] && !known(name) {
				seen[name] = true
				out = append(out, event.Spec{Name: name, Vendor: true})
			}
		}
	}
	for _, f := range files {
		docs, err := f.Docs()
		if err != nil {
			continue // Load says so
		}
		for _, doc := range docs {
			for k, v := range pairs(doc) {
				switch k.Value {
				case "detection", "filter":
					itemNames(v, add)
					aggregationNames(v, add)
				case "correlation":
					correlationNames(v, add)
				}
			}
		}
	}
	if len(out) > 0 { // without such rules nobody asks for a log source
		for _, s := range t.sources {
			itemNames(s.when, add)
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

// ownNames are what sources call fields by names of their own.
func (t *Translator) ownNames() map[string][]string {
	out := map[string][]string{}
	for _, s := range t.sources {
		for name, to := range s.names {
			out[name] = append(out[name], to...)
		}
	}
	return out
}

// places are the names under which an event may hold a Sigma field; own are those of the
// rule's log source, which are asked first.
func (t *Translator) places(sigma string, own map[string][]string) (out []string) {
	if sigma == "" {
		return nil // keywords: any value
	}
	out = append(append(out, own[sigma]...), t.first[sigma]...)
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
