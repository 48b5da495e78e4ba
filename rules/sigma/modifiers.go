package sigma

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"sluice/internal/cidr"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// modifiers is what stands behind a field's name.
type modifiers struct {
	all, cased, neq, exists, fieldref bool
	contains, startswith, endswith    bool
	re, cidr                          bool
	flags                             string // of re: i, m, s
	order                             condition.Op
	part                              condition.Part
	steps                             []string // that change the value, in their order
}

// known names all modifiers and what each one sets.
var known = func() map[string]func(*modifiers) {
	step := func(name string) func(*modifiers) {
		return func(m *modifiers) { m.steps = append(m.steps, name) }
	}
	flag := func(f string) func(*modifiers) { return func(m *modifiers) { m.flags += f } }
	order := func(op condition.Op) func(*modifiers) { return func(m *modifiers) { m.order = op } }
	part := func(p condition.Part) func(*modifiers) { return func(m *modifiers) { m.part = p } }
	return map[string]func(*modifiers){
		"all":        func(m *modifiers) { m.all = true },
		"cased":      func(m *modifiers) { m.cased = true },
		"neq":        func(m *modifiers) { m.neq = true },
		"exists":     func(m *modifiers) { m.exists = true },
		"fieldref":   func(m *modifiers) { m.fieldref = true },
		"contains":   func(m *modifiers) { m.contains = true },
		"startswith": func(m *modifiers) { m.startswith = true },
		"endswith":   func(m *modifiers) { m.endswith = true },
		"re":         func(m *modifiers) { m.re = true },
		"cidr":       func(m *modifiers) { m.cidr = true },
		"i":          flag("i"), "m": flag("m"), "s": flag("s"), "ignorecase": flag("i"), "multiline": flag("m"), "dotall": flag("s"),
		"lt": order(condition.Less), "lte": order(condition.LessEq), "gt": order(condition.Greater), "gte": order(condition.GreaterEq),
		"windash": step("windash"), "base64": step("base64"), "base64offset": step("base64offset"), "expand": step("expand"),
		"wide": step("utf16le"), "utf16le": step("utf16le"), "utf16be": step("utf16be"), "utf16": step("utf16"),
		"minute": part(condition.Minute), "hour": part(condition.Hour), "day": part(condition.Day),
		"week": part(condition.Week), "month": part(condition.Month), "year": part(condition.Year),
	}
}()

func (r *reader) modifiers(key *strictyaml.Node, list string) (m modifiers, err error) {
	if list == "" {
		if strings.HasSuffix(key.Value, "|") {
			err = r.fail(key, "", "%s: a modifier is missing behind the bar", key.Value)
		}
		return m, err
	}
	for _, name := range strings.Split(list, "|") {
		set, ok := known[name]
		if !ok {
			return m, r.fail(key, near(name, sortedKeys(known)), "unknown modifier %q", name)
		}
		set(&m)
	}
	if err := r.rivals(key, strings.Split(list, "|")); err != nil {
		return m, err
	}
	return m, r.together(key, m)
}

// rivals are modifiers of which only one can be meant: of several, one would count and not tell.
var rivals = [][]string{
	{"contains", "startswith", "endswith"},
	{"lt", "lte", "gt", "gte"},
	{"minute", "hour", "day", "week", "month", "year"},
}

func (r *reader) rivals(key *strictyaml.Node, names []string) error {
	for _, group := range rivals {
		var of []string
		for _, name := range names {
			if slices.Contains(group, name) && !slices.Contains(of, name) {
				of = append(of, name)
			}
		}
		if len(of) > 1 {
			return r.fail(key, "", "%s: of %s only one can be meant", key.Value, strings.Join(of, " and "))
		}
	}
	return nil
}

