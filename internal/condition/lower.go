package condition

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"sluice/event"
	"sluice/internal/cidr"
)

// lower turns a boolean expression into a tree.
func (c *compilation) lower(n ast.Node) *Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return Negate(c.lower(n.Node))
		}
	case *ast.BoolNode:
		line, column := c.placeAt(n.Location())
		return &Node{Kind: Const, Value: n.Value, Line: line, Column: column}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return Join(And, c.lower(n.Left), c.lower(n.Right))
		case "or", "||":
			return Join(Or, c.lower(n.Left), c.lower(n.Right))
		}
		if out := c.comparison(n); out != nil {
			return out
		}
	case *ast.CallNode:
		return c.call(n)
	case *ast.IdentifierNode, *ast.MemberNode:
		if out := c.flag(n); out != nil {
			return out
		}
	}
	return c.program(n)
}

// flag lowers a boolean field that stands alone.
func (c *compilation) flag(n ast.Node) *Node {
	name, ok := path(n)
	if !ok {
		return nil
	}
	info, ok := c.field(n, name)
	if !ok {
		return &Node{Kind: Const}
	}
	if info.Type != event.Bool {
		return c.fail(n, "%s is of type %s: ask has(%s), or compare it", name, typeName(info.Type), name)
	}
	return c.add(n, Leaf{Field: info.Number, Op: Equal, Cased: true, Values: []string{"true"}})
}

var operators = map[string]Op{
	"==": Equal, "!=": Equal, "in": Equal, "contains": Contains, "startsWith": Prefix, "endsWith": Suffix,
	"matches": Regex, "<": Less, "<=": LessEq, ">": Greater, ">=": GreaterEq,
}

// mirror is the operator when its sides change places.
var mirror = map[Op]Op{Equal: Equal, Less: Greater, LessEq: GreaterEq, Greater: Less, GreaterEq: LessEq}

// comparison lowers FIELD OPERATOR CONSTANT, CONSTANT OPERATOR FIELD and FIELD OPERATOR
// FIELD; nil: it is not of that form.
func (c *compilation) comparison(n *ast.BinaryNode) *Node {
	op, ok := operators[n.Operator]
	if !ok {
		return nil
	}
	left, right := n.Left, n.Right
	name, isField := path(left)
	other, otherField := path(right)
	switch {
	case isField && otherField && n.Operator != "in" && op != Regex:
		return c.negated(n, c.fields(n, op, name, other))
	case !isField && otherField && n.Operator == "in": // "x" in tags
		if _, kind := literal(left); kind == "" {
			return nil
		}
		left, right, name = right, left, other
	case !isField && otherField:
		if op, ok = mirror[op]; !ok {
			return nil
		}
		left, right, name = right, left, other
	case !isField:
		_, a := literal(left)
		if _, b := literal(right); a != "" && b != "" {
			return c.fail(n.Left, "two constants are compared: no event changes what comes of it")
		}
		return nil
	}
	if list, ok := right.(*ast.ArrayNode); ok && len(list.Nodes) == 0 {
		return c.fail(right, "the list is empty: nothing is in it")
	} else if ok {
		c.twice(list)
	}
	if _, isNil := right.(*ast.NilNode); isNil && op == Equal {
		info, ok := c.field(left, name)
		if !ok {
			return &Node{Kind: Const}
		}
		out := c.add(n, Leaf{Field: info.Number, Op: Exists, Cased: true, Text: "has(" + name + ")"})
		if n.Operator == "==" {
			out = Negate(out)
		}
		return out
	}
	consts, ok := constants(right)
	if !ok {
		return nil
	}
	c.unlisted(n, right, name)
	info, ok := c.field(left, name)
	if !ok {
		return &Node{Kind: Const}
	}
	if strings.HasSuffix(name, ".geo.location") {
		return c.fail(left, "%s is a place: ask how far it is, geo_distance(%s, \"52.52,13.40\") < 100", name, name)
	}
	l := Leaf{Field: info.Number, Op: op, Cased: true}
	for _, k := range consts {
		c.constant(&l, name, info, k)
	}
	return c.negated(n, c.add(n, l))
}

