// Package condition defines the meaning of conditions: a tree of And, Or and Not over leaves,
// each of which asks one question about one field of an event. Conditions in expr-lang are
// compiled to it here, other dialects by their own packages, so all share these rules:
//
// A missing field answers no to every leaf and is never an error; not and != invert that. A list
// answers yes if one of its elements does. Text compares case-sensitively unless the leaf says
// otherwise; numbers, times and addresses compare by value. What only expr's own virtual machine
// can evaluate is one kind of leaf; a run-time error there is a no, and is counted.
package condition

import (
	"fmt"
	"slices"
	"sync"

	"github.com/expr-lang/expr/types"

	"sluice/event"
	"sluice/schemas"
)

// VendorPrefix begins the name of a key that the source sent and no field was declared
// for: vendor.key or vendor["Some Key"].
const VendorPrefix = "vendor."

// Info is what a condition may rely on about a field.
type Info struct {
	Number  event.Field
	Type    event.Type
	Array   bool
	Allowed []string // the only values; nil: any
}

// Fields are the names that conditions may use: those of a schema. It may be shared.
type Fields struct {
	schema *event.Schema
	vars   bool // a pack's scratch variables are names too
	names  func() []string
	env    func() types.Map
}

// NewFields makes the table of a schema.
func NewFields(schema *event.Schema) *Fields {
	f := &Fields{schema: schema}
	f.names = sync.OnceValue(f.list)
	f.env = sync.OnceValue(f.types)
	return f
}

// WithVars makes the table for conditions in packs, which may ask scratch variables too.
func WithVars(schema *event.Schema) *Fields {
	f := NewFields(schema)
	f.vars = true
	return f
}

// Lookup finds a field by the name that a condition uses.
func (f *Fields) Lookup(name string) (Info, bool) {
	in, vendor := name, len(name) > len(VendorPrefix) && name[:len(VendorPrefix)] == VendorPrefix
	if vendor {
		in = name[len(VendorPrefix):]
	}
	n, ok := f.schema.Lookup(in)
	if !ok {
		return Info{}, false
	}
	sp := f.schema.Spec(n)
	if sp.Vendor != vendor || isVar(sp) && !f.vars {
		return Info{}, false
	}
	ecs, _ := schemas.Lookup(name)
	return Info{Number: n, Type: sp.Type, Array: sp.Array, Allowed: ecs.Allowed}, true
}

// isVar says whether a field is a pack's scratch variable. Other fields that are not
// written are what tables found, which stands under labels.
func isVar(sp event.Spec) bool { return sp.Hidden && sp.Name[0] == '_' }

// Names lists every field that a condition may use.
func (f *Fields) Names() []string { return f.names() }

func (f *Fields) list() (out []string) {
	for n, name := range f.schema.Names {
		switch sp := f.schema.Spec(n); {
		case sp.Vendor:
			out = append(out, VendorPrefix+name)
		case !isVar(sp) || f.vars:
			out = append(out, name)
		}
	}
	return out
}

// A Fault is one fault in a condition: its position, and what to do about it.
type Fault struct {
	Line, Column int // of the file, from 1
	Problem      string
}

func (f *Fault) Error() string { return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Problem) }

// Faults are all faults of a condition.
type Faults []*Fault

func (f Faults) Error() string {
	if len(f) == 1 {
		return f[0].Error()
	}
	return fmt.Sprintf("%v, and %d more", f[0], len(f)-1)
}

// sorted puts them in the order of their places, so that equal input gives equal words.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b *Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return f
}
