package condition

import (
	"math"
	"net/netip"
	"slices"
	"strings"

	"sluice/event"
)

// clash says whether a and b cannot both be so.
func (c *clashes) clash(a, b *want) bool {
	l, m := a.leaf, b.leaf
	switch {
	case l == m:
		return a.yes != b.yes
	case !l.subject(m):
		return false
	case !a.yes && !b.yes:
		return c.always && c.single(l, m) && l.leavesNone(m)
	case !a.yes:
		return false
	case !b.yes:
		return l.implies(m)
	}
	return c.single(l, m) && l.excludes(m)
}

// subject says whether both ask about the same: a field, or the value of an expression.
func (l *Leaf) subject(m *Leaf) bool {
	if l.Op == Program || m.Op == Program {
		return l.Op == m.Op && l.of != nil && m.of != nil && l.of.text == m.of.text
	}
	return l.Field != Any && l.Field == m.Field && len(l.Also)+len(m.Also) == 0
}

// single says whether what they ask about has one value: a list may hold what either wants.
func (c *clashes) single(l, m *Leaf) bool {
	if l.Op == Program {
		return true
	}
	sp := c.schema.Spec(l.Field)
	return !sp.Array && !sp.Vendor && sp.Type != event.JSON && l.Part == 0 && m.Part == 0
}

// op is the question, also of a program that compares one value with constants.
func (l *Leaf) op() Op {
	if l.Op == Program && l.of != nil {
		return l.Sub
	}
	return l.Op
}

func (o Op) numeric() bool { return o >= EqualNum && o <= GreaterEq }

func (o Op) textual() bool { return o >= Equal && o <= Contains }

// excludes says whether no one value is what both want.
func (l *Leaf) excludes(m *Leaf) bool {
	switch a, b := l.op(), m.op(); {
	case a == Equal && len(l.Values) > 0:
		return !slices.ContainsFunc(l.Values, func(v string) bool { return m.mayBe(v) && (!l.Cased || !m.OfText() || m.Fits(v)) })
	case a == SameAs && b == SameAs:
		return l.Other == m.Other && apart(l.Sub, m.Sub)
	case len(l.heads()) > 0 && len(m.heads()) > 0:
		return !meet(l.heads(), m.heads(), strings.HasPrefix)
	case a == Suffix && b == Suffix:
		return !meet(l.Values, m.Values, strings.HasSuffix)
	case a.numeric() && b.numeric():
		from, to := l.span()
		low, high := m.span()
		return from > high || low > to || from == high && (a == Greater || b == Less) || to == low && (a == Less || b == Greater)
	case a == CIDR && b == CIDR:
		return !slices.ContainsFunc(l.Nets, func(n netip.Prefix) bool { return slices.ContainsFunc(m.Nets, n.Overlaps) })
	}
	return false
}

// apart says whether no two values stand in both relations to each other.
func apart(a, b Op) bool {
	less := func(op Op) bool { return op == Less || op == LessEq }
	more := func(op Op) bool { return op == Greater || op == GreaterEq }
	return (less(a) && more(b) || more(a) && less(b)) && (a == Less || a == Greater || b == Less || b == Greater)
}

// heads are what each text begins with that the leaf fits; none: it may be anything.
func (l *Leaf) heads() (out []string) {
	switch l.op() {
	case Prefix:
		return l.Values
	case Glob:
		for _, w := range l.Globs {
			if !w.Start || len(w.Pieces) == 0 || w.Pieces[0] == "" || strings.IndexByte(w.Pieces[0], AnyRune) >= 0 {
				return nil
			}
			out = append(out, w.Pieces[0])
		}
	}
	return out
}

// meet says whether one of a begins, or ends, with one of b, or that with it, in whatever case.
func meet(a, b []string, fits func(s, part string) bool) bool {
	return slices.ContainsFunc(a, func(v string) bool {
		v = Fold(v)
		return slices.ContainsFunc(b, func(w string) bool { w = Fold(w); return fits(v, w) || fits(w, v) })
	})
}

// implies says whether each value that l wants is one that m wants.
func (l *Leaf) implies(m *Leaf) bool {
	if m.Op == Exists {
		return true
	}
	if l.Part != 0 || m.Part != 0 {
		return false
	}
	switch a, b := l.op(), m.op(); {
	case a.numeric() && b.numeric():
		return l.within(m)
	case a == CIDR && b == CIDR:
		return !slices.ContainsFunc(l.Nets, func(n netip.Prefix) bool { return !covered(n, m.Nets) })
	case a.textual() && b.textual() && (l.Cased || !m.Cased) && (a == b || a == Equal || b == Contains):
		return !slices.ContainsFunc(l.Values, func(v string) bool {
			if !m.Cased {
				v = Fold(v)
			}
			return !slices.ContainsFunc(m.Values, func(w string) bool { return compare(b, v, w) })
		})
	case a == Equal && l.Cased && m.OfText():
		return !slices.ContainsFunc(l.Values, func(v string) bool { return !m.Fits(v) })
	}
	return false
}

// covered says whether one of the networks holds n.
func covered(n netip.Prefix, nets []netip.Prefix) bool {
	return slices.ContainsFunc(nets, func(o netip.Prefix) bool { return o.Bits() <= n.Bits() && o.Contains(n.Addr()) })
}

// within says whether the numbers that l leaves are among those that m leaves.
func (l *Leaf) within(m *Leaf) bool {
	from, to := l.span()
	low, high := m.span()
	switch a, b := l.op(), m.op(); b {
	case EqualNum:
		return a == EqualNum && !slices.ContainsFunc(l.Numbers, func(n Number) bool { return !slices.Contains(m.Numbers, n) })
	case Less:
		return to < high || to == high && a == Less
	case LessEq:
		return to <= high
	case Greater:
		return from > low || from == low && a == Greater
	default:
		return from >= low
	}
}

// leavesNone says whether no number is what neither wants: one is above what the other is below.
func (l *Leaf) leavesNone(m *Leaf) bool {
	a, b := l.op(), m.op()
	if a != Greater && a != GreaterEq || b != Less && b != LessEq {
		return false
	}
	from, _ := l.span()
	_, to := m.span()
	return from < to || from == to && (a == GreaterEq || b == LessEq)
}

// mayBe says whether the leaf can hold for a text, in whatever case where either does not
// tell cases apart.
func (l *Leaf) mayBe(text string) bool {
	if op := l.op(); op.textual() {
		text = Fold(text)
		return slices.ContainsFunc(l.Values, func(v string) bool { return compare(op, text, Fold(v)) })
	}
	return true
}

// span is the range that the leaf's numbers leave.
func (l *Leaf) span() (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	for _, n := range l.Numbers {
		switch l.op() {
		case EqualNum:
			from, to = min(from, n.Float), max(to, n.Float)
		case Less, LessEq:
			from, to = math.Inf(-1), max(to, n.Float)
		default:
			from, to = min(from, n.Float), math.Inf(1)
		}
	}
	if len(l.Numbers) == 0 {
		return math.Inf(-1), math.Inf(1)
	}
	return from, to
}
