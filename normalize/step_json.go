package normalize

import (
	"strings"
	"unsafe"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/internal/strictyaml"
)

// jsonStep reads a JSON object by paths:
//
//	json:
//	  src_ip: source:addr
//	  http: {status: http.response.status_code}
//	  list.0.key: target                                   # the first element
//	  answers[]: {to: dns.answers, rename: {rrname: name}}   # see step_json_list.go
//
// The document is walked once. A scalar that no path names goes under
// sluice.vendor by its dotted path.
type jsonStep struct {
	root *jsonNode
	at   string
}

// jsonNode is one key of the wanted paths.
type jsonNode struct {
	targets []target
	kids    *jsonKids // nil: none
	each    []*jsonEach
	whole   bool      // one of each reads all there is of an object
	indexed *jsonNode // of the first element that a path names by its number; nil: none
	rest    string    // where keys that are not named are kept; "": under their path
	capital bool      // and their first letter is made a capital
	ecs     bool      // keys that are not named are fields
}

// maxFollowed is how many keys of an object are kept in their order: so much memory hangs on
// the first.
const maxFollowed = 500

// maxDepth bounds how deep unnamed keys are followed.
const maxDepth = 8

func (s *jsonStep) apply(r *run) bool {
	v := r.parseJSON(r.text)
	switch v.Kind() {
	case jsontape.None:
		r.miss(s.at, "no JSON", 0)
		return false
	case jsontape.Object:
	default:
		if v.Kind() == jsontape.Array && s.root.indexed != nil {
			break // a record without keys
		}
		r.miss(s.at, "no JSON object", 0)
		return false
	}
	r.path = r.path[:0]
	if r.cutOff != "" {
		r.reason(r.cutOff, "partly_parsed")
	}
	r.told = true
	ok := s.root.walk(r, v, s.at)
	return r.settle(s.at) && ok
}

// Bounds of the memory that JSON takes.
const (
	maxJSONValues = 120_000   // the longest line of CloudTrail that an input takes holds some 80,000
	keptJSON      = 256 << 10 // a longer text's document is not kept for the next line
)

// parseJSON reads text; there is no value where it is no JSON. Texts of the values live until
// the next event: each text of one event has a document of its own. An object that was cut
// off is read to its last whole value.
func (r *run) parseJSON(text string) jsontape.Value {
	if l := &r.last; len(l.text) == len(text) && text != "" && unsafe.StringData(l.text) == unsafe.StringData(text) {
		return l.value
	}
	d := r.document()
	err := d.Parse(text)
	if len(text) > keptJSON {
		r.jsons[r.parsed-1] = nil // the event keeps what it needs of it; the next line gets another
	}
	v := d.Root()
	if err != nil {
		if d.At() < 2 || text[0] != '{' {
			v = jsontape.Value{}
		} else if v.OK() {
			b := append(r.buf[:0], "the JSON object is cut off behind byte "...)
			r.buf = appendInt(b, d.At())
			r.cutOff = r.ev.Own(r.buf)
		}
	}
	if plain := d.Plain(); plain != nil {
		r.ev.Alias(text, plain)
	}
	r.last.text, r.last.value = text, v
	return v
}

// document is one that holds no texts of this event yet.
func (r *run) document() *jsontape.Doc {
	if r.parsed == len(r.jsons) {
		r.jsons = append(r.jsons, nil)
	}
	if r.jsons[r.parsed] == nil {
		r.jsons[r.parsed] = &jsontape.Doc{Max: maxJSONValues}
	}
	r.parsed++
	return r.jsons[r.parsed-1]
}

