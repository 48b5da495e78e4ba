package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	manyRules = `
id: many
title: "{source.ip} does several things"
kind: threshold
level: critical
rules: [brute, root, "sc*"]
group_by: source.ip
distinct: rule.id
count: 2
window: 2m
message: "{source.ip} does {distinct} bad things"
`
	thenAgain = `
id: again
title: The same once more
kind: sequence
level: critical
rules: many
group_by: source.ip
steps: [sluice.alert.count >= 2, event.severity > 90]
window: 10m
`
)

// TestChainFaults: what a rule names has to be there, and no way leads back.
func TestChainFaults(t *testing.T) {
	f := func(want string, left int, texts ...string) {
		t.Helper()
		s, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(strings.Join(texts, "---"))}}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
		if len(s.Rules()) != left {
			t.Errorf("%d rules are left, want %d", len(s.Rules()), left)
		}
	}
	over := func(id, names string) string {
		return fmt.Sprintf("\nid: %s\ntitle: A\nlevel: low\nkind: threshold\ncount: 2\nwindow: 1m\nrules: %s\n", id, names)
	}
	f("r.yml:19:9: rules: no rule that is loaded has the id \"brutal\"; did you mean brute?", 1, bruteForce, over("a", "[brutal]"))
	f("rules: no rule over events is loaded that fits \"x*\"; give lint, test and detect those too whose alerts count", 1, bruteForce, over("a", "[\"x*\"]"))
	f("r.yml:8:9: rules: these match each other's alerts in a circle: a -> b -> c -> a", 1, over("a", "[b]"), over("b", "[c]"), over("c", "[brute, a]"), bruteForce, over("d", "a"))
	f("in a circle: a -> a", 0, over("a", "a"))
	f("no rule that is loaded has the id \"b\"", 1, bruteForce, over("a", "b"), over("b", "nothing"))
	f("a rule of kind absence looks at events", 1, bruteForce, noBackupEnd+"rules: brute\n")
	f("no field is named user.nam", 1, bruteForce, over("a", "brute")+"when: user.nam == \"x\"\n")
}

func chainMatch(s *Set, rule, key, id string, sec int, value string) Match {
	return Match{
		Rule: rule, Hash: s.Rule(rule).Hash, Key: key, Time: start.Add(time.Duration(sec) * time.Second), ID: id, Value: value, Namespace: "default", Origin: "o",
		Fields: `{"user.name":["root"]}`,
	}
}

// TestChain: an alert is one match, at the instant at which it begins, with what it says
// then; so are the alerts of rules over alerts.
func TestChain(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, rootShell, manyRules, thenAgain)
	c := s.NewCorrelator()
	const ip = `["192.0.2.1"]`
	scan := `["192.0.2.1","198.51.100.1"]`
	for i := range 8 { // 3 make an alert, and later ones go on with it
		m := chainMatch(s, "brute", ip, "b"+strconv.Itoa(i), i, "")
		c.Observe(&m)
	}
	for i := range 8 {
		m := chainMatch(s, "scan", scan, "s"+strconv.Itoa(i), 30+i, strconv.Itoa(i))
		c.Observe(&m)
	}
	c.Advance("", start.Add(20*time.Second))
	if alerts, _ := c.Drain(); len(alerts) != 1 || alerts[0].Rule != "brute" {
		t.Fatalf("%+v", alerts)
	}
	c.Advance("", start.Add(50*time.Second))
	alerts, _ := c.Drain()
	var many *Alert
	for i := range alerts {
		if alerts[i].Rule == "many" {
			many = &alerts[i]
		}
	}
	if many == nil || many.Count != 2 || len(many.Events) != 2 || !many.First.Equal(start.Add(2*time.Second)) || many.Title != "192.0.2.1 does 2 bad things" {
		t.Fatalf("%+v", alerts)
	}
	if doc := string(many.Doc); !strings.Contains(doc, `"alerts":["`+many.Events[0]) || strings.Contains(doc, `"events":[`) || !strings.Contains(doc, `"source":{"ip":"192.0.2.1"}`) {
		t.Errorf("%s", doc)
	}
	if s.Rule("again").level != 2 || s.Levels() != 2 {
		t.Errorf("%d levels", s.Levels())
	}
}

// TestChainStateless: the alert of a rule that needs one event is a match as well.
func TestChainStateless(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, rootShell, manyRules, thenAgain)
	a := s.Alert(&Match{Rule: "root", Hash: s.Rule("root").Hash, Key: "[]", Time: start, ID: "1", Namespace: "default", Fields: `{"source.ip":["192.0.2.1"]}`})
	got := s.NewMatcher().Chain(&a)
	if len(got) != 1 || got[0].Rule != "many" || got[0].Key != `["192.0.2.1"]` || got[0].Value != "root" || got[0].ID != a.ID || !got[0].Time.Equal(start) {
		t.Errorf("%+v", got)
	}
	a.Revision = 2
	if got := s.NewMatcher().Chain(&a); len(got) != 0 {
		t.Errorf("a later revision says it again: %+v", got)
	}
}

// TestChainShuffle: any order within the lateness gives the same alerts on every level;
// so do several correlators that share the work.
func TestChainShuffle(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan, successAfter, rootShell, strings.Replace(manyRules, "root,", "after,", 1), strings.Replace(thenAgain, "steps: [sluice.alert.count >= 2, event.severity > 90]", "steps: [has(rule.id), has(rule.id)]\nsuppress: 1s", 1))
	levels := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		ms := world(s, rand.New(rand.NewPCG(seed, 1)), 100)
		want := permuted(t, rt, s, ms, seed)
		for _, a := range want {
			levels[a.Rule]++
		}
		for i := range 2 {
			if err := equal(want, shared(s, ms, rand.New(rand.NewPCG(seed, uint64(3+i))))); err != nil {
				rt.Fatal("shared: ", err)
			}
		}
	})
	if !testing.Short() && (levels["many"] < 20 || levels["again"] < 5) {
		t.Errorf("%v: the test tests nothing", levels)
	}
}

// shared is what three correlators find that share the keys, as the partitions of
// sluice.matches do.
func shared(s *Set, ms []Match, rnd *rand.Rand) map[string]Alert {
	const parts = 3
	cs, final := make([]*Correlator, parts), map[string]Alert{}
	for i := range cs {
		cs[i] = s.NewCorrelator()
		cs[i].Spread()
	}
	observe := func(m Match) { cs[hash64(string(m.PartitionKey()))%parts].Observe(&m) }
	ms = slices.Clone(ms)
	rnd.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
	for _, m := range ms {
		observe(m)
	}
	for _, at := range []time.Time{start.Add(time.Minute), start.Add(3 * time.Minute), start.Add(time.Hour)} {
		for level := range s.Levels() + 1 {
			for _, c := range cs {
				if level == 0 {
					c.Advance("", at)
				}
				c.AdvanceLevel(level, at)
			}
			for _, c := range cs {
				for _, m := range c.Chained() {
					observe(m)
				}
			}
		}
		for _, c := range cs {
			alerts, _ := c.Drain()
			for _, a := range alerts {
				final[a.ID] = a
			}
		}
	}
	return final
}
