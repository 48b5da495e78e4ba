package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/schemas"
)

var testSchema = func() *event.Schema {
	s, err := event.New(append(schemas.ECS(), event.Spec{Name: "Odd Key", Vendor: true}))
	if err != nil {
		panic(err)
	}
	return s
}()

// load makes a set of rules that must have no fault.
func load(tb testing.TB, opt Options, texts ...string) *Set {
	tb.Helper()
	var files []File
	for _, t := range texts {
		files = append(files, File{Name: "test.yml", Text: []byte(t)})
	}
	s, err := Load(testSchema, files, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

const (
	bruteForce = `
id: brute
title: Many failed logins
kind: threshold
level: high
tags: [attack.credential_access, attack.t1110.001]
when: event.category == "authentication" and event.outcome == "failure"
group_by: source.ip
count: 3
window: 1m
message: "{count} failed logins from {source.ip} as {user.name}"
`
	portScan = `
id: scan
title: Port scan
kind: threshold
level: medium
when: has(destination.port)
group_by: [source.ip, destination.ip]
distinct: destination.port
count: 4
window: 30s
suppress: 2m
`
	successAfter = `
id: after
title: A login after failed ones
kind: sequence
level: critical
group_by: [source.ip]
window: 1m
steps:
- event.category == "authentication" and event.outcome == "failure"
- event.category == "authentication" and event.outcome == "failure"
- event.category == "authentication" and event.outcome == "success"
`
	rootShell = `
id: root
title: Root logged in
kind: match
level: low
when: event.category == "authentication" and event.outcome == "success" and user.name == "root"
message: root logged in on {host.name}
`
)

// start is where tests begin.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// auth fills an event of a login.
func auth(ev *event.Event, ip, user, outcome string) {
	ev.Reset("")
	put := func(name, v string) {
		f, _ := ev.Schema().Lookup(name)
		if ev.Schema().Spec(f).Array {
			ev.Add(f, v)
			return
		}
		ev.SetText(f, v)
	}
	put("event.category", "authentication")
	put("event.outcome", outcome)
	put("source.ip", ip)
	put("user.name", user)
	put("related.ip", ip)
	put("related.user", user)
	put("host.name", "web1")
}

func TestMatchRule(t *testing.T) {
	s := load(t, Options{}, rootShell)
	ev := event.NewEvent(testSchema)
	auth(ev, "192.0.2.1", "root", "success")
	ms := s.NewMatcher().Match(ev, Instant{Time: start, ID: "e1", Namespace: "prod"})
	if len(ms) != 1 || ms[0].ID != "e1" || ms[0].Rule != "root" {
		t.Fatalf("%+v", ms)
	}
	a := s.Alert(&ms[0])
	var doc map[string]any
	if err := json.Unmarshal(a.Doc, &doc); err != nil {
		t.Fatalf("%v\n%s", err, a.Doc)
	}
	at := func(path string) any {
		var v any = doc
		for _, p := range strings.Split(path, ".") {
			m, _ := v.(map[string]any)
			v = m[p]
		}
		return v
	}
	f := func(path string, want any) {
		t.Helper()
		if got := at(path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	f("@timestamp", "2026-03-02T08:00:00.000Z")
	f("event.kind", "alert")
	f("event.severity", 21.0)
	f("message", "root logged in on web1")
	f("rule.id", "root")
	f("source.ip", "192.0.2.1")
	f("user.name", "root")
	f("data_stream.namespace", "prod")
	f("sluice.alert.id", a.ID)
	f("sluice.alert.state", "closed")
	f("sluice.alert.late", false)
	f("sluice.alert.count", 1.0)
	if a.Title != "root logged in on web1" || a.Revision != 1 || !a.Closed {
		t.Errorf("%+v", a)
	}
}

// TestAlertFields: whatever an alert document holds is a field that schemas know.
func TestAlertFields(t *testing.T) {
	s := load(t, Options{}, bruteForce, portScan)
	c := s.NewCorrelator()
	for i := range 5 {
		m := Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: `["192.0.2.1"]`, Time: start.Add(time.Duration(i) * time.Second), ID: string(rune('a' + i)), Fields: `{"user.name":["x"],"related.user":["x"]}`}
		c.Observe(&m)
		m.Rule, m.Hash, m.Value, m.Key = "scan", s.Rule("scan").Hash, string(rune('0'+i)), `["192.0.2.1","192.0.2.2"]`
		c.Observe(&m)
	}
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 2 {
		t.Fatalf("%d alerts", len(alerts))
	}
	for _, a := range alerts {
		var doc map[string]any
		if err := json.Unmarshal(a.Doc, &doc); err != nil {
			t.Fatalf("%v: %s", err, a.Doc)
		}
		known(t, "", doc)
	}
}

func known(t *testing.T, prefix string, doc map[string]any) {
	for k, v := range doc {
		name := prefix + k
		f, ok := schemas.Lookup(name)
		if sub, isObject := v.(map[string]any); isObject && !ok {
			known(t, name+".", sub)
			continue
		}
		if _, isList := v.([]any); !ok || f.Dev || isList != f.Array {
			t.Errorf("%s: known %t, of a release %t, a list %t", name, ok, !f.Dev, isList)
		}
	}
}

func TestWire(t *testing.T) {
	f := func(m Match) {
		t.Helper()
		got, err := ParseMatch(m.AppendJSON(nil))
		if err != nil || got != m {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, m)
		}
	}
	f(Match{Rule: "r", Time: start})
	f(Match{Rule: "r", Hash: "h", Key: `["a\u0000\"",""]`, Namespace: "n", Lane: "l", Origin: "o", Time: start.Add(1), ID: "i", Value: "v\n", Steps: 1<<31 | 1, Fields: `{"a":["b"]}`})
	for _, bad := range []string{
		"", "{}", `{"rule":1}`, `{"rule":"r"}`, `{"rule":"r","time":"0001-01-02T00:00:00Z"}`,
		`{"rule":"r","time":"2026-01-02T00:00:00Z","steps":-1}`, `{"rule":"r","time":"2026-01-02T00:00:00Z","steps":4294967296}`,
		`{"rule":"r","time":"2026-01-02T00:00:00Z","id":null}`, `{"rule":"r","time":"2026-01-02T00:00:00Z","fields":{"a":NaN}}`, `{"rule":"r","time":"2026-01-02T00:00:00Z"`,
	} {
		if _, err := ParseMatch([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		s, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(text)}}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
		if len(s.Rules()) != 0 {
			t.Errorf("%s\nwas loaded", text)
		}
	}
	head := "id: a\ntitle: A\nlevel: low\n"
	f("", "r.yml:1:1: the file is empty")
	f("- a", "r.yml:1:1: expected lines of key: value")
	f(head+"kind: match\nwhen: usr.name == \"x\"\n", "r.yml:5:7: no field is named usr.name; did you mean user.name?")
	f(head+"kind: match\nwhen: |\n\n    user.name == \"x\" and\n    user.nam == 1\n", "r.yml:8:5: no field is named user.nam; did you mean user.name")
	f(head+"kind: match\nwhen: 'user.name == 3'\n", "r.yml:5:21: user.name is of type text, but 3 is a number")
	f(head+"kind: match\nwhen: len(tags) > # 3\n", `" #" begins a comment`)
	f(head+"kind: mach\nwhen: has(user.name)\n", `r.yml:4:7: kind: "mach" is none of `+strings.Join(kindNames, ", ")+"; did you mean match?")
	f(head+"kind: match\nwehn: has(user.name)\n", "r.yml:5:1: unknown key wehn; did you mean when? (known here: id, title, description, kind, level, status, author, references, tags, "+
		"falsepositives, when, group_by, rules, ")
	f(head+"kind: mach\nwehn: has(user.name)\n", "when, group_by, distinct, count, window, steps")
	f(head+"kind: match\ncondition: has(user.name)\n", "r.yml:5:1: unknown key condition; did you mean when?")
	f(head+"kind: new_terms\nwhen: has(user.name)\nterm: [user.name]\nhistory: 1d\n", "r.yml:6:7: expected the name of one field, not a list")
	f(head+"kind: match\nwhen: has(user.name)\ncount: 3\n", "r.yml:6:8: a rule of kind match takes no count")
	f(head+"kind: threshold\nwhen: has(user.name)\ncount: 3\n", "r.yml:1:1: window: is missing: how far back the rule looks, such as 10m")
	f(head+"kind: threshold\nwhen: has(user.name)\ncount: 3\nwindow: 2160h\n", "state is not kept longer")
	f(head+"kind: threshold\nwhen: has(user.name)\ncount: 3\nwindow: 1m\ngroup_by: [user.nam]\n", "r.yml:8:12: no field is named user.nam")
	f(head+"kind: threshold\nwhen: has(user.name)\ncount: 3\nwindow: 1m\ngroup_by: user.name, source.ip\n", "r.yml:8:11: no field is named user.name, source.ip; write several as a list: [user.name, source.ip]")
	f(head+"kind: threshold\nwhen: has(user.name)\ncount: 3\nwindow: 1m\ngroup_by: user.name\ndistinct: user.name\n", "r.yml:9:11: distinct: user.name is in group_by")
	f(head+"kind: sequence\nwindow: 1m\nsteps: [has(user.name)]\n", "a rule of kind sequence has from 2 to 8")
	f(head+"kind: match\nwhen: has(user.name)\nmessage: 'hi {user.nam}'\n", "r.yml:6:15: message: no field is named user.nam; did you mean user.name?")
	f(head+"kind: match\nwhen: has(user.name)\nmessage: |\n  é {user.name}\n  {cuont} times\n", "r.yml:8:4: message: no field is named cuont; did you mean count?")
	f(head+"kind: match\nwhen: has(user.name)\nmessage: a { b\n", "r.yml:6:12: message: a { without its }")
	f(head+"kind: match\nwhen: has(user.name)\ntests:\n- name: x\n", "r.yml:7:3: a test has either lines")
	f("title: A\nlevel: low\nkind: match\nwhen: true\n", "r.yml:1:1: a rule needs an id")
	f("title: A\nlevel: low\nkind: match\nwhen: true\nid: a b\n", "r.yml:5:5: a rule needs an id")
	f(head+"kind: threshold\nwhen: has(user.name)\ncount: -3\nwindow: 1m\n", "r.yml:6:8: count: from 2 to")
	f(head+"kind: match\nwhen: has(user.name)\nfields:\n", "expected the name of a field")
	f(head+"kind: match\nwhen:\n", "r.yml:5:6: the condition is empty")
	f("id: a\ntitle: A\nlevel: [low]\nkind: match\nwhen: true\n", "r.yml:3:8: level: expected one of informational, low")
	f(head+"kind: match\nwhen: user.name == \"a\" and user.name == \"b\"\n", "r.yml:5:7: when: no event can be so: user.name == \"a\" (5:7) and user.name == \"b\" (5:28) exclude each other")
	f(head+"kind: sequence\nwindow: 1m\nsteps:\n- has(user.name)\n- false\n", "r.yml:8:3: steps: no event can be so: it is never so")
	f(head+"kind: match\rwhen: usr.name == \"x\"\r", "r.yml:5:7: no field is named usr.name")
	f(head+"kind: match\nwhen: has(user.name)\nroute: 5\n", `r.yml:6:8: route: "5" is not a text; quote the name`)
	f("id: a\ntitle: A\nlevel: loud\nkind: match\nwhen: true\n", `r.yml:3:8: level: "loud" is none of`)
}

// TestFaultsInOrder: faults are told in the order of the file, whichever were found first.
func TestFaultsInOrder(t *testing.T) {
	_, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte("id: a\ntitle: A\nlevel: loud\nkind: match\nmessage: \"{user.nam} {user.nam}\"\nwhen: usr.name == 1\nfoo: 1\n")}}, Options{})
	var places []string
	for _, line := range strings.Split(fmt.Sprint(err), "\n") {
		places = append(places, strings.Join(strings.SplitN(line, ":", 4)[1:3], ":"))
	}
	if want := []string{"3:8", "5:12", "5:23", "6:7", "7:1"}; !slices.Equal(places, want) {
		t.Errorf("faults at %v, want %v", places, want)
	}
}

