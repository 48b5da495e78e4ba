package normalize

import (
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// tableStep looks the value of a field up.
type tableStep struct {
	from  event.Field
	to    event.Field
	table *table
}

func (s *tableStep) apply(r *run) bool {
	if !r.ev.Has(s.from) {
		return true
	}
	text := r.textOf(s.from)
	row := s.table.row(r, text)
	if s.from == s.to && row != nil && *row != nil && len(*row) == 0 { // null in place of what the field has
		r.ev.Unset(s.from)
		return true
	}
	return s.table.put(r, s.to, text, row)
}

// maxRows is how many texts a table finds: keys numbers them in 16 bits.
const maxRows = 1<<16 - 1

// table maps texts to a value or to a row of fields.
type table struct {
	rows   keys[[]assign] // for values: one assign without a field
	other  []assign       // default row
	values bool
	keep   bool               // default: keep the text itself
	said   []*strictyaml.Node // the values, until it is known which fields they are for
}

// apply stores the value for text in field, or the row's fields.
func (t *table) apply(r *run, field event.Field, text string) bool {
	return t.put(r, field, text, t.row(r, text))
}

// row is what the table has for a text; nil: the text itself is kept.
func (t *table) row(r *run, text string) *[]assign {
	row := t.rows.get(text)
	if row == nil {
		if low := lower(r.ev, text); low != text {
			row = t.rows.get(low)
		}
	}
	if row == nil && !t.keep {
		row = &t.other
	}
	return row
}

// put stores a row.
func (t *table) put(r *run, field event.Field, text string, row *[]assign) bool {
	if row == nil {
		return r.ev.SetText(field, text)
	}
	good := true
	for i := range *row {
		if a := &(*row)[i]; t.values {
			good = a.store(r, field) && good
		} else {
			good = a.apply(r) && good
		}
	}
	return good
}

// table reads a lookup table: key: value lines, or key: {field: value} lines; null sets nothing, and
// empties the field that is looked up where the value would stand in its place.
// A key may list several texts: deny, block.
func (l *loader) table(n *strictyaml.Node) *table {
	t := &table{values: true}
	var waiting []string
	rows := 0
	give := func(k *strictyaml.Node, text string, row []assign) {
		switch {
		case t.rows.get(text) != nil:
			l.Fail(k, "%s is given twice", text)
		case len(t.rows.list) == maxRows: // once, where it is one too many
			l.Fail(k, "a table has at most %d texts", maxRows)
		}
		t.rows.set(text, row)
	}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		var row []assign
		if v.Tag == "!!null" && v.Value == "" { // YAML reads {deny, block: x} as two keys
			waiting = append(waiting, l.keyTexts(k, key)...)
			return
		}
		switch {
		case v.Tag == "!!null":
			row = []assign{} // nothing is set
		case v.Kind == strictyaml.Mapping:
			t.values = false
			rows++
			row = l.assigns(v)
		case key == "default" && v.Value == "keep":
			t.keep = true
			return
		case v.Kind == strictyaml.Sequence:
			row = []assign{{kind: setList, list: event.NewConstList(strictyaml.Texts(l.Words(v))...)}}
			t.said = append(t.said, l.Words(v)...)
		default:
			row = []assign{{text: event.NewConst(v.Value)}}
			t.said = append(t.said, v)
		}
		if key == "default" {
			t.other = row
			return
		}
		for _, one := range append(waiting, l.keyTexts(k, key)...) {
			give(k, one, row)
		}
		waiting = nil
	})
	if rows > 0 && len(t.said) > 0 {
		l.Fail(n, "a table has values, or rows of fields, and not both")
	}
	if waiting != nil {
		l.Fail(n, "%s has no value", waiting[0])
	}
	return t
}

// holds checks the values of a table against the field that takes them.
func (l *loader) holds(name string, f event.Field, t *table) {
	l.allowed(name, t.said)
	spec := l.schema.Spec(f)
	for _, w := range t.said {
		if ok := l.tryOut(f, w.Value) || spec.Type == event.Keyword; !ok {
			l.Fail(w, "%s cannot hold %s", name, w.Value)
		}
	}
}

// keyTexts are the texts that a key of a table or a case stands for: deny, block. Quotes
// around one keep its commas, "Lee, Ann"; a quote between them is written twice.
func (l *loader) keyTexts(at *strictyaml.Node, key string) []string {
	var out []string
	for rest := key; ; {
		rest = strings.TrimSpace(rest)
		if !strings.HasPrefix(rest, `"`) {
			one, after, more := strings.Cut(rest, ",")
			out = append(out, strings.TrimSpace(one))
			l.noDefault(at, out[len(out)-1])
			if rest = after; !more {
				return out
			}
			continue
		}
		one, end := "", 1
		for {
			q := strings.IndexByte(rest[end:], '"')
			if q < 0 {
				l.Fail(at, "the quote before %s is never closed", rest[1:])
				return out
			}
			one, end = one+rest[end:end+q], end+q+1
			if !strings.HasPrefix(rest[end:], `"`) {
				break
			}
			one, end = one+`"`, end+1
		}
		out = append(out, one)
		if rest = strings.TrimSpace(rest[end:]); rest == "" {
			return out
		}
		if rest[0] != ',' {
			l.Fail(at, "behind a quoted text a comma is expected, not %s", rest)
			return out
		}
		rest = rest[1:]
	}
}

// noDefault refuses the word among other texts, where it would be one of them; nobody means
// that, and whoever does puts quotes around it.
func (l *loader) noDefault(at *strictyaml.Node, text string) {
	if text == "default" {
		l.Fail(at, "default stands alone; among other texts it would be one of them: give it a line of its own, or quotes")
	}
}

// tableSteps reads table: {field: name} or {field: {row...}}.
func (l *loader) tableSteps(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		from, to, _ := strings.Cut(key, "->")
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		s := &tableStep{from: l.field(k, from)}
		if to != "" {
			s.to = l.field(k, to)
		}
		if v.Kind == strictyaml.Mapping {
			s.table = l.table(v)
		} else if s.table = l.tables[v.Value]; s.table == nil {
			l.Fail(v, "no table is called %s%s", v.Value, strictyaml.DidYouMean(v.Value, sortedKeys(l.tables)))
			return
		}
		switch {
		case s.table.values && to == "":
			l.Fail(v, "the table has values: name the field that takes them, {%s -> FIELD: ...}", from)
		case !s.table.values && to != "":
			l.Fail(v, "the table has rows of fields, and sets no %s: write {%s: ...}", to, from)
		case s.to != event.None:
			l.holds(to, s.to, s.table)
		}
		out = append(out, s)
	})
	return out
}
