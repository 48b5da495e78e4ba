package rules_test

import (
	"fmt"
	"testing"

	"sluice/event"
	"sluice/rules"
	"sluice/schemas"
)

// world gives the fields that it holds; every vendor key comes as the source sends it.
type world map[string]bool

func (w world) Gives(field string, vendor bool) rules.Given {
	switch {
	case w[field]:
		return rules.ByPacks
	case vendor:
		return rules.AsSent
	}
	return rules.Never
}

func (w world) Has(_ string, values []string) bool { return values[0] != "impossible" }

func (w world) Texts(field string) ([]string, bool) {
	return []string{"red", "Green"}, field == "event.action"
}

// TestCoverage: a rule can match where no field is missing that it cannot do without.
func TestCoverage(t *testing.T) {
	kind := "match"
	f := func(when string, can bool, lacks, sent string) {
		t.Helper()
		files := []rules.File{{Name: "t.yml", Text: []byte("id: t\ntitle: T\nlevel: low\nkind: " + kind + "\nwhen: '" + when + "'\n")}}
		schema, err := event.New(append(schemas.ECS(), rules.Fields(files)...))
		if err != nil {
			t.Fatal(err)
		}
		set, err := rules.Load(schema, files, rules.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := set.Coverage(world{"user.name": true, "source.ip": true, "event.action": true})[0]
		if got := fmt.Sprint(c.Can, c.Lacks, c.Sent); got != fmt.Sprintf("%t %s %s", can, lacks, sent) {
			t.Errorf("%s: %s", when, got)
		}
	}
	f(`user.name == "a"`, true, "[]", "[]")
	f(`user.name == "a" and user.id == "b"`, false, "[user.id]", "[]")
	f(`user.name == "a" or user.id == "b"`, true, "[]", "[]")
	f(`user.id == "a" or user.id == "b" and host.id == "c"`, false, "[user.id host.id]", "[]")
	f(`user.name == "a" and not (user.id == "b")`, true, "[]", "[]")
	f(`not (user.name == "a" or not (user.id == "b"))`, false, "[user.id]", "[]")
	f(`user.name == "impossible"`, false, "[user.name: impossible]", "[]")
	f(`event.action == "red"`, true, "[]", "[]")
	f(`event.action == "rde"`, false, "[event.action: rde]", "[]")
	f(`event.action in ["rde", "red"]`, true, "[]", "[]")
	f(`event.action == "green"`, false, "[event.action: green]", "[]") // == tells cases apart
	f(`iequals(event.action, "green")`, true, "[]", "[]")
	f(`event.action startsWith "Gre"`, true, "[]", "[]")
	f(`event.action startsWith "gre"`, false, `[event.action startsWith "gre"]`, "[]")
	f("event.action matches `^r.d$`", true, "[]", "[]")
	f("event.action matches `^b`", false, `[event.action matches "^b"]`, "[]")
	f(`event.action != "rde"`, true, "[]", "[]")
	f(`len(user.id) > 3`, false, "[user.id]", "[]")
	f("has(user.name)'\ngroup_by: [user.name, source.ip]\nsuppress: '1m", true, "[]", "[]")
	f("has(user.name)'\ngroup_by: [user.name, user.id]\nsuppress: '1m", true, "[]", "[]") // one event is enough
	kind = "threshold\ncount: 2\nwindow: 1m"
	f("has(user.name)'\ngroup_by: [user.name, user.id]\nsuppress: '1m", false, "[user.id]", "[]") // who has no key is no match
	f("has(user.name)'\ngroup_by: [user.name, user.id ?? source.ip]\nsuppress: '1m", true, "[]", "[]")
	kind = "match"
	f(`vendor.k == "a"`, true, "[]", "[k]")
	f(`vendor.k == "a" or user.name == "b"`, true, "[]", "[]")
}