// TestOneFault: what is no rule at all has one fault, and not one for each key that it lacks.
func TestOneFault(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(text)}}, Options{})
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
	f("---\n", "r.yml:1:1: the file is empty")
	f("---\n---\n"+rootShell+"---\n", "<nil>")
	f("hello\n", "r.yml:1:1: expected lines of key: value (id, title, level, kind, when, ..)")
	f("id: a\ntitle: [A]\nlevel: low\nkind: match\nwhen: true\n", "r.yml:2:8: title: expected a text")
	f("id: a\ntitle: A\nlevel: low\nkind: threshold\ncount: many\nwindow: 1 h\nwhen: true\n", "r.yml:5:8: count: \"many\" is not a whole number\n"+
		"r.yml:6:9: window: \"1 h\" is not a duration such as 15s, 10m, 24h or 7d")
}

// TestTwoFiles: a fault in one rule keeps the others.
func TestTwoFiles(t *testing.T) {
	s, err := Load(testSchema, []File{{Name: "a.yml", Text: []byte(rootShell + "---" + bruteForce)}, {Name: "b.yml", Text: []byte(rootShell)}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "b.yml:2:1: the id root is taken by the rule at a.yml:2") {
		t.Error(err)
	}
	if len(s.Rules()) != 2 {
		t.Errorf("%d rules", len(s.Rules()))
	}
}

// TestFaultyStays: a rule with any fault is left out, however many faults its file has: with what could
// not be read left away, it would be another rule.
func TestFaultyStays(t *testing.T) {
	many := strings.Repeat("id: x\nwehn: x\n---\n", 60)
	for _, fault := range []string{"exeptions: []\n", "group_by: {user.name: 1}\n", "route: {a: b}\n", "set: [a]\n", "fields: {a: b}\n", "investigation: {a: b}\n", "tests: [{name: 1, lines: {a: b}, silent: true}]\n"} {
		for _, before := range []string{"", many} {
			text := before + "id: r\ntitle: R\nlevel: low\nkind: match\nwhen: has(user.name)\n" + fault
			if s, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(text)}}, Options{}); err == nil || len(s.Rules()) != 0 {
				t.Errorf("%q, %d bytes before it: %d rules: %.300v", fault, len(before), len(s.Rules()), err)
			}
		}
	}
}