// together refuses modifiers that contradict each other.
func (r *reader) together(key *strictyaml.Node, m modifiers) error {
	switch text := m.contains || m.startswith || m.endswith || len(m.steps) > 0; {
	case m.flags != "" && !m.re:
		return r.fail(key, "", "the flags i, m and s belong behind re")
	case m.re && text, m.cidr && (text || m.re):
		return r.fail(key, "", "%s: re and cidr take their value as it is, without modifiers of texts", key.Value)
	case m.order != 0 && (text && !m.fieldref || m.re || m.cidr):
		return r.fail(key, "", "%s: an order of numbers takes no modifiers of texts", key.Value)
	case m.fieldref && (m.re || m.cidr || len(m.steps) > 0 || m.part != 0):
		return r.fail(key, "", "%s: fieldref compares two fields, with contains, startswith, endswith, cased, neq or an order", key.Value)
	case m.exists && (text || m.re || m.cidr || m.fieldref || m.order != 0 || m.part != 0):
		return r.fail(key, "", "%s: exists asks whether the field is there at all, without modifiers of its value", key.Value)
	case m.part != 0 && (text || m.re || m.cidr):
		return r.fail(key, "", "%s: a part of a time is a number, without modifiers of texts", key.Value)
	}
	return nil
}

// asks says whether the modifiers ask something of a value, which null is none for.
func (m modifiers) asks() bool {
	return m.exists || m.fieldref || m.contains || m.startswith || m.endswith || m.cidr || m.order != 0 || m.part != 0 || len(m.steps) > 0
}

// relation is the question that fieldref asks about the two fields.
func (m modifiers) relation() condition.Op {
	switch {
	case m.order != 0:
		return m.order
	case m.contains:
		return condition.Contains
	case m.startswith:
		return condition.Prefix
	case m.endswith:
		return condition.Suffix
	}
	return condition.Equal
}

// lookBehind tells (?<= and (?<!, which begin as the name of a group does.
func lookBehind(bad *syntax.Error) bool {
	return bad.Code == syntax.ErrInvalidNamedCapture && (strings.HasPrefix(bad.Expr, "(?<=") || strings.HasPrefix(bad.Expr, "(?<!"))
}

func (r *reader) regex(c *collector, v *strictyaml.Node, m modifiers) error {
	text := v.Value
	if strings.ContainsRune(text, '\b') {
		return r.fail(v, "write it in single quotes", "a backspace stands in the regular expression: in double quotes YAML reads \\b as one")
	}
	if m.flags != "" {
		text = "(?" + m.flags + ")" + text
	}
	re, err := regexp.Compile(text)
	var bad *syntax.Error
	if errors.As(err, &bad) && !lookBehind(bad) && bad.Code != syntax.ErrInvalidPerlOp && bad.Code != syntax.ErrInvalidEscape && bad.Code != syntax.ErrInvalidRepeatSize {
		return r.fail(v, "", "the regular expression cannot be read: %s: %s", bad.Code, bad.Expr)
	}
	if err != nil {
		return r.refuse(RegularExpression, v, "rewrite it without look-around and back-references", "this engine's regular expressions run in linear time: %v", err)
	}
	c.regexp(re)
	return nil
}

func (r *reader) cidr(c *collector, v *strictyaml.Node) error {
	p, err := cidr.Parse(v.Value)
	if err != nil {
		return r.fail(v, "", "%v", err)
	}
	l := c.group(condition.CIDR)
	l.Cased = true
	l.Nets = append(l.Nets, p)
	return nil
}

func (r *reader) order(c *collector, v *strictyaml.Node, m modifiers) error {
	if _, err := strconv.ParseFloat(v.Value, 64); err != nil {
		return r.fail(v, "", "%q is no number", v.Value)
	}
	op := m.order
	if op == 0 {
		op = condition.EqualNum
	}
	l := c.leaf(op)
	l.Part = m.part
	l.Numbers, l.Cased = []condition.Number{condition.ParseNumber(v.Value)}, true
	c.add(r.leaves.Add(l))
	return nil
}
