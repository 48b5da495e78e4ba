package rules_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
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
			if err := new(normalize.Decoder).Decode(ev, doc); err != nil {
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

var update = flag.Bool("update", false, "write what the README says of the library")

var shippedCount = regexp.MustCompile(`\d+ shipped rules`)

// TestReadmeRules: the README says how many rules are shipped.
func TestReadmeRules(t *testing.T) {
	set, _ := engine(t, rules.Library())
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d shipped rules", len(set.Rules()))
	switch have := shippedCount.FindAllString(string(text), -1); {
	case len(have) == 0:
		t.Errorf("README.md does not say that there are %s", want)
	case !slices.ContainsFunc(have, func(s string) bool { return s != want }):
	case !*update:
		t.Errorf("README.md says %s, there are %s; run go test ./rules -run TestReadmeRules -update", have, want)
	default:
		if err := os.WriteFile("../README.md", shippedCount.ReplaceAll(text, []byte(want)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLibraryKinds: each kind of rule, but the set in any order, is one that somebody can
// see at work, and so are early alerts.
func TestLibraryKinds(t *testing.T) {
	set, _ := engine(t, rules.Library())
	early := 0
	for _, kind := range rules.Kinds() {
		n := 0
		for _, r := range set.Rules() {
			if r.Kind == kind {
				n++
			}
		}
		if n == 0 && kind != rules.KindUnordered {
			t.Errorf("no shipped rule is of kind %s", kind)
		}
	}
	for _, f := range rules.Library() {
		if strings.Contains(string(f.Text), "\nemit: early\n") {
			early++
		}
	}
	if early == 0 {
		t.Error("no shipped rule says emit: early")
	}
}
