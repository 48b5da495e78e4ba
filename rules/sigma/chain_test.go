package sigma

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/event"
	"sluice/rules"
)

// many is a correlation that others refer to: two events of A of one user within 10 s.
const many = "title: M\nname: many\ncorrelation: {type: event_count, rules: [a], group-by: [User, Host], timespan: 10s, condition: {gte: 2}}\n"

// TestCorrelationsOverCorrelations: each alert of a correlation is one match, at the instant
// at which it begins; events of other rules count beside them.
func TestCorrelationsOverCorrelations(t *testing.T) {
	f := func(correlation, want string, events ...string) {
		t.Helper()
		for _, texts := range [][]string{ // in whatever file
			{three, many, "title: T\ncorrelation:\n  " + strings.ReplaceAll(correlation, "\n", "\n  ")},
			{"title: T\ncorrelation:\n  " + strings.ReplaceAll(correlation, "\n", "\n  "), many + "---\n" + three},
		} {
			s, schema, err := loaded(t, texts...)
			if err != nil {
				t.Errorf("%s\n%v", correlation, err)
				return
			}
			got := alerts(t, s, schema, events...)
			got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "C: ") })
			for i, text := range got {
				got[i] = hexID.ReplaceAllString(text, "#")
			}
			if text := strings.Join(got, "; "); text != want {
				t.Errorf("%s\ngot  %s\nwant %s", correlation, text, want)
			}
		}
	}
	order := "type: temporal_ordered\nrules: [many, b]\ngroup-by: [User]\ntimespan: 1m"
	f(order, "T: [# 2]", "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=x")
	f(order, "", "0 Kind=a User=x Host=h", "1 Kind=b User=x", "2 Kind=a User=x Host=h") // b came before
	f(order, "", "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=y") // of another user
	f(order, "", "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=i", "2 Kind=b User=x") // not many
	f(order, "", "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "62 Kind=b User=x")
	f("type: temporal\nrules: [many, b]\ngroup-by: [User]\ntimespan: 10s", "T: [0 #]", "0 Kind=b User=x", "1 Kind=a User=x Host=h", "2 Kind=a User=x Host=h")
	f("type: temporal\nrules: [many, b]\ngroup-by: [User]\ntimespan: 10s\ncondition: many and not b", "T: [#]", "1 Kind=a User=x Host=h", "2 Kind=a User=x Host=h")
	f("type: event_count\nrules: [many]\ngroup-by: Host\ntimespan: 1h\ncondition: {gte: 2}", "T: [# #]",
		"0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=a User=y Host=h", "3 Kind=a User=y Host=h", "4 Kind=a User=z Host=i")
	f("type: event_count\nrules: [many, b]\ntimespan: 1h\ncondition: {gte: 3}", "T: [0 # 3]", "0 Kind=b", "1 Kind=a User=x Host=h", "2 Kind=a User=x Host=h", "3 Kind=b")
	f("type: value_count\nrules: [many, b]\ngroup-by: [Host]\ntimespan: 1h\ncondition: {field: User, gte: 2}", "T: [2 3]",
		"0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=x Host=h", "3 Kind=b User=y Host=h")
	f("type: value_count\nrules: [many]\ntimespan: 1h\ncondition: {field: [User, Host], gte: 2}", "T: [# #]",
		"0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=a User=x Host=i", "3 Kind=a User=x Host=i")
	f("type: temporal_ordered\nrules: [many, b]\ngroup-by: [who]\naliases: {who: {many: User, b: Src}}\ntimespan: 1m", "T: [# 2]",
		"0 Kind=a User=192.0.2.1 Host=h", "1 Kind=a User=192.0.2.1 Host=h", "2 Kind=b source.ip=192.0.2.1")
	f(order+"\ngenerate: true", "B: [2]; M: [0 1]; T: [# 2]", "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=x")

	second := "title: N\nname: second\ncorrelation: {type: temporal_ordered, rules: [many, b], group-by: [User], timespan: 1m}\n"
	s, schema, err := loaded(t, three, many, second, "title: T\nid: top\ncorrelation: {type: temporal_ordered, rules: [second, c], group-by: [User], timespan: 1m}\n")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(alerts(t, s, schema, "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=x", "3 Kind=c User=x", "4 Kind=c User=y"), "; ")
	if got = hexID.ReplaceAllString(got, "#"); got != "T: [# 3]" {
		t.Errorf("three levels: %s", got)
	}
}

