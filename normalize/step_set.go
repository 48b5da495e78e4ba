package normalize

import (
	"encoding/json"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// setStep sets constants and templates.
type setStep struct{ sets []assign }

func (s *setStep) apply(r *run) bool {
	ok := true
	for i := range s.sets {
		ok = s.sets[i].apply(r) && ok
	}
	return ok
}

// assign is one line of a set.
type assign struct {
	field  event.Field
	text   event.Const
	list   event.ConstList
	parts  []part // a template
	number int64
	kind   assignKind
}

type assignKind uint8

const (
	setText assignKind = iota
	setList
	setNumber
	setTemplate
	setUnset
)

type part struct {
	text  string
	field event.Field
}

func (a *assign) apply(r *run) bool { return a.store(r, a.field) }

// store sets f, which is not the assign's own where it stands in a table of values.
func (a *assign) store(r *run, f event.Field) bool {
	switch a.kind {
	case setList:
		return r.ev.SetConstList(f, a.list)
	case setNumber:
		return r.ev.SetInt(f, a.number)
	case setUnset:
		r.ev.Unset(f)
		return true
	case setTemplate:
		if len(a.parts) == 1 && a.parts[0].field != event.None { // "{other}": a copy
			r.ev.Copy(f, a.parts[0].field)
			return true
		}
		text, ok := r.filled(a.parts)
		return !ok || r.ev.SetText(f, text)
	}
	return r.ev.SetConst(f, a.text)
}

// filled is a template's text. False: a part is missing, and there is nothing to say.
func (r *run) filled(parts []part) (string, bool) {
	buf := r.buf[:0]
	for _, p := range parts {
		if p.field == event.None {
			buf = append(buf, p.text...)
			continue
		}
		if !r.ev.Has(p.field) {
			return "", false
		}
		buf = append(buf, r.textOf(p.field)...)
	}
	r.buf = buf
	return r.ev.Own(buf), true
}

// textOf is a field as text: a number, truth or date that was computed has none of its own.
func (r *run) textOf(f event.Field) string {
	text := r.ev.Text(f)
	if text != "" {
		return text
	}
	v := r.ev.Get(f)
	if v == nil || v.IsList() || v.Type() == event.Keyword {
		return ""
	}
	return strings.Trim(r.ev.Own(r.ev.AppendValue(nil, v)), `"`)
}

// assigns reads the lines of a set.
func (l *loader) assigns(n *strictyaml.Node) []assign {
	var out []assign
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		f := l.field(k, name)
		if f == event.None {
			return
		}
		out = append(out, l.assign(f, name, v))
	})
	return out
}

func (l *loader) assign(f event.Field, name string, v *strictyaml.Node) assign {
	a := assign{field: f}
	if v.Tag == "!!null" {
		a.kind = setUnset
		return a
	}
	words := l.Words(v)
	if len(words) == 0 {
		l.Fail(v, "%s is set to nothing; null takes it away", name)
	}
	l.allowed(name, words)
	spec := l.schema.Spec(f)
	switch {
	case v.Kind == strictyaml.Sequence || spec.Array && !strings.Contains(v.Value, "{"):
		for _, w := range words {
			if strings.Contains(w.Value, "{") {
				l.Fail(w, "a list that is set holds constants; add: {%s: %q} appends what fields hold", name, w.Value)
			}
		}
		a.kind, a.list = setList, event.NewConstList(strictyaml.Texts(words)...)
	case strings.Contains(v.Value, "{") && spec.Type != event.JSON: // "{a}" copies
		a.kind, a.parts = setTemplate, l.template(v)
	case spec.Type == event.Long:
		num, ok := atoi(v.Value)
		if !ok {
			l.Fail(v, "%s is a number", name)
		}
		a.kind, a.number = setNumber, int64(num)
	default:
		a.text = event.NewConst(v.Value)
		switch {
		case spec.Type == event.Date:
			l.Fail(v, "a date is no constant: read it with a type such as iso, or copy a field with {name}")
		case !l.tryOut(f, v.Value):
			l.Fail(v, "%s cannot hold %s", name, v.Value)
		case spec.Type == event.JSON && !json.Valid([]byte(v.Value)):
			l.Fail(v, "%s holds JSON", name)
		}
	}
	return a
}

// tryOut says whether a field can hold a text.
func (l *loader) tryOut(f event.Field, text string) bool {
	if l.trial == nil { // it is large, and many packs set nothing
		l.trial = event.NewEvent(l.schema)
	}
	l.trial.Reset("")
	return l.trial.SetText(f, text)
}

// set reads set: {field: VALUE}.
func (l *loader) set(n *strictyaml.Node) step { return &setStep{l.assigns(n)} }

// template reads "{a}/{b}".
func (l *loader) template(v *strictyaml.Node) []part {
	var out []part
	s := v.Value
	for s != "" {
		lit, rest, ok := strings.Cut(s, "{")
		if lit != "" {
			out = append(out, part{text: lit})
		}
		if !ok {
			break
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			l.Fail(v, "{ is never closed")
			break
		}
		out = append(out, part{field: l.field(v, name)})
		s = after
	}
	return out
}
