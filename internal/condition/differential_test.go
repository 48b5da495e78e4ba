package condition

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/expr-lang/expr"

	"sluice/event"
)

// generator draws conditions and events over a few fields with few values, so that
// questions are often near their answers.
type generator struct{ *rand.Rand }

var words = []string{"a", "ab", "abc", "b", "ba", "Ab", "c", ""}

func (g generator) word() string { return words[g.IntN(len(words))] }

// question is one leaf as a condition asks it, and the same with our semantics spelled
// out for expr's own machine: a missing field is a no, a list answers by any element.
func (g generator) question() (ours, plain string) {
	op := []string{"==", "!=", "contains", "startsWith", "endsWith", "in", "matches"}[g.IntN(7)]
	operand := strconv.Quote(g.word())
	if op == "in" {
		operand = fmt.Sprintf("[%q, %q]", g.word(), g.word())
	}
	if op == "matches" {
		operand = strconv.Quote([]string{"^a", "b$", "(?i)ab", "a.c"}[g.IntN(4)])
	}
	positive, not := op, ""
	if op == "!=" {
		positive, not = "==", "not "
	}
	switch g.IntN(3) {
	case 0:
		return "user.name " + op + " " + operand, fmt.Sprintf("%s(user.name != nil and (user.name %s %s))", not, positive, operand)
	case 1:
		return "process.args " + op + " " + operand, fmt.Sprintf("%s(process.args != nil and any(process.args, # %s %s))", not, positive, operand)
	}
	num := g.IntN(5)
	rel := []string{"==", "<", "<=", ">", ">="}[g.IntN(5)]
	if g.IntN(3) == 0 { // what only expr's machine decides
		return fmt.Sprintf("source.port * 2 %s %d + 1", rel, num), fmt.Sprintf("(source.port != nil and source.port * 2 %s %d + 1)", rel, num)
	}
	return fmt.Sprintf("source.port %s %d", rel, num), fmt.Sprintf("(source.port != nil and source.port %s %d)", rel, num)
}

func (g generator) condition(depth int) (ours, plain string) {
	if depth == 0 || g.IntN(4) == 0 {
		return g.question()
	}
	a, pa := g.condition(depth - 1)
	if g.IntN(4) == 0 {
		return "not (" + a + ")", "not (" + pa + ")"
	}
	b, pb := g.condition(depth - 1)
	word := []string{" and ", " or "}[g.IntN(2)]
	return "(" + a + word + b + ")", "(" + pa + word + pb + ")"
}

// fill draws an event, and the same for expr.
func (g generator) fill(tb testing.TB, ev *event.Event) map[string]any {
	user, process, source := map[string]any{"name": nil}, map[string]any{"args": nil}, map[string]any{"port": nil}
	ev.Reset("")
	if w := g.word(); w != "" && g.IntN(4) > 0 { // a field is never an empty text
		set(tb, ev, "user.name", w)
		user["name"] = w
	}
	if g.IntN(4) > 0 {
		var args []string
		for range 1 + g.IntN(3) {
			args = append(args, g.word())
		}
		set(tb, ev, "process.args", args...)
		process["args"] = args
	}
	if g.IntN(4) > 0 {
		n := g.IntN(5)
		set(tb, ev, "source.port", strconv.Itoa(n))
		source["port"] = n
	}
	return map[string]any{"user": user, "process": process, "source": source}
}

// differences counts the verdicts in which a changed tree and expr's machine differ.
func differences(t *testing.T, rounds int, change func(*Node) *Node) (differ int, first string) {
	fs := testFields(t)
	ev := event.NewEvent(fs.schema)
	g := generator{rand.New(rand.NewPCG(1, 2))}
	yes := 0
	for range rounds {
		ours, plain := g.condition(3)
		ls := NewLeaves()
		n, err := (&Compiler{Fields: fs, Leaves: ls}).Compile(ours, From(1, 1, 1))
		if err != nil {
			t.Fatalf("%s: %v", ours, err)
		}
		code, err := expr.Compile(plain)
		if err != nil {
			t.Fatalf("%s: %v", plain, err)
		}
		n = change(n)
		m := NewMachine(ls)
		for range 20 {
			env := g.fill(t, ev)
			want, err := expr.Run(code, env)
			if err != nil {
				t.Fatalf("%s: %v", plain, err)
			}
			m.Begin(ev)
			if got := m.Eval(n); got != want {
				if differ++; first == "" {
					first = fmt.Sprintf("%s\nis %v, expr says %v\n%v", ours, got, want, env)
				}
			}
			if want == true {
				yes++
			}
		}
		if ls.TakeErrors() > 0 {
			t.Fatalf("%s: an error at run time", ours)
		}
	}
	if yes < rounds || yes > 19*rounds {
		t.Errorf("%d of %d verdicts are yes: the test tests nothing", yes, 20*rounds)
	}
	return differ, first
}

