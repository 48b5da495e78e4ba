package normalize

import (
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// rangeStep sets a text by the size of a number: the last bound not above it.
type rangeStep struct {
	from, to event.Field
	bounds   []int64
	texts    []event.Const
}

func (s *rangeStep) apply(r *run) bool {
	v := r.ev.Get(s.from)
	if v == nil {
		return true
	}
	n := v.Int()
	if n == 0 { // the number may be a keyword's: event.code
		if code, ok := atoi(strings.TrimLeft(r.ev.Text(s.from), "0")); ok {
			n = int64(code)
		}
	}
	for i := len(s.bounds) - 1; i >= 0; i-- {
		if n >= s.bounds[i] {
			return r.ev.SetConst(s.to, s.texts[i])
		}
	}
	return true
}

// ranges reads range: {from -> to: {100: success, 400: failure}}.
func (l *loader) ranges(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		from, to, _ := strings.Cut(key, "->")
		s := &rangeStep{from: l.field(k, strings.TrimSpace(from)), to: l.field(k, strings.TrimSpace(to))}
		l.Pairs(v, func(bound string, k, v *strictyaml.Node) {
			num, ok := atoi(bound)
			if !ok || len(s.bounds) > 0 && int64(num) <= s.bounds[len(s.bounds)-1] {
				l.Fail(k, "bounds are numbers in rising order")
			}
			s.bounds, s.texts = append(s.bounds, int64(num)), append(s.texts, event.NewConst(v.Value))
		})
		out = append(out, s)
	})
	return out
}
