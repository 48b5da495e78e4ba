package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// firstStep sets a field to the first of several that is set.
type firstStep struct {
	to   target
	from []event.Field
}

func (s *firstStep) apply(r *run) bool {
	for _, f := range s.from {
		if r.ev.Has(f) {
			if v := r.ev.Get(f); s.to.kind == vPlain {
				return r.ev.Copy(s.to.field, f)
			} else if v.Type() == event.Keyword || v.Type() == event.IP {
				return s.to.put(r, r.ev.Text(f))
			}
		}
	}
	return true
}

// first reads first: {field: [candidates]}.
func (l *loader) first(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		out = append(out, &firstStep{l.target(k, name), l.fieldList(v)})
	})
	return out
}
