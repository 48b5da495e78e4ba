package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/pipeline"
	"sluice/rules"
)

// verdictStep is which of the shipped rules' tests are compared: each n-th; those that the
// page shows are all. With 1 it takes 15 s of CPU.
const verdictStep = 4

// oddRules are rules whose parts meet: exceptions that expire, episodes, chains, choices of keys.
const oddRules = "odd.yml"

// verdictSet is the shipped rules, those that docs/rules.md shows, and odd ones: all kinds.
func verdictSet(t *testing.T) *pipeline.Set {
	t.Helper()
	text, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	odd, err := os.ReadFile("testdata/verdicts.yml")
	if err != nil {
		t.Fatal(err)
	}
	files := append(rules.Library(), rules.File{Name: oddRules, Text: odd})
	for i, part := range strings.Split(string(text), "```yaml\n")[1:] {
		body, _, _ := strings.Cut(part, "```")
		files = append(files, rules.File{Name: "docs" + strconv.Itoa(i) + ".yml", Text: []byte(body)})
	}
	s, err := parse("")
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.withRules(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// verdictCase is one test of a rule file, as records of a file.
type verdictCase struct {
	rule *rules.Rule
	test int
	opt  Reading
	text string
}

func verdictCases(set *pipeline.Set) (out []*verdictCase) {
	for _, s := range set.Rules.Samples() {
		var c *verdictCase
		if n := len(out); n > 0 {
			c = out[n-1]
		}
		if c == nil || c.rule.ID != s.Rule || c.test != s.Test {
			c = &verdictCase{rule: set.Rules.Rule(s.Rule), test: s.Test, opt: Reading{ECS: s.Document, Pack: s.Pack, Now: s.Received}}
			out = append(out, c)
		}
		c.text += s.Text + "\n"
	}
	return out
}

// past are the case's records, as backtest and why read them.
func (c *verdictCase) past(m Measure) Past {
	return FilesPast(nil, strings.NewReader(c.text), c.opt, m)
}

// backtest are the ids of the rule's alerts, and when each of the records was.
func (c *verdictCase) backtest(t *testing.T, set *pipeline.Set) (ids []string, at []time.Time) {
	t.Helper()
	j := newJudge(set.Rules, func() int64 { return 0 })
	err := c.past(nil)(t.Context(), set, false, func(h *Happened) error {
		at = append(at, h.Window)
		j.event(h)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	j.end()
	for _, a := range j.alerts() {
		if a.Rule == c.rule.ID {
			ids = append(ids, a.ID)
		}
	}
	slices.Sort(ids)
	return ids, at
}

// why are the ids of the alerts that why names, asked of each record.
func (c *verdictCase) why(t *testing.T, set *pipeline.Set, n int) (ids []string) {
	t.Helper()
	for i := range n {
		a, err := (&Why{Set: set}).Record(t.Context(), c.rule.ID, c.past(nil), i)
		if err != nil {
			t.Fatal(err)
		}
		if !c.rule.Stateful() && a.Alert != "" {
			ids = append(ids, a.Alert)
		}
		for _, w := range a.Windows {
			if w.Alert != "" {
				ids = append(ids, w.Alert)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// live sends the lines when they happened, and lets time pass until all is settled.
// With a second set of the same rules, each line is followed by a reload to the other and a
// restart.
func (c *verdictCase) live(t *testing.T, set, other *pipeline.Set, at []time.Time) (ids []string) {
	t.Helper()
	w := newCluster(t, set)
	generation := int64(1)
	w.now = at[0].Add(-time.Minute)
	for range 5 {
		w.step()
	}
	for i, line := range strings.Split(strings.TrimSuffix(c.text, "\n"), "\n") {
		w.now = at[i]
		r := event.Raw{ID: strconv.Itoa(i), Bytes: []byte(line), Origin: "in:1.2.3.4", Input: "in", Namespace: defaultNamespace, Received: at[i], Pack: c.opt.Pack}
		m := rawMessage(&r)
		m.Offset = int64(i + 1)
		out, err := w.ps[0].Handle(t.Context(), []bus.Message{m})
		if err != nil {
			t.Fatal(err)
		}
		w.carry(out)
		w.now = w.now.Add(-time.Second)
		w.step()
		if other != nil {
			generation++
			for i := range w.ps {
				w.ps[i].set.Store([]*pipeline.Set{set, other}[generation%2])
			}
			for i := range w.parts {
				w.assign(i, generation)
			}
		}
	}
	for _, pause := range []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour} {
		for range 30 {
			w.step()
			w.now = w.now.Add(pause)
		}
	}
	for id, doc := range w.alerts {
		var a struct {
			Rule   struct{ ID string }
			Sluice struct{ Alert struct{ Provisional bool } }
		}
		if err := json.Unmarshal(doc, &a); err != nil {
			t.Fatal(err)
		}
		if a.Rule.ID == c.rule.ID && !a.Sluice.Alert.Provisional {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// replay counts the rule's alerts in what `sluice replay` makes of the lines.
func (c *verdictCase) replay(t *testing.T, set *pipeline.Set) int {
	t.Helper()
	name := filepath.Join(t.TempDir(), "lines.log")
	if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
		t.Fatal(err)
	}
	var docs bytes.Buffer
	if err := Replay(t.Context(), set, []string{name}, &docs, quiet); err != nil {
		t.Fatal(err)
	}
	d := NewDetection(set, Reading{ECS: true})
	n, number := 0, 0
	hit := func(h Hit) error {
		if h.Rule == c.rule.ID {
			n++
		}
		return nil
	}
	if err := (Reading{}).Records(&docs, &number, func(r Record) error { return d.Process(r, hit) }); err != nil {
		t.Fatal(err)
	}
	if err := d.End(hit); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestVerdictsAgree: live, rules test, why, backtest and replay find the same in the same
// events: those of the tests of all rules that we ship or show.
func TestVerdictsAgree(t *testing.T) {
	set, again := verdictSet(t), verdictSet(t)
	want := map[string][]int{}
	for _, r := range RunRuleTests(set) {
		want[r.Rule] = append(want[r.Rule], r.Got)
	}
	kinds := map[string]bool{}
	for i, c := range verdictCases(set) {
		if i%verdictStep > 0 && !strings.HasPrefix(c.rule.File, "docs") && c.rule.File != oddRules {
			continue
		}
		name := c.rule.File + " " + c.rule.Title + ", test " + strconv.Itoa(c.test+1)
		ids, at := c.backtest(t, set)
		if n := want[c.rule.ID][c.test]; n != len(ids) {
			t.Errorf("%s: the test finds %d alerts, backtest %d", name, n, len(ids))
		}
		if why := c.why(t, set, len(at)); !slices.Equal(why, ids) {
			t.Errorf("%s: why finds %v, backtest %v", name, why, ids)
		}
		if len(ids) > 0 {
			kinds[c.rule.Kind] = true
		}
		if c.opt.ECS || !slices.IsSortedFunc(at, time.Time.Compare) {
			continue
		}
		if live := c.live(t, set, nil, at); !slices.Equal(live, ids) {
			t.Errorf("%s: live finds %v, backtest %v", name, live, ids)
		}
		if c.rule.File == oddRules {
			if live := c.live(t, set, again, at); !slices.Equal(live, ids) {
				t.Errorf("%s: live with reloads and restarts finds %v, backtest %v", name, live, ids)
			}
		}
		if n := c.replay(t, set); c.opt.Pack == "" && n != len(ids) {
			t.Errorf("%s: replay finds %d alerts, backtest %d", name, n, len(ids))
		}
	}
	if len(kinds) < len(rules.Kinds()) {
		t.Errorf("only kinds %v were compared, of %v", kinds, rules.Kinds())
	}
}
