package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/rules"
	"sluice/schemas"
)

// three are rules that correlations refer to: by id, by name, and across files.
const three = `title: A
id: id-a
name: a
logsource: {product: all}
detection: {s: {Kind|contains: a}, condition: s}
---
title: B
id: id-b
name: b
logsource: {product: all}
detection: {s: {Kind|contains: b}, condition: s}
---
title: C
name: c
logsource: {product: all}
detection: {s: {Kind|contains: c}, condition: s}
`

// loaded are the rules of files over a schema of their own.
func loaded(t *testing.T, texts ...string) (*rules.Set, *event.Schema, error) {
	t.Helper()
	tr, err := New(rules.File{Name: "mapping.yml", Text: []byte(testMapping)})
	if err != nil {
		t.Fatal(err)
	}
	var files []rules.File
	for i, text := range texts {
		files = append(files, rules.File{Name: string(rune('a'+i)) + ".yml", Text: []byte(text)})
	}
	schema, err := event.New(append(schemas.ECS(), tr.Fields(files, func(string) bool { return false })...))
	if err != nil {
		t.Fatal(err)
	}
	s, err := rules.Load(schema, files, rules.Options{Dialect: tr})
	return s, schema, err
}

// observed are what rules say of events, each "SECOND NAME=VALUE ...".
func observed(t *testing.T, s *rules.Set, schema *event.Schema, events ...string) (out []rules.Match) {
	t.Helper()
	m, ev := s.NewMatcher(), event.NewEvent(schema)
	for i, text := range events {
		words := strings.Fields(text)
		sec, err := strconv.Atoi(words[0])
		if err != nil {
			t.Fatal(err)
		}
		ev.Reset("")
		for _, w := range words[1:] {
			name, v, _ := strings.Cut(w, "=")
			if f, ok := schema.Lookup(name); ok && !schema.Spec(f).Vendor {
				ev.SetText(f, v)
			} else if !ev.SetVendor(name, v) {
				t.Fatalf("%s was not taken", name)
			}
		}
		out = append(out, m.Match(ev, rules.Instant{Time: time.Unix(int64(sec), 0), ID: strconv.Itoa(i)})...)
	}
	return out
}

