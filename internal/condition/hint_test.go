package condition

import (
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/event"
	"sluice/internal/jsontape"
)

// TestHintOfJSON looks in every field for what a line of JSON holds with and without escapes:
// texts that are copies of parts of the line are not looked at again where the line tells.
func TestHintOfJSON(t *testing.T) {
	schema, fs := indexWorld(t)
	values := [][]string{
		{`sekurlsa::`, `\mimilib.dll`, `kerberos::golden`},
		{`one\two\three`, `\\server\share`},
		{`a "quoted" text`, "two\nlines of text"},
		{`c:/windows/temp`},
	}
	ls := NewLeaves()
	var ask []*Node
	for _, v := range values {
		ask = append(ask, ls.Add(Leaf{Field: Any, Op: Contains, Values: v}))
	}
	m := NewMachine(ls)
	ev := event.NewEvent(schema)
	rng := rand.New(rand.NewPCG(1, 2))
	parts := []string{
		`\u0073ekurlsa::`, `SEKURLSA::`, `\\mimilib.dll`, `\\\\server\\share`, `one\\two\\three`, `a \"quoted\" text`, `two\nlines of text`, `c:\/windows\/temp`,
		`c:/Windows/temp`, `\\users`, `\u212aerberos::golden`, "\u212aerberos::golden", `x\\`, `\"`, `kerberos::`, `golden`, `é`,
	}
	found := 0
	for range 20_000 {
		var lines [3]string
		for i := range lines {
			for range rng.IntN(3) {
				lines[i] += parts[rng.IntN(len(parts))]
			}
		}
		raw := `{"a":"` + strings.Join(lines[:], `","a":"`) + `"}`
		var d jsontape.Doc
		if err := d.Parse(raw); err != nil {
			t.Fatal(err)
		}
		ev.Reset(raw)
		ev.Alias(raw, d.Plain())
		n := 0
		whole := ""
		for v := d.Root().First(); v.OK(); v = v.Next() {
			ev.SetText(fs[n], v.Text())
			whole += Fold(v.Text()) + textEnd
			n++
		}
		m.Begin(ev)
		for i, a := range ask {
			want := false
			for _, v := range values[i] {
				want = want || strings.Contains(whole, v)
			}
			if m.Eval(a) != want {
				t.Fatalf("%q in %s: %v", values[i], raw, !want)
			}
			if want {
				found++
			}
		}
	}
	if found < 2000 {
		t.Errorf("only %d were found", found)
	}
}
