package normalize

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/schemas"
)

// loader compiles one pack.
type loader struct {
	*strictyaml.Source
	schema *event.Schema
	pack   *pack
	body   *body
	exprs  *condition.Compiler
	shapes map[string]string
	tables map[string]*table
	verbs  map[string]verb
	trial  *event.Event // constants are tried on it
	*common
	groks map[string]string // named regular expressions of the pack
	vars  map[string]bool   // that the pack declares
	lines func() []string   // of the file
	hints int
	order uint32 // of the target that was read last
}

// common is what all packs of one Set share. It is safe for several goroutines.
type common struct {
	fields *condition.Fields
	names  func() *dictionary
}

// packKeys are the keys of a pack, in the order in which one is best written.
var packKeys = []string{"pack", "title", "docs", "last_resort", "generic", "message", "zone", "recognize", "only", "header", "options", "unrelated", "literal", "vars", "fields", "shapes", "patterns", "tables", "set", "steps"}

// ValidName tells whether a pack may be called so.
func ValidName(name string) bool { return packName.MatchString(name) }

var packName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func newLoader(f *File, schema *event.Schema, common *common) *loader {
	l := &loader{
		Source: &strictyaml.Source{Name: f.Name}, schema: schema, pack: &pack{}, body: &body{}, verbs: verbs(),
		shapes: map[string]string{}, tables: map[string]*table{}, vars: map[string]bool{}, common: common,
	}
	l.lines = sync.OnceValue(func() []string { return strictyaml.Lines(f.Text) })
	leaves := condition.NewLeaves()
	leaves.MaxText = maxCondition
	l.exprs = &condition.Compiler{Fields: common.fields, Leaves: leaves}
	l.pack.header = defaultHeader(schema)
	return l
}

// sections compiles what stands under the keys of a file.
func (l *loader) sections(root *strictyaml.Node) {
	for _, d := range declared(&strictyaml.Source{}, root) { // Fields told its faults
		l.vars[d.spec.Name] = d.spec.Hidden
	}
	l.Pairs(root, func(key string, k, v *strictyaml.Node) { l.section(key, k, v) })
	for _, t := range l.tables {
		t.said = nil // the pack lives longer than its file's text
	}
}

// load compiles a pack against the schema; of a lazy one its head.
func load(f *File, schema *event.Schema, common *common) (*pack, error) {
	root, err := f.parse()
	if err != nil {
		return nil, err
	}
	l := newLoader(f, schema, common)
	l.sections(root)
	switch {
	case l.pack.name == "":
		l.Fail(root, "the pack has no name: add pack: vendor_product")
	case !l.pack.lastResort && len(l.pack.recognize) == 0:
		l.Fail(root, "nothing tells this pack's lines: add recognize, or last_resort: true")
	}
	l.pack.text = f.Text
	l.pack.info.Name, l.pack.info.Generic = l.pack.name, l.pack.generic
	for i := range l.pack.recognize {
		l.pack.info.Recognize = append(l.pack.info.Recognize, l.pack.recognize[i].String())
	}
	l.pack.body = func() *body { return l.body }
	if f.lazy {
		l.pack.body = sync.OnceValue(func() *body { return loadBody(f, schema, common) })
	}
	return l.pack, l.Err()
}

// loadBody compiles the whole of a pack whose head was read.
func loadBody(f *File, schema *event.Schema, common *common) *body {
	l := newLoader(f, schema, common)
	root, err := strictyaml.Parse(f.Name, f.Text)
	if err == nil {
		l.sections(root)
		err = l.Err()
	}
	if err != nil {
		l.body = &body{err: err, steps: newProgram([]step{&brokenStep{"the pack does not compile: " + err.Error()}})}
	}
	return l.body
}

func (l *loader) section(key string, k, v *strictyaml.Node) {
	switch key {
	case "pack":
		l.pack.name, l.pack.constName = v.Value, event.NewConst(v.Value)
		if !l.pack.lastResort {
			l.pack.dataset = event.NewConst("sluice." + v.Value)
		}
		if !ValidName(v.Value) {
			l.Fail(v, "a pack is called vendor_product, in lower case")
		}
	case "title":
		l.pack.info.Title = v.Value
	case "docs":
		l.pack.info.Docs = v.Value
	case "vars", "fields": // vars and fields: see Fields
	case "last_resort":
		l.pack.lastResort = l.flag(v)
		if l.pack.lastResort {
			l.pack.dataset = event.NewConst(genericDataset)
		}
	case "generic":
		l.pack.generic = l.flag(v)
	case "message":
		l.pack.silent = !l.flag(v)
	case "zone":
		l.pack.zone = l.zone(v)
	case "options":
		l.options(v)
	case "unrelated":
		l.unrelated(v)
	case "literal":
		l.pack.literal = l.fieldList(v)
	case "recognize":
		l.recognize(v)
	case "only":
		for _, w := range l.Words(v) {
			l.pack.only = append(l.pack.only, l.compilePattern(w))
		}
	case "header":
		l.header(v)
	case "patterns":
		l.groks = map[string]string{}
		l.Pairs(v, func(name string, _, v *strictyaml.Node) { l.groks[name] = v.Value })
	case "shapes":
		l.Pairs(v, func(name string, _, v *strictyaml.Node) { l.shapes[name] = v.Value })
	case "tables":
		l.Pairs(v, func(name string, k, v *strictyaml.Node) {
			if _, ok := types[name]; ok {
				l.Fail(k, "%s is a type already; a table cannot be called the same", name)
			}
			l.tables[name] = l.table(v)
		})
	case "set":
		l.body.constants = l.assigns(v)
	case "steps":
		l.body.steps = newProgram(l.blocks(v))
	default:
		l.Fail(k, "a pack has no %s%s (known: %s)", key, strictyaml.DidYouMean(key, packKeys), strings.Join(packKeys, ", "))
	}
}

