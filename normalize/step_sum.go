package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// sumStep adds numbers; absent ones count as nothing, all absent set nothing, and neither do
// numbers whose sum no field holds.
type sumStep struct {
	to   event.Field
	from []event.Field
}

func (s *sumStep) apply(r *run) bool {
	var n int64
	any := false
	for _, f := range s.from {
		if v := r.ev.Get(f); v != nil {
			more := v.Int()
			if sum := n + more; (sum > n) == (more > 0) {
				n, any = sum, true
				continue
			}
			return true
		}
	}
	return !any || r.ev.SetInt(s.to, n)
}

// sum reads sum: {field: [parts]}.
func (l *loader) sum(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		out = append(out, &sumStep{l.field(k, name), l.fieldList(v)})
	})
	return out
}
