package condition

import (
	"math"
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// measured is an expression whose value a program compares with constants, such as
// hour($env["@timestamp"]): so that two of them can be told to exclude each other.
type measured struct {
	text        string // equal for equal expressions
	least, most float64
	name        string // of its function, for people; ""
	wraps       bool   // after the most comes the least
}

// measures notes what the program of n compares, if it does that alone.
func (l *Leaf) measures(n ast.Node) {
	b, ok := n.(*ast.BinaryNode)
	op, known := operators[nameOf(b, ok)]
	if !known || op == Regex || b.Operator == "!=" {
		return
	}
	value, constant := b.Left, b.Right
	if _, first := constants(value); first {
		value, constant = constant, value
		if op, known = mirror[op]; !known || b.Operator == "in" {
			return
		}
	}
	consts, ok := constants(constant)
	if _, both := constants(value); !ok || both {
		return
	}
	of := functionOf(value)
	for _, k := range consts {
		text, kind := literal(k)
		switch {
		case kind == "number":
			l.Numbers = append(l.Numbers, ParseNumber(text))
		case of.name == "time_of_day" && !op.textual() || of.name == "time_of_day" && op == Equal:
			l.Numbers = append(l.Numbers, minutes(text))
		case kind == "string" && op.textual():
			l.Values = append(l.Values, text)
		default:
			l.Numbers, l.Values = nil, nil
			return
		}
	}
	if len(l.Numbers) > 0 && len(l.Values) > 0 {
		l.Numbers, l.Values = nil, nil
		return
	}
	if op == Equal && len(l.Numbers) > 0 {
		op = EqualNum
	}
	l.Sub, l.of = op, &of
}

func nameOf(b *ast.BinaryNode, ok bool) string {
	if !ok {
		return ""
	}
	return b.Operator
}

// functionOf is what is known of an expression's value.
func functionOf(n ast.Node) measured {
	of := measured{text: n.String(), least: math.Inf(-1), most: math.Inf(1)}
	if b, ok := n.(*ast.BuiltinNode); ok && b.Name == "len" {
		of.name, of.least = b.Name, 0
	}
	switch _, name, _ := valueFunction(n); name {
	case "entropy":
		of.name, of.least, of.most = name, 0, 8 // of 256 different characters, each as often: no text of a log has so many
	case "hour":
		of.name, of.least, of.most, of.wraps = name, 0, 23, true
	case "time_of_day":
		of.name, of.least, of.most, of.wraps = name, 0, 24*60-1, true
	case "geo_distance":
		of.name, of.least, of.most = name, 0, MaxKilometres
	case "weekday":
		of.name = name
	}
	return of
}

// minutes is a time of day, as "22:30", in minutes.
func minutes(text string) Number {
	if !timeOfDay.MatchString(text) { // "24:00"
		return ParseNumber("1440")
	}
	h, _ := strconv.Atoi(text[:2])
	m, _ := strconv.Atoi(text[3:])
	return ParseNumber(strconv.Itoa(60*h + m))
}