// alerts runs events and lists "title: events behind it".
func alerts(t *testing.T, s *rules.Set, schema *event.Schema, events ...string) (out []string) {
	t.Helper()
	c := s.NewCorrelator()
	for _, match := range observed(t, s, schema, events...) {
		if r := s.Rule(match.Rule); !r.Stateful() {
			out = append(out, r.Title+": ["+match.ID+"]")
			continue
		}
		c.Observe(&match)
	}
	c.End()
	drained, _ := c.Drain()
	last := map[string]string{}
	for _, a := range drained {
		last[a.ID] = fmt.Sprintf("%s: %v", s.Rule(a.Rule).Title, a.Events)
	}
	for _, text := range last {
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// TestCorrelations: each type, with what makes it fire and what does not.
func TestCorrelations(t *testing.T) {
	f := func(correlation, want string, events ...string) {
		t.Helper()
		s, schema, err := loaded(t, three, "title: T\ncorrelation:\n  "+strings.ReplaceAll(correlation, "\n", "\n  "))
		if err != nil {
			t.Errorf("%s\n%v", correlation, err)
			return
		}
		got := alerts(t, s, schema, events...)
		got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "T: ") })
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%s\ngot  %s\nwant %s", correlation, text, want)
		}
	}
	count := "type: event_count\nrules: [id-a]\ngroup-by: [User]\ntimespan: 10s\ncondition: "
	f(count+"{gte: 2}", "T: [0 2]", "0 Kind=a User=x", "1 Kind=a User=y", "2 Kind=a User=x", "3 Kind=b User=y")
	f(count+"{gt: 2}", "", "0 Kind=a User=x", "2 Kind=a User=x")
	f(count+"{gte: 2}", "", "0 Kind=a User=x", "10 Kind=a User=x") // (t-T, t]
	f(count+"{gte: 2}", "", "0 Kind=a", "1 Kind=a")                // without the field that it groups by
	f(count+"{gte: 1}", "T: [0]", "0 Kind=a User=x")
	f(count+"{eq: 1}", "T: [0]; T: [3]", "0 Kind=a User=x", "1 Kind=a User=x", "2 Kind=a User=x", "30 Kind=a User=x")
	f(count+"{lt: 2}", "T: [0]", "0 Kind=a User=x", "1 Kind=a User=x")
	f(count+"{gt: 1, lte: 3}", "T: [0 1 2]", "0 Kind=a User=x", "1 Kind=a User=x", "2 Kind=a User=x", "3 Kind=a User=x")
	f("type: event_count\nrules: [a, b]\ntimespan: 1m\ncondition: {gte: 3}", "T: [0 1 2]", "0 Kind=a", "1 Kind=b", "2 Kind=a", "3 Kind=c")
	f("type: event_count\nrules: [a, b]\ntimespan: 1m\ncondition: {gte: 2}", "", "0 Kind=ab") // one event is one

	f("type: value_count\nrules: [a]\ngroup-by: [Host]\ntimespan: 1m\ncondition: {field: User, gte: 2}", "T: [0 2]",
		"0 Kind=a Host=h User=x", "1 Kind=a Host=i User=y", "2 Kind=a Host=h User=y")
	f("type: value_count\nrules: [a]\ngroup-by: [Host]\ntimespan: 1m\ncondition: {field: User, gte: 2}", "", "0 Kind=a Host=h User=x", "1 Kind=a Host=h User=x")
	f("type: value_count\nrules: [a]\ntimespan: 1m\ncondition: {field: User, lt: 2}", "T: [0 1]", "0 Kind=a User=x", "1 Kind=a User=x", "2 Kind=a User=y")
	f("type: value_count\nrules: [a]\ntimespan: 1m\ncondition: {field: [User, Src], gte: 2}", "T: [0 1]", "0 Kind=a User=x source.ip=192.0.2.1", "1 Kind=a User=x source.ip=192.0.2.2")

	value := func(kind, condition string) string {
		return "type: value_" + kind + "\nrules: [a]\ngroup-by: [Src]\ntimespan: 1m\ncondition: {field: Bytes, " + condition + "}"
	}
	five := []string{
		"0 Kind=a source.ip=192.0.2.1 Bytes=10", "1 Kind=a source.ip=192.0.2.1 Bytes=20", "2 Kind=a source.ip=192.0.2.1 Bytes=90",
		"3 Kind=a source.ip=192.0.2.2 Bytes=500", "4 Kind=a source.ip=192.0.2.1 Bytes=much",
	}
	f(value("sum", "gt: 119, lt: 200"), "T: [0 1 2]", five...)
	f(value("sum", "gt: 120, lt: 200"), "", five...)
	f(value("avg", "eq: 15"), "T: [0 1]", five...)
	f(value("median", "eq: 20"), "T: [0 1 2]", five...)
	f(value("percentile", "percentile: 90, gte: 400"), "T: [3]", five...)

	order := "rules: [a, b]\ngroup-by: [User]\ntimespan: 10s"
	f("type: temporal\n"+order, "T: [0 1]", "0 Kind=b User=x", "1 Kind=a User=x")
	f("type: temporal\n"+order, "T: [0]", "0 Kind=ab User=x") // one event may be both
	f("type: temporal\n"+order, "", "0 Kind=a User=x", "1 Kind=b User=y")
	f("type: temporal\n"+order, "", "0 Kind=a User=x", "10 Kind=b User=x")
	f("type: temporal\n"+order+"\ncondition: {gte: 1}", "T: [0]", "0 Kind=a User=x")
	f("type: temporal\nrules: [a, b, c]\ntimespan: 1m\ncondition: {gte: 2}", "T: [1 2]", "0 Kind=a", "1 Kind=a", "2 Kind=c") // the latest of each
	f("type: temporal\nrules: [a, b, c]\ntimespan: 1m\ncondition: a and (id-b or c)", "T: [0 1]", "0 Kind=a", "1 Kind=b")
	f("type: temporal\nrules: [a, b, c]\ntimespan: 10s\ncondition: a and not c", "T: [1]", "0 Kind=c", "11 Kind=a")
	f("type: temporal\nrules: [a, b, c]\ntimespan: 10s\ncondition: a and not c", "", "2 Kind=c", "11 Kind=a")
	f("type: temporal_ordered\n"+order, "", "0 Kind=b User=x", "1 Kind=a User=x")
	f("type: temporal_ordered\n"+order, "T: [0 1]", "0 Kind=a User=x", "1 Kind=b User=x")
	f("type: temporal_ordered\n"+order+"\ncondition: b AND a", "T: [0 1]", "0 Kind=a User=x", "1 Kind=b User=x")
	f("type: temporal_ordered\n"+order+"\ncondition: {gte: 2}", "T: [0 1]", "0 Kind=a User=x", "1 Kind=b User=x")

	inner := "\naliases:\n  inner: {a: source.ip, id-b: destination.ip}\ngroup-by: inner\ntimespan: 1m\nrules: [a, b]"
	f("type: temporal"+inner, "T: [0 1]", "0 Kind=a source.ip=192.0.2.1", "1 Kind=b destination.ip=192.0.2.1 source.ip=192.0.2.9", "2 Kind=b destination.ip=192.0.2.9")
	f("type: event_count\ncondition: {gte: 2}"+inner, "T: [0 1]", "0 Kind=a source.ip=192.0.2.1 destination.ip=192.0.2.7", "1 Kind=b destination.ip=192.0.2.1 source.ip=192.0.2.7")
	f("type: value_count\naliases: {v: {a: X, b: Y}}\nrules: [a, b]\ntimespan: 1m\ncondition: {field: v, gte: 2}", "T: [1 2]", "0 Kind=a X=1", "1 Kind=b Y=1", "2 Kind=b Y=2")
}

