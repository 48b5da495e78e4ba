package normalize

import (
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// timeStep reads a date out of one or several fields joined by spaces.
// A field that is a date already stands for what the clock showed.
type timeStep struct {
	to   event.Field
	from []event.Field
	form kind
	date string // the layout of vDate
	at   string
}

func (s *timeStep) apply(r *run) bool {
	text, ok := s.text(r)
	if !ok {
		return true
	}
	t, ok := r.readTime(s.form, s.date, text)
	if !ok || !r.putTime(s.to, s.form, s.date, text, t) { // a day that there is not, or a year that no field holds
		r.bad(s.at, "time", text)
		return false
	}
	return true
}

// text is what the fields hold; false: the first is not set.
func (s *timeStep) text(r *run) (string, bool) {
	if len(s.from) == 1 { // mostly: its text needs no copy
		if v := r.ev.Get(s.from[0]); v != nil && v.Type() == event.Keyword {
			return r.ev.Text(s.from[0]), true
		}
	}
	buf := r.buf[:0]
	for i, f := range s.from {
		if !r.ev.Has(f) {
			if i == 0 {
				return "", false
			}
			continue
		}
		if i > 0 {
			buf = append(buf, ' ')
		}
		if v := r.ev.Get(f); v.Type() == event.Date { // a date read without its zone
			buf = v.Time().In(r.zone).AppendFormat(buf, "2006-01-02T15:04:05.000")
			continue
		}
		buf = append(buf, r.ev.Text(f)...)
	}
	r.buf = buf
	return r.ev.Own(buf), true
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
			s.form, s.date = l.form(v)
		default:
			l.Fail(k, "time knows to, from and as, not %s", key)
		}
	})
	return s
}

// form reads as: the name of a type that reads dates, or date(LAYOUT).
func (l *loader) form(n *strictyaml.Node) (kind, string) {
	if t, ok := l.withArgument(n, "@timestamp", n.Value); ok && t.kind == vDate {
		return vDate, t.flag
	}
	t, ok := types[n.Value]
	if !ok || t.kind != vAny && (t.kind < vISO || t.kind > vYMD) {
		l.Fail(n, "%s reads no dates (known: anydate, bsd, clf, date(LAYOUT), epoch, iso, ymd)", n.Value)
	}
	return t.kind, ""
}

func (r *run) readTime(k kind, layout, text string) (time.Time, bool) {
	if k == vDate {
		return r.layout(layout, text)
	}
	return r.parseTime(k, text)
}
