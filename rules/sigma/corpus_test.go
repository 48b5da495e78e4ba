package sigma

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/internal/corpus"
	"sluice/internal/strictyaml"
	"sluice/normalize"
	"sluice/rules"
	"sluice/schemas"
)

// sigmaHQ is SigmaHQ's rules below a folder.
func sigmaHQ(t *testing.T, below string) (files []rules.File) {
	corpus.SigmaHQ(t, func(name string, text []byte) {
		if strings.HasPrefix(name, below) {
			files = append(files, rules.File{Name: name, Text: text})
		}
	})
	return files
}

// agreed is what other engines find, by event and rule: the tier of each hit.
func agreed(t *testing.T, set *rules.Set) map[string]string {
	expected := map[string]string{}
	corpus.Lines(t, "sigma/evtx-expected-hits.jsonl.gz", func(line []byte) {
		var w struct {
			Evtx, Rule, Tier string
			Record           json.Number `json:"record_id"`
		}
		if json.Unmarshal(line, &w) == nil && set.Rule(w.Rule) != nil {
			expected[fmt.Sprint(w.Evtx, w.Record, w.Rule)] = w.Tier
		}
	})
	return expected
}

// windows loads SigmaHQ's rules for Windows over a schema of their own.
func windows(t *testing.T) (*rules.Set, *event.Schema) {
	dialect, err := New(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	files := sigmaHQ(t, "rules/windows/")
	schema, err := event.New(append(schemas.ECS(), dialect.Fields(files, func(string) bool { return false })...))
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	set, err := rules.Load(schema, files, rules.Options{Dialect: dialect})
	refused := 0
	if err != nil {
		refused = strings.Count(err.Error(), "\n") + 1
	}
	t.Logf("%d rules in %v, %d refused, %d fields", len(set.Rules()), time.Since(begin).Round(time.Millisecond), refused, schema.Len())
	if len(set.Rules()) < 2000 || refused > len(set.Rules())/20 {
		t.Errorf("too many refused: %.2000v", err)
	}
	return set, schema
}

// TestWholeCorpus: every document of SigmaHQ's tree is a rule that runs, or is refused
// for a reason that is known, with its place.
func TestWholeCorpus(t *testing.T) {
	files := sigmaHQ(t, "")
	dialect, err := New(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := event.New(append(schemas.ECS(), dialect.Fields(files, func(string) bool { return false })...))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(schema, files, rules.Options{Dialect: dialect})
	reasons, refused := map[Reason]int{}, map[string]bool{}
	for _, err := range strictyaml.Joined(err) {
		var f *Fault
		if !errors.As(err, &f) || f.Line == 0 {
			t.Errorf("no reason: %v", err)
			continue
		}
		if f.Reason == Malformed && !strings.HasPrefix(f.File, "unsupported/") { // three there are prose
			t.Error(err)
		}
		reasons[f.Reason]++
		refused[f.File] = true
	}
	loaded := map[string]bool{}
	for _, r := range set.Rules() {
		loaded[r.File] = true
	}
	for _, f := range files {
		if !loaded[f.Name] && !refused[f.Name] {
			t.Errorf("%s: neither loaded nor refused", f.Name)
		}
	}
	t.Logf("%d files, %d rules run, refused %v", len(files), len(set.Rules()), reasons)
	if len(files) != 4039 || len(set.Rules()) < 4000 { // docs/rules.md says how many, and what the others lack
		t.Error("too few")
	}
}

// TestCorpus runs SigmaHQ's rules over recorded Windows events and compares with what
// other engines agreed on (tier A).
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("asks 2,407 rules about 12,917 events: 10 s")
	}
	set, schema := windows(t)
	expected := agreed(t, set)
	m, ev := set.NewMatcher(), event.NewEvent(schema)
	hits, events := map[string]bool{}, 0
	var spent time.Duration
	corpus.Lines(t, "sigma/evtx-events.jsonl.gz", func(line []byte) {
		var w struct {
			Evtx   string
			Record json.Number `json:"record_id"`
			Event  json.RawMessage
		}
		if err := json.Unmarshal(line, &w); err != nil {
			t.Fatal(err)
		}
		if err := new(normalize.Decoder).Decode(ev, w.Event); err != nil {
			t.Fatal(err)
		}
		events++
		begin := time.Now()
		for _, match := range m.Match(ev, rules.Instant{ID: "1"}) {
			hits[fmt.Sprint(w.Evtx, w.Record, match.Rule)] = true
		}
		spent += time.Since(begin)
		if events%every == 0 {
			sameAsAll(t, m, ev)
		}
	})
	wanted, found, wrong := 0, 0, 0
	for k, tier := range expected {
		if tier == "A" {
			wanted++
			if hits[k] {
				found++
			}
		}
	}
	for k := range hits {
		if expected[k] == "" {
			wrong++
		}
	}
	t.Logf("%d events, %v an event: %d of %d agreed hits found, %d hits that nobody expects", events, spent/time.Duration(events), found, wanted, wrong)
	if wanted < 1000 || found*1000 < wanted*999 || wrong*100 > len(hits) {
		t.Error("fewer than 99.9 % found, or more than 1 % wrong")
	}
}

// every is how often an event is put to all rules too, which takes a hundred times as long.
const every = 7

// sameAsAll: the index over the rules leaves none out.
func sameAsAll(t *testing.T, m *rules.Matcher, ev *event.Event) {
	t.Helper()
	ids := func(ms []rules.Match) (out string) {
		for i := range ms {
			out += ms[i].Rule + " "
		}
		return out
	}
	indexed := ids(m.Match(ev, rules.Instant{ID: "1"}))
	if all := ids(m.MatchAll(ev, rules.Instant{ID: "1"})); indexed != all {
		t.Errorf("with the index %s\nall rules       %s", indexed, all)
	}
}
