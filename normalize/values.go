package normalize

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// Values are the texts that a pack can put into its fields, as far as its file tells: what it
// sets, what its tables hold, and what a pattern captures of a few words. Whatever a step takes
// from the line as it stands is open. They are for what checks rules: a value that no event of
// a pack has is one that a rule waits for in vain.
type Values struct {
	fields map[string]*origin
	tables map[string]*strictyaml.Node
	always map[string]bool // set for every line, so that no reader that only fills gaps does
	under  []string        // what begins so is open
	any    bool            // some step fills fields that the file does not name
	wraps  bool            // lines of others stand in its own
	outer  bool            // what is only for lines that wrap none is left out
}

// origin is where the texts of one field, or of a variable, come from.
type origin struct {
	texts map[string]bool
	asked map[string]bool // what the file asks for, or goes on by
	from  []copied
	open  bool
}

// copied is a text that holds what other fields have: "{_a}", "config-{_a}".
type copied struct {
	parts []valuePart
	lower bool
}

type valuePart struct{ text, field string }

// maxValues bounds the texts of one field. More are told from each other by the device.
const maxValues = 5_000

// filled begins the names of fields that the engine fills, or the envelope in which a line came.
var filled = []string{
	"@timestamp", "agent.", "cloud.", "container.", "data_stream.", "ecs.", "error.", "event.created", "event.dataset", "event.duration", "event.end", "event.ingested",
	"event.kind", "event.original", "event.sequence", "event.start", "event.timezone", "host.", "labels", "log.", "message", "network.bytes", "network.community_id",
	"network.packets", "network.transport", "network.type", "orchestrator.", "process.name", "process.pid", "related.", "sluice.", "tags",
}

// ReadValues reads what the text of a pack's file says. Of one that does not parse all is open.
func ReadValues(text []byte) *Values { return readValues(text, false) }

// Adds are the fields that the pack of a text, if it is an envelope, gives the lines inside it, whatever
// pack those have. One that knows what its own lines are about gives only what it says of all.
func Adds(text []byte) (fields []string) {
	if !bytes.Contains(text, []byte("inner:")) && !bytes.Contains(text, []byte("events:")) {
		return nil // most, and reading them all takes its time
	}
	v := readValues(text, true)
	maps.DeleteFunc(v.fields, func(_ string, o *origin) bool { return !o.open && len(o.texts)+len(o.from) == 0 })
	switch {
	case !v.wraps:
		return nil
	case v.fields["event.category"] != nil:
		return slices.Sorted(maps.Keys(v.always))
	}
	return slices.Sorted(maps.Keys(v.fields))
}

func readValues(text []byte, outer bool) *Values {
	v := &Values{fields: map[string]*origin{}, tables: map[string]*strictyaml.Node{}, always: map[string]bool{}, outer: outer}
	root, err := strictyaml.Parse("", text)
	if err != nil {
		v.any = true
		return v
	}
	if tables := strictyaml.Value(root, "tables"); tables != nil {
		pairsOf(tables, func(name string, rows *strictyaml.Node) { v.tables[name] = rows })
	}
	for _, rows := range v.tables {
		v.rows(rows, "")
	}
	pairsOf(root, func(key string, n *strictyaml.Node) {
		switch key {
		case "set":
			v.assigns(n)
			pairsOf(n, func(name string, _ *strictyaml.Node) { v.always[name] = true })
		case "steps":
			v.steps(n)
		case "header", "patterns":
			v.mentioned(n)
		case "shapes":
			pairsOf(n, func(_ string, n *strictyaml.Node) { v.captures(n.Value) })
		}
	})
	return v
}

// Of returns the texts that the pack can put into a field; false: it may be any. A field that
// the file does not name has none.
func (v *Values) Of(field string) (texts []string, known bool) {
	begins := func(p string) bool { return strings.HasPrefix(field, p) }
	if slices.ContainsFunc(filled, begins) {
		return nil, false
	}
	all, ok := v.of(field, map[string]bool{})
	return slices.Sorted(maps.Keys(all)), ok
}

