package app

import (
	"fmt"
	"strings"
	"testing"

	"sluice/rules"
)

// TestInVain: what a rule waits for in vain is told at its place, and nothing else is.
func TestInVain(t *testing.T) {
	set := *shippedSet(t)
	f := func(rule, want string) {
		t.Helper()
		text := "id: r\ntitle: R\nlevel: low\nkind: match\n" + rule
		var err error
		if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(text)}}, rules.Options{}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, finding := range Lint(&set, nil) {
			switch finding.Check {
			case "field-unknown", "value-misspelt", "value-unknown":
				got = append(got, fmt.Sprintf("%d:%d %s", finding.Line, finding.Column, finding.Message))
			}
		}
		if all := strings.Join(got, "\n"); all != want {
			t.Errorf("%s:\n%s\nwant\n%s", rule, all, want)
		}
	}
	// What the pack sets itself is known.
	f(`when: sluice.pack == "okta" and observer.vendor == "okta"`, "5:33 the rule can never fire: okta sets no observer.vendor: okta; did you mean Okta?")
	f(`when: sluice.pack == "okta" and observer.vendor startsWith "Ok"`, "")
	f(`when: sluice.pack == "okta" and not (observer.vendor == "okta")`, "5:38 okta sets no observer.vendor: okta; did you mean Okta?")
	f(`when: sluice.pack in ["okta", "arista_eos"] and observer.vendor in ["Arista", "OKTA"]`, "5:49 none of okta, arista_eos sets observer.vendor: OKTA; did you mean Okta?")
	f(`when: sluice.pack == "nginx_access" and dns.question.type == "a"`, "5:41 the rule can never fire: nginx_access sets no dns.question.type")
	f("when: has(user.name)\nexceptions:\n- {when: 'sluice.pack == \"oktaa\"', owner: a, expires: 2099-01-01, reason: b}", "7:11 no loaded pack sets sluice.pack: oktaa; did you mean okta?")
	// What the device says may be anything: only what is misspelt is told.
	f(`when: sluice.pack == "okta" and event.action == "user.session.strat"`, "5:33 okta names no event.action: user.session.strat; did you mean user.session.start?")
	f(`when: sluice.pack == "okta" and event.action == "user.new.thing"`, "")
	f(`when: sluice.pack == "okta" and event.action == "user.authentication.sso"`, "")
	f(`when: event.action == "logon-faild"`, "5:7 no loaded pack names event.action: logon-faild; did you mean logon-failed?")
	f(`when: event.action == "no-such-thing-anywhere"`, "")
	f(`when: file.macho.symhash == "a"`, "5:7 no loaded pack names file.macho.symhash: only records that are in ECS already may have it")
	f(`when: vendor["nametype"] == "a" and user.name == "nobody"`, "")
	// The names of packs are told apart by case, too.
	f(`when: sluice.pack == "Okta"`, "5:7 no loaded pack sets sluice.pack: Okta; did you mean okta?")
	f(`when: event.dataset == "okta"`, "5:7 no loaded pack sets event.dataset: okta; did you mean sluice.okta?")
	f(`when: event.dataset == "nginx.access"`, "")
	// An exception is about the events of its rule.
	f("when: sluice.pack == \"nginx_access\"\nexceptions:\n- {when: 'dns.question.type == \"a\"', owner: a, expires: 2099-01-01, reason: b}", "7:11 nginx_access sets no dns.question.type")
}

// TestSlips: a field of Sigma's rules that is a slip away from one that the packs of its source name is
// told, and the rule runs.
func TestSlips(t *testing.T) {
	over := ""
	f := func(source, detection, want string) {
		t.Helper()
		text := "title: T\nid: 11111111-1111-4111-8111-111111111111\nlogsource: " + source + "\ndetection:\n  s:\n    " + detection + "\n  condition: s\n" + over
		settings, err := parse("")
		if err != nil {
			t.Fatal(err)
		}
		set, err := settings.withRules([]rules.File{{Name: "r.yml", Text: []byte(text)}})
		if err != nil || len(set.Rules.Rules()) != 1 {
			t.Fatal(err)
		}
		var got []string
		for _, finding := range Lint(set, nil) {
			got = append(got, fmt.Sprintf("%d:%d %s", finding.Line, finding.Column, finding.Message))
		}
		if all := strings.Join(got, "\n"); all != want {
			t.Errorf("%s: got %s\nwant %s", detection, all, want)
		}
	}
	process := "{product: windows, category: process_creation}"
	f(process, "CommandLin|contains: a", "6:5 no loaded pack names the field CommandLin; did you mean CommandLine?")
	f(process, "CommandLine|contains: a", "")
	f(process, "SomethingNobodyNames: a", "")
	f("{product: azure, service: signinlogs}", "Resultdescription: a", "6:5 no loaded pack names the field Resultdescription; did you mean ResultDescription?")
	f("{category: proxy}", "c-uri-query|contains: a", "")
	over = "---\ntitle: O\ncorrelation:\n  type: value_count\n  rules: [11111111-1111-4111-8111-111111111111]\n  group-by: [source.adress]\n  timespan: 5m\n  condition: {field: user.name, gte: 3}\n"
	f("{product: linux, service: auth}", "event.action: ssh_login", "13:14 no loaded pack names the field source.adress; did you mean source.address?")
}

// TestTestFields: a misspelt field in the event of a test is told; what may be a source's own is not.
func TestTestFields(t *testing.T) {
	set := *shippedSet(t)
	f := func(events, want string) {
		t.Helper()
		text := "id: r\ntitle: R\nlevel: low\nkind: match\nwhen: event.action == \"x\"\ntests:\n- {name: a, silent: true, events: ['" + events + "']}\n"
		var err error
		if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(text)}}, rules.Options{}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, finding := range Lint(&set, nil) {
			if finding.Check == "test-field" {
				got = append(got, fmt.Sprintf("%d %s", finding.Line, finding.Message))
			}
		}
		if all := strings.Join(got, "\n"); all != want {
			t.Errorf("%s:\n%s\nwant\n%s", events, all, want)
		}
	}
	f(`{"event":{"acton":"x"}}`, "7 an event of the test has event.acton, which no event has; did you mean event.action?")
	f(`{"event.acton":"x","source":{"adress":"a"}}`, "7 an event of the test has event.acton, which no event has; did you mean event.action?\n7 an event of the test has source.adress, which no event has; did you mean source.address?")
	f(`{"event":{"action":"y","category":["network"]},"user.name":"a","labels":{"usr":"b"}}`, "")
	f(`{"sluice":{"vendor":{"event.acton":"x"}},"source":{"geo":{"location":{"lat":1,"lon":2}}},"plant":{"pressure":3}}`, "")
}

// TestShippedInVain: the shipped rules ask for nothing in vain.
func TestShippedInVain(t *testing.T) {
	for _, f := range Lint(shippedSet(t), nil) {
		switch f.Check {
		case "condition-odd", "exception-vain", "field-unknown", "test-field", "value-form", "value-misspelt", "value-unknown":
			t.Errorf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
		}
	}
}