func (l *loader) flag(v *strictyaml.Node) bool {
	if v.Value != "true" && v.Value != "false" {
		l.Fail(v, "expected true or false")
	}
	return v.Value == "true"
}

func (l *loader) options(v *strictyaml.Node) {
	for _, w := range l.Words(v) {
		switch w.Value {
		case "nat_parts":
			l.pack.nat = natParts
		case "nat_keep":
			l.pack.nat = natKeep
		case "nat_community":
			l.pack.natIDs = true
		case "related_host_name":
			l.pack.byName = true
		case "dotted":
			l.pack.dotted = true
		default:
			known := []string{"dotted", "nat_community", "nat_keep", "nat_parts", "related_host_name"}
			l.Fail(w, "no option is called %s%s (known: %s)", w.Value, strictyaml.DidYouMean(w.Value, known), strings.Join(known, ", "))
		}
	}
}

func (l *loader) unrelated(v *strictyaml.Node) {
	for _, w := range l.Words(v) {
		f := l.field(w, w.Value)
		if f != event.None && !relates(w.Value) {
			l.Fail(w, "%s goes into no list of related.* anyway", w.Value)
		}
		l.pack.unrelated = append(l.pack.unrelated, f)
	}
}

// defaultHeader is where the parts of a header go unless the pack says other.
func defaultHeader(s *event.Schema) headerFields {
	one := func(names ...string) (out []event.Field) {
		for _, n := range names {
			if f, ok := s.Lookup(n); ok {
				out = append(out, f)
			}
		}
		return out
	}
	return headerFields{one("host.hostname", "host.name"), one("process.name"), one("process.pid")}
}

// field finds a field by name or says what is wrong with it.
func (l *loader) field(n *strictyaml.Node, name string) event.Field {
	f, ok := l.schema.Lookup(name)
	switch {
	case ok && !l.schema.Spec(f).Vendor:
		l.owns(n, name)
		return f
	}
	if known, dev := schemas.Lookup(name); dev && known.Dev {
		l.Fail(n, "%s is in no release of ECS up to %s; declare a field of your own", name, schemas.ECSVersion)
		return event.None
	}
	l.Fail(n, "%s is no ECS field, and the pack does not declare it under fields or vars%s", name, strictyaml.DidYouMean(name, l.similar(name)))
	return event.None
}

// owns refuses the variable of another pack: without that pack there would be none.
func (l *loader) owns(n *strictyaml.Node, name string) {
	if f, ok := l.schema.Lookup(name); ok && isVar(l.schema.Spec(f)) && !l.vars[name] {
		l.Fail(n, "%s is a variable of other packs only; declare it under vars", name)
	}
}

// maxHints bounds the search for similar names in one file: a file that is wrong
// all over is not helped by more, and each goes over thousands of names.
const maxHints = 20

// similar is the fields that begin or end like name.
func (l *loader) similar(name string) []string {
	if l.hints++; l.hints > maxHints {
		return nil
	}
	head, _, _ := strings.Cut(name, ".")
	_, tail := cutKey(name)
	var out []string
	for _, s := range l.schema.Names {
		if strings.HasPrefix(s, head+".") || strings.HasSuffix(s, "."+tail) || strings.HasPrefix(s, "_") && strings.HasPrefix(name, "_") {
			out = append(out, s)
		}
	}
	return out
}

func (l *loader) fieldList(v *strictyaml.Node) []event.Field {
	var out []event.Field
	for _, w := range l.Words(v) {
		out = append(out, l.field(w, w.Value))
	}
	return out
}

func (l *loader) header(n *strictyaml.Node) {
	if n.Kind == strictyaml.Scalar && n.Value == "none" {
		l.pack.bare = true
		return
	}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "host":
			l.pack.header.host = l.fieldList(v)
		case "program":
			l.pack.header.program = l.fieldList(v)
		case "pid":
			l.pack.header.pid = l.fieldList(v)
		case "unnumbered":
			l.pack.unnumbered = strictyaml.Texts(l.Words(v))
		default:
			l.Fail(k, "a header has host, program, pid and unnumbered, not %s", key)
		}
	})
}

// place is where a step stands, for what it says at run time.
func (l *loader) place(n *strictyaml.Node) string {
	name := l.Name
	if dir, file := path.Split(filepath.ToSlash(name)); file == "pack.yml" && dir != "" {
		name = "packs/" + path.Base(dir) + "/" + file // the same wherever the folder lies
	}
	return fmt.Sprintf("%s:%d:%d", name, n.Line, n.Column)
}

// allowed checks values against those that ECS allows for a field.
func (l *loader) allowed(name string, words []*strictyaml.Node) {
	f, ok := schemas.Lookup(name)
	if !ok || f.Allowed == nil {
		return
	}
	for _, w := range words {
		if !slices.Contains(f.Allowed, w.Value) && !strings.Contains(w.Value, "{") {
			l.Fail(w, "ECS does not allow %s: %s%s (allowed: %s)", name, w.Value, strictyaml.DidYouMean(w.Value, f.Allowed), strings.Join(f.Allowed, ", "))
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