func TestHash(t *testing.T) {
	h := func(text string) string { return load(t, Options{}, text).Rules()[0].Hash }
	base := h(bruteForce)
	if h(strings.Replace(bruteForce, "Many failed logins", "Other words", 1)) != base {
		t.Error("a title changes what a rule keeps")
	}
	for _, change := range []string{"count: 3|count: 4", "window: 1m|window: 2m", "group_by: source.ip|group_by: user.name", `"failure"|"success"`} {
		from, to, _ := strings.Cut(change, "|")
		if h(strings.Replace(bruteForce, from, to, 1)) == base {
			t.Errorf("%s does not change the hash", change)
		}
	}
}

func TestVendorFields(t *testing.T) {
	text := "id: v\ntitle: V\nkind: match\nlevel: low\nwhen: vendor[\"Odd Key\"] == \"x\" and vendor.eventid > \"1\"\ngroup_by: vendor.other\n"
	var names []string
	for _, sp := range Fields([]File{{Name: "v.yml", Text: []byte(text)}}) {
		if !sp.Vendor {
			t.Errorf("%+v", sp)
		}
		names = append(names, sp.Name)
	}
	if len(names) != 3 {
		t.Errorf("%q", names)
	}
}

// TestMatchWithoutKey: to a rule of kind match an event that lacks a field it groups by is
// a match, under a key of its own; one that looks at several events leaves it out.
func TestMatchWithoutKey(t *testing.T) {
	match := strings.Replace(rootShell, "message:", "group_by: [host.name, source.ip]\nsuppress: 1h\nmessage:", 1)
	threshold := strings.NewReplacer("id: root", "id: two", "kind: match", "kind: threshold\ncount: 2\nwindow: 1h\ngroup_by: [host.name, source.ip]").Replace(rootShell)
	alone := strings.NewReplacer("id: root", "id: alone", "message:", "group_by: source.ip\nmessage: '{source.ip}' #").Replace(rootShell)
	s := load(t, Options{}, match, threshold, alone)
	m, c := s.NewMatcher(), s.NewCorrelator()
	ev := event.NewEvent(testSchema)
	for i, ip := range []string{"", "192.0.2.1", "", "192.0.2.1"} {
		auth(ev, "192.0.2.1", "root", "success")
		if f, _ := testSchema.Lookup("source.ip"); ip == "" {
			ev.Unset(f)
		}
		at := Instant{Time: start.Add(time.Duration(i) * time.Second), ID: strconv.Itoa(i)}
		for _, one := range m.Match(ev, at) {
			if one.Rule != "alone" {
				c.Observe(&one)
				continue
			}
			if doc := string(s.Alert(&one).Doc); strings.Contains(doc, `"source":{"ip"`) != (ip != "") || strings.Contains(doc, "(unknown)") != (ip == "") {
				t.Errorf("source.ip is %q: %s", ip, doc)
			}
		}
	}
	c.End()
	alerts, _ := c.Drain()
	found := map[string]int64{}
	for _, a := range alerts {
		found[a.Rule+a.Key] = a.Count
		if strings.Contains(string(a.Doc), `"source":{"ip"`) == strings.Contains(a.Key, `""`) {
			t.Errorf("%s: %s", a.Key, a.Doc)
		}
	}
	if want := map[string]int64{`root["web1",""]`: 2, `root["web1","192.0.2.1"]`: 2, `two["web1","192.0.2.1"]`: 2}; !maps.Equal(found, want) {
		t.Errorf("%v, want %v", found, want)
	}
}

