package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// firstStep sets a field to the first of several that is set; of a list, to all its values
// or to the first.
type firstStep struct {
	to   target
	from []event.Field
}

func (s *firstStep) apply(r *run) bool {
	for _, f := range s.from {
		if !r.ev.Has(f) {
			continue
		}
		if texts := r.ev.List(f); len(texts) > 0 {
			return s.list(r, f, texts)
		}
		if s.to.kind == vPlain {
			return r.ev.Copy(s.to.field, f)
		}
		return s.to.put(r, r.textOf(f))
	}
	return true
}

// list puts the values of a list: all of them where the target holds as many, else the first.
func (s *firstStep) list(r *run, from event.Field, texts []string) bool {
	spec := r.ev.Schema().Spec(s.to.field)
	if !s.to.several() && !(s.to.kind == vPlain && (spec.Array || spec.Hidden)) {
		if len(texts) > 1 {
			r.left = append(r.left, leftOut{s.to.name, from})
		}
		return s.to.put(r, texts[0])
	}
	put := s.to.put
	if s.to.kind == vPlain {
		put = func(r *run, text string) bool { return r.ev.Add(s.to.field, text) }
	}
	ok := true
	for _, text := range texts {
		ok = put(r, text) && ok
	}
	return ok
}

// first reads first: {field: [candidates]}.
func (l *loader) first(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		out = append(out, &firstStep{l.target(k, name), l.fieldList(v)})
	})
	return out
}