// TestDifferential compares trees with expr's own machine on generated conditions and
// events; a fault planted into the trees has to show.
func TestDifferential(t *testing.T) {
	if n, first := differences(t, 2000, func(n *Node) *Node { return n }); n > 0 {
		t.Errorf("%d verdicts differ, such as\n%s", n, first)
	}
	planted := func(n *Node) *Node { // "or" where "and" stands
		out := *n
		if out.Kind == And {
			out.Kind = Or
		}
		return &out
	}
	if n, _ := differences(t, 200, planted); n == 0 {
		t.Error("a planted fault does not show")
	}
}

// TestMemo: leaves that conditions share are asked once an event, and forgotten for the next.
func TestMemo(t *testing.T) {
	fs := testFields(t)
	ls := NewLeaves()
	c := &Compiler{Fields: fs, Leaves: ls}
	a, _ := c.Compile(`user.name == "a"`, From(1, 1, 1))
	b, _ := c.Compile(`not (user.name == "a") or user.name in ["a"]`, From(1, 1, 1))
	if ls.Len() != 1 {
		t.Errorf("%d leaves", ls.Len())
	}
	m, ev := NewMachine(ls), event.NewEvent(fs.schema)
	for _, name := range []string{"a", "b", "a"} {
		ev.Reset("")
		set(t, ev, "user.name", name)
		m.Begin(ev)
		if m.Eval(a) != (name == "a") || !m.Eval(b) {
			t.Errorf("wrong on %s", name)
		}
	}
}

// TestErrors: a program's error is a no, and counted.
func TestErrors(t *testing.T) {
	fs := testFields(t)
	ls := NewLeaves()
	n, err := (&Compiler{Fields: fs, Leaves: ls}).Compile(`process.args[100] == "x"`, From(1, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	m := NewMachine(ls)
	m.Begin(testEvent(t, fs))
	if m.Eval(n) {
		t.Error("an error is a yes")
	}
	if n, again := ls.TakeErrors(), ls.TakeErrors(); n != 1 || again != 0 {
		t.Errorf("%d errors, and %d that were taken already; want 1 and 0", n, again)
	}
}

// TestBombs: what would cost much is refused, or ends within its budget.
func TestBombs(t *testing.T) {
	fs := testFields(t)
	ev := event.NewEvent(fs.schema)
	ev.Reset("")
	f, _ := fs.schema.Lookup("process.args")
	texts := make([]string, 60_000)
	for i := range texts {
		texts[i] = strings.Repeat("x", 10)
	}
	ev.SetList(f, texts)
	for _, src := range []string{
		`len(concat(process.args, process.args, process.args)) > 1`, `len(map(process.args, # + #)) > 1`,
		`sum(map(process.args, len(#))) > 1`, `len(sort(process.args)) > 1`, `process.args contains "y"`,
	} {
		ls := NewLeaves()
		n, err := (&Compiler{Fields: fs, Leaves: ls}).Compile(src, From(1, 1, 1))
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		m := NewMachine(ls)
		m.Begin(ev)
		m.Eval(n)
	}
}

func has(ev *event.Event, name string) bool {
	f, ok := ev.Schema().Lookup(name)
	return ok && ev.Has(f)
}

// TestClashHolds: what is said to be never so is so for no generated event, and what is said to be
// always so for each that has all fields.
func TestClashHolds(t *testing.T) {
	fs := testFields(t)
	ev := event.NewEvent(fs.schema)
	g := generator{rand.New(rand.NewPCG(3, 4))}
	never, always := 0, 0
	for range 6_000 {
		ours, _ := g.condition(2)
		ls := NewLeaves()
		n, err := (&Compiler{Fields: fs, Leaves: ls}).Compile(ours, From(1, 1, 1))
		if err != nil {
			t.Fatalf("%s: %v", ours, err)
		}
		why := ls.Clash(fs.schema, n)
		part, whole := ls.Always(fs.schema, n)
		if why == "" && part != n {
			continue
		}
		m := NewMachine(ls)
		for range 50 {
			env := g.fill(t, ev)
			m.Begin(ev)
			full := has(ev, "user.name") && has(ev, "process.args") && has(ev, "source.port")
			switch got := m.Eval(n); {
			case why != "" && got:
				t.Fatalf("%s\nis said to be never so: %s, and is for %v", ours, why, env)
			case why != "":
				never++
			case full && !got:
				t.Fatalf("%s\nis said to be always so: %s, and is not for %v", ours, whole, env)
			case full:
				always++
			}
		}
	}
	if never < 5_000 || always < 500 {
		t.Errorf("%d and %d verdicts: the test tests little", never, always)
	}
}
