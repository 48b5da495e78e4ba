package normalize

import (
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/internal/strictyaml"
	"sluice/schemas"
)

// jsonRest reads where the keys go that are not named: PREFIX.*, or *, the fields of
// the same name, or first the one and then the other.
func (l *loader) jsonRest(at *jsonNode, n *strictyaml.Node) {
	for _, v := range l.Words(n) {
		prefix, ok := strings.CutSuffix(v.Value, "*")
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
func (n *jsonNode) others(r *run, key string, v jsontape.Value) {
	kind := v.Kind()
	k := r.other(n, key)
	if n.ecs && (n.rest == "" || kind == jsontape.Object || k.isField) {
		r.asNamed(v, 0)
		return
	}
	switch kind {
	case jsontape.Array, jsontape.Object:
	case jsontape.Null:
		return
	default:
		r.ev.SetVendorKey(&k.vendor, v.Text()) // an empty one too: rules ask for it
		return
	}
	if n.rest == "" {
		r.unnamed(v, 0)
		return
	}
	at := len(r.path)
	whole := append(append(r.path, n.rest...), key...) // its other name stands behind the path
	r.path = whole[at:]
	r.unnamed(v, 0)
	r.path = whole[:at]
}

// otherKey is what follows from a key that a node does not name, at one path. A device's next
// line has the same keys, so it is kept.
type otherKey struct {
	node    *jsonNode
	path    string
	isField bool
	vendor  event.VendorKey // for what is kept
}

// otherKeys are the keys of lines before, each at the place that its path hashes to.
type otherKeys [1 << otherBits]*otherKey

const otherBits = 9 // a Windows log has some 300 keys

// other looks at a key of a node once; the path that r holds ends with it.
func (r *run) other(n *jsonNode, key string) *otherKey {
	if r.others == nil {
		r.others = &otherKeys{}
	}
	at := &r.others[place(view(r.path))>>(64-otherBits)]
	if k := *at; k != nil && k.node == n && k.path == string(r.path) {
		return k
	}
	k := &otherKey{node: n, path: string(r.path), isField: n.ecs && r.isField()}
	name := k.path
	if n.rest != "" {
		name = n.rest + key
	}
	k.vendor = r.ev.Schema().VendorKey(name)
	if len(k.path) <= maxOtherKey {
		*at = k
	}
	return k
}

// maxOtherKey is the longest path that is kept for the next line.
const maxOtherKey = 128

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
