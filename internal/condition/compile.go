package condition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"sluice/internal/strictyaml"
)

// maxBytes bounds one condition. The longest of SigmaHQ's rules has 9 KiB.
const maxBytes = 16 << 10

// Bounds of what expr's machine may do for one leaf. expr has no time limit, so what
// it works on is bounded.
const (
	maxNodes     = 1000
	maxFaults    = 20     // that one condition reports
	maxItems     = 1000   // elements of a list that a program sees
	memoryBudget = 20_000 // elements that a program may make
)

// Compiler turns conditions into trees over its leaves. It belongs to one goroutine.
type Compiler struct {
	Fields *Fields
	Leaves *Leaves
	Doubt  func(*Fault) // is told what compiles but is hardly meant; nil: nobody asks
	hints  int          // names that were proposed
}

// maxHints bounds the search for the name that was meant, 1 ms each: it is for people,
// and a file with more faults than this was not written by one.
const maxHints = 100

// hint proposes the name of names that a wrong one is most like.
func (c *Compiler) hint(wrong string, names []string) string {
	if c.hints++; c.hints > maxHints || len(wrong) > 100 {
		return ""
	}
	return strictyaml.DidYouMean(wrong, names)
}

// Place says where in its file a condition stands: of a line from 1 and a column from 0 of
// the condition the line and the column of the file, from 1.
type Place func(line, column int) (int, int)

// From is the place of a condition that stands in its file as it is: from a line and a
// column, and all its other lines from the column indent.
func From(line, column, indent int) Place {
	return func(l, c int) (int, int) {
		if l == 1 {
			return line, column + c
		}
		return line + l - 1, indent + c
	}
}

// compilation is one condition being compiled.
type compilation struct {
	*Compiler
	src    file.Source
	place  Place
	faults Faults
}

// Compile lowers one condition. An error is Faults.
func (c *Compiler) Compile(src string, place Place) (*Node, error) {
	cd, tree := c.parse("condition", src, place)
	if tree == nil || len(cd.faults) > 0 {
		return nil, cd.faults.sorted()
	}
	out := cd.lower(tree.Node)
	if len(cd.faults) > 0 {
		return nil, cd.faults.sorted()
	}
	cd.doubtMixed()
	c.Leaves.Order(out)
	return out, nil
}

// parse reads src and refuses the forms that the language does not have. The tree is
// nil where src is too long or does not parse.
func (c *Compiler) parse(what, src string, place Place) (*compilation, *parser.Tree) {
	cd := &compilation{Compiler: c, src: file.NewSource(src), place: place}
	if len(src) > maxBytes {
		cd.failAt(1, 0, "the %s has %d bytes; at most %d are read: long lists belong into a table", what, len(src), maxBytes)
		return cd, nil
	}
	if strings.TrimSpace(src) == "" {
		cd.failAt(1, 0, "the %s is empty", what)
		return cd, nil
	}
	tree, err := parser.Parse(src)
	if err != nil {
		cd.translate(err, nil)
		return cd, nil
	}
	f := &forms{}
	ast.Walk(&tree.Node, f)
	for _, b := range f.bad {
		cd.fail(b.node, "%s", b.why)
	}
	return cd, tree
}

// Names are the fields that a condition names, as it writes them, for those who have
// to number them first. What does not parse has none.
func Names(src string) []string {
	if len(src) > maxBytes {
		return nil
	}
	tree, err := parser.Parse(src)
	if err != nil {
		return nil
	}
	v := &nameCheck{known: func(string) bool { return false }, unknown: map[ast.Node]string{}}
	ast.Walk(&tree.Node, v)
	var out []string
	for _, name := range v.unknown {
		out = append(out, name)
	}
	return out
}

// fail points at a node of the condition; at a dotted name, to its beginning. It
// returns a node so that the rest can be read too.
func (c *compilation) fail(n ast.Node, format string, args ...any) *Node {
	for m, ok := n.(*ast.MemberNode); ok; m, ok = n.(*ast.MemberNode) {
		n = m.Node
	}
	e := (&file.Error{Location: n.Location()}).Bind(c.src)
	return c.failAt(e.Line, e.Column, format, args...)
}

// placeAt is where a part of the condition stands in its file.
func (c *compilation) placeAt(at file.Location) (line, column int) {
	e := (&file.Error{Location: at}).Bind(c.src)
	return c.place(e.Line, e.Column)
}

// failAt points at a line from 1 and a column from 0 of the condition.
func (c *compilation) failAt(line, column int, format string, args ...any) *Node {
	if len(c.faults) >= maxFaults {
		return &Node{Kind: Const}
	}
	line, column = c.place(line, column)
	c.faults = append(c.faults, &Fault{Line: line, Column: column, Problem: fmt.Sprintf(format, args...)})
	return &Node{Kind: Const}
}

