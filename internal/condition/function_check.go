package condition

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// values checks our functions in what expr is to run, as far as expr's own checker does not:
// what they are given, and what their values are compared with.
func (c *compilation) values(n ast.Node) {
	v := &valueCalls{compilation: c}
	ast.Walk(&n, v)
}

type valueCalls struct{ *compilation }

// Visit looks at one node.
func (v *valueCalls) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.CallNode:
		if f, name, ok := valueFunction(n); ok {
			for i, a := range n.Arguments {
				v.argument(f, name, i, a)
			}
		}
	case *ast.BinaryNode:
		v.compared(n)
		v.cased(n)
		v.fits(n)
	}
}

// valueFunction is the function that a node calls.
func valueFunction(n ast.Node) (f function, name string, ok bool) {
	call, ok := n.(*ast.CallNode)
	if !ok {
		return f, "", false
	}
	fn, ok := call.Callee.(*ast.IdentifierNode)
	if !ok {
		return f, "", false
	}
	f, ok = valueFunctions[fn.Value]
	return f, fn.Value, ok
}

func (v *valueCalls) argument(f function, name string, i int, a ast.Node) {
	if text, constant := a.(*ast.StringNode); constant {
		if f.constant != nil {
			if why := f.constant(i, text.Value); why != "" {
				v.fail(a, "%s: %q %s", name, text.Value, why)
			}
		}
		return
	}
	if i > 0 && len(f.types) > 1 { // names of zones that events bring are not to be looked up
		v.fail(a, "%s takes its time zone as a constant text", name)
		return
	}
	field, ok := path(a)
	if !ok || f.of == event.Keyword {
		return
	}
	// Keys of the source, and scratch variables of packs, hold texts that may be anything.
	if info, ok := v.Fields.Lookup(field); ok && info.Type != f.of && !v.Fields.schema.Spec(info.Number).Vendor && !isVar(v.Fields.schema.Spec(info.Number)) {
		v.fail(a, "%s takes a field of type %s, but %s is of type %s", name, typeName(f.of), field, typeName(info.Type))
	}
}

// exact are the operators that compare whole values.
var exact = []string{"==", "!=", "<", "<=", ">", ">=", "in"}

// compared looks for constants that a function never gives: the comparison would be decided
// already, and of times of day as texts the wrong way.
func (v *valueCalls) compared(n *ast.BinaryNode) {
	if !slices.Contains(exact, n.Operator) {
		return
	}
	for _, side := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		f, name, ok := valueFunction(side[0])
		consts, constant := constants(side[1])
		if !ok || !constant || f.never == nil {
			continue
		}
		for _, k := range consts {
			text, _ := literal(k)
			if why := f.never(text); why != "" {
				v.fail(k, "%s is never %s: %s", name, k.String(), why)
			}
		}
	}
}

// cased looks for constants in the other case than lower and upper give.
func (v *valueCalls) cased(n *ast.BinaryNode) {
	if slices.Contains(exact, n.Operator) || slices.Contains([]string{"contains", "startsWith", "endsWith"}, n.Operator) {
		v.inCase(n.Left, n.Right)
		v.inCase(n.Right, n.Left)
	}
}

// fits looks for expressions that need a capital where lower gives none.
func (v *valueCalls) fits(n *ast.BinaryNode) {
	call, ok := n.Left.(*ast.BuiltinNode)
	text, constant := n.Right.(*ast.StringNode)
	if ok && constant && n.Operator == "matches" && call.Name == "lower" && needsCapital(text.Value) {
		v.fail(n.Right, "lower gives no text that %q fits; write it in small letters", text.Value)
	}
}

func (v *valueCalls) inCase(call, other ast.Node) {
	b, ok := call.(*ast.BuiltinNode)
	consts, constant := constants(other)
	if !ok || !constant {
		return
	}
	change := map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper}[b.Name]
	for _, k := range consts {
		if text, kind := literal(k); change != nil && kind == "string" && change(text) != text {
			v.fail(k, "%s gives no %q; write %q", b.Name, text, change(text))
		}
	}
}

func badHour(text string) string {
	if h, err := strconv.Atoi(text); err != nil || h < 0 || h > 24 { // < 24 is all of them
		return "it is a whole number from 0 to 23"
	}
	return ""
}

var timeOfDay = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

func badTimeOfDay(text string) string {
	if !timeOfDay.MatchString(text) && text != "24:00" { // < "24:00" is all of them
		return `it is a text from "00:00" to "23:59"`
	}
	return ""
}

func badWeekday(text string) string {
	var days []string
	for d := range time.Saturday + 1 {
		days = append(days, strings.ToLower(d.String()))
	}
	if slices.Contains(days, text) {
		return ""
	}
	return "it is one of " + strings.Join(days, ", ") + strictyaml.DidYouMean(text, days)
}
