// Package config reads the configuration file. It knows no kinds of inputs or channels: a section
// remembers its position in the file until its owner decodes it. All faults of the file are
// collected, each as file:line:column.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"sluice/internal/strictyaml"
)

// A Part is one section of the file, or one named entry of a section, undecoded.
type Part struct {
	Name string // of an entry: what the user called it
	Kind string // of an entry: its kind, if it has one
	src  *strictyaml.Source
	node *strictyaml.Node // nil: the file does not have it
	kind *strictyaml.Node
	cut  []string // keys that were taken out of node
}

// File is the whole file.
type File struct {
	src  *strictyaml.Source
	root map[string]*strictyaml.Node
	keys map[string]*strictyaml.Node
}

// Lookup is where ${NAME} and ${file:PATH} are looked up.
type Lookup struct {
	Env      func(name string) (string, bool)
	ReadFile func(path string) ([]byte, error)
}

// System looks up the environment and the file system of this process.
var System = Lookup{Env: os.LookupEnv, ReadFile: readReference}

// maxReference bounds what a ${file:PATH} brings in: the largest are certificates with their chain.
const maxReference = 1 << 20

// readReference reads a file that may be something else: a device has no end.
func readReference(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxReference+1))
	if err == nil && len(text) > maxReference {
		return nil, fmt.Errorf("it has more than %d bytes", maxReference)
	}
	return text, err
}

// Parse reads the text of a file and expands its references. The error holds faults of
// syntax. Those of references come with Err, beside all others that the file has.
func Parse(name string, text []byte, look Lookup) (*File, error) {
	return parse(name, text, look, func(string) bool { return true })
}

// ParseOnly is Parse of one top-level key: what stands under the others may have any fault.
func ParseOnly(name string, text []byte, look Lookup, key string) (*File, error) {
	return parse(name, text, look, func(k string) bool { return k == key })
}

func parse(name string, text []byte, look Lookup, keep func(key string) bool) (*File, error) {
	f := &File{src: &strictyaml.Source{Name: name}, root: map[string]*strictyaml.Node{}, keys: map[string]*strictyaml.Node{}}
	if empty(text) {
		return f, nil // it means the defaults
	}
	node, err := strictyaml.Parse(name, text)
	if err != nil {
		return nil, err
	}
	if node.Kind == strictyaml.Mapping {
		var kept []*strictyaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			if keep(node.Content[i].Value) {
				kept = append(kept, node.Content[i:i+2]...)
			}
		}
		node.Content = kept
	}
	expand(f.src, node, look)
	f.src.Pairs(node, func(key string, k, v *strictyaml.Node) { f.root[key], f.keys[key] = v, k })
	return f, nil
}

// empty tells that a text has comments and blank lines only.
func empty(text []byte) bool {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// Known refuses every top-level key that is not named.
func (f *File) Known(names ...string) {
	for key, k := range f.keys {
		if !slices.Contains(names, key) {
			f.src.Fail(k, "unknown section %s%s (known here: %s)", key, strictyaml.DidYouMean(key, names), strings.Join(names, ", "))
		}
	}
}

// Section is the part under a top-level key; it may be absent.
func (f *File) Section(name string) Part {
	return Part{Name: name, src: f.src, node: f.root[name]}
}

// Only is a part made of the named top-level keys, for the ones that are no sections.
func (f *File) Only(keys ...string) Part {
	n := &strictyaml.Node{Kind: strictyaml.Mapping, Line: 1, Column: 1}
	for _, key := range keys {
		if v := f.root[key]; v != nil {
			n.Content = append(n.Content, f.keys[key], v)
		}
	}
	return Part{Name: "configuration", src: f.src, node: n}
}

// Entries are the named parts of a section, in the order of the file. The key kind
// is taken out of each.
func (f *File) Entries(section string) []Part {
	n := f.root[section]
	if n == nil || n.Kind == strictyaml.Scalar && n.Tag == "!!null" {
		return nil
	}
	var parts []Part
	f.src.Pairs(n, func(name string, k, v *strictyaml.Node) {
		if v.Kind != strictyaml.Mapping {
			f.src.Fail(v, "%s: expected lines of key: value", name)
			return
		}
		for i := 0; i < len(v.Content); i += 2 {
			if f.src.Merges(v.Content[i]) { // kind may come from there, and all else would be said of its absence
				return
			}
		}
		if !validName(name) {
			f.src.Fail(k, "%q is no name: use lower-case letters, digits and _", name)
		}
		kind, rest := cutKey(v, "kind")
		if kind != nil && kind.Kind != strictyaml.Scalar {
			f.src.Fail(kind, "%s: kind: expected a text", name)
			return
		}
		p := Part{Name: name, src: f.src, node: rest, kind: kind, cut: []string{"kind"}}
		if kind != nil {
			p.Kind = kind.Value
		}
		parts = append(parts, p)
	})
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(a.node.Line, b.node.Line) })
	return parts
}

// validName: names become metric labels, topic groups and file names.
func validName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// Err is every fault that was found so far, one a line.
func (f *File) Err() error { return f.src.Err() }

