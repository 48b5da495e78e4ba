package app

import (
	"maps"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
	"sluice/normalize"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/schemas"
)

// given is what packs, tables and the program itself set, for rules.Sources.
type given struct {
	set    *pipeline.Set
	names  map[string]bool // in the packs: fields, and objects that a type fills
	packs  []string        // whose events it is about
	some   bool            // these are only some of the loaded packs
	tables []string        // fields that tables set
	read   *readPacks
}

// readPacks is what the texts of all packs say, each read when it is first asked for.
type readPacks struct {
	names  map[string]map[string]bool
	values map[string]*normalize.Values
	added  map[string]bool // fields that envelopes give the lines in them
}

// packPrefix is what stands before the pack's name in a field's values.
func packPrefix(field string) string {
	if field == "event.dataset" || field == "data_stream.dataset" {
		return "sluice."
	}
	return ""
}

// bySluice begins the names of fields that every event may have, whatever its pack.
var bySluice = []string{"@timestamp", "message", "tags", "labels", "ecs.", "event.", "data_stream.", "related.", "sluice.", "log.", "error.", "host.name", "agent."}

// byTypes are the last parts of names that types of packs fill together: an address is an
// ip or a domain, a url has a path and a query.
var byTypes = []string{
	"address", "ip", "port", "domain", "name", "email", "mac", "original", "full", "path", "query", "scheme", "fragment", "extension", "directory", "args",
	"args_count", "command_line", "executable", "hive", "key", "value", "registered_domain", "subdomain", "top_level_domain", "md5", "sha1", "sha256", "transport", "protocol",
}

// byOthers begins the names of fields that events of a pack have though its text does not name
// them: what envelopes add, which say where a line was taken from, and what the engine makes of
// addresses and of each other.
var byOthers = []string{"cloud.", "container.", "host.", "network.", "orchestrator."}

// newGiven reads the texts of the packs: a field that none of them names is set by none.
func newGiven(set *pipeline.Set) *given {
	g := &given{
		set: set, names: map[string]bool{}, packs: set.Packs.Names(),
		read: &readPacks{names: map[string]map[string]bool{}, values: map[string]*normalize.Values{}},
	}
	for _, name := range g.packs {
		g.read.names[name] = namesIn(set.Packs.Text(name))
		maps.Copy(g.names, g.read.names[name])
	}
	for _, f := range set.Tables.Fields() {
		g.tables = append(g.tables, f.Name)
		g.names[f.Name] = true
	}
	return g
}

// only is what is given in events of some of the packs.
func (g *given) only(packs []string) *given {
	one := &given{set: g.set, names: map[string]bool{}, packs: packs, some: true, tables: g.tables, read: g.read}
	for _, name := range packs {
		maps.Copy(one.names, g.read.names[name])
	}
	for _, f := range g.tables {
		one.names[f] = true
	}
	return one
}

// values is what the text of a pack says of its fields' values.
func (g *given) values(pack string) *normalize.Values {
	v := g.read.values[pack]
	if v == nil {
		v = normalize.ReadValues(g.set.Packs.Text(pack))
		g.read.values[pack] = v
	}
	return v
}

// namesIn are the dotted names in the text of a pack, and what stands before their last dot.
func namesIn(text []byte) map[string]bool {
	out := map[string]bool{}
	inName := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '@'
	}
	for i := 0; i < len(text); i++ {
		if !inName(text[i]) {
			continue
		}
		start, dot := i, -1
		for ; i < len(text); i++ {
			c := text[i]
			if c == '.' && i+1 < len(text) && inName(text[i+1]) {
				dot = i
			} else if !inName(c) && (c != '-' || dot < 0) {
				break
			}
		}
		out[string(text[start:i])] = true
		if dot > 0 {
			out[string(text[start:dot])] = true
		}
	}
	return out
}

