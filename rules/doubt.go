package rules

import (
	"fmt"
	"slices"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// Doubt is what a rule that compiles says but hardly means, at its place.
type Doubt struct {
	Check        string // as reports of lint name it
	Line, Column int
	Text         string
}

// The checks that find doubts.
const (
	DoubtCondition = "condition-odd"
	DoubtException = "exception-vain"
	DoubtForm      = "value-form"
	DoubtKey       = "key-unknown"
	DoubtSelection = "selection-unused"
)

func (r *reader) doubt(check string, line, column int, text string) {
	r.doubts = append(r.doubts, Doubt{check, line, column, text})
}

// doubtsOf looks at a condition that compiles. A rule that counts events may ask for all of them.
func (r *reader) doubtsOf(n *condition.Node, counts bool) {
	if at, why := r.set.leaves.Always(r.set.schema, n); at != nil && !(counts && n.Kind == condition.Const) {
		line, column := placeOf(at)
		r.doubt(DoubtCondition, line, column, why)
	}
	r.forms(n)
}

// placeOf is where the first question or constant of a condition stands.
func placeOf(n *condition.Node) (line, column int) {
	if n.Kind == condition.Ask || n.Kind == condition.Const {
		return n.Line, n.Column
	}
	for _, k := range n.Kids {
		l, c := placeOf(k)
		if l != 0 && (line == 0 || l < line || l == line && c < column) {
			line, column = l, c
		}
	}
	return line, column
}

// forms looks for values that a field never has, whoever sends it.
func (r *reader) forms(n *condition.Node) {
	for _, k := range n.Kids {
		r.forms(k)
	}
	if n.Kind != condition.Ask {
		return
	}
	l := r.set.leaves.Leaf(n)
	if l.Field == condition.Any || l.Op == condition.Program || r.set.schema.Spec(l.Field).Vendor {
		return
	}
	if odd := oddForm(r.set.schema.Spec(l.Field).Name, l, n.Text); odd != "" {
		r.doubt(DoubtForm, n.Line, n.Column, odd)
	}
}

// exceptionDoubts looks for an exception that never applies, and for one that leaves nothing.
func (r *reader) exceptionDoubts(out *Rule, e *Exception, at *strictyaml.Node) {
	line, column := strictyaml.Places(r.source(), strictyaml.Follow(at))(1, 0)
	nodes := out.steps
	if out.when != nil {
		nodes = []*condition.Node{out.when}
	}
	if out.Kind == KindAbsence {
		nodes = nodes[:1]
	}
	if e.when == nil || slices.Contains(nodes, nil) {
		return
	}
	if i := slices.IndexFunc(nodes, func(n *condition.Node) bool { return r.covers(e.when, n) }); i >= 0 {
		what := "all that the rule looks for, so it says nothing until then"
		if len(nodes) > 1 {
			what = fmt.Sprintf("all that step %d looks for, so the rule says nothing until then", i+1)
		}
		r.doubt(DoubtException, line, column, "the exception holds for "+what)
		return
	}
	never := ""
	for _, n := range nodes {
		if never = r.set.leaves.Clash(r.set.schema, condition.Join(condition.And, n, e.when)); never == "" {
			return
		}
	}
	r.doubt(DoubtException, line, column, "the exception never applies: "+never)
}

// covers says whether each event that is as n says is as by says, too.
func (r *reader) covers(by, n *condition.Node) bool {
	return r.set.leaves.Clash(r.set.schema, condition.Join(condition.And, n, condition.Negate(by))) != ""
}

// oneOff are fields that each event has a value of its own of.
var oneOff = []string{"@timestamp", "event.id", "event.ingested", "event.original", "event.sequence", "log.offset", "sluice.id"}

// keyed looks at what makes the key and the value of a rule that looks at several events.
func (r *reader) keyed(doc *strictyaml.Node, out *Rule, sp *spec) {
	nodes := out.steps
	if out.when != nil {
		nodes = []*condition.Node{out.when}
	}
	if out.Kind == KindMatch || slices.Contains(nodes, nil) {
		return
	}
	columns, names := slices.Clone(out.groupBy), slices.Clone(out.GroupBy)
	if out.value != "" && out.pair == nil {
		columns, names = append(columns, append(column{out.valueOf}, out.valueElse...)), append(names, out.value)
	}
	if out.Kind == KindScan { // of host and port only the port may be missing
		columns, names = append(columns, out.pair[0]), append(names, scanFields[0])
	}
	for i, fields := range columns {
		for j, n := range nodes {
			lacks := func(f event.Field) bool { return r.set.leaves.Lacks(n, f) }
			if i < len(out.groupBy) || j == 0 {
				if !slices.ContainsFunc(fields, func(f event.Field) bool { return !lacks(f) }) {
					from := append([]*strictyaml.Node{at(doc, "when"), at(doc, "without")}[:2-min(len(sp.Steps), 2)], sp.Steps...)
					r.fail(from[j], "an event that has no %s is no match, so the condition is never met", names[i])
					return
				}
			}
		}
	}
	if out.Kind == KindNewTerms && slices.Contains(oneOff, out.value) {
		n := at(doc, "term")
		r.doubt(DoubtCondition, n.Line, n.Column, "term: each event has its own "+out.value+", so all are new")
	}
	for _, name := range out.GroupBy {
		if slices.Contains(oneOff, name) {
			n := at(doc, "group_by")
			r.doubt(DoubtCondition, n.Line, n.Column, "group_by: each event has its own "+name+", so no two are counted together")
		}
	}
}

// together looks for steps whose events can have no key in common.
func (r *reader) together(doc *strictyaml.Node, out *Rule, key string, steps []*condition.Node) {
	if slices.Contains(steps, nil) {
		return
	}
	for i, fields := range out.groupBy {
		if len(fields) > 1 {
			continue
		}
		if why := r.set.leaves.ClashOn(r.set.schema, fields[0], steps); why != "" {
			r.failKey(doc, key, "no events of one key are so, as all have the same %s: %s", out.GroupBy[i], why)
			return
		}
	}
}

// enough looks for more values than a field has where the condition holds.
func (r *reader) enough(n *strictyaml.Node, key, name string, field event.Field, when *condition.Node, count float64) {
	info, ok := r.set.fields.Lookup(name)
	if !ok || info.Array || n == nil || when == nil || r.set.schema.Spec(field).Vendor {
		return
	}
	most, known := r.set.leaves.Most(when, field)
	switch {
	case known:
	case len(info.Allowed) > 0:
		most, known = len(info.Allowed), true
	case info.Type == event.Bool:
		most, known = 2, true
	}
	if known && count > float64(most) {
		r.fail(n, "%s: %s has no more than %d different values here, so it is never reached", key, name, most)
	}
}
