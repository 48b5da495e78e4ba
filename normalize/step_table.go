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
	return s.table.apply(r, s.to, r.ev.Text(s.from))
}

// table maps texts to a value or to a row of fields.
type table struct {
	rows   map[string][]assign // for values: one assign without a field
	other  []assign            // default row
	values bool
	keep   bool // default: keep the text itself
}

// apply stores the value for text in field, or the row's fields.
func (t *table) apply(r *run, field event.Field, text string) bool {
	row, ok := t.rows[text]
	if !ok {
		row, ok = t.rows[lower(r.ev, text)]
	}
	if !ok {
		if t.keep {
			return r.ev.SetText(field, text)
		}
		row = t.other
	}
	good := true
	for i := range row {
		a := row[i]
		if t.values {
			a.field = field
		}
		good = a.apply(r) && good
	}
	return good
}

// table reads a lookup table: key: value lines, or key: {field: value} lines.
// A key may list several texts: "deny, block".
func (l *loader) table(n *strictyaml.Node) *table {
	t := &table{rows: map[string][]assign{}, values: true}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		var row []assign
		if v.Kind == strictyaml.Mapping {
			t.values = false
			row = l.assigns(v)
		} else if key == "default" && v.Value == "keep" {
			t.keep = true
			return
		} else {
			row = []assign{{text: event.NewConst(v.Value)}}
			if v.Kind == strictyaml.Sequence {
				row = []assign{{kind: setList, list: event.NewConstList(strictyaml.Texts(l.Words(v))...)}}
			}
		}
		if key == "default" {
			t.other = row
			return
		}
		for _, one := range strings.Split(key, ",") {
			t.rows[strings.TrimSpace(one)] = row
		}
	})
	return t
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
			l.Fail(v, "no table is called %s", v.Value)
		}
		out = append(out, s)
	})
	return out
}
