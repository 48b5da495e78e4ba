package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// allStep appends the values of all those fields that are set to a list, in their order.
type allStep struct {
	to   target
	from []event.Field
}

func (s *allStep) apply(r *run) bool {
	ok := true
	for _, f := range s.from {
		if texts := r.ev.List(f); len(texts) > 0 {
			for _, text := range texts {
				ok = s.to.add(r, text) && ok
			}
		} else if text := r.textOf(f); text != "" {
			ok = s.to.add(r, text) && ok
		}
	}
	return ok
}

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
	if s.to.kind == vPlain && from == s.to.field {
		return true // it stays: process.args: [process.args, _argv]
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

// all reads all: {field: [candidates]}.
func (l *loader) all(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		t := l.target(k, name)
		if !t.adds() {
			l.Fail(k, "%s holds one value, and all appends to a list", name)
		}
		out = append(out, &allStep{t, l.fieldList(v)})
	})
	return out
}
