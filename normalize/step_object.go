package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// objectStep makes an array of one object out of fields.
type objectStep struct {
	to   event.Field
	keys []string
	from []event.Field
}

func (s *objectStep) apply(r *run) bool {
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
	r.buf = append(buf, "}]"...)
	return r.ev.SetText(s.to, r.ev.Own(r.buf))
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
