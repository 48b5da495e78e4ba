package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// timeStep reads a date out of one or several fields joined by spaces.
type timeStep struct {
	to   event.Field
	from []event.Field
	form kind
	at   string
}

func (s *timeStep) apply(r *run) bool {
	buf := r.buf[:0]
	for i, f := range s.from {
		if !r.ev.Has(f) {
			if i == 0 {
				return true
			}
			continue
		}
		if i > 0 {
			buf = append(buf, ' ')
		}
		buf = append(buf, r.ev.Text(f)...)
	}
	r.buf = buf
	text := r.ev.Own(buf)
	t, ok := r.parseTime(s.form, text)
	if !ok {
		r.bad(s.at, "time", text)
		return false
	}
	return r.ev.SetTime(s.to, t)
}

func (l *loader) time(n *strictyaml.Node) step {
	s := &timeStep{at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "to":
			s.to = l.field(v, v.Value)
		case "from":
			s.from = l.fieldList(v)
		case "as":
			s.form = types[v.Value].kind
		default:
			l.Fail(k, "time knows to, from and as, not %s", key)
		}
	})
	return s
}
