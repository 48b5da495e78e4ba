package normalize

import (
	"errors"
	"strings"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// computeStep sets a field to the value of an expression:
//
//	compute: {event.duration: "_ms * 1000000", host.name: "lower(_name)"}
//
// Where a field that the expression names is not set, nothing is.
type computeStep struct {
	to      target
	formula *condition.Formula
	at      string
}

func (s *computeStep) apply(r *run) bool {
	r.exprs.Begin(r.ev)
	v, ok := r.exprs.Value(s.formula)
	if !ok {
		return true
	}
	switch v := v.(type) {
	case int:
		if s.to.kind == vPlain {
			ok = r.ev.SetInt(s.to.field, int64(v))
		} else {
			ok = s.to.put(r, r.ev.Own(appendInt(nil, v)))
		}
	case float64:
		ok = r.ev.SetFloat(s.to.field, v)
	case bool:
		ok = r.ev.SetBool(s.to.field, v)
	case string:
		ok = v == "" || s.to.put(r, r.ev.Own([]byte(v)))
	}
	if !ok {
		r.bad(s.at, s.to.name, "the value computed")
	}
	return ok
}

func (l *loader) compute(n *strictyaml.Node) []step {
	var out []step
	l.body.leaves = l.exprs.Leaves
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		f, err := l.exprs.Formula(v.Value, l.exprPlace(v))
		if err != nil {
			l.exprFaults(v, err)
			return
		}
		l.ownsAll(v)
		out = append(out, &computeStep{to: l.textTarget(k, name), formula: f, at: l.place(v)})
	})
	return out
}

// expr compiles a condition.
func (l *loader) expr(n *strictyaml.Node) *condition.Node {
	l.body.leaves = l.exprs.Leaves
	node, err := l.exprs.Compile(n.Value, l.exprPlace(n))
	if err != nil {
		l.exprFaults(n, err)
		return &condition.Node{Kind: condition.Const}
	}
	l.ownsAll(n)
	return node
}

// ownsAll is owns of what an expression names.
func (l *loader) ownsAll(n *strictyaml.Node) {
	for _, name := range condition.Names(n.Value) {
		l.owns(n, name)
	}
}

// exprPlace says where in the file the text of a scalar stands.
func (l *loader) exprPlace(n *strictyaml.Node) condition.Place {
	col := n.Column
	if strictyaml.Quoted(n) {
		col++
	}
	lines := l.lines()
	if line := []rune(lines[n.Line-1]); col <= len(line) && strings.HasPrefix(string(line[col-1:]), n.Value) {
		return condition.From(n.Line, col, n.Column) // as it is, on one line: most are
	}
	return strictyaml.Places(lines, n)
}

func (l *loader) exprFaults(n *strictyaml.Node, err error) {
	var fs condition.Faults
	if !errors.As(err, &fs) {
		l.Fail(n, "%v", err)
		return
	}
	for _, f := range fs {
		l.FailAt(f.Line, f.Column, "%s", f.Problem)
	}
}

// addStep appends texts to a list.
type addStep struct {
	field event.Field
	texts [][]part // templates
}

func (s *addStep) apply(r *run) bool {
	ok := true
	for _, t := range s.texts {
		if len(t) == 1 && t[0].field == event.None {
			ok = r.ev.Add(s.field, t[0].text) && ok
		} else if text, all := r.filled(t); all && text != "" {
			ok = r.ev.Add(s.field, text) && ok
		}
	}
	return ok
}

// add reads add: {field: [texts]}; a text may be a template, as of set.
func (l *loader) add(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		words := l.Words(v)
		l.allowed(name, words)
		s := &addStep{field: l.field(k, name)}
		for _, w := range words {
			s.texts = append(s.texts, l.template(w))
		}
		out = append(out, s)
	})
	return out
}
