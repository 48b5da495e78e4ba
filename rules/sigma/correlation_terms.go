package sigma

import (
	"maps"
	"math/bits"
	"slices"

	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/rules"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// alias is, by the number of the rule that is referred to, the field that it stands for.
type alias map[int]string

// aliases reads the fields that go by another name in each rule.
func (c *correlation) aliases() (map[string]alias, error) {
	out := map[string]alias{}
	n := c.keys["aliases"]
	if n == nil {
		return out, nil
	}
	if n.Kind != strictyaml.Mapping {
		return nil, c.fail(n, "", "aliases: a mapping of names to what they are in each rule")
	}
	for k, v := range pairs(n) {
		if v.Kind != strictyaml.Mapping {
			return nil, c.fail(v, "", "the alias %s is a mapping of rules to fields", k.Value)
		}
		out[k.Value] = alias{}
		for rule, field := range pairs(v) {
			i := slices.IndexFunc(c.refs, func(r reference) bool { return r.called(rule.Value) })
			if i < 0 {
				return nil, c.fail(rule, near(rule.Value, c.names()), "the alias %s is for a rule %q, to which the correlation does not refer", k.Value, rule.Value)
			}
			out[k.Value][i] = field.Value
		}
	}
	return out, nil
}

// names are what the rules are referred to as.
func (c *correlation) names() (out []string) {
	for _, r := range c.refs {
		out = append(out, r.at.Value)
	}
	return out
}

// temporal lowers rules that must all have matched, or as many as the condition says.
func (c *correlation) temporal() error {
	c.over.Kind, c.over.Steps = rules.KindUnordered, c.when
	n := c.keys["condition"]
	switch {
	case n == nil:
		all := uint32(1)<<len(c.refs) - 1
		c.over.Seen = func(steps uint32) bool { return steps == all }
	case n.Kind == strictyaml.Scalar:
		tree, err := c.expression(n)
		if err != nil {
			return err
		}
		if holds(tree, 0) {
			return c.refuse(Correlation, n, "", "the condition is true where no rule matched; a correlation is judged when one does")
		}
		c.over.Seen = func(steps uint32) bool { return holds(tree, steps) }
	default:
		limit := c.limit
		c.over.Seen = func(steps uint32) bool {
			return !slices.ContainsFunc(limit, func(l rules.Limit) bool { return !l.Holds(float64(bits.OnesCount32(steps))) })
		}
		if !slices.ContainsFunc(c.counts(), func(n int) bool { return c.over.Seen(1<<n - 1) }) {
			return c.fail(n, "", "the condition is never true: the correlation refers to %d rules", len(c.refs))
		}
	}
	return nil
}

// counts are how many rules may have matched.
func (c *correlation) counts() (out []int) {
	for i := range c.refs {
		out = append(out, i+1)
	}
	return out
}

// ordered lowers rules that must have matched in their order.
func (c *correlation) ordered() error {
	c.over.Kind, c.over.Steps = rules.KindSequence, c.when
	if len(c.refs) < 2 {
		return c.fail(c.keys["rules"], "", "an order is one of at least two rules")
	}
	n := c.keys["condition"]
	all := true
	switch {
	case n == nil:
	case n.Kind == strictyaml.Scalar:
		tree, err := c.expression(n)
		if err != nil {
			return err
		}
		every := uint32(1)<<len(c.refs) - 1
		all = tree.Kind == condition.And && holds(tree, every)
		for i := range c.refs {
			all = all && !holds(tree, every&^(1<<i))
		}
	default: // of the counts that are possible only that of all rules
		for _, i := range c.counts() {
			ok := !slices.ContainsFunc(c.limit, func(l rules.Limit) bool { return !l.Holds(float64(i)) })
			all = all && ok == (i == len(c.refs))
		}
	}
	if !all {
		return c.refuse(Correlation, n, "use type temporal, or a rule for each order", "an order of some of the rules is not read: a condition of type %s names all of them with and", c.kind)
	}
	return nil
}

// expression reads a condition over the rules' names.
func (c *correlation) expression(n *strictyaml.Node) (*condition.Node, error) {
	parts := map[string]*condition.Node{}
	var names []string
	for i, ref := range c.refs {
		leaf := &condition.Node{Kind: condition.Ask, Leaf: int32(i), Name: ref.at.Value}
		for _, name := range []string{ref.at.Value, ref.id, ref.name} {
			if name != "" && parts[name] == nil {
				parts[name] = leaf
				names = append(names, name)
			}
		}
	}
	in := *c.reader
	in.part = "rule"
	return in.condition(n, names, parts)
}

// holds says what an expression comes to, where a bit says that the rule matched.
func holds(n *condition.Node, steps uint32) bool {
	is := func(want bool) func(*condition.Node) bool {
		return func(k *condition.Node) bool { return holds(k, steps) == want }
	}
	switch n.Kind {
	case condition.Ask:
		return steps&(1<<n.Leaf) != 0
	case condition.Not:
		return !holds(n.Kids[0], steps)
	case condition.And:
		return !slices.ContainsFunc(n.Kids, is(false))
	case condition.Or:
		return slices.ContainsFunc(n.Kids, is(true))
	case condition.Const:
	}
	return n.Value
}

// correlationNames calls add with every field that a correlation names.
func correlationNames(n *strictyaml.Node, add func(string)) {
	for k, v := range pairs(n) {
		switch k.Value {
		case "group-by":
			for _, name := range texts(v) {
				add(name)
			}
		case "aliases":
			for _, of := range pairs(v) {
				for _, field := range pairs(of) {
					add(field.Value)
				}
			}
		case "condition":
			if f := entry(v, "field"); f != nil {
				for _, name := range texts(f) {
					add(name)
				}
			}
		}
	}
}
