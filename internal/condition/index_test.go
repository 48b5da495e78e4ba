package condition

import (
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/event"
)

func TestGrams(t *testing.T) {
	words := []string{"cmd.exe", "\\cmd.exe", "abcd", "bcde", "a", "xy", "aaaa", "aaaaaa"}
	var lits []gramText
	for i, w := range words {
		for a := anywhere; a < whole; a++ {
			lits = append(lits, gramText{text: w, anchor: a, rules: []int32{int32(i*3) + int32(a)}})
		}
	}
	for _, stride := range []int{1, maxStride} {
		testGrams(t, words, newGrams(lits, stride, 0))
	}
	var long []gramText
	for i, w := range words {
		if len(w) > 5 {
			for a := anywhere; a < whole; a++ {
				long = append(long, gramText{text: w, anchor: a, rules: []int32{int32(i*3) + int32(a)}})
			}
		}
	}
	if g := newGrams(long, maxStride, 0); g.step != 3 {
		t.Errorf("steps of %d", g.step)
	} else {
		testGrams(t, words, g)
	}
}

// testGrams compares with a search for each word that is in g.
func testGrams(t *testing.T, words []string, g *grams) {
	t.Helper()
	in := map[int32]bool{}
	for _, ls := range [][]gramText{g.lits, g.short} {
		for _, l := range ls {
			in[l.rules[0]] = true
		}
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		s := ""
		for range rnd.IntN(4) {
			w := words[rnd.IntN(len(words))]
			s += w[rnd.IntN(len(w)):]
		}
		got := map[int32]bool{}
		g.scan(s, func(r []int32) { got[r[0]] = true })
		for i, w := range words {
			want := []bool{strings.Contains(s, w), strings.HasPrefix(s, w), strings.HasSuffix(s, w)}
			for a := range want {
				if n := int32(i*3 + a); in[n] && got[n] != want[a] {
					t.Fatalf("%q anchor %d in %q: %v", w, a, s, !want[a])
				}
			}
		}
	}
}

// indexWorld has fields of each type for generated conditions.
func indexWorld(t *testing.T) (*event.Schema, []event.Field) {
	t.Helper()
	s, err := event.New([]event.Spec{{Name: "a.f"}, {Name: "a.g"}, {Name: "a.l", Array: true}, {Name: "a.n", Type: event.Long}, {Name: "a.i", Type: event.IP}})
	if err != nil {
		t.Fatal(err)
	}
	var fs []event.Field
	for _, name := range []string{"a.f", "a.g", "a.l", "a.n", "a.i"} {
		f, _ := s.Lookup(name)
		fs = append(fs, f)
	}
	return s, fs
}

// TestJoined: a text is found in any value that has it, whether or not the value is a part of
// the line, and the line a value.
func TestJoined(t *testing.T) {
	schema, fs := indexWorld(t)
	ls := NewLeaves()
	var words []string
	var ask []*Node
	for _, w := range []string{"mimikatz", "kiwi", "caf\u00e9s", "2026-03-02", "abcdefghij", "\xa9 end"} {
		words = append(words, Fold(w))
		ask = append(ask, ls.Add(Leaf{Field: Any, Op: Contains, Values: []string{Fold(w)}}))
	}
	ask = append(ask, ls.Add(Leaf{Field: Any, Op: Contains, Values: words}))
	m := NewMachine(ls)
	ev := event.NewEvent(schema)
	raws := []string{"", "a Mimikatz b", "MIMI katz", "x \u212aiwi", "CAF\u00c9S", "abcdefghij at 2026-03-02", "\u00e9 end", "none of these", "K\u0130W\u0130"}
	for _, raw := range raws {
		for from := range len(raw) + 1 {
			for _, other := range raws {
				for whole := range 2 {
					ev.Reset(raw)
					ev.SetText(fs[0], raw[from:])
					ev.Add(fs[2], other)
					if whole == 1 {
						ev.SetText(fs[1], raw)
					}
					m.Begin(ev)
					some := false
					for i, n := range ask {
						want := some
						if i < len(words) {
							want = strings.Contains(Fold(raw[from:]), words[i]) || strings.Contains(Fold(other), words[i]) ||
								whole == 1 && strings.Contains(Fold(raw), words[i])
							some = some || want
						}
						if got := m.Eval(n); got != want {
							t.Fatalf("%q from %d, %q, whole %d: leaf %d says %v", raw, from, other, whole, i, got)
						}
					}
				}
			}
		}
	}
}