func (n *jsonNode) walk(r *run, v jsontape.Value, at string) bool {
	ok := true
	if n.unwanted() {
		return true
	}
	kind := v.Kind()
	nested := kind >= jsontape.Array
	if kind == jsontape.String && strings.HasPrefix(v.Str(), `["`) && n.wantsList(r) {
		if in := r.inText(v); in.OK() {
			return n.array(r, in, 0, at)
		}
	}
	whole := false // a field took the value as it is
	for i := range n.targets {
		switch t := &n.targets[i]; {
		case t.isJSON(r):
			ok, whole = (r.waits(t, v, false) || r.setJSON(t, v)) && ok, true
		case t.kind == vBytes && kind == jsontape.Array:
			whole = true
			if text, is := r.fromBytes(v); !is || !r.ev.SetText(t.field, text) {
				r.bad(at, t.name, v.Text())
				ok = false
			}
		case nested, r.waits(t, v, false):
		case !t.putJSON(r, v):
			r.bad(at, t.name, v.Text())
			ok = false
		}
	}
	switch {
	case !nested && n.targets == nil && len(r.path) > 0: // a text where the pack knows an object
		if in := r.inText(v); in.OK() {
			return n.walk(r, in, at)
		}
		if kind != jsontape.String || v.Str() != "" {
			r.unnamed(v, 0)
		}
		return ok
	case !nested, whole && n.kids == nil && n.each == nil:
		return ok
	case kind == jsontape.Object && n.each == nil:
		return n.object(r, v, at) && ok
	}
	taken := uint64(0)
	for _, e := range n.each {
		ok = e.apply(r, v, &taken, at) && ok
	}
	if n.takes() {
		n.leaveOthers(r, v, taken)
	}
	if kind == jsontape.Object {
		return (n.kids == nil || n.only(r, v, taken, at)) && ok
	}
	return n.array(r, v, taken, at) && ok
}

// unwanted says whether the pack named the key with _: nobody wants what it holds.
func (n *jsonNode) unwanted() bool {
	return n.targets != nil && len(n.targets) == 0 && n.kids == nil && n.each == nil
}

func (n *jsonNode) object(r *run, v jsontape.Value, at string) bool {
	ok := true
	depth, named := len(r.path), 0
	k, i := (*jsonKey)(nil), 0
	for v = v.First(); v.OK(); v = v.Next() {
		key := v.Key()
		if i++; i > maxFollowed {
			k = nil
		}
		if depth > 0 {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, key...)
		k = r.jsonKey(n, key, k)
		if kid := k.kid; kid != nil && kid.reads(v) && named < maxPairs { // a key may be given again and again
			named++
			ok = kid.walk(r, v, at) && ok
		} else if !n.whole {
			n.others(r, k, v)
		}
		r.path = r.path[:depth]
	}
	return ok
}

// kid is the node for a key: the one of its name, or that of any name. A key with dots
// is a path of its own: "id.orig_h".
func (n *jsonNode) kid(key string) *jsonNode {
	if n.kids == nil {
		return nil
	}
	if kid := n.kids.get(key); kid != nil {
		return *kid
	}
	if dot := strings.IndexByte(key, '.'); dot > 0 {
		if first := n.kids.get(key[:dot]); first != nil {
			if kid := (*first).kid(key[dot+1:]); kid != nil {
				return kid
			}
		}
	}
	return n.kids.any
}

// jsonKids are the nodes below one.
type jsonKids struct {
	keys[*jsonNode]
	any *jsonNode // of the key *
}

// kidOf is the node for a key of a pack's path, made where it is not there.
func (n *jsonNode) kidOf(key string) *jsonNode {
	if n.kids == nil {
		n.kids = &jsonKids{}
	}
	kid := n.kids.at(key)
	if *kid == nil {
		*kid = &jsonNode{}
	}
	if key == "*" {
		n.kids.any = *kid
	}
	return *kid
}