// TestChoice: a part of the key, or what is counted, may be the first of several fields.
func TestChoice(t *testing.T) {
	s := load(t, Options{}, strings.Replace(bruteForce, "group_by: source.ip", "group_by: user.email ??  user.id\ndistinct: source.ip ?? host.name\nset: {event.reason: \"of {user.email ?? user.id}\"}", 1))
	r := s.Rules()[0]
	m, c := s.NewMatcher(), s.NewCorrelator()
	ev := event.NewEvent(testSchema)
	for i, set := range []string{"user.id", "user.id source.ip", "", "user.email"} {
		auth(ev, "192.0.2.1", "bob", "failure")
		if f, _ := testSchema.Lookup("source.ip"); !strings.Contains(set, "source.ip") {
			ev.Unset(f)
			f, _ = testSchema.Lookup("host.name")
			ev.SetText(f, "web"+strconv.Itoa(i))
		}
		if name, _, _ := strings.Cut(set, " "); name != "" {
			f, _ := testSchema.Lookup(name)
			ev.SetText(f, "7")
		}
		for _, one := range m.Match(ev, Instant{Time: start.Add(time.Duration(i) * time.Second), ID: strconv.Itoa(i)}) {
			c.Observe(&one)
		}
	}
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 1 || alerts[0].Key != `["7"]` || alerts[0].Count != 3 || r.GroupBy[0] != "user.email ?? user.id" {
		t.Fatalf("%q %+v", r.GroupBy, alerts)
	}
	for _, want := range []string{`"source.ip ?? host.name":["web0","192.0.2.1","web3"]`, `"email":"7","id":"7"`, `"reason":"of 7"`} {
		if !strings.Contains(string(alerts[0].Doc), want) {
			t.Errorf("%s has no %s", alerts[0].Doc, want)
		}
	}
}

// TestMatchKeys: of a list by which a match rule groups, each element has an alert of its own, and an
// address is the same key however it is written.
func TestMatchKeys(t *testing.T) {
	s := load(t, Options{}, "id: any\ntitle: T\nkind: match\nlevel: low\nwhen: event.category == \"authentication\"\ngroup_by: host.ip\n")
	ev := event.NewEvent(testSchema)
	auth(ev, "192.0.2.1", "root", "success")
	f, _ := testSchema.Lookup("host.ip")
	ev.Add(f, "192.0.2.7")
	ev.Add(f, "2001:DB8::8")
	ev.Add(f, "2001:db8:0:0::8")
	ids := map[string]string{}
	for _, m := range s.NewMatcher().Match(ev, Instant{Time: start, ID: "e"}) {
		a := s.Alert(&m)
		if other, ok := ids[a.ID]; ok {
			t.Errorf("the alerts of %s and %s have one id", other, a.Key)
		}
		ids[a.ID] = a.Key
	}
	if len(ids) != 2 {
		t.Errorf("%d alerts, want 2: %v", len(ids), ids)
	}
}
