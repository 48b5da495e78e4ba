package sigma

import (
	"fmt"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
	"sluice/rules"
)

// reference is a rule that a correlation refers to.
type reference struct {
	at       *strictyaml.Node // where it does
	doc      *strictyaml.Node // nil: it is not loaded
	file     string
	hint     string
	twice    string // the places of two rules that it may mean
	id, name string
}

// below is the correlation that is referred to; nil: it is a rule about one event.
func (r *reference) below() *strictyaml.Node { return entry(r.doc, "correlation") }

// from is the id of the correlation that is referred to, where it is; nil: it is none.
func (r *reference) from() *strictyaml.Node {
	if r.below() == nil {
		return nil
	}
	n := *r.at
	if n.Value = r.id; n.Value == "" {
		n.Value = unnamed(r.file, r.name)
	}
	return &n
}

// unnamed stands in for the id of a correlation that has a name only.
func unnamed(file, name string) string { return file + "#" + name }

func (r *reference) called(name string) bool {
	return name != "" && (name == r.at.Value || name == r.id || name == r.name)
}

// ruleKey and unknownKey begin the keys under which refer lays on a correlation the rules
// that it refers to, each followed by its file, and a hint for those that are not loaded.
const (
	ruleKey    = "\x00rule of "
	unknownKey = "\x00no rule; "
	twiceKey   = "\x00two rules "
	silentKey  = "\x00silent" // lies on a correlation that is for other ones only
)

// refer lays on each correlation the rules that it refers to, and marks those that are
// loaded for correlations only.
func refer(files []rules.Documents) {
	found := map[string]*located{}
	var names []string
	for i := range files {
		for _, doc := range files[i].Docs {
			at := &located{file: files[i].File, doc: doc}
			if entry(doc, "detection") == nil && entry(doc, "correlation") == nil {
				continue
			}
			for _, key := range []string{"id", "name"} {
				v := entry(doc, key)
				switch {
				case v == nil || v.Value == "":
				case found[v.Value] == nil:
					found[v.Value] = at
					names = append(names, v.Value)
				case found[v.Value].doc != doc:
					found[v.Value].others = append(found[v.Value].others, twin{v.Value, fmt.Sprintf("%s:%d", at.file, doc.Line)})
				}
			}
		}
	}
	laid := map[*strictyaml.Node]*strictyaml.Node{}
	for i := range files {
		for j, doc := range files[i].Docs {
			if c := entry(doc, "correlation"); c != nil {
				files[i].Docs[j] = referring(doc, c, found, names)
				laid[doc] = files[i].Docs[j]
			}
		}
	}
	silent := map[*strictyaml.Node]bool{}
	for _, at := range found {
		quiet := at.silent && !at.speaks
		if c := laid[at.doc]; c == nil {
			silent[at.doc] = quiet
		} else if at.silent || at.speaks {
			below(c, at.file, quiet)
		}
	}
	for i := range files {
		for j, doc := range files[i].Docs {
			if silent[doc] {
				files[i].Docs[j] = marked(doc, silentKey, "true")
			}
		}
	}
}

// marked is a document with a key that says something to us, laid on a copy.
func marked(doc *strictyaml.Node, key, value string) *strictyaml.Node {
	out, k, v := *doc, *doc, *doc
	k.Kind, k.Value, k.Content = strictyaml.Scalar, key, nil
	v.Kind, v.Value, v.Content = strictyaml.Scalar, value, nil
	out.Content = append(slices.Clone(doc.Content), &k, &v)
	return &out
}

// below gives a correlation that others refer to an id, and says whether it is for them only.
func below(doc *strictyaml.Node, file string, quiet bool) {
	add := func(key, value string) {
		k, v := *doc, *doc
		k.Kind, k.Value, k.Content = strictyaml.Scalar, key, nil
		v.Kind, v.Value, v.Content = strictyaml.Scalar, value, nil
		doc.Content = append(doc.Content, &k, &v)
	}
	if id := entry(doc, "id"); id == nil || id.Value == "" {
		add("id", unnamed(file, entry(doc, "name").Value))
	}
	if quiet && entry(doc, silentKey) == nil {
		add(silentKey, "true")
	}
}

// located is a rule that may be referred to.
type located struct {
	file           string
	doc            *strictyaml.Node
	silent, speaks bool // by what correlations say of it
	others         []twin
}

// twin is another rule that has an id or a name too, and where.
type twin struct{ name, place string }

func referring(doc, c *strictyaml.Node, found map[string]*located, names []string) *strictyaml.Node {
	out := *doc
	out.Content = slices.Clone(doc.Content)
	generate := false
	for _, g := range []*strictyaml.Node{entry(doc, "generate"), entry(c, "generate")} {
		generate = generate || g != nil && g.Value == "true"
	}
	for _, ref := range list(entry(c, "rules")) {
		ref = strictyaml.Follow(ref)
		key := *ref
		key.Kind, key.Content = strictyaml.Scalar, nil
		at := found[ref.Value]
		if at == nil {
			key.Value = unknownKey + near(ref.Value, names)
			out.Content = append(out.Content, &key, ref)
			continue
		}
		at.silent, at.speaks = at.silent || !generate, at.speaks || generate
		if i := slices.IndexFunc(at.others, func(o twin) bool { return o.name == ref.Value }); i >= 0 {
			key.Value = twiceKey + fmt.Sprintf("%s:%d and %s", at.file, at.doc.Line, at.others[i].place)
			out.Content = append(out.Content, &key, at.doc)
			continue
		}
		key.Value = ruleKey + at.file
		out.Content = append(out.Content, &key, at.doc)
	}
	return &out
}

// references are the rules that refer laid on a correlation.
func references(doc *strictyaml.Node) (out []reference) {
	c := entry(doc, "correlation")
	at := list(entry(c, "rules"))
	for k, v := range pairs(doc) {
		file, known := strings.CutPrefix(k.Value, ruleKey)
		hint, unknown := strings.CutPrefix(k.Value, unknownKey)
		twice, twins := strings.CutPrefix(k.Value, twiceKey)
		if !known && !unknown && !twins {
			continue
		}
		ref := reference{at: strictyaml.Follow(at[len(out)])}
		if twins {
			ref.doc, ref.twice = v, twice
		}
		if known {
			ref.doc, ref.file = v, file
			for key, to := range map[string]*string{"id": &ref.id, "name": &ref.name} {
				if n := entry(v, key); n != nil {
					*to = n.Value
				}
			}
		} else {
			ref.hint = hint
		}
		out = append(out, ref)
	}
	return out
}
