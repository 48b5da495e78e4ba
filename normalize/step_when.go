package normalize

import (
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// cond is one line of a when: the field has one of the values. No values: it is
// set; absent: it is not set.
type cond struct {
	field  event.Field
	values []string
	absent bool
	not    bool
}

func (c *cond) holds(ev *event.Event) bool {
	if c.absent || len(c.values) == 0 {
		return ev.Has(c.field) != c.absent
	}
	v := ev.Get(c.field)
	if v == nil {
		return c.not
	}
	if v.Type() == event.Long {
		for _, w := range c.values {
			if n, ok := atoi(w); ok && int64(n) == v.Int() {
				return !c.not
			}
		}
		return c.not
	}
	if v.IsList() { // any element will do
		for _, have := range ev.List(c.field) {
			if slices.Contains(c.values, have) {
				return !c.not
			}
		}
		return c.not
	}
	return slices.Contains(c.values, v.Text()) != c.not
}

func (l *loader) conds(n *strictyaml.Node) []cond {
	var out []cond
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		name, not := strings.CutSuffix(name, " not")
		c := cond{field: l.field(k, name), not: not}
		switch {
		case v.Tag == "!!null":
			c.absent = !not
		case v.Value == "set":
			c.absent = not
		default:
			words := l.Words(v)
			l.allowed(name, words)
			c.values = strictyaml.Texts(words)
		}
		out = append(out, c)
	})
	return out
}
