package normalize

import (
	"slices"
	"sync"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// step is one verb of a pack. A step that fails marks the event and returns
// false; what was read before it stays, and so does the raw line.
type step interface{ apply(r *run) bool }

// verb compiles the value of one key of a step.
type verb func(l *loader, n *strictyaml.Node) []step

// verbs are the steps that a pack may use. Each has a file of its own,
// step_NAME.go, which also tells how it is written.
var verbs = sync.OnceValue(func() map[string]verb {
	return map[string]verb{
		"add":       (*loader).add,
		"all":       (*loader).all,
		"case":      one((*loader).caseOf),
		"cef":       one((*loader).cef),
		"compute":   (*loader).compute,
		"csv":       one((*loader).csv),
		"direction": one((*loader).direction),
		"do":        (*loader).blocks,
		"events":    one((*loader).events),
		"first":     (*loader).first,
		"glean":     one((*loader).glean),
		"grok":      one((*loader).grok),
		"inner":     one((*loader).inner),
		"json":      one((*loader).json),
		"kept":      one((*loader).kept),
		"kv":        one((*loader).kv),
		"known":     one((*loader).known),
		"labels":    one((*loader).labelled),
		"leef":      one((*loader).leef),
		"maybe":     one((*loader).maybe),
		"object":    (*loader).object,
		"pattern":   one((*loader).pattern),
		"range":     (*loader).ranges,
		"replace":   (*loader).replace,
		"set":       one((*loader).set),
		"split":     (*loader).split,
		"sum":       (*loader).sum,
		"table":     (*loader).tableSteps,
		"time":      one((*loader).time),
		"unknown":   one((*loader).unknown),
		"xml":       one((*loader).xml),
	}
})

func one(load func(*loader, *strictyaml.Node) step) verb {
	return func(l *loader, n *strictyaml.Node) []step { return []step{load(l, n)} }
}

// block is steps under a common condition.
type block struct {
	when  []cond
	expr  *condition.Node // a when in expr
	asks  bool            // it asks for message
	in    event.Field     // parse this field instead of the message
	steps program

	needs, lacks event.Field // expr cannot hold without the one, or with the other
}

func (b *block) apply(r *run) bool {
	for i := range b.when {
		if !b.when[i].holds(r) {
			return true
		}
	}
	if b.expr != nil {
		if !r.holds(b.expr, b.asks) {
			return true
		}
	}
	if b.in == event.None {
		return b.steps.run(r)
	}
	if !r.ev.Has(b.in) {
		return true
	}
	was, more := r.text, r.more
	r.text, r.more = r.ev.Text(b.in), nil
	if r.text == "" {
		r.text = r.textOf(b.in) // a number
	}
	if texts := r.ev.List(b.in); len(texts) > 1 {
		r.more = texts[1:]
	}
	ok := b.steps.run(r)
	r.text, r.more = was, more
	return ok
}

// program is steps in their order.
type program []guarded

// guarded is a step that has nothing to do where a field is not set, or is: most blocks of
// a pack do not concern a line, and asking for one bit is cheaper than asking the block.
type guarded struct {
	step
	needs, lacks event.Field // None: nothing is asked
}

// run runs every step, also behind one that failed: what can be read is read.
func (p program) run(r *run) bool {
	ok := true
	for i := range p {
		g := &p[i]
		if g.needs != event.None && !r.ev.Has(g.needs) || g.lacks != event.None && r.ev.Has(g.lacks) {
			continue
		}
		before := r.misses
		r.unheld = r.unheld[:0]
		ok = g.apply(r) && ok
		if r.tracing && r.misses == before { // a value that no field can hold is no miss
			r.traceStep(g.step)
		}
	}
	return ok
}

func newProgram(steps []step) program {
	var out program
	for _, s := range steps {
		g := guarded{step: s}
		if b, ok := s.(*block); ok {
			g.needs, g.lacks = b.guards()
		}
		out = append(out, g)
	}
	return out
}

// guards are a field without which the block does nothing, and one with which.
func (b *block) guards() (needs, lacks event.Field) {
	needs, lacks = b.needs, b.lacks
	if b.in != event.None {
		needs = b.in
	}
	for i := range b.when {
		switch c := &b.when[i]; {
		case c.message: // it holds of what is not set yet
		case c.absent:
			lacks = c.field
		case len(c.values) == 0 || !c.not:
			needs = c.field
		}
	}
	return needs, lacks
}

// blocks reads a list of steps, or a single one.
func (l *loader) blocks(n *strictyaml.Node) []step {
	if n = strictyaml.Follow(n); n.Kind == strictyaml.Mapping {
		return []step{l.block(n)}
	}
	if n.Kind == strictyaml.Scalar {
		if n.Tag == "!!null" {
			return nil
		}
		return []step{l.pattern(n)} // a bare text is a pattern
	}
	var out []step
	for _, it := range n.Content {
		if it = strictyaml.Follow(it); it.Kind == strictyaml.Scalar {
			return []step{l.pattern(n)} // a list of patterns
		}
		out = append(out, l.block(it))
	}
	return out
}

// block reads one step: its verbs run in the order in which they are written,
// under its when and on its in.
func (l *loader) block(n *strictyaml.Node) step {
	b, steps := &block{}, []step(nil)
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "when":
			if v.Kind == strictyaml.Scalar && v.Tag != "!!null" {
				b.expr, b.asks = l.expr(v), asksMessage.MatchString(v.Value)
				if !b.asks { // message is set while the condition is asked
					b.needs, b.lacks = l.exprs.Leaves.Guards(b.expr)
				}
			} else {
				b.when = l.conds(v)
			}
		case "in":
			b.in = l.field(v, v.Value)
		default:
			load := l.verbs[key]
			if load == nil {
				names := append(sortedKeys(l.verbs), "when", "in")
				slices.Sort(names)
				l.Fail(k, "no step is called %s%s", key, strictyaml.DidYouMean(key, names))
				return
			}
			steps = append(steps, load(l, v)...)
		}
	})
	if len(steps) == 0 && len(n.Content) > 0 { // {} is one that means to
		l.Fail(n, "a step that does nothing: it has no verb")
	}
	if len(b.when) == 0 && b.expr == nil && b.in == event.None && len(steps) == 1 {
		return steps[0]
	}
	b.steps = newProgram(steps)
	return b
}
