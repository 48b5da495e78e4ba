package normalize

import (
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// objectStep makes an array of one object out of fields; where the first of them is a
// list, of as many objects as it has elements: answers and their TTLs stand side by side.
type objectStep struct {
	to   event.Field
	keys []string
	from []event.Field
}

func (s *objectStep) apply(r *run) bool {
	if n := len(r.ev.List(s.from[0])); n > 0 {
		return s.zip(r, n)
	}
	buf := append(r.buf[:0], "[{"...)
	for i, f := range s.from {
		if v := r.ev.Get(f); v != nil {
			if len(buf) > 2 {
				buf = append(buf, ',')
			}
			buf = append(event.AppendString(buf, s.keys[i]), ':')
			buf = r.ev.AppendValue(buf, v)
		}
	}
	if len(buf) == 2 { // nothing to make it of
		return true
	}
	r.buf = append(buf, "}]"...)
	return r.ev.SetText(s.to, r.ev.Own(r.buf))
}

// zip writes n objects, the i-th out of the i-th elements of the lists.
func (s *objectStep) zip(r *run, n int) bool {
	buf := append(r.buf[:0], '[')
	for i := range n {
		buf = append(buf, '{')
		first := true
		for j, f := range s.from {
			v, list := r.ev.Get(f), r.ev.List(f)
			if v == nil || v.IsList() && i >= len(list) {
				continue
			}
			if !first {
				buf = append(buf, ',')
			}
			first = false
			buf = append(event.AppendString(buf, s.keys[j]), ':')
			if !v.IsList() {
				buf = r.ev.AppendValue(buf, v)
			} else if whole, ok := wholeNumber(list[i]); ok {
				buf = append(buf, whole...)
			} else {
				buf = event.AppendString(buf, list[i])
			}
		}
		buf = append(buf, '}', ',')
	}
	buf[len(buf)-1] = ']'
	r.buf = buf
	return r.ev.SetText(s.to, r.ev.Own(buf))
}

// wholeNumber is a number without a fraction of zeros, which floats are written with.
func wholeNumber(text string) (string, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	_, ok := atoi(whole)
	return whole, ok && strings.Trim(fraction, "0") == ""
}

// object reads object: {field: {key: from}}.
func (l *loader) object(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		o := &objectStep{to: l.field(k, name)}
		if o.to != event.None && l.schema.Spec(o.to).Type != event.JSON {
			l.Fail(k, "%s holds no objects", name)
		}
		l.Pairs(v, func(key string, _, v *strictyaml.Node) {
			o.keys, o.from = append(o.keys, key), append(o.from, l.field(v, v.Value))
		})
		out = append(out, o)
	})
	return out
}
