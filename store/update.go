package store

import (
	"bytes"

	"github.com/valyala/fastjson"
)

// mergeJSON lays doc over source: objects member by member, all else whole. changed tells
// whether that made a difference.
func mergeJSON(source, doc []byte) (merged []byte, changed bool, err error) {
	var p, q fastjson.Parser
	a, err := p.ParseBytes(source)
	if err != nil {
		return nil, false, err
	}
	b, err := q.ParseBytes(doc)
	if err != nil {
		return nil, false, err
	}
	o, err := b.Object()
	if err != nil {
		return nil, false, err
	}
	before := a.MarshalTo(nil)
	overlay(a, o, 0)
	after := a.MarshalTo(nil)
	return after, !bytes.Equal(before, after), nil
}

func overlay(to *fastjson.Value, from *fastjson.Object, depth int) {
	from.Visit(func(k []byte, v *fastjson.Value) {
		key := string(k)
		old := to.Get(key)
		if o, err := v.Object(); err == nil && old != nil && old.Type() == fastjson.TypeObject && depth < maxDepth {
			overlay(old, o, depth+1)
			return
		}
		to.Set(key, v)
	})
}
