package normalize

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"

	"sluice/event"
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
	byIndex bool   // a key is the number of a list's element
	rest    string // where keys that are not named are kept; "": under their path
	ecs     bool   // keys that are not named are fields
}

// maxDepth bounds how deep unnamed keys are followed.
const maxDepth = 8

func (s *jsonStep) apply(r *run) bool {
	v, err := r.parseJSON(r.text)
	if err != nil {
		r.miss(s.at, "no JSON", 0)
		return false
	}
	if v.Type() != fastjson.TypeObject {
		r.miss(s.at, "no JSON object", 0)
		return false
	}
	r.path = r.path[:0]
	if r.cutOff != "" {
		r.reason(r.cutOff, "partly_parsed")
	}
	return s.root.walk(r, v, s.at)
}

// parseJSON parses text. Texts of the values live until the next event: each
// parse of one event has a parser of its own.
func (r *run) parseJSON(text string) (*fastjson.Value, error) {
	if l := &r.last; len(l.text) == len(text) && text != "" && unsafe.StringData(l.text) == unsafe.StringData(text) {
		return l.value, l.err
	}
	if tooMuchJSON(text) {
		return nil, errTooMuchJSON
	}
	v, err := r.parser().Parse(text)
	if len(text) > keptJSON {
		r.jsons[r.parsed-1] = nil // the event keeps what it needs of it; the next line gets another
	}
	if err != nil && text != "" && text[0] == '{' {
		v, err = r.salvage(text, err)
	}
	if err == nil {
		r.locate(text, v)
	}
	r.last.text, r.last.value, r.last.err = text, v, err
	return v, err
}

// Bounds of the memory that JSON takes: a value of two bytes is 80 when it is parsed.
const (
	maxJSONValues = 120_000   // the longest line of CloudTrail that an input takes holds some 80,000
	keptJSON      = 256 << 10 // a longer text's parser is not kept for the next line
)

var errTooMuchJSON = errors.New("too many JSON values")

// tooMuchJSON says whether a text holds more values than a line may: it is counted by
// what stands in front of them.
func tooMuchJSON(text string) bool {
	return len(text) > 2*maxJSONValues && strings.Count(text, ",")+strings.Count(text, "[")+strings.Count(text, "{") > maxJSONValues
}

// parser is one that holds no texts of this event yet.
func (r *run) parser() *fastjson.Parser {
	if r.parsed == len(r.jsons) {
		r.jsons = append(r.jsons, nil)
	}
	if r.jsons[r.parsed] == nil {
		r.jsons[r.parsed] = &fastjson.Parser{}
	}
	r.parsed++
	return r.jsons[r.parsed-1]
}

// locate tells the event where the parser's copy of text lies: the first key of an
// object is in it, behind the first quote.
func (r *run) locate(text string, v *fastjson.Value) {
	o, err := v.Object()
	first := strings.IndexByte(text, '"')
	if err != nil || o.Len() == 0 || first < 0 || first+1 >= len(text) || text[first+1] == '"' {
		return
	}
	o.Visit(func(key []byte, _ *fastjson.Value) {
		if first >= 0 && len(key) > 0 {
			begin := unsafe.Pointer(unsafe.SliceData(key))
			r.ev.Alias(text, (*byte)(unsafe.Add(begin, -(first+1))))
		}
		first = -1
	})
}

func (n *jsonNode) walk(r *run, v *fastjson.Value, at string) bool {
	ok := true
	if n.unwanted() {
		return true
	}
	nested := v.Type() == fastjson.TypeObject || v.Type() == fastjson.TypeArray
	whole := false // a field took the value as it is
	for i := range n.targets {
		switch t := &n.targets[i]; {
		case t.isJSON(r):
			ok, whole = r.setJSON(t, v) && ok, true
		case !nested && !t.putJSON(r, v):
			r.bad(at, t.name, v.String())
			ok = false
		}
	}
	switch {
	case !nested, whole && n.kids == nil && n.each == nil:
		return ok
	case v.Type() == fastjson.TypeObject && (n.each == nil || n.kids != nil):
		return n.object(r, v, at) && ok
	case v.Type() == fastjson.TypeObject: // a list is asked for: it is one of one
		return n.elements(r, []*fastjson.Value{v}, at) && ok
	}
	ok = n.elements(r, v.GetArray(), at) && ok
	return n.array(r, v, at) && ok
}