func (c *compilation) negated(n *ast.BinaryNode, out *Node) *Node {
	if n.Operator == "!=" {
		return Negate(out)
	}
	return out
}

// add makes the node of a leaf that stands at n.
func (c *compilation) add(n ast.Node, l Leaf) *Node {
	if l.Text == "" {
		l.Text = n.String()
	}
	if b, ok := n.(*ast.BinaryNode); ok && b.Operator == "!=" && l.Op != Exists && l.Op != Program { // the leaf asks the opposite
		equal := *b
		equal.Operator = "=="
		l.Text = equal.String()
	}
	for m, ok := n.(*ast.BinaryNode); ok; m, ok = n.(*ast.BinaryNode) {
		n = m.Left
	}
	for m, ok := n.(*ast.MemberNode); ok; m, ok = n.(*ast.MemberNode) {
		n = m.Node
	}
	line, column := 1, 0
	for i, r := range []rune(c.src.String()) {
		if i == n.Location().From {
			break
		}
		if column++; r == '\n' {
			line, column = line+1, 0
		}
	}
	l.Line, l.Column = c.place(line, column)
	return c.Leaves.Add(l)
}

// fields lowers a comparison of two fields.
func (c *compilation) fields(n *ast.BinaryNode, op Op, name, other string) *Node {
	a, ok := c.field(n.Left, name)
	b, ok2 := c.Fields.Lookup(other)
	switch {
	case !ok2 && (strings.EqualFold(other, "null") || strings.EqualFold(other, "none")):
		c.fail(n.Right, "no field is named %s; to ask whether there is none, write not has(%s)", other, name)
	case !ok2 && !strings.Contains(other, "."):
		c.fail(n.Right, "no field is named %s; a text stands in quotes: %q", other, other)
	case !ok2:
		c.noField(n.Right, other)
	}
	if !ok || !ok2 {
		return &Node{Kind: Const}
	}
	if a.Number == b.Number {
		return c.fail(n, "%s is compared with itself: no event changes what comes of it", name)
	}
	if op >= Less && op <= GreaterEq && (a.Type != b.Type || !ordered(a.Type)) {
		return c.fail(n, "%s is of type %s and %s of type %s: order needs two numbers or two times", name, typeName(a.Type), other, typeName(b.Type))
	}
	return c.add(n, Leaf{Field: a.Number, Op: SameAs, Cased: true, Other: b.Number, Sub: op})
}

// typeName is the type as users know it.
func typeName(t event.Type) string {
	switch t {
	case event.Keyword:
		return "text"
	case event.Long, event.Double:
		return "number"
	case event.Bool:
		return "boolean"
	case event.Date:
		return "date"
	case event.IP:
		return "address"
	case event.JSON:
	}
	return "object"
}

// ordered says that values of the type are compared by size.
func ordered(t event.Type) bool { return t == event.Long || t == event.Double || t == event.Date }

