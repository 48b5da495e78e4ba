package sigma

import (
	"regexp"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// collector gathers the values of one item into as few leaves as possible: one
// for each kind of question.
type collector struct {
	field  event.Field
	also   []event.Field
	cased  bool
	key    *strictyaml.Node
	leaves *condition.Leaves
	open   []condition.Leaf
	done   []*condition.Node
	part   []*condition.Node
}

func (c *collector) leaf(op condition.Op) condition.Leaf {
	return condition.Leaf{Field: c.field, Also: c.also, Op: op, Cased: c.cased, Text: c.key.Value, Line: c.key.Line, Column: c.key.Column}
}

// group returns the open leaf of that question.
func (c *collector) group(op condition.Op) *condition.Leaf {
	for i := range c.open {
		if c.open[i].Op == op {
			return &c.open[i]
		}
	}
	c.open = append(c.open, c.leaf(op))
	return &c.open[len(c.open)-1]
}

func (c *collector) add(n *condition.Node) { c.part = append(c.part, n) }

func (c *collector) pattern(p pattern) {
	if !c.cased && slices.ContainsFunc(p.pieces, func(s string) bool { return condition.Fold(s) != s }) {
		p = p.each(condition.Fold)
	}
	op, literal, wild := p.lower()
	l := c.group(op)
	switch op {
	case condition.Exists:
	case condition.Glob:
		l.Globs = append(l.Globs, wild)
	default:
		l.Values = append(l.Values, strings.Clone(literal))
	}
}

func (c *collector) regexp(re *regexp.Regexp) {
	l := c.group(condition.Regex)
	l.Cased = true // the expression itself says where case does not matter
	l.Regexps = append(l.Regexps, re)
}

// close ends a set of alternatives.
func (c *collector) close() {
	for _, l := range c.open {
		c.part = append(c.part, c.leaves.Add(l))
	}
	if len(c.part) > 0 {
		c.done = append(c.done, condition.Join(condition.Or, c.part...))
	}
	c.open, c.part = nil, nil
}
