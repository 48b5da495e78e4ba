package normalize

import (
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/jsontape"
)

// Graylog, NXLog, exports of Kibana and Logstash's de_dot write an object without the objects in it: "a.b.c": 1.
// Packs name paths that are found in both forms, but what they ask of an object in it, of all its keys, or of
// where a list stands holds of the nested form alone. Where nobody knows an object whose keys have dots,
// or one that was flattened, and somebody knows the nested form, that is read in its place.

// Bounds of the work on one object.
const (
	maxFlattened = 1000 // keys
	maxNested    = 32   // names in a key; what is behind them is one name
	manyDotted   = 5    // keys with dots make an object without objects in it a flattened one: some formats have a few
)

// find finds the pack of the line whose header was read, in the form in which the pack knows it.
func (w *Worker) find(last *pack) *pack {
	if w.head.Message != w.unfolded.text { // else another pack is asked for the same line
		w.unfolded = nestedForm{}
	}
	obj := w.object()
	p := w.engine.recog.find(&w.head, obj, last, &w.look)
	switch {
	case !obj.OK():
	case p == nil || p.generic:
		if q := w.unfold(obj, 1, last); q != nil {
			return q
		}
		if q := w.raise(obj, last); q != nil {
			return q
		}
	case !w.look.nests && !p.dotted:
		if q := w.unfold(obj, manyDotted, last); q != nil {
			return q
		}
	}
	return p
}

// unfold looks at the nested form of an object with so many keys with dots. Where a pack knows that, it is
// what is read.
func (w *Worker) unfold(obj jsontape.Value, least int, last *pack) *pack {
	if w.cutOff != "" || !hasDots(obj, least) {
		return nil
	}
	flat := w.head.Message
	w.head.Message = view(appendNested(nil, obj))
	if p := w.engine.recog.find(&w.head, w.object(), last, &w.look); p != nil && !p.generic {
		w.unfolded = nestedForm{flat, w.head.Message}
		return p
	}
	w.head.Message = flat
	return nil
}

// unfoldFor puts the nested form in the place of a flattened object that the input says is p's.
func (w *Worker) unfoldFor(p *pack) {
	if p.dotted {
		return
	}
	obj := w.object()
	for v := obj.First(); v.OK(); v = v.Next() {
		if v.Kind() == jsontape.Object && v.First().OK() {
			return
		}
	}
	if flat := w.head.Message; obj.OK() && w.unfold(obj, manyDotted, p) != p {
		w.head.Message, w.unfolded = flat, nestedForm{}
	}
}

// nestedForm is a flattened object in both of its forms; "": the line is none.
type nestedForm struct{ flat, text string }

// nest puts the nested form back where the header was read anew.
func (w *Worker) nest() {
	if w.unfolded.flat != "" && w.head.Message == w.unfolded.flat {
		w.head.Message = w.unfolded.text
	}
}

// asSent is the message as it came.
func (w *Worker) asSent() string {
	if w.unfolded.text != "" && w.head.Message == w.unfolded.text {
		return w.unfolded.flat
	}
	return w.head.Message
}

// hasDots says whether an object has so many keys with dots in them.
func hasDots(obj jsontape.Value, least int) bool {
	n := 0
	for v := obj.First(); v.OK() && n < maxFlattened; v = v.Next() {
		if n++; strings.IndexByte(v.Key(), '.') > 0 {
			if least--; least == 0 {
				return true
			}
		}
	}
	return false
}

// branch is a key of the nested form, with what is below it or its value.
type branch struct {
	key   string
	value jsontape.Value
	kids  []*branch
}

// appendNested writes an object with its keys cut at their dots. A key stays as it is where it has no place in
// that form: "a.b" beside a text a.
func appendNested(dst []byte, obj jsontape.Value) []byte {
	root := &branch{}
	n := 0
	for v := obj.First(); v.OK(); v = v.Next() {
		if n++; n > maxFlattened {
			root.leaf(v.Key(), v)
		} else if !root.put(v.Key(), v, 1) {
			root.leaf(v.Key(), v)
		}
	}
	return root.append(dst)
}

// put cuts a key and puts its value where it belongs, below so many names.
func (b *branch) put(key string, v jsontape.Value, depth int) bool {
	first, rest, cut := cutAtDot(key)
	if !cut || depth == maxNested {
		b.leaf(key, v)
		return true
	}
	i := slices.IndexFunc(b.kids, func(k *branch) bool { return k.key == first })
	if i < 0 {
		i = len(b.kids)
		b.kids = append(b.kids, &branch{key: first})
	} else if kid := b.kids[i]; kid.value.OK() {
		if kid.value.Kind() != jsontape.Object {
			return false
		}
		for in := kid.value.First(); in.OK(); in = in.Next() { // an object that was left as it was
			kid.leaf(in.Key(), in)
		}
		kid.value = jsontape.Value{}
	}
	if !b.kids[i].put(rest, v, depth+1) {
		b.kids[i].leaf(rest, v)
	}
	return true
}

// leaf puts a value under a key as it is; the keys of an object beside others of it go among them.
func (b *branch) leaf(key string, v jsontape.Value) {
	if v.Kind() == jsontape.Object {
		if i := slices.IndexFunc(b.kids, func(k *branch) bool { return k.key == key && k.kids != nil }); i >= 0 {
			for in := v.First(); in.OK(); in = in.Next() {
				b.kids[i].leaf(in.Key(), in)
			}
			return
		}
	}
	b.kids = append(b.kids, &branch{key: key, value: v})
}

// cutAtDot cuts a key at its first dot that parts two names. The names of OData (@odata.type) are whole, and
// so is an address (http://schemas.example.com/x), up to a dot behind its last slash.
func cutAtDot(key string) (first, rest string, ok bool) {
	dot := strings.IndexByte(key, '.')
	if address := strings.Index(key, "://"); address >= 0 && dot > address {
		slash := strings.LastIndexByte(key, '/')
		if dot = strings.IndexByte(key[slash:], '.'); dot < 0 || slash < address+3 {
			return key, "", false
		}
		dot += slash
	}
	if dot <= 0 || dot == len(key)-1 || key[0] == '@' {
		return key, "", false
	}
	return key[:dot], key[dot+1:], true
}

// append writes what is below a branch: an object, or a list where its keys count from 0.
func (b *branch) append(dst []byte) []byte {
	if b.value.OK() {
		return append(dst, b.value.Raw()...)
	}
	list := len(b.kids) > 0
	for i, kid := range b.kids {
		n, ok := atoi(kid.key)
		list = list && ok && n == i
	}
	open, end := byte('{'), byte('}')
	if list {
		open, end = '[', ']'
	}
	dst = append(dst, open)
	for i, kid := range b.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !list {
			dst = append(event.AppendString(dst, kid.key), ':')
		}
		dst = kid.append(dst)
	}
	return append(dst, end)
}