var hexID = regexp.MustCompile("[0-9a-f]{32}")

// found are the last revisions of the alerts of events that arrive in an order of chance,
// with a restart at a place of chance, by id.
func found(t *testing.T, s *rules.Set, schema *event.Schema, rnd *rand.Rand, events ...string) map[string]rules.Alert {
	t.Helper()
	ms := observed(t, s, schema, events...)
	rnd.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
	c, out, state := s.NewCorrelator(), map[string]rules.Alert{}, map[string][]byte{}
	drain := func() {
		alerts, records := c.Drain()
		for _, a := range alerts {
			out[a.ID] = a
		}
		for _, r := range records {
			if state[string(r.Key)] = r.Value; r.Value == nil {
				delete(state, string(r.Key))
			}
		}
	}
	restart := rnd.IntN(len(ms) + 1)
	for i := range ms {
		if i == restart {
			drain()
			c = s.NewCorrelator()
			for key, value := range state {
				if err := c.Restore([]byte(key), value); err != nil {
					t.Fatal(err)
				}
			}
		}
		c.Observe(&ms[i])
	}
	c.End()
	drain()
	return out
}

// TestCorrelationChainShuffle: any order within the lateness gives the same alerts.
func TestCorrelationChainShuffle(t *testing.T) {
	s, schema, err := loaded(t, three, many,
		"title: N\nname: second\ncorrelation: {type: temporal_ordered, rules: [many, b], group-by: [User], timespan: 1m, generate: true}\n",
		"title: T\nid: top\ncorrelation: {type: event_count, rules: [second, c], group-by: [User], timespan: 1m, condition: {gte: 3}}\n")
	if err != nil {
		t.Fatal(err)
	}
	orders := 1000
	if testing.Short() {
		orders = 100
	}
	tops := 0
	for world := range orders / 10 {
		rnd := rand.New(rand.NewPCG(uint64(world), 7))
		var events []string
		for range 40 {
			events = append(events, fmt.Sprintf("%d Kind=%s User=%s Host=%s", rnd.IntN(120), []string{"a", "a", "b", "c"}[rnd.IntN(4)], []string{"x", "y"}[rnd.IntN(2)], []string{"h", "i"}[rnd.IntN(2)]))
		}
		want := found(t, s, schema, rnd, events...)
		for _, a := range want {
			if a.Rule == "top" {
				tops++
			}
		}
		for range 10 {
			if d := cmp.Diff(want, found(t, s, schema, rnd, events...), cmpopts.IgnoreFields(rules.Alert{}, "Revision", "Doc")); d != "" {
				t.Fatalf("world %d: %s", world, d)
			}
		}
	}
	if tops < orders/20 {
		t.Errorf("%d alerts of the last level: the test tests nothing", tops)
	}
}

// TestCorrelationEvidence: what is behind an alert is named down to the events, and alerts
// only where they can be looked up.
func TestCorrelationEvidence(t *testing.T) {
	f := func(generate, alertsBehind string) {
		t.Helper()
		s, schema, err := loaded(t, three, many, "title: N\nname: second\ncorrelation: {type: temporal_ordered, rules: [many, b], group-by: [User], timespan: 1m}\n",
			"title: T\nid: top\ncorrelation: {type: temporal_ordered, rules: [second, c], group-by: [User], timespan: 1m, generate: "+generate+"}\n")
		if err != nil {
			t.Fatal(err)
		}
		last := ""
		for _, a := range found(t, s, schema, rand.New(rand.NewPCG(1, 1)), "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=x", "3 Kind=c User=x") {
			if a.Rule == "top" {
				last = string(a.Doc)
			}
		}
		var doc struct {
			Sluice struct {
				Alert struct{ Events, Alerts []string }
			}
			User struct{ Name string }
		}
		if err := json.Unmarshal([]byte(last), &doc); err != nil {
			t.Fatalf("%v: %s", err, last)
		}
		if got := fmt.Sprint(doc.Sluice.Alert.Events, len(doc.Sluice.Alert.Alerts)); got != alertsBehind {
			t.Errorf("generate: %s: behind it are %s, want %s: %s", generate, got, alertsBehind, last)
		}
	}
	f("false", "[0 1 2 3] 0")
	f("true", "[0 1 2 3] 1")
}

