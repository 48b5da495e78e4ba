package normalize

import (
	"cmp"
	"slices"
	"strings"
	"unsafe"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/internal/strictyaml"
	"sluice/schemas"
)

// jsonRest reads where the keys go that are not named: PREFIX.*, or *, the fields of
// the same name, or first the one and then the other. With PREFIX.*:capital a key's first
// letter is made a capital: Wazuh writes Microsoft's names with a small one.
func (l *loader) jsonRest(at *jsonNode, n *strictyaml.Node) {
	for _, v := range l.Words(n) {
		named, capital := strings.CutSuffix(v.Value, ":capital")
		prefix, ok := strings.CutSuffix(named, "*")
		ok = ok && !(capital && prefix == "")
		at.capital = at.capital || capital
		switch {
		case !ok || prefix != "" && !strings.HasSuffix(prefix, "."):
			l.Fail(v, "what is not named goes to some.name.*, or to * for the fields of the same name")
		case prefix == "":
			at.ecs = true
		default:
			at.rest = prefix
		}
	}
}

// others stores a key that is not named: the path that r holds ends with it.
func (n *jsonNode) others(r *run, k *jsonKey, v jsontape.Value) {
	kind := v.Kind()
	k.look(r)
	if n.ecs && (n.rest == "" || kind == jsontape.Object || k.isField) {
		r.asNamed(v, 0)
		return
	}
	switch kind {
	case jsontape.Array, jsontape.Object:
	case jsontape.Null:
		return
	default:
		switch r.keep {
		case keepSet:
			r.ev.SetVendorKey(&k.vendor, v.Text()) // an empty one too: rules ask for it
		case keepAdd, keepAside:
			r.ev.AddVendorKey(&k.vendor, v.Text(), r.keep == keepAside)
		}
		return
	}
	if k.other == "" {
		r.unnamed(v, 0)
		return
	}
	at := len(r.path)
	whole := append(r.path, k.other...) // its other name stands behind the path
	r.path = whole[at:]
	r.unnamed(v, 0)
	r.path = whole[:at]
}

// jsonKey is what follows from a key that a node has, at one path. A device's next line has
// the same keys, mostly in the same order, so it is kept.
type jsonKey struct {
	node *jsonNode
	path string
	key  string // the path ends with it
	kid  *jsonNode
	next *jsonKey // what stood behind it in the last object of the node at this path that had it

	looked  bool // the rest is known
	isField bool
	other   string          // what it is kept as, where that is not its path
	vendor  event.VendorKey // for what is kept
}

// jsonKeys are the keys of lines before, each in one of the two places that its node and path hash to.
type jsonKeys [1 << jsonKeyBits][2]*jsonKey

const jsonKeyBits = 12 // a Windows log has some 300 keys, and few may share a place

// maxKeptPath is the longest path that is kept for the next line.
const maxKeptPath = 128

// jsonKey looks at a key of a node once; the path that r holds ends with it. Before is the key
// in front of it in the object, or nil.
func (r *run) jsonKey(n *jsonNode, key string, before *jsonKey) *jsonKey {
	if before != nil && before.next != nil && before.next.key == key { // the node and the path are the same, too
		return before.next
	}
	if r.keys == nil {
		r.keys = &jsonKeys{}
	}
	set := &r.keys[placeOf(unsafe.Pointer(n), view(r.path))>>(64-jsonKeyBits)]
	k := set[0]
	if !k.is(n, r.path, key) {
		if k = set[1]; !k.is(n, r.path, key) {
			path := string(r.path)
			k = &jsonKey{node: n, path: path, key: path[len(path)-len(key):]}
			k.kid = n.kid(k.key)
			if len(path) > maxKeptPath {
				return k
			}
			set[0], set[1] = k, set[0]
		}
	}
	if before != nil && len(before.path) <= maxKeptPath {
		before.next = k
	}
	return k
}

// is says whether k is that key of that node at that path.
func (k *jsonKey) is(n *jsonNode, path []byte, key string) bool {
	return k != nil && k.node == n && k.path == string(path) && len(k.key) == len(key)
}