// Of is what is given in events of packs that one of the values of a field names; nil: the
// field names no packs, or none that is here.
func (g *given) Of(field string, values []string) rules.Sources {
	prefix := packPrefix(field)
	if field != "sluice.pack" && prefix == "" {
		return nil
	}
	var packs []string
	for _, v := range values {
		if name, ok := strings.CutPrefix(strings.ToLower(v), prefix); ok && slices.Contains(g.packs, name) {
			packs = append(packs, name)
		}
	}
	if len(packs) == 0 {
		return nil
	}
	return g.only(packs)
}

// about is what is given in events of the packs that a condition names, by either field.
func (g *given) about(packs []string) *given {
	for _, field := range []string{"sluice.pack", "event.dataset"} {
		if some, ok := g.Of(field, packs).(*given); ok {
			return some
		}
	}
	return g
}

// Gives says how a field comes to be set.
func (g *given) Gives(field string, vendor bool) rules.Given {
	begins := func(p string) bool { return strings.HasPrefix(field, p) }
	switch {
	case g.names[field], g.some && slices.ContainsFunc(byOthers, begins), slices.ContainsFunc(bySluice, begins):
		return rules.ByPacks
	case vendor: // keys that no pack declares are kept under their own name
		return rules.AsSent
	}
	if i := strings.LastIndexByte(field, '.'); i > 0 && g.names[field[:i]] && slices.Contains(byTypes, field[i+1:]) {
		return rules.ByPacks
	}
	if slices.ContainsFunc(g.packs, func(name string) bool { return g.values(name).Fills() }) {
		return rules.AsSent
	}
	return rules.Never
}

// Has says whether a pack of that name is loaded, and of a field for which ECS names the
// values whether one of them is among those: packs set no others. Rules compare without case.
// Of only some packs, one has to name the value of a category or type, which packs write out.
func (g *given) Has(field string, values []string) bool {
	if f, ok := schemas.Lookup(field); ok && f.Allowed != nil {
		return slices.ContainsFunc(values, func(v string) bool {
			return slices.ContainsFunc(f.Allowed, func(a string) bool { return strings.EqualFold(a, v) }) &&
				(!g.some || field != "event.category" && field != "event.type" || g.names[strings.ToLower(v)])
		})
	}
	prefix := packPrefix(field)
	return field != "sluice.pack" && prefix == "" || slices.ContainsFunc(values, func(v string) bool {
		name, ok := strings.CutPrefix(strings.ToLower(v), prefix)
		return !ok || slices.Contains(g.packs, name)
	})
}

// Texts are all that the packs can put into a field. Of all packs together that is never known:
// some only know a format, and what it holds is the device's.
func (g *given) Texts(field string) (texts []string, known bool) {
	if !g.some || slices.Contains(g.tables, field) {
		return nil, false
	}
	for _, name := range g.packs {
		v := g.values(name)
		own, ok := v.Of(field)
		if !ok || !v.Always(field) && g.added()[field] {
			return nil, false
		}
		texts = append(texts, own...)
	}
	return texts, true
}

// added are the fields that envelopes give the lines in them.
func (g *given) added() map[string]bool {
	if g.read.added == nil {
		g.read.added = map[string]bool{}
		for _, name := range g.set.Packs.Names() {
			for _, f := range normalize.Adds(g.set.Packs.Text(name)) {
				g.read.added[f] = true
			}
		}
	}
	return g.read.added
}

// near proposes what was meant by a value that the field never has.
func (g *given) near(field, value string) string {
	prefix := packPrefix(field)
	names := g.named(field)
	if field == "sluice.pack" || prefix != "" {
		names = nil
		for _, n := range g.packs {
			names = append(names, prefix+n)
		}
	}
	if name := strictyaml.Misspelt(value, names); name != "" {
		return strictyaml.Hint(name)
	}
	return strictyaml.DidYouMean(value, names)
}

// named are the texts of a field that the packs themselves name.
func (g *given) named(field string) (out []string) {
	for _, name := range g.packs {
		out = append(out, g.values(name).Named(field)...)
	}
	return out
}
