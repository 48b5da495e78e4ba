package rules_test

import (
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/rules"
	"sluice/schemas"
)

// engine is the shipped packs over one schema with the given rules.
func engine(tb testing.TB, files []rules.File) (*rules.Set, *normalize.Packs) {
	tb.Helper()
	specs, err := normalize.Fields(normalize.Shipped())
	if err != nil {
		tb.Fatal(err)
	}
	specs = append(append(specs, schemas.ECS()...), rules.Fields(files)...)
	schema, err := event.New(specs)
	if err != nil {
		tb.Fatal(err)
	}
	packs, err := normalize.Load(schema, normalize.Shipped())
	if err != nil {
		tb.Fatal(err)
	}
	set, err := rules.Load(schema, files, rules.Options{})
	if err != nil {
		tb.Error(err)
	}
	return set, packs
}

// testInput is raw lines through the packs.
func testInput(packs *normalize.Packs) rules.TestInput {
	w := packs.NewWorker()
	return rules.TestInput{
		Lines: func(lines []string, pack string, received time.Time, yield func(*event.Event)) error {
			last := ""
			for _, l := range lines {
				var ev *event.Event
				ev, last = w.Normalize(&event.Raw{Bytes: []byte(l), Received: received, Pack: pack, Namespace: "default"}, last, received)
				yield(ev)
			}
			return nil
		},
		Document: func(doc []byte, yield func(*event.Event)) error {
			ev := event.NewEvent(packs.Schema())
			if err := normalize.DecodeECS(ev, doc); err != nil {
				return err
			}
			yield(ev)
			return nil
		},
	}
}

// TestLibrary: every shipped rule compiles, names what it looks for in ATT&CK, and has a
// test that fires and one that is silent; all pass.
func TestLibrary(t *testing.T) {
	set, packs := engine(t, rules.Library())
	if len(set.Rules()) < 20 {
		t.Errorf("only %d rules", len(set.Rules()))
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, res := range set.RunTests(testInput(packs)) {
		if res.Err != nil {
			t.Error(res.Err)
		}
		if res.Want > 0 {
			fires[res.Rule] = true
		} else {
			silent[res.Rule] = true
		}
	}
	for _, r := range set.Rules() {
		tags := strings.Join(r.Tags, " ")
		if !fires[r.ID] || !silent[r.ID] {
			t.Errorf("%s: a firing test: %t, a silent one: %t", r.File, fires[r.ID], silent[r.ID])
		}
		if !strings.Contains(tags, "attack.t1") || len(r.ID) != 36 || r.Description == "" || r.Author == "" || len(r.Positives) == 0 {
			t.Errorf("%s: needs a technique, a UUID, a description, an author and its known false positives", r.File)
		}
	}
}