// look looks at a key that its node does not name; the path that r holds ends with it.
func (k *jsonKey) look(r *run) {
	if k.looked {
		return
	}
	k.looked = true
	k.isField = k.node.ecs && r.isField()
	n, key := k.node.under(k.key)
	if n.rest != "" {
		if n.capital && key != "" {
			key = strings.ToUpper(key[:1]) + key[1:]
		}
		k.other = n.rest + key
	}
	k.vendor = r.ev.Schema().VendorKey(cmp.Or(k.other, k.path))
}

// under is the node that says where a key goes, and what is left of the key there: what a
// path that ends in * says of a: {b} it says of "a.b".
func (n *jsonNode) under(key string) (*jsonNode, string) {
	says, left := n, key
	for n.kids != nil {
		first, rest, ok := strings.Cut(key, ".")
		kid := n.kids.get(first)
		if !ok || kid == nil {
			break
		}
		n, key = *kid, rest
		if n.rest != "" || n.ecs {
			says, left = n, key
		}
	}
	return says, left
}

// isField says whether the path that r holds is one of a field that data may set.
func (r *run) isField() bool {
	f, ok := r.ev.Schema().LookupBytes(r.path)
	if !ok {
		return false
	}
	s := r.ev.Schema().Spec(f)
	return !s.Vendor && !s.Hidden && !strings.HasPrefix(s.Name, "sluice.")
}

// asNamed sets the field that is called like the path that r holds, and likewise
// below. What has no field is kept under its path.
func (r *run) asNamed(v jsontape.Value, depth int) {
	kind := v.Kind()
	if kind != jsontape.Null && r.isField() {
		f, _ := r.ev.Schema().LookupBytes(r.path)
		t := target{field: f, name: r.ev.Schema().Spec(f).Name}
		switch words, limited := limited[t.name]; {
		case limited:
			if r.addAllowed(f, words, v) {
				return
			}
		case t.isJSON(r):
			if r.setJSON(&t, v) {
				return
			}
		case kind == jsontape.Array:
			if r.addEach(f, v) {
				return
			}
		case r.ev.Schema().Spec(f).Type == event.Date:
			if at, ok := date(v); ok && r.ev.SetTime(f, at) {
				return
			}
		case kind != jsontape.Object && t.putJSON(r, v):
			return
		}
	}
	if kind != jsontape.Object || depth >= maxDepth {
		r.unnamed(v, depth)
		return
	}
	at := len(r.path)
	for v = v.First(); v.OK(); v = v.Next() {
		r.path = append(append(r.path, '.'), v.Key()...)
		r.asNamed(v, depth+1)
		r.path = r.path[:at]
	}
}

// limited are the fields that ECS allows but some values in, by their names. Older
// shippers and other schemas write more.
var limited = func() map[string][]string {
	by := map[string][]string{}
	for _, name := range []string{"event.kind", "event.category", "event.type", "event.outcome"} {
		if known, ok := schemas.Lookup(name); ok {
			by[name] = known.Allowed
		}
	}
	return by
}()

// addAllowed sets a field to those of the texts that ECS allows in it.
func (r *run) addAllowed(f event.Field, words []string, v jsontape.Value) bool {
	if v.Kind() != jsontape.Array {
		return r.addAllowedText(f, words, v.Str())
	}
	ok := false
	for v = v.First(); v.OK(); v = v.Next() {
		ok = r.addAllowedText(f, words, v.Str()) || ok
	}
	return ok
}

func (r *run) addAllowedText(f event.Field, words []string, text string) bool {
	if text == "network_traffic" { // Packetbeat's category
		text = "network"
	}
	switch {
	case !slices.Contains(words, text):
		return false
	case r.ev.Schema().Spec(f).Array:
		return r.ev.Add(f, text)
	}
	return r.ev.SetText(f, text)
}

// addEach adds the texts of a list to a field, if they are all texts.
func (r *run) addEach(f event.Field, list jsontape.Value) bool {
	for it := list.First(); it.OK(); it = it.Next() {
		if it.Kind() != jsontape.String {
			return false
		}
	}
	first := list.First()
	if first.OK() && !first.Next().OK() && !r.ev.Schema().Spec(f).Array {
		return r.ev.SetText(f, first.Text())
	}
	ok := true
	for it := first; it.OK(); it = it.Next() {
		ok = r.ev.Add(f, it.Text()) && ok
	}
	return ok
}
