package normalize

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// rangeStep sets a text by where a value lies: that of the last bound not above it.
// Numbers, dates and addresses are compared as such; a keyword as what its bounds are, and
// as text where they are neither.
type rangeStep struct {
	from, to event.Field
	how      event.Type
	bounds   []rank
	texts    []event.Const
}

// rank is a value that can be compared; which part counts is the step's how.
type rank struct {
	n    int64 // Long, Date
	x    float64
	addr netip.Addr
	text string
}

func (s *rangeStep) apply(r *run) bool {
	v := r.ev.Get(s.from)
	if v == nil {
		return true
	}
	have, ok := s.rank(v, r.ev.Text(s.from))
	if !ok {
		return true // no number: it lies nowhere
	}
	for i := len(s.bounds) - 1; i >= 0; i-- {
		if compare(s.how, &have, &s.bounds[i]) >= 0 {
			return r.ev.SetConst(s.to, s.texts[i])
		}
	}
	return true
}

// rank is the value of the field: of a list the first one's text.
func (s *rangeStep) rank(v *event.Value, text string) (rank, bool) {
	if !v.IsList() {
		switch v.Type() {
		case event.Long:
			return rank{n: v.Int(), x: float64(v.Int())}, true
		case event.Double:
			return rank{x: v.Float()}, true
		case event.Date:
			return rank{n: v.Time().UnixNano()}, true
		case event.IP:
			return rank{addr: v.Addr().Unmap()}, true
		}
	}
	return rankOf(s.how, text)
}

func compare(how event.Type, a, b *rank) int {
	switch how {
	case event.Long, event.Date:
		return cmp.Compare(a.n, b.n)
	case event.Double:
		return cmp.Compare(a.x, b.x)
	case event.IP:
		return a.addr.Compare(b.addr)
	}
	return cmp.Compare(a.text, b.text)
}

// rankOf reads a text as how says; false: it is no such value.
func rankOf(how event.Type, text string) (out rank, ok bool) {
	var err error
	text = strings.TrimSpace(text)
	switch how {
	case event.Long:
		out.n, err = strconv.ParseInt(text, 10, 64)
	case event.Double:
		out.x, err = strconv.ParseFloat(text, 64)
		ok = out.x == out.x // NaN lies nowhere
		return out, ok && err == nil
	case event.IP:
		out.addr, err = netip.ParseAddr(text)
		out.addr = out.addr.Unmap()
	case event.Date:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
			var t time.Time
			if t, err = time.Parse(layout, text); err == nil {
				out.n = t.UnixNano()
				break
			}
		}
	default:
		out.text = text
	}
	return out, err == nil
}

// rangeKinds are how bounds of a field of that type may be read, the first that takes all.
var rangeKinds = map[event.Type][]event.Type{
	event.Keyword: {event.Long, event.Double, event.IP, event.Date, event.Keyword},
	event.Long:    {event.Long, event.Double},
	event.Double:  {event.Double},
	event.Date:    {event.Date},
	event.IP:      {event.IP},
}

// rangeNames are what bounds of a field of that type must be.
var rangeNames = map[event.Type]string{event.Long: "numbers", event.Double: "numbers", event.Date: "dates such as 2026-03-02 or 2026-03-02T09:00:00Z", event.IP: "addresses", event.Keyword: "texts"}

// ranges reads range: {from -> to: {100: success, 400: failure}}.
func (l *loader) ranges(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		from, to, _ := strings.Cut(key, "->")
		s := &rangeStep{from: l.field(k, strings.TrimSpace(from)), to: l.field(k, strings.TrimSpace(to))}
		var bounds []*strictyaml.Node
		l.Pairs(v, func(_ string, k, v *strictyaml.Node) {
			bounds, s.texts = append(bounds, k), append(s.texts, event.NewConst(v.Value))
		})
		if s.from != event.None {
			l.bounds(s, k, bounds)
		}
		out = append(out, s)
	})
	return out
}

// bounds reads the bounds as what the field is.
func (l *loader) bounds(s *rangeStep, at *strictyaml.Node, nodes []*strictyaml.Node) {
	typ := l.schema.Spec(s.from).Type
	kinds := rangeKinds[typ]
	if kinds == nil {
		l.Fail(at, "values of %s have no order", l.schema.Spec(s.from).Name)
		return
	}
	var wrong *strictyaml.Node
	for _, s.how = range kinds {
		s.bounds, wrong = s.bounds[:0], nil
		for _, n := range nodes {
			b, ok := rankOf(s.how, n.Value)
			if !ok {
				wrong = n
				break
			}
			s.bounds = append(s.bounds, b)
		}
		if wrong == nil {
			break
		}
	}
	if wrong != nil {
		l.Fail(wrong, "the bounds of %s are %s", l.schema.Spec(s.from).Name, rangeNames[typ])
		return
	}
	for i := 1; i < len(s.bounds); i++ {
		if compare(s.how, &s.bounds[i-1], &s.bounds[i]) >= 0 {
			l.Fail(nodes[i], "bounds stand in rising order")
		}
	}
}