// Always says whether the pack sets a field for each line, whatever an envelope said before.
func (v *Values) Always(field string) bool { return v.always[field] }

// Fills says whether a step reads keys by their names, so that any field of ECS may be set that
// a line has.
func (v *Values) Fills() bool { return v.any }

// Named are the texts of a field that the file itself names: those that it sets, and those that
// it asks for. The device may have more.
func (v *Values) Named(field string) []string {
	o := v.fields[field]
	if o == nil {
		return nil
	}
	out := maps.Clone(o.texts)
	maps.Copy(out, o.asked)
	for _, c := range o.from {
		texts, _ := v.composed(c, map[string]bool{field: true})
		for _, t := range texts {
			out[t] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

func (v *Values) of(field string, asked map[string]bool) (map[string]bool, bool) {
	begins := func(p string) bool { return strings.HasPrefix(field, p) }
	overridden := strings.HasPrefix(field, "event.") // by a log-in in the text
	if v.any && (!v.always[field] || overridden) || slices.ContainsFunc(v.under, begins) {
		return nil, false
	}
	o := v.fields[field]
	if o == nil {
		return nil, true
	}
	if o.open || asked[field] {
		return nil, false
	}
	asked[field] = true
	defer delete(asked, field)
	out := maps.Clone(o.texts)
	for _, c := range o.from {
		texts, ok := v.composed(c, asked)
		if !ok || len(out)+len(texts) > maxValues {
			return nil, false
		}
		for _, t := range texts {
			out[t] = true
		}
	}
	return out, true
}

// composed is the texts that a template can come to.
func (v *Values) composed(c copied, asked map[string]bool) ([]string, bool) {
	out := []string{""}
	for _, p := range c.parts {
		next := []string{p.text}
		if p.field != "" {
			texts, ok := v.of(p.field, asked)
			if !ok {
				return nil, false
			}
			next = slices.Collect(maps.Keys(texts))
		}
		if out = joined(out, next); len(out) > maxValues {
			return nil, false
		}
	}
	if c.lower {
		for i := range out {
			out[i] = strings.ToLower(out[i])
		}
	}
	return out, true
}

// joined is every text of a with every one of b behind it.
func joined(a, b []string) []string {
	if len(a)*len(b) > maxValues {
		return make([]string, maxValues+1)
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

func (v *Values) origin(field string) *origin {
	o := v.fields[field]
	if o == nil {
		o = &origin{texts: map[string]bool{}, asked: map[string]bool{}}
		v.fields[field] = o
	}
	return o
}

// opens says that a field may have any text, and so what a type fills below it.
func (v *Values) opens(field string) {
	v.origin(field).open = true
}

// asks notes the texts that the file goes on by: keys of a table or a case.
func (v *Values) asks(field string, n *strictyaml.Node) {
	o := v.origin(field)
	pairsOf(n, func(key string, _ *strictyaml.Node) {
		if key == "default" {
			return
		}
		for one := range strings.SplitSeq(key, ",") {
			o.asked[strings.Trim(one, ` "`)] = true
		}
	})
}

func (v *Values) opensUnder(object string) { v.under = append(v.under, object+".") }

// put says that a target, with its type, takes a text that is one of these or copies one.
func (v *Values) put(target, text string, isConst bool) {
	name, typ, _ := strings.Cut(target, ":")
	c := copied{lower: typ == "lower"}
	if isConst {
		c.parts = []valuePart{{text: text}}
	} else {
		c.parts = template(text)
	}
	switch _, list := v.tables[typ]; {
	case list:
		v.takes(target)
	case typ == "" || typ == "lower" || typ == "add" || typ == "text":
		v.origin(name).from = append(v.origin(name).from, c)
	default:
		v.takes(target)
	}
}

// takes says that a target takes a text of the line.
func (v *Values) takes(target string) {
	name, typ, typed := strings.Cut(target, ":")
	flag, isFlag := strings.CutPrefix(typ, "flag=")
	switch rows := v.tables[typ]; {
	case rows != nil:
		v.rows(rows, name)
	case isFlag:
		v.origin(name).texts[flag] = true
	default:
		v.opens(name)
		if t, ok := types[typ]; typed && (!ok || t.kids != "") {
			v.opensUnder(name)
		}
	}
}

// template splits "{a}/{b}" into its parts.
func template(text string) (out []valuePart) {
	for text != "" {
		lit, rest, ok := strings.Cut(text, "{")
		if lit != "" {
			out = append(out, valuePart{text: lit})
		}
		if !ok {
			return out
		}
		name, after, _ := strings.Cut(rest, "}")
		out, text = append(out, valuePart{field: name}), after
	}
	return out
}

// assigns reads field: VALUE, as set, add and the rows of tables have it.
func (v *Values) assigns(n *strictyaml.Node) {
	pairsOf(n, func(name string, n *strictyaml.Node) {
		if n.Tag == "!!null" {
			delete(v.always, name)
			return
		}
		for _, w := range scalars(n) {
			v.put(name, w.Value, !strings.Contains(w.Value, "{"))
		}
	})
}

// rows reads a table: rows of fields, or values for the field to.
func (v *Values) rows(n *strictyaml.Node, to string) {
	pairsOf(n, func(key string, n *strictyaml.Node) {
		switch {
		case n.Kind == strictyaml.Mapping:
			v.assigns(n)
		case to == "" || n.Tag == "!!null":
		case key == "default" && n.Value == "keep":
			v.opens(to)
		default:
			for _, w := range scalars(n) {
				v.origin(to).texts[w.Value] = true
			}
		}
	})
}

// pairsOf is strictyaml's Pairs of a file that was checked before.
func pairsOf(n *strictyaml.Node, do func(key string, n *strictyaml.Node)) {
	n = strictyaml.Follow(n)
	if n.Kind != strictyaml.Mapping {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		do(strictyaml.Follow(n.Content[i]).Value, strictyaml.Follow(n.Content[i+1]))
	}
}

// scalars are all texts below a node, but for keys.
func scalars(n *strictyaml.Node) (out []*strictyaml.Node) {
	switch n = strictyaml.Follow(n); n.Kind {
	case strictyaml.Scalar:
		return []*strictyaml.Node{n}
	case strictyaml.Sequence:
		for _, c := range n.Content {
			out = append(out, scalars(c)...)
		}
	case strictyaml.Mapping:
		for i := 1; i < len(n.Content); i += 2 {
			out = append(out, scalars(n.Content[i])...)
		}
	}
	return out
}

var nameOf = regexp.MustCompile(`^[A-Za-z_@][A-Za-z0-9_.@-]*(:.+)?$`)

var namesOf = regexp.MustCompile(`[A-Za-z_@][A-Za-z0-9_.@-]*`)

// mentioned takes every name below a node for that of a field that takes a text of the line.
func (v *Values) mentioned(n *strictyaml.Node) {
	switch n = strictyaml.Follow(n); n.Kind {
	case strictyaml.Scalar:
		v.named(n.Value)
	case strictyaml.Sequence:
		for _, c := range n.Content {
			v.mentioned(c)
		}
	case strictyaml.Mapping:
		pairsOf(n, func(key string, n *strictyaml.Node) {
			v.named(key)
			v.mentioned(n)
			if key == "under" {
				for _, w := range scalars(n) {
					v.opensUnder(w.Value)
				}
			}
		})
	}
}

// named is mentioned of one text.
func (v *Values) named(text string) {
	switch prefix, all := strings.CutSuffix(text, "*"); {
	case text == "*":
		v.any = true
	case all:
		v.under = append(v.under, prefix)
	case nameOf.MatchString(text):
		v.takes(text)
	default:
		for _, name := range namesOf.FindAllString(text, -1) {
			v.opens(name)
		}
	}
}
