package condition

import (
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// Formula is an expression with a value: a text, a number or a truth. It runs on
// expr's machine, off the hot path.
type Formula struct{ program }

// Formula compiles an expression over fields. An error is Faults.
func (c *Compiler) Formula(src string, place Place) (*Formula, error) {
	cd, tree := c.parse("expression", src, place)
	if tree != nil {
		cd.known(tree.Node)
	}
	if tree == nil || len(cd.faults) > 0 {
		return nil, cd.faults.sorted()
	}
	text := tree.Node.String()
	if _, err := expr.Compile(text, append(options(), expr.Env(c.Fields.env()), expr.MaxNodes(maxNodes))...); err != nil {
		cd.translate(err, tree.Node)
		return nil, cd.faults
	}
	get := &fetcher{compilation: cd}
	body := tree.Node
	ast.Walk(&body, get)
	p, err := expr.Compile(body.String(), fetches()...)
	if err != nil {
		cd.translate(err, tree.Node)
		return nil, cd.faults
	}
	return &Formula{program{code: p, needs: get.needs}}, nil
}

// Value is the formula's value for the event of Begin: string, int, float64 or bool.
// False: a field that it names is not set, or it has no value.
func (m *Machine) Value(f *Formula) (any, bool) {
	for _, need := range f.needs {
		if !m.ev.Has(need) {
			return nil, false
		}
	}
	out, err := m.vm.Run(f.code, m)
	if err != nil {
		m.errors.Add(1)
		m.vm = vm.VM{MemoryBudget: memoryBudget}
		return nil, false
	}
	switch out.(type) {
	case string, int, float64, bool:
		return out, true
	}
	return nil, false
}