// unnamed keeps what no path names, under the path that r holds; of a longer one than is kept nothing below is.
func (r *run) unnamed(v jsontape.Value, depth int) {
	if len(r.path) > event.MaxVendorKey {
		return
	}
	switch v.Kind() {
	case jsontape.Null:
	case jsontape.Object:
		if depth >= maxDepth {
			return
		}
		at := len(r.path)
		for v = v.First(); v.OK(); v = v.Next() {
			r.path = append(append(r.path, '.'), v.Key()...)
			r.unnamed(v, depth+1)
			r.path = r.path[:at]
		}
	case jsontape.Array:
		if v.First().OK() {
			if r.keep != keepSet {
				r.keepItems(v)
				return
			}
			r.buf = v.Append(r.buf[:0])
			setVendorList(r.ev, r.ev.Own(r.path), r.ev.Own(r.buf), v)
		}
	default:
		if r.keep != keepSet {
			r.keepMore(v.Text(), r.keep == keepAside)
			return
		}
		r.ev.SetVendor(r.ev.Own(r.path), v.Text()) // an empty one too: rules ask for it
	}
}

// setVendorList keeps a list under key: as JSON, and for rules its texts one by one.
func setVendorList(ev *event.Event, key, asJSON string, list jsontape.Value) {
	var items []string
	for it := list.First(); it.OK(); it = it.Next() {
		if it.Kind() != jsontape.String { // nothing to ask but the JSON
			ev.SetVendor(key, asJSON)
			return
		}
		items = append(items, it.Text())
	}
	ev.SetVendorList(key, asJSON, items)
}

func (t *target) isJSON(r *run) bool {
	return t.kind == vPlain && r.ev.Schema().Type(t.field) == event.JSON
}

// setJSON stores a value as it is.
func (r *run) setJSON(t *target, v jsontape.Value) bool {
	r.buf = v.Append(r.buf[:0])
	return r.ev.SetText(t.field, strings.ToValidUTF8(r.ev.Own(r.buf), "\ufffd"))
}

// putJSON stores a scalar.
func (t *target) putJSON(r *run, v jsontape.Value) bool {
	switch v.Kind() {
	case jsontape.String:
		text := v.Text()
		return isBlank(text) || t.put(r, text)
	case jsontape.Number:
		if t.kind == vPlain {
			switch r.ev.Schema().Type(t.field) {
			case event.Long:
				if n, ok := v.Int(); ok {
					return r.ev.SetInt(t.field, n) || n == -1 // noNumber
				}
				x, ok := v.Float()
				return ok && x > -1<<53 && x < 1<<53 && r.ev.SetInt(t.field, int64(x))
			case event.Double:
				x, ok := v.Float()
				return ok && r.ev.SetFloat(t.field, x)
			}
		}
		return t.put(r, v.Text())
	case jsontape.True:
		return t.put(r, "true")
	case jsontape.False:
		return t.put(r, "false")
	}
	return true
}

// view is b as a string: it lives in the parser's buffer as long as the event.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// json reads path: target lines. A path may be nested as YAML or dotted.
func (l *loader) json(n *strictyaml.Node) step {
	s := &jsonStep{root: &jsonNode{}, at: l.place(n)}
	l.jsonPaths(s.root, n)
	s.root.contest()
	return s
}

func (l *loader) jsonPaths(at *jsonNode, n *strictyaml.Node) {
	l.Pairs(n, func(path string, k, v *strictyaml.Node) {
		here := at
		each := strings.HasSuffix(path, "[]")
		path, star := strings.CutSuffix(path, "*")
		path = strings.TrimSuffix(path, ".")
		for key := range strings.SplitSeq(strings.TrimSuffix(path, "[]"), ".") {
			if star && path == "" {
				break
			}
			if key == "" {
				l.Fail(k, "a path has no empty parts")
				continue
			}
			if strings.HasSuffix(key, "[]") {
				l.Fail(k, "[] ends a path: write %s: {take: {...}} for what is below", path[:strings.Index(path, "[]")+2])
			}
			kid := here.kidOf(key)
			if here.indexed == nil && key[0]-'0' < 10 {
				here.indexed = kid
			}
			here = kid
		}
		switch {
		case star && v.Kind != strictyaml.Mapping:
			l.jsonRest(here, v)
		case each:
			l.jsonEach(here, v)
		case v.Kind == strictyaml.Mapping:
			l.jsonPaths(here, v)
		default:
			here.targets = append(l.targets(v, true), here.targets...)
		}
	})
}