var indexTexts = []string{"alpha", "beta", "al", "ta", "", "7", "192.0.2.1"}

// generated is a random condition.
func generated(rnd *rand.Rand, ls *Leaves, fs []event.Field, depth int) *Node {
	switch k := rnd.IntN(7); {
	case depth == 0 || k < 3:
		op := []Op{Equal, Prefix, Suffix, Contains, Exists}[rnd.IntN(5)]
		l := Leaf{Field: fs[rnd.IntN(len(fs))], Op: op, Cased: rnd.IntN(3) == 0, Values: indexTexts[rnd.IntN(len(indexTexts)):]}
		if rnd.IntN(5) == 0 {
			l.Also = fs[rnd.IntN(len(fs)):]
		}
		if rnd.IntN(12) == 0 {
			l.Field = Any
		}
		return ls.Add(l)
	case k == 3:
		return Negate(generated(rnd, ls, fs, depth-1))
	case k == 4 && rnd.IntN(4) == 0:
		return &Node{Kind: Const, Value: rnd.IntN(2) == 0}
	case k < 6:
		return Join(And, generated(rnd, ls, fs, depth-1), generated(rnd, ls, fs, depth-1))
	}
	return Join(Or, generated(rnd, ls, fs, depth-1), generated(rnd, ls, fs, depth-1))
}

// missed runs generated conditions over generated events, and counts the conditions
// that are true and that the index does not propose.
func missed(t *testing.T, spoil func(*Index)) (missed, proposed, all int) {
	schema, fs := indexWorld(t)
	rnd := rand.New(rand.NewPCG(2, 2))
	for range 3000 {
		ls := NewLeaves()
		var roots [][]*Node
		for range 4 {
			roots = append(roots, []*Node{generated(rnd, ls, fs, 3)})
		}
		roots = append(roots, []*Node{generated(rnd, ls, fs, 2), generated(rnd, ls, fs, 2)})
		ix := NewIndex(schema, ls, roots)
		spoil(ix)
		m := NewMachine(ls)
		find := NewFinder(ix, m)
		ev := event.NewEvent(schema)
		for range 5 {
			ev.Reset("")
			for _, f := range fs {
				for range rnd.IntN(3) {
					text := indexTexts[rnd.IntN(len(indexTexts))]
					if rnd.IntN(2) == 0 {
						text = strings.ToUpper(text) + indexTexts[rnd.IntN(len(indexTexts))]
					}
					if schema.Spec(f).Array {
						ev.Add(f, text)
					} else {
						ev.SetText(f, text)
					}
				}
			}
			m.Begin(ev)
			cand := map[int32]bool{}
			for _, n := range find.Candidates() {
				cand[n] = true
			}
			for n, r := range roots {
				all++
				if cand[int32(n)] {
					proposed++
					continue
				}
				for _, node := range r {
					if m.Eval(node) {
						missed++
					}
				}
			}
		}
	}
	return missed, proposed, all
}

// TestIndexLeavesNoneOut: what is true is always proposed, and the test would see it if not.
func TestIndexLeavesNoneOut(t *testing.T) {
	n, proposed, all := missed(t, func(*Index) {})
	if n > 0 || proposed == all {
		t.Errorf("%d true conditions were not proposed; %d of %d were", n, proposed, all)
	}
	planted, _, _ := missed(t, func(ix *Index) {
		for _, fi := range ix.groups {
			if fi != nil && fi.grams != nil {
				fi.grams.short = nil
			}
		}
	})
	if planted == 0 {
		t.Error("an index without its short texts was not noticed")
	}
}

// TestPlan: a plan decides as its condition does.
func TestPlan(t *testing.T) {
	schema, fs := indexWorld(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	ls := NewLeaves()
	var nodes []*Node
	var plans []Plan
	for range 300 {
		nodes = append(nodes, generated(rnd, ls, fs, 4))
		plans = append(plans, ls.Plan(nodes[len(nodes)-1]))
	}
	ev := event.NewEvent(schema)
	asked, planned := NewMachine(ls), NewMachine(ls)
	for range 300 {
		ev.Reset("")
		for _, f := range fs[:3] {
			for range rnd.IntN(3) {
				ev.Add(f, indexTexts[rnd.IntN(len(indexTexts))])
			}
		}
		asked.Begin(ev)
		planned.Begin(ev)
		for i, n := range nodes {
			if want, got := asked.Eval(n), planned.Holds(plans[i]); got != want {
				t.Fatalf("condition %d: %v", i, got)
			}
		}
	}
}
