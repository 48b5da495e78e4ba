package condition

import (
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// path is the dotted name of a field access; $env["@timestamp"] names what is no identifier.
func path(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.ChainNode:
		return path(n.Node)
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.MemberNode:
		up, ok := path(n.Node)
		p, plain := n.Property.(*ast.StringNode)
		switch {
		case !ok || !plain || n.Method:
			return "", false
		case up == "$env":
			return p.Value, true
		}
		return up + "." + p.Value, true
	}
	return "", false
}

// constants are the constants of a list or a single one.
func constants(n ast.Node) ([]ast.Node, bool) {
	list, ok := n.(*ast.ArrayNode)
	if !ok {
		_, kind := literal(n)
		return []ast.Node{n}, kind != ""
	}
	for _, k := range list.Nodes {
		if _, kind := literal(k); kind == "" {
			return nil, false
		}
	}
	return list.Nodes, len(list.Nodes) > 0
}

// literal is the text and kind of a constant; the kind is empty for what is none.
func literal(n ast.Node) (text, kind string) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, "string"
	case *ast.BoolNode:
		return strconv.FormatBool(n.Value), "boolean"
	case *ast.IntegerNode:
		return strconv.Itoa(n.Value), "number"
	case *ast.UnaryNode:
		if text, kind = literal(n.Node); kind == "number" && n.Operator == "-" {
			return "-" + text, kind
		}
		return "", ""
	case *ast.FloatNode:
		return strconv.FormatFloat(n.Value, 'g', -1, 64), "number"
	}
	return "", ""
}

// forms collects what a condition may not contain.
type forms struct{ bad []badForm }

type badForm struct {
	node ast.Node
	why  string
}

// Visit sees children before their parents.
func (f *forms) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.PredicateNode:
		inner := &predicates{}
		body := n.Node
		ast.Walk(&body, inner)
		if inner.found {
			f.bad = append(f.bad, badForm{n, "a predicate inside a predicate is refused: its cost is the product of both lists"})
		}
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		f.bad = append(f.bad, badForm{n, "a condition is one expression: let and ; are no part of it"})
	case *ast.BinaryNode:
		switch n.Operator {
		case "..":
			f.bad = append(f.bad, badForm{n, "ranges are refused; compare with >= and <="})
		case "??": // a question about several fields is no where one is missing, so it would never hold
			f.bad = append(f.bad, badForm{n, "?? is for group_by, distinct and texts; in a condition ask for each field: a == \"x\" or not has(a) and b == \"x\""})
		}
		if _, constant := n.Right.(*ast.StringNode); n.Operator == "matches" && !constant {
			f.bad = append(f.bad, badForm{n.Right, "a regular expression must be a constant"})
		}
	case *ast.BuiltinNode:
		if why := refused[n.Name]; why != "" {
			f.bad = append(f.bad, badForm{n, why})
		}
	}
}

// refused are expr's functions that a condition may not call.
var refused = map[string]string{
	"now":      "now is refused: time comes from the event, so that a replay decides the same",
	"date":     "date is refused: compare with a text such as \"2026-03-02T08:00:00Z\"",
	"timezone": "timezone is refused: times are compared as instants",
	"repeat":   "repeat is refused: it makes large texts of small ones",
}

// predicates looks for one.
type predicates struct{ found bool }

// Visit looks at one node.
func (p *predicates) Visit(n *ast.Node) {
	if _, ok := (*n).(*ast.PredicateNode); ok {
		p.found = true
	}
}
