package condition

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"sluice/event"
	"sluice/internal/cidr"
)

// functions are the functions that conditions have beside expr's own.
var functions = []string{"cidr", "has", "icontains", "iequals", "ilike", "like"}

// call lowers the functions that take a field and constants:
//
//	has(f)                 the field is set
//	like(f, "a*", "b?")    it is described by one of the patterns; ilike: whatever the case
//	iequals, icontains     as == and contains, whatever the case
//	cidr(f, "10.0.0.0/8")  it is an address in one of the networks, or between two
//	                       addresses: "10.0.0.5-10.0.0.9"
func (c *compilation) call(n *ast.CallNode) *Node {
	fn, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return c.fail(n, "only functions are called; values have no methods")
	}
	known := map[string]Op{"like": Glob, "ilike": Glob, "iequals": Equal, "icontains": Contains, "cidr": CIDR, "has": Exists}
	op, ok := known[fn.Value]
	if f, gives := valueFunctions[fn.Value]; gives {
		return c.fail(n, "%s gives %s: compare it", fn.Value, f.gives)
	}
	if !ok {
		return c.noFunction(n, fn.Value)
	}
	least := 2
	if op == Exists {
		least = 1
	}
	if len(n.Arguments) < least || op == Exists && len(n.Arguments) > 1 {
		return c.fail(n, "%s takes a field%s", fn.Value, map[bool]string{true: " and constant texts"}[least == 2])
	}
	name, ok := path(n.Arguments[0])
	if !ok {
		return c.fail(n.Arguments[0], "%s takes a field first", fn.Value)
	}
	info, ok := c.field(n.Arguments[0], name)
	if !ok {
		return &Node{Kind: Const}
	}
	if op == CIDR && info.Type != event.IP && info.Type != event.Keyword {
		return c.fail(n.Arguments[0], "cidr takes an address, but %s is of type %s", name, typeName(info.Type))
	}
	l := Leaf{Field: info.Number, Op: op, Cased: op == CIDR || op == Exists || fn.Value == "like"}
	for _, a := range n.Arguments[1:] {
		text, kind := literal(a)
		if kind != "string" {
			c.fail(a, "%s takes constant texts", fn.Value)
			continue
		}
		if op == Equal && len(info.Allowed) > 0 && !slices.ContainsFunc(info.Allowed, func(v string) bool { return strings.EqualFold(v, text) }) {
			c.fail(a, "%s never has the value %q%s", name, text, c.hint(text, info.Allowed))
		}
		if op == Glob && strings.HasPrefix(text, "^") {
			c.fail(a, "%s knows * and ? only; write %s matches %q", fn.Value, name, text)
		}
		c.operand(&l, a, text)
		c.doubtText(a, l.Op, name, text)
	}
	c.doubtNets(n, &l, name)
	c.doubtGlobs(n, &l, name)
	return c.add(n, l)
}

// operand adds one constant of a call to its leaf.
func (c *compilation) operand(l *Leaf, at ast.Node, text string) {
	if !l.Cased {
		text = Fold(text)
	}
	switch l.Op {
	case CIDR:
		if from, to, ok := strings.Cut(text, "-"); ok {
			nets, err := cidr.Between(from, to)
			if err != nil {
				c.fail(at, "%v", err)
			}
			l.Nets = append(l.Nets, nets...)
			return
		}
		p, err := cidr.Parse(text)
		if err != nil || !strings.Contains(text, "/") {
			c.fail(at, "%q is no network; write it like 10.0.0.0/8, or 10.0.0.5-10.0.0.9", text)
			return
		}
		if one, err := netip.ParsePrefix(text); err == nil && one != one.Masked() {
			c.doubt(at, "%s is the whole network %s; one address is %s/%d", text, one.Masked(), one.Addr(), one.Addr().BitLen())
		}
		l.Nets = append(l.Nets, p)
	case Glob:
		l.Globs = append(l.Globs, ParseWild(text))
	default:
		l.Values = append(l.Values, text)
	}
}
