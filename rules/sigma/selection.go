package sigma

import (
	"errors"
	"strings"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// selection lowers a mapping (all items), a list of mappings (any), or keywords.
func (r *reader) selection(n *strictyaml.Node) (*condition.Node, error) {
	var errs []error
	switch n.Kind {
	case strictyaml.Mapping:
		var all []*condition.Node
		errs = append(errs, r.twice(n))
		for key, v := range pairs(n) {
			item, err := r.item(key, v)
			all, errs = append(all, item), append(errs, err)
		}
		if len(all) == 0 {
			return nil, r.fail(n, "", "the selection is empty")
		}
		return condition.Join(condition.And, all...), errors.Join(errs...)
	case strictyaml.Sequence:
		var any []*condition.Node
		var words []*strictyaml.Node
		for _, it := range n.Content {
			if it = strictyaml.Follow(it); it.Kind == strictyaml.Scalar {
				words = append(words, it)
				continue
			}
			one, err := r.selection(it)
			any, errs = append(any, one), append(errs, err)
		}
		if len(words) > 0 {
			one, err := r.keywords(n, words, modifiers{})
			any, errs = append(any, one), append(errs, err)
		}
		if len(any) == 0 {
			return nil, r.fail(n, "", "the selection is empty")
		}
		return condition.Join(condition.Or, any...), errors.Join(errs...)
	}
	return r.keywords(n, []*strictyaml.Node{n}, modifiers{})
}

// keywords lowers a search in all values of the event.
func (r *reader) keywords(at *strictyaml.Node, words []*strictyaml.Node, m modifiers) (*condition.Node, error) {
	if !m.re {
		m.contains = true
	}
	return r.values(at, []event.Field{condition.Any}, words, m)
}

// item lowers `field|modifier: value`.
func (r *reader) item(key, v *strictyaml.Node) (*condition.Node, error) {
	name, mods, _ := strings.Cut(key.Value, "|")
	m, err := r.modifiers(key, mods)
	if err != nil {
		return nil, err
	}
	vals := []*strictyaml.Node{v}
	switch v.Kind {
	case strictyaml.Sequence:
		if vals = v.Content; len(vals) == 0 {
			return nil, r.fail(v, "", "the list of %s is empty", key.Value)
		}
	case strictyaml.Mapping:
		return nil, r.fail(v, "", "%s has a mapping where a value belongs", key.Value)
	}
	n, err := r.question(key, name, vals, m)
	if err == nil && m.neq {
		n = condition.Negate(n)
	}
	return n, err
}

// question lowers what is asked of the field of that name, or of all values.
func (r *reader) question(key *strictyaml.Node, name string, vals []*strictyaml.Node, m modifiers) (*condition.Node, error) {
	if name == "" {
		return r.keywords(key, vals, m)
	}
	fields := r.fields(name)
	if len(fields) == 0 {
		return nil, r.fail(key, "", "the field %s was not numbered", name)
	}
	return r.values(key, fields, vals, m)
}

// fields are the fields of events that may hold a Sigma field; the first that is set does.
func (r *reader) fields(name string) (out []event.Field) {
	if r.t.in != r.schema {
		r.t.in, r.t.found = r.schema, map[string][]event.Field{}
	}
	shared := r.names[name] == nil // with all sources that have no name of their own for it
	if out, ok := r.t.found[name]; ok && shared {
		return out
	}
	for _, n := range r.t.places(name, r.names) {
		if f, ok := r.schema.Lookup(n); ok {
			out = append(out, f)
		}
	}
	if shared {
		r.t.found[name] = out
	}
	return out
}

// values lowers the values of one item: any of them, or all with the modifier all.
func (r *reader) values(key *strictyaml.Node, fields []event.Field, vals []*strictyaml.Node, m modifiers) (*condition.Node, error) {
	c := &collector{field: fields[0], also: fields[1:], cased: m.cased, key: key, leaves: r.leaves}
	var errs []error
	for _, v := range vals {
		v = strictyaml.Follow(v)
		if v.Kind != strictyaml.Scalar {
			errs = append(errs, r.fail(v, "", "%s has a nested list or mapping as value", key.Value))
			continue
		}
		errs = append(errs, r.value(c, v, m))
		if m.all {
			c.close()
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.close()
	kind := condition.Or
	if m.all {
		kind = condition.And
	}
	return condition.Join(kind, c.done...), nil
}

// value adds what one value asks to the collector.
func (r *reader) value(c *collector, v *strictyaml.Node, m modifiers) error {
	switch {
	case v.Tag == "!!null" && m.asks():
		return r.fail(v, "", "the value is missing; whether a field is there is asked without modifiers, or with exists: true")
	case v.Tag == "!!null" && !m.re:
		c.add(condition.Negate(r.leaves.Add(c.leaf(condition.Exists))))
		return nil
	case m.exists:
		n := r.leaves.Add(c.leaf(condition.Exists))
		switch strings.ToLower(v.Value) { // as YAML 1.1 writes them, which Sigma's tools read
		case "true", "yes", "on":
		case "false", "no", "off":
			n = condition.Negate(n)
		default:
			return r.fail(v, "", "exists takes true or false")
		}
		c.add(n)
		return nil
	case m.re:
		return r.regex(c, v, m)
	case m.cidr:
		return r.cidr(c, v)
	case m.fieldref:
		others := r.fields(v.Value)
		if len(others) == 0 {
			return r.fail(v, "", "the field %s was not numbered", v.Value)
		}
		for _, o := range others {
			l := c.leaf(condition.SameAs)
			l.Other, l.Sub = o, m.relation()
			c.add(r.leaves.Add(l))
		}
		return nil
	case m.order != 0 || m.part != 0:
		return r.order(c, v, m)
	}
	pats, err := r.transform([]pattern{r.text(v)}, v, m)
	if err != nil {
		return err
	}
	for _, p := range pats {
		c.pattern(p.open(m.contains || m.endswith, m.contains || m.startswith))
	}
	return nil
}

// text is the pattern that a scalar stands for.
func (r *reader) text(v *strictyaml.Node) pattern {
	if v.Tag == "!!str" {
		return parsePattern(v.Value)
	}
	return pattern{pieces: []string{v.Value}}
}

// itemNames calls add with every field that a selection names, those of fieldref too.
func itemNames(n *strictyaml.Node, add func(string)) {
	n = strictyaml.Follow(n)
	for k, v := range pairs(n) {
		name, mods, _ := strings.Cut(k.Value, "|")
		add(name)
		if strings.Contains(mods, "fieldref") {
			for _, t := range texts(v) {
				add(t)
			}
		}
	}
	for _, c := range n.Content {
		itemNames(c, add)
	}
}
