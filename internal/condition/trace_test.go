package condition

import (
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/event"
)

// TestTraceAgrees: at each node a trace says what Eval says, and what keeps a condition
// from holding is among its misses.
func TestTraceAgrees(t *testing.T) {
	fs, ls := testFields(t), NewLeaves()
	c := &Compiler{Fields: fs, Leaves: ls}
	r := rand.New(rand.NewPCG(1, 2))
	atoms := []string{`user.name == "root"`, `event.category == "network"`, `source.port > 1000`, `cidr(source.ip, "10.0.0.0/8")`, `len(user.name) > 3`}
	var gen func(depth int) string
	gen = func(depth int) string {
		if depth == 0 || r.IntN(4) == 0 {
			return atoms[r.IntN(len(atoms))]
		}
		switch r.IntN(3) {
		case 0:
			return "not (" + gen(depth-1) + ")"
		case 1:
			return "(" + gen(depth-1) + ") and (" + gen(depth-1) + ")"
		}
		return "(" + gen(depth-1) + ") or (" + gen(depth-1) + ")"
	}
	var roots []*Node
	for range 200 {
		n, err := c.Compile(gen(4), From(1, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, n)
	}
	m, ev := NewMachine(ls), event.NewEvent(fs.schema)
	for _, user := range []string{"", "root", "eve"} {
		ev.Reset("")
		if user != "" {
			set(t, ev, "user.name", user)
		}
		m.Begin(ev)
		for _, n := range roots {
			agree(t, m, n, m.Trace(n))
		}
	}
}

// misses are the leaves of a trace that kept it from holding: those whose answer is the wrong one,
// seen from the top.
func misses(tr *Trace, want bool) (out []*Trace) {
	if tr.Holds == want {
		return nil
	}
	if len(tr.Kids) == 0 {
		return []*Trace{tr}
	}
	if tr.Kind == kindWords[Not] {
		want = !want
	}
	for _, k := range tr.Kids {
		out = append(out, misses(k, want)...)
	}
	return out
}

func agree(t *testing.T, m *Machine, n *Node, tr *Trace) {
	t.Helper()
	if tr.Holds != m.Eval(n) || len(tr.Kids) != len(n.Kids) {
		t.Fatalf("%+v is not what Eval says", tr)
	}
	if tr.Holds != (len(misses(tr, true)) == 0) {
		t.Errorf("holds %v, and yet %d misses", tr.Holds, len(misses(tr, true)))
	}
	for i, k := range n.Kids {
		agree(t, m, k, tr.Kids[i])
	}
	if n.Kind == Ask && (len(tr.Fields) == 0 || strings.Contains(tr.Text, "user.name") != (tr.Fields[0].Field == "user.name")) {
		t.Errorf("leaf %s looked at %v", tr.Text, tr.Fields)
	}
}