// constant checks one constant against the field's type and adds it to the leaf.
func (c *compilation) constant(l *Leaf, name string, info Info, k ast.Node) {
	text, kind := literal(k)
	if ordered(info.Type) || l.Op >= Less && l.Op <= GreaterEq {
		c.number(l, name, info, k)
		return
	}
	want := "string"
	if info.Type == event.Bool {
		want = "boolean"
	}
	switch {
	case kind != want:
		c.fail(k, "%s is of type %s, but %s is a %s", name, typeName(info.Type), k.String(), kind)
		return
	case info.Type == event.IP && l.Op == Equal:
		a, err := netip.ParseAddr(text)
		if err != nil {
			c.fail(k, "%q is no address%s", text, networkHint(name, text))
			return
		}
		l.Op = CIDR
		l.Nets = append(l.Nets, single(a))
		return
	case info.Type == event.IP && l.Op == CIDR: // the second of a list
		if a, err := netip.ParseAddr(text); err == nil {
			l.Nets = append(l.Nets, single(a))
			return
		}
		c.fail(k, "%q is no address%s", text, networkHint(name, text))
		return
	case info.Type == event.IP || info.Type == event.Bool && l.Op != Equal:
		c.fail(k, "%s is of type %s: compare it with == or in, or use cidr", name, typeName(info.Type))
		return
	case l.Op != Regex && brokenPath(text):
		c.fail(k, "a backslash and the letter behind it became a control character in %q: write two, or the text in backticks in a block (when: |)", text)
		return
	case l.Op == Regex && strings.ContainsRune(text, '\b'):
		c.fail(k, "a backspace stands in the regular expression: in double quotes \\b is one, in YAML as in a condition; for the edge of a word put the condition in a block (when: |) and the expression in backticks, `\\bword`")
		return
	case l.Op == Regex:
		re, err := regexp.Compile(text)
		if err != nil {
			c.fail(k, "bad regular expression: %v (they run in linear time: no look-around, no back-references)", err)
			return
		}
		l.Regexps = append(l.Regexps, re)
		c.doubtRegexp(k, name, text)
		return
	case l.Op == Equal && len(info.Allowed) > 0 && !slices.Contains(info.Allowed, text):
		c.fail(k, "%s never has the value %q%s", name, text, c.hint(text, info.Allowed))
	}
	c.doubtText(k, l.Op, name, text)
	l.Values = append(l.Values, text)
}

func single(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen())
}

// number adds a constant that a number or a time is compared with.
func (c *compilation) number(l *Leaf, name string, info Info, k ast.Node) {
	text, kind := literal(k)
	switch {
	case !ordered(info.Type):
		c.fail(k, "%s is of type %s: order needs numbers or times", name, typeName(info.Type))
		return
	case l.Op != Equal && l.Op != EqualNum && (l.Op < Less || l.Op > GreaterEq):
		c.fail(k, "%s is of type %s: compare it with ==, in, <, <=, > or >=", name, typeName(info.Type))
		return
	}
	if l.Op == Equal {
		l.Op = EqualNum
	}
	if info.Type == event.Date {
		t, err := time.Parse(time.RFC3339, text)
		if kind != "string" || err != nil {
			c.fail(k, "%s is a date; compare it with a text such as \"2026-03-02T08:00:00Z\"", name)
			return
		}
		l.Numbers = append(l.Numbers, Number{Int: t.UnixNano(), Float: float64(t.UnixNano()), Whole: true})
		return
	}
	if kind != "number" {
		c.fail(k, "%s is of type %s, but %s is a %s", name, typeName(info.Type), k.String(), kind)
		return
	}
	l.Numbers = append(l.Numbers, ParseNumber(text))
}

// ParseNumber reads a decimal number; what is none is 0.
func ParseNumber(text string) Number {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Number{Int: i, Float: float64(i), Whole: true}
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Number{Whole: true}
	}
	return Number{Float: x}
}

// field looks a field up; false: it is a fault.
func (c *compilation) field(n ast.Node, name string) (Info, bool) {
	info, ok := c.Fields.Lookup(name)
	if !ok {
		c.noField(n, name)
	}
	return info, ok
}

// brokenPath says whether a text was a path of Windows, C:\temp, before \t became a tab.
func brokenPath(text string) bool {
	drive := strings.IndexByte(text, ':')
	return strings.ContainsAny(text, "\a\b\f\v") || drive == 1 && len(text) > 2 && text[2] < ' '
}

// networkHint tells how to ask for a network or a range that stands where an address belongs.
func networkHint(name, text string) string {
	if _, err := cidr.Parse(text); err != nil {
		return ""
	}
	return fmt.Sprintf("; networks are asked by cidr(%s, %q)", name, text)
}