// TestCorrelationChainFaults: what is wrong between correlations is told with its place.
func TestCorrelationChainFaults(t *testing.T) {
	f := func(want string, texts ...string) {
		t.Helper()
		_, _, err := loaded(t, append([]string{three, many}, texts...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	over := func(name, more string) string {
		return "title: " + name + "\nname: " + name + "\ncorrelation: {type: event_count, timespan: 1m, condition: {gte: 2}, " + more + "}\n"
	}
	f(`c.yml:3:95: the correlation "many" does not group by Src, so its alerts have none; let that one group by it too`, over("t", "rules: [many], group-by: [Src]"))
	f(`c.yml:3:77: the rule "d.yml#u" has faults itself`, over("t", "rules: [u]"), over("u", "rules: [nothing]"))
	f("in a circle", over("t", "rules: [u]"), over("u", "rules: [t]"))
	f("in a circle", over("t", "rules: [t]"))
}

// TestCorrelationChainCoverage: what can never fire below never fires above.
func TestCorrelationChainCoverage(t *testing.T) {
	f := func(lacking string, want bool) {
		t.Helper()
		s, _, err := loaded(t, three, many, "title: T\nid: top\ncorrelation: {type: temporal, rules: [many, b], timespan: 1m}\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Coverage(without1(lacking)) {
			if c.Rule.ID == "top" && c.Can != want {
				t.Errorf("without %s: it can fire: %v", lacking, c.Can)
			}
		}
	}
	f("nothing", true)
	f("Kind", false)
}

// without1 is sources that give every field but one.
type without1 string

func (w without1) Gives(field string, _ bool) rules.Given {
	if strings.HasSuffix(field, string(w)) {
		return rules.Never
	}
	return rules.ByPacks
}

func (without1) Has(string, []string) bool { return true }

func (without1) Texts(string) ([]string, bool) { return nil, false }

// TestCorrelationChainWhy: why answers for rules over alerts and events alike.
func TestCorrelationChainWhy(t *testing.T) {
	s, schema, err := loaded(t, three, many, "title: T\nid: top\ncorrelation: {type: temporal_ordered, rules: [many, b], group-by: [User], timespan: 1m}\n")
	if err != nil {
		t.Fatal(err)
	}
	all := observed(t, s, schema, "0 Kind=a User=x Host=h", "1 Kind=a User=x Host=h", "2 Kind=b User=x", "3 Kind=c User=x")
	r := s.Rule("top")
	f := func(event, through string, matches int, missing string) {
		t.Helper()
		w := rules.Why{Event: event}
		until := all[len(all)-1].Time
		at, chained := s.Over(r, &w, slices.DeleteFunc(slices.Clone(all), func(m rules.Match) bool { below, _ := s.Below(r); return !below[m.Rule] }), until)
		got := ""
		for _, a := range w.Through {
			got += a.Title
		}
		if len(at) != matches || got != through {
			t.Errorf("event %s: %d matches through %q: %+v", event, len(at), got, w)
		}
		for i := range at {
			if text := strings.Join(s.WindowOf(r, &at[i], chained, until).Missing, "; "); text != missing {
				t.Errorf("event %s: missing %q, want %q", event, text, missing)
			}
		}
	}
	f("0", "M", 1, "step 2: no event in the window meets it")
	f("1", "M", 1, "step 2: no event in the window meets it")
	f("2", "", 1, "")
	f("3", "", 0, "")
}