// TestGenerate: a rule that a correlation refers to says nothing of its own, unless one
// asks for it.
func TestGenerate(t *testing.T) {
	f := func(want string, texts ...string) {
		t.Helper()
		s, schema, err := loaded(t, append([]string{three}, texts...)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(alerts(t, s, schema, "0 Kind=ab", "1 Kind=a"), "; "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	many := "title: T\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}, generate: %s}\n"
	f("A: [0]; A: [1]; B: [0]")
	f("B: [0]; T: [0 1]", fmt.Sprintf(many, "false"))
	f("A: [0]; A: [1]; B: [0]; T: [0 1]", fmt.Sprintf(many, "true"))
	f("A: [0]; A: [1]; B: [0]; T: [0 1]; T: [0 1]", fmt.Sprintf(many, "false"), fmt.Sprintf(many, "true"))
	f("A: [0]; A: [1]; B: [0]; T: [0 1]", "generate: true\n"+fmt.Sprintf(many, "false")) // where the specification has it
	f("A: [1]; B: [0]", "title: F\nfilter: {rules: [a], s: {Kind: ab}, condition: not s}\n")
	f("B: [0]", fmt.Sprintf(many, "false"), "title: F\nfilter: {rules: [a], s: {Kind: ab}, condition: not s}\n") // filters hold in correlations
}

// TestCorrelationFaults: what cannot be read is named with its place, and the rest runs.
func TestCorrelationFaults(t *testing.T) {
	f := func(correlation, want string) {
		t.Helper()
		s, _, err := loaded(t, three, "title: T\ncorrelation:\n  "+strings.ReplaceAll(correlation, "\n", "\n  "))
		if err == nil || !strings.HasPrefix(err.Error(), "b.yml:"+want) {
			t.Errorf("%s\ngot  %v\nwant b.yml:%s", correlation, err, want)
		}
		if s.Rule("id-b") == nil && !strings.Contains(correlation, "b]") {
			t.Errorf("%s: the rest does not run", correlation)
		}
	}
	f("type: event_count", "3:3: the correlation has no rules")
	f("rules: [a]\ntype: event_cuont\ntimespan: 1m", `4:9: no correlation is of type "event_cuont"`)
	f("group_by: [a]", "3:3: a correlation has no group_by; did you mean group-by?")
	f("rules: [idd-a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 2}", `3:11: no rule that is loaded has the id or the name "idd-a"; did you mean id-a?`)
	f("rules: [a, id-a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 2}", `3:14: the correlation refers to the rule "id-a" twice`)
	f("rules: []\ntype: event_count\ntimespan: 1m\ncondition: {gte: 2}", "3:10: the correlation refers to no rule")
	f("rules: [a]\ntype: event_count\ntimespan: 90x\ncondition: {gte: 2}", `5:13: timespan: "90x" is not a number with s, m, h, d or w`)
	f("rules: [a]\ntype: event_count\ntimespan: 90d\ncondition: {gte: 2}", "5:13: timespan: from 1s to 168h0m0s; state is not kept longer")
	f("rules: [a]\ntype: event_count\ntimespan: 0s\ncondition: {gte: 2}", "5:13: timespan: from 1s")
	f("rules: [a]\ntype: event_count\ntimespan: 1m", "3:3: the correlation has no condition")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: 3", "6:14: the condition of type event_count is a mapping")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {}", "6:14: the condition compares with nothing")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 0}", "6:14: the condition is always true")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 1.5}", `6:20: gte: "1.5" is not a count`)
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 2, field: X}", "6:23: the condition of type event_count takes no field")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {gtee: 2}", "6:15: a condition has no gtee; did you mean gte?")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 20000}", "1:1: it counts to 20000, and 10000 matches of one key are kept")
	f("rules: [a]\ntype: event_count\ntimespan: 1m\ncondition: {gte: 20000, lt: 30000}", "1:1: its condition is never true: no result is at_least 20000 below 30000")
	f("rules: [a]\ntype: value_count\ntimespan: 1m\ncondition: {field: X, gte: 5, lt: 5}", "1:1: its condition is never true")
	f("rules: [a]\ntype: value_sum\ntimespan: 1m\ncondition: {field: X, gt: 5, lte: 5}", "1:1: its condition is never true")
	f("rules: [a]\ntype: value_count\ntimespan: 1m\ncondition: {gte: 2}", "6:14: the condition of type value_count has no field")
	f("rules: [a]\ntype: value_sum\ntimespan: 1m\ncondition: {gte: 2, field: [X, Y]}", "6:14: the condition of type value_sum takes one field")
	f("rules: [a]\ntype: value_percentile\ntimespan: 1m\ncondition: {gte: 2, field: X}", "6:14: the condition of type value_percentile has no percentile")
	f("rules: [a]\ntype: value_avg\ntimespan: 1m\ncondition: {gte: much, field: X}", `6:20: gte: "much" is not a number`)
	f("rules: [a, c]\ntype: temporal\ntimespan: 1m\ncondition: {gte: 3}", "6:14: the condition is never true: the correlation refers to 2 rules")
	f("rules: [a, c]\ntype: temporal\ntimespan: 1m\ncondition: a and d", `6:20: no rule is named "d"`)
	f("rules: [a, c]\ntype: temporal\ntimespan: 1m\ncondition: not a", "6:14: the condition is true where no rule matched")
	f("rules: [a, c]\ntype: temporal_ordered\ntimespan: 1m\ncondition: a or c", "6:14: an order of some of the rules is not read")
	f("rules: [a, c]\ntype: temporal_ordered\ntimespan: 1m\ncondition: {gte: 1}", "6:14: an order of some of the rules is not read")
	f("rules: [a]\ntype: temporal_ordered\ntimespan: 1m", "3:10: an order is one of at least two rules")
	f("rules: [a, c]\ntype: temporal\ntimespan: 1m\naliases: {x: {a: X}}\ngroup-by: [x]", `7:14: the alias x names no field of the rule "c"`)
	f("rules: [a, c]\ntype: temporal\ntimespan: 1m\naliases: {x: {d: X}}\ngroup-by: [x]", `6:17: the alias x is for a rule "d", to which the correlation does not refer`)
	f("rules: [a]\ntype: temporal\ntimespan: 1m\ngenerate: often", "6:13: generate takes true or false")
}

// TestCorrelationBehind: the fault of a rule that a correlation needs is told with both places.
func TestCorrelationBehind(t *testing.T) {
	_, _, err := loaded(t, "title: A\nname: a\nlogsource: {product: vax}\ndetection: {s: {X: x}, condition: s}\n",
		"title: T\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n")
	want := `b.yml:2:42: the rule "a" cannot be read: a.yml:3:12: no events are known of the log source vax`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
