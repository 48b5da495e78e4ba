package app

import (
	"maps"
	"slices"
	"strings"

	"sluice/rules"
	"sluice/schemas"
)

// given is what packs, tables and the program itself set, for rules.Sources.
type given struct {
	names map[string]bool // in the packs: fields, and objects that a type fills
	packs packNames
	some  bool // these are only some of the loaded packs

	byPack map[string]map[string]bool
	tables []string // fields that tables set
}

// packNames are the packs that there are, by which events are told apart: rules.Sources
// where any field may be set.
type packNames []string

// Gives says that anything may be.
func (p packNames) Gives(string, bool) rules.Given { return rules.ByPacks }

// Has says whether one of the values of the fields that name an event's pack is one's.
func (p packNames) Has(field string, values []string) bool {
	prefix := packPrefix(field)
	return field != "sluice.pack" && prefix == "" || slices.ContainsFunc(values, func(v string) bool {
		name, ok := strings.CutPrefix(strings.ToLower(v), prefix)
		return !ok || slices.Contains(p, name)
	})
}

// packPrefix is what stands before the pack's name in a field's values.
func packPrefix(field string) string {
	if field == "event.dataset" || field == "data_stream.dataset" {
		return "sluice."
	}
	return ""
}

// near proposes the pack that was meant by a field and its value.
func (p packNames) near(lack string) string {
	field, value, ok := strings.Cut(lack, ": ")
	if !ok {
		return ""
	}
	prefix := packPrefix(field)
	var names []string
	for _, n := range p {
		names = append(names, prefix+n)
	}
	return didYouMean(value, names)
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
func newGiven(s *Settings, packs []string) (*given, error) {
	src, err := s.Sources()
	if err != nil {
		return nil, err
	}
	g := &given{names: map[string]bool{}, packs: packs, byPack: map[string]map[string]bool{}}
	for _, p := range src.Packs {
		name := packName(p.Name)
		g.byPack[name] = namesIn(p.Text)
		maps.Copy(g.names, g.byPack[name])
	}
	for _, f := range src.Tables.Fields() {
		g.tables = append(g.tables, f.Name)
		g.names[f.Name] = true
	}
	return g, nil
}

// only is what is given in events of some of the packs.
func (g *given) only(packs []string) *given {
	one := &given{names: map[string]bool{}, packs: packs, some: true, byPack: g.byPack, tables: g.tables}
	for _, name := range packs {
		maps.Copy(one.names, g.byPack[name])
	}
	for _, f := range g.tables {
		one.names[f] = true
	}
	return one
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
	return g.packs.Has(field, values)
}
