package condition

import (
	"errors"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"sluice/event"
)

// program is a leaf that expr's machine decides. Without one of the fields that it
// needs it says no, as every leaf does.
type program struct {
	code  *vm.Program
	needs []event.Field
}

func (p *program) decide(m *Machine) bool {
	for _, f := range p.needs {
		if !m.ev.Has(f) {
			return false
		}
	}
	out, err := m.vm.Run(p.code, m)
	if err != nil {
		m.errors.Add(1)
		m.vm = vm.VM{MemoryBudget: memoryBudget} // what it left on its stack is not ours to trust
		return false
	}
	b, _ := out.(bool)
	return b
}

// types are the types of all fields as expr's checker wants them.
func (f *Fields) types() types.Map {
	top := types.Map{}
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		m := top
		parts := strings.Split(name, ".")
		if strings.HasPrefix(name, VendorPrefix) {
			parts = []string{"vendor", name[len(VendorPrefix):]}
		}
		for _, p := range parts[:len(parts)-1] {
			sub, ok := m[p].(types.Map)
			if !ok {
				sub = types.Map{}
				m[p] = sub
			}
			m = sub
		}
		if last := parts[len(parts)-1]; m[last] == nil {
			m[last] = typeOf(info)
		}
	}
	return top
}

func typeOf(info Info) types.Type {
	switch {
	case info.Array:
		return types.Array(types.String)
	case info.Type == event.Long:
		return types.Int
	case info.Type == event.Double:
		return types.Float64
	case info.Type == event.Bool:
		return types.Bool
	}
	return types.String
}

// errList ends a program that wants one number where the event has a list.
var errList = errors.New("a list where one value is needed")

// fetches are the functions that stand for fields: the machine is the environment,
// and they get it as an argument, so a program may run in many goroutines.
func fetches() []expr.Option {
	value := func(p []any) (*Machine, event.Field, *event.Value) {
		m, f := p[0].(*Machine), event.Field(p[1].(int))
		return m, f, m.ev.Get(f)
	}
	str := func(p ...any) (any, error) {
		m, f, v := value(p)
		if v.IsList() {
			return m.ev.Text(f), nil
		}
		return m.text(v), nil
	}
	long := func(p ...any) (any, error) {
		_, _, v := value(p)
		if v.IsList() {
			return nil, errList
		}
		return int(v.Int()), nil
	}
	double := func(p ...any) (any, error) {
		_, _, v := value(p)
		if v.IsList() {
			return nil, errList
		}
		return v.Float(), nil
	}
	truth := func(p ...any) (any, error) { _, _, v := value(p); return v.Text() == "true", nil }
	list := func(p ...any) (any, error) {
		m, f, v := value(p)
		items := m.texts(f, v, true)
		return items[:min(len(items), maxItems)], nil
	}
	return append(slices.Clone(options()),
		expr.Env(&Machine{}), expr.MaxNodes(2*maxNodes),
		expr.Function("Str", str, new(func(*Machine, int) string)),
		expr.Function("Long", long, new(func(*Machine, int) int)),
		expr.Function("Double", double, new(func(*Machine, int) float64)),
		expr.Function("Bool", truth, new(func(*Machine, int) bool)),
		expr.Function("List", list, new(func(*Machine, int) []string)),
	)
}

// fetcher replaces fields by calls of the functions above.
type fetcher struct {
	*compilation
	needs []event.Field
}

// Visit replaces one node.
func (f *fetcher) Visit(n *ast.Node) {
	name, ok := path(*n)
	info, known := f.Fields.Lookup(name)
	if !ok || !known {
		return
	}
	get := "Str"
	switch {
	case info.Array:
		get = "List"
	case info.Type == event.Long:
		get = "Long"
	case info.Type == event.Double:
		get = "Double"
	case info.Type == event.Bool:
		get = "Bool"
	}
	f.needs = append(f.needs, info.Number)
	ast.Patch(n, &ast.CallNode{Callee: &ast.IdentifierNode{Value: get}, Arguments: []ast.Node{
		&ast.IdentifierNode{Value: "$env"}, &ast.IntegerNode{Value: int(info.Number)},
	}})
}

// Needs are the fields without which a Program says no.
func (l *Leaf) Needs() []event.Field {
	if l.program == nil {
		return nil
	}
	return l.program.needs
}