// translate makes one of expr's errors point into the user's file. Errors of a part
// that was compiled alone point at the part.
func (c *compilation) translate(err error, part ast.Node) *Node {
	var e *file.Error
	switch {
	case !errors.As(err, &e) && part != nil: // the only one without a place: what it gives is no answer
		return c.fail(part, `%v; each side of and and or asks for itself: A == "a" or A == "b", or A in ["a", "b"]`, err)
	case !errors.As(err, &e):
		return c.failAt(1, 0, "%v", err)
	case part != nil && strings.HasPrefix(e.Message, "invalid operation: not (mismatched type"):
		return c.fail(part, "%s; not binds tighter than ==: write not (A == B), or A != B", e.Message)
	case part != nil:
		return c.fail(part, "%s", e.Message)
	}
	return c.failAt(e.Line, e.Column, "%s%s", e.Message, habit(c.src.String(), e.From))
}

// program makes a leaf of what only expr itself can decide.
func (c *compilation) program(n ast.Node) *Node {
	before := len(c.faults)
	c.known(n)
	if len(c.faults) > before {
		return &Node{Kind: Const}
	}
	text := n.String()
	if _, err := expr.Compile(text, append(options(), expr.Env(c.Fields.env()), expr.AsBool(), expr.MaxNodes(maxNodes))...); err != nil {
		return c.translate(err, n)
	}
	f := &fetcher{compilation: c}
	body := n
	ast.Walk(&body, f) // after the check: it replaces fields by fetches
	p, err := expr.Compile(body.String(), append(fetches(), expr.AsBool())...)
	if err != nil {
		return c.translate(err, n)
	}
	l := Leaf{Op: Program, Cased: true, program: &program{code: p, needs: f.needs}, Text: text}
	l.measures(n)
	return c.add(n, l)
}

// known reports fields and functions that do not exist, with a proposal.
func (c *compilation) known(n ast.Node) {
	v := &nameCheck{unknown: map[ast.Node]string{}, calls: map[ast.Node]string{}}
	v.known = func(name string) bool { _, ok := c.Fields.Lookup(name); return ok }
	ast.Walk(&n, v)
	c.values(n)
	for at, name := range v.unknown {
		c.noField(at, name)
	}
	for at, name := range v.calls {
		c.noFunction(at, name)
	}
}

func (c *compilation) noField(at ast.Node, name string) {
	hint := ""
	if strings.HasPrefix(name, "labels.") { // no other field is meant
		names := slices.DeleteFunc(slices.Clone(c.Fields.Names()), func(n string) bool { return !strings.HasPrefix(n, "labels.") })
		if hint = c.hint(name, names); hint == "" {
			hint = "; labels are what the tables of the configuration add (docs/enrichment.md), and none adds this"
		}
	} else {
		hint = c.hint(name, c.Fields.Names())
	}
	c.fail(at, "no field is named %s%s", name, hint)
}

func (c *compilation) noFunction(at ast.Node, name string) *Node {
	if slices.Contains(functions, name) {
		return c.fail(at, "%s asks a field, and only and, or, not may join it with more; of a list it asks each element by itself", name)
	}
	ours := slices.Concat(functions, slices.Collect(maps.Keys(valueFunctions)))
	var names []string
	for _, b := range builtin.Builtins {
		if refused[b.Name] == "" {
			names = append(names, b.Name)
		}
	}
	hint := foreignFunction(name)
	if hint != "" {
		return c.fail(at, "no function is named %s%s", name, hint)
	}
	if meant := strictyaml.Misspelt(name, slices.Concat(ours, names)); meant != "" { // lowr is lower, not hour
		hint = strictyaml.Hint(meant)
	} else if hint = c.hint(name, ours); hint == "" { // ours first: cdir is as near to ceil as to cidr
		hint = c.hint(name, names)
	}
	return c.fail(at, "no function is named %s%s", name, hint)
}

// nameCheck collects the longest dotted names that are no fields.
type nameCheck struct {
	known   func(string) bool
	unknown map[ast.Node]string
	calls   map[ast.Node]string // functions that do not exist here
}

// Visit sees children before their parents.
func (v *nameCheck) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		if n.Value != "$env" && !v.known(n.Value) {
			v.unknown[n] = n.Value
		}
	case *ast.MemberNode:
		name, ok := path(n)
		if !ok {
			return
		}
		delete(v.unknown, n.Node)
		if !v.known(name) {
			v.unknown[n] = name
		}
	case *ast.CallNode:
		delete(v.unknown, n.Callee)
		if fn, ok := n.Callee.(*ast.IdentifierNode); ok && v.calls != nil {
			if _, ours := valueFunctions[fn.Value]; !ours {
				v.calls[n] = fn.Value
			}
		}
	}
}