// Where is the place of a value under the key, be it in a list, as it stands in front of a fault
// that is found only later: FILE:LINE:COLUMN and a colon. It is "" if the file does not have it.
func (p Part) Where(key, value string) string {
	n := p.find(key)
	if n == nil {
		return ""
	}
	for _, one := range append([]*strictyaml.Node{n}, n.Content...) {
		if one.Kind == strictyaml.Scalar && one.Value == value {
			return fmt.Sprintf("%s:%d:%d: ", p.src.Name, one.Line, one.Column)
		}
	}
	return ""
}

// Place is where the value of a key stands, as a prefix for a fault that is found later; "" if the
// file does not have it.
func (p Part) Place(key string) string {
	n := p.find(key)
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d: ", p.src.Name, n.Line, n.Column)
}

// Present says whether the file has the part.
func (p Part) Present() bool { return p.node != nil }

// Decode fills v, which holds the defaults, and notes keys that v does not have and
// values of a wrong type.
func (p Part) Decode(v any) {
	if p.node != nil {
		p.src.Decode(p.node, v, p.cut...)
	}
}

// Cut takes key out of the part and returns its text; "" if it is not there.
func (p *Part) Cut(key string) string {
	p.cut = append(p.cut, key)
	if p.node == nil {
		return ""
	}
	v, rest := cutKey(p.node, key)
	p.node = rest
	switch {
	case v == nil:
		return ""
	case v.Kind != strictyaml.Scalar:
		p.src.Fail(v, "%s: %s: expected a text", p.Name, key)
	case v.Tag == "!!null" && v.Value != "":
		p.src.Fail(v, "%s: %s: %q is not a text; leave the key out for its default, or put the word in quotes", p.Name, key, v.Value)
	}
	return v.Value
}

// CutPart takes the section under key out of the part; it may be absent.
func (p *Part) CutPart(key string) Part {
	p.cut = append(p.cut, key)
	sub := Part{Name: p.Name + "." + key, src: p.src}
	if p.node != nil {
		sub.node, p.node = cutKey(p.node, key)
	}
	return sub
}

// Fail notes a fault at the part's first line.
func (p Part) Fail(format string, args ...any) {
	if p.node == nil {
		p.src.FailAt(1, 1, p.Name+": "+format, args...)
		return
	}
	p.src.Fail(p.node, p.Name+": "+format, args...)
}

// FailValue notes a fault at a value under the first of the keys that has it, be it in a list, where
// the last of equal ones counts. A default is in no file: the fault is at the last of the keys then,
// or at the part.
func (p Part) FailValue(value string, keys []string, format string, args ...any) {
	at := p.node
	for _, key := range keys {
		n := p.find(key)
		if n == nil {
			continue
		}
		at = n
		for _, one := range slices.Backward(append([]*strictyaml.Node{n}, n.Content...)) {
			if one = strictyaml.Follow(one); one.Kind == strictyaml.Scalar && one.Value == value {
				p.src.Fail(one, p.Name+": "+format, args...)
				return
			}
		}
	}
	p.node = at
	p.Fail(format, args...)
}

// FailKind notes a fault of the part's kind.
func (p Part) FailKind(format string, args ...any) {
	if p.kind == nil {
		p.Fail(format, args...)
		return
	}
	p.src.Fail(p.kind, p.Name+": "+format, args...)
}

// Invalid notes what Validate of the part's settings found: each of the joined
// errors begins with the key that it is about ("listen: ..."), whose place is used.
func (p Part) Invalid(err error) {
	unread := map[*strictyaml.Node]bool{} // which is told: there is no value to judge
	for _, e := range strictyaml.Joined(err) {
		key, _, _ := strings.Cut(e.Error(), ":")
		at := p.find(key)
		if at == nil {
			p.Fail("%v", e)
			continue
		}
		if _, judged := unread[at]; !judged {
			unread[at] = p.src.FailedAt(at)
		}
		if !unread[at] {
			p.src.Fail(at, "%s: %v", p.Name, e)
		}
	}
}

// find is the node of a key, which may be dotted and say which of a list is meant: tls.cert_file,
// silence[0].until. Where an element of a list lacks the key, it is the element.
func (p Part) find(key string) *strictyaml.Node {
	n, element := p.node, (*strictyaml.Node)(nil)
	for _, name := range strings.Split(key, ".") {
		if n == nil || n.Kind != strictyaml.Mapping {
			return element
		}
		name, index, listed := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		n, _ = cutKey(n, name)
		if i, err := strconv.Atoi(index); listed && err == nil && n != nil && n.Kind == strictyaml.Sequence && i < len(n.Content) {
			n = strictyaml.Follow(n.Content[i])
			element = n
		}
	}
	if n == nil {
		return element
	}
	return n
}

// cutKey returns the value of key and a copy of the mapping without it.
func cutKey(m *strictyaml.Node, key string) (value, rest *strictyaml.Node) {
	c := *m
	c.Content = nil
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			value = strictyaml.Follow(m.Content[i+1])
			continue
		}
		c.Content = append(c.Content, m.Content[i], m.Content[i+1])
	}
	return value, &c
}

// ErrNoFile is wrapped when a file that the user named is not there.
var ErrNoFile = errors.New("no such configuration file")
