package normalize

import (
	"regexp"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// cond is one line of a when: the field has one of the values. No values: it is
// set to more than a text that stands for nothing; absent: it is not set.
type cond struct {
	field  event.Field
	values []string
	absent bool
	not    bool

	void    bool // a text for nothing is no value of it
	message bool // asks what the message is, which is set when the pack is through
}

func (c *cond) holds(r *run) bool {
	ev := r.ev
	v := ev.Get(c.field)
	if c.absent || len(c.values) == 0 {
		if c.absent {
			return v == nil
		}
		return v != nil && !(c.void && standsForNothing(v))
	}
	if v == nil {
		if c.message {
			return slices.Contains(c.values, r.head.Message) != c.not
		}
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

// standsForNothing says whether a field has a text that sources write where there is no value.
func standsForNothing(v *event.Value) bool {
	return v.Type() == event.Keyword && !v.IsList() && event.Nothing(v.Text())
}

// asksMessage finds message in a condition in expr.
var asksMessage = regexp.MustCompile(`(^|[^.\w])message\b`)

// holds asks a condition in expr. The line's message is set when the pack is through,
// unless the pack sets it: a condition that asks for it sees it all the same.
func (r *run) holds(n *condition.Node, asks bool) bool {
	f := r.engine.f.message
	if asks = asks && !r.ev.Has(f); asks {
		r.ev.SetText(f, r.head.Message)
	}
	r.exprs.Begin(r.ev)
	ok := r.exprs.Eval(n)
	if asks {
		r.ev.Unset(f)
	}
	return ok
}

func (l *loader) conds(n *strictyaml.Node) []cond {
	var out []cond
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		name, not := strings.CutSuffix(name, " not")
		c := cond{field: l.field(k, name), not: not}
		c.void = c.field != event.None && (isVar(l.schema.Spec(c.field)) || l.schema.Spec(c.field).Void)
		switch {
		case v.Tag == "!!null":
			c.absent = !not
		case v.Value == "set":
			c.absent = not
		default:
			words := l.Words(v)
			for _, w := range words {
				if w.Tag == "!!null" {
					l.Fail(w, "null is no value; where the field may be unset, ask in expr: %s == nil or %[1]s in [...]", name)
				}
			}
			l.allowed(name, words)
			for _, w := range words {
				if _, ok := atoi(w.Value); !ok && c.field != event.None && l.schema.Spec(c.field).Type == event.Long {
					l.Fail(w, "%s is a number, and never %s", name, w.Value)
				}
			}
			c.values = strictyaml.Texts(words)
			c.message = name == "message"
		}
		out = append(out, c)
	})
	return out
}