// elements reads a list's objects as the pack asked under "path[]".
func (n *jsonNode) elements(r *run, list []*fastjson.Value, at string) bool {
	ok := true
	for _, e := range n.each {
		ok = e.apply(r, list, at) && ok
	}
	return ok
}

// unwanted says whether the pack named the key with _: nobody wants what it holds.
func (n *jsonNode) unwanted() bool {
	return n.targets != nil && len(n.targets) == 0 && n.kids == nil && n.each == nil
}

func (n *jsonNode) object(r *run, v *fastjson.Value, at string) bool {
	ok := true
	depth, named := len(r.path), 0
	v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		if depth > 0 {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, key...)
		if kid := n.kid(key); kid != nil && kid.reads(v) && named < maxPairs { // a key may be given again and again
			named++
			ok = kid.walk(r, v, at) && ok
		} else if n.each == nil {
			n.others(r, key, v)
		}
		r.path = r.path[:depth]
	})
	return ok
}

// kid is the node for a key: the one of its name, or that of any name. A key with dots
// is a path of its own: "id.orig_h".
func (n *jsonNode) kid(key []byte) *jsonNode {
	if n.kids == nil {
		return nil
	}
	if kid := n.kids.get(view(key)); kid != nil {
		return *kid
	}
	if dot := bytes.IndexByte(key, '.'); dot > 0 {
		if first := n.kids.get(view(key[:dot])); first != nil {
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

// unnamed keeps what no path names, under the path that r holds.
func (r *run) unnamed(v *fastjson.Value, depth int) {
	switch v.Type() {
	case fastjson.TypeNull:
	case fastjson.TypeString:
		r.ev.SetVendor(r.ev.Own(r.path), view(v.GetStringBytes())) // an empty one too: rules ask for it
	case fastjson.TypeObject:
		if depth >= maxDepth {
			return
		}
		at := len(r.path)
		v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			r.path = append(append(r.path, '.'), key...)
			r.unnamed(v, depth+1)
			r.path = r.path[:at]
		})
	case fastjson.TypeArray:
		if list := v.GetArray(); len(list) > 0 {
			r.buf = v.MarshalTo(r.buf[:0])
			setVendorList(r.ev, r.ev.Own(r.path), r.ev.Own(r.buf), list)
		}
	default:
		r.buf = v.MarshalTo(r.buf[:0])
		r.ev.SetVendor(r.ev.Own(r.path), r.ev.Own(r.buf))
	}
}

// setVendorList keeps a list under key: as JSON, and for rules its texts one by one.
func setVendorList(ev *event.Event, key, asJSON string, list []*fastjson.Value) {
	var items []string
	for _, it := range list {
		if it.Type() != fastjson.TypeString { // nothing to ask but the JSON
			ev.SetVendor(key, asJSON)
			return
		}
		items = append(items, view(it.GetStringBytes()))
	}
	ev.SetVendorList(key, asJSON, items)
}

func (t *target) isJSON(r *run) bool {
	return t.kind == vPlain && r.ev.Schema().Type(t.field) == event.JSON
}

// setJSON stores a value as it is. fastjson lets some things pass that are no
// JSON (NaN, control bytes in texts); they must not get into a document.
func (r *run) setJSON(t *target, v *fastjson.Value) bool {
	r.buf = appendUnique(r.buf[:0], v)
	return json.Valid(r.buf) && r.ev.SetText(t.field, strings.ToValidUTF8(r.ev.Own(r.buf), "\ufffd"))
}

// putJSON stores a scalar.
func (t *target) putJSON(r *run, v *fastjson.Value) bool {
	switch v.Type() {
	case fastjson.TypeString:
		b := v.GetStringBytes()
		return len(b) == 0 || t.put(r, view(b))
	case fastjson.TypeNumber:
		if t.kind == vPlain {
			switch r.ev.Schema().Type(t.field) {
			case event.Long:
				if n, err := v.Int64(); err == nil {
					return r.ev.SetInt(t.field, n)
				}
				x, err := v.Float64()
				return err == nil && x > -1<<53 && x < 1<<53 && r.ev.SetInt(t.field, int64(x))
			case event.Double:
				x, err := v.Float64()
				return err == nil && r.ev.SetFloat(t.field, x)
			}
		}
		r.buf = v.MarshalTo(r.buf[:0])
		return t.put(r, r.ev.Own(r.buf))
	case fastjson.TypeTrue:
		return t.put(r, "true")
	case fastjson.TypeFalse:
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
			here.byIndex = here.byIndex || key[0]-'0' < 10
			here = here.kidOf(key)
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
