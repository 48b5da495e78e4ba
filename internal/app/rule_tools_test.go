package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/console"
	"sluice/rules"
)

// TestRuleToolsForTheConsole: what the API answers of rules that a caller sends.
func TestRuleToolsForTheConsole(t *testing.T) {
	s, err := parse("")
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{}
	n.settings.Store(s)
	n.set.Store(shippedSet(t))
	tools := ruleTools{n}
	good := console.RuleText{Name: "good.yml", Text: `
id: root
title: Root
level: low
kind: match
when: user.name == "root"
tests:
- name: alice
  lines: ['<38>Mar  2 08:00:05 web1 sshd[811]: Failed password for alice from 203.0.113.9 port 40005 ssh2']
  fires: 1
`}
	bad := console.RuleText{Name: "bad.yml", Text: "id: b\ntitle: B\nlevel: low\nkind: match\nwhen: user.nmae == \"root\"\n"}
	f := func(answer any, err error, want ...string) {
		t.Helper()
		text, merr := json.Marshal(answer)
		if merr != nil {
			t.Fatal(merr)
		}
		all := string(text)
		if err != nil {
			all += err.Error()
		}
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s has no %s", all, w)
			}
		}
	}
	a, err := tools.Lint(t.Context(), []console.RuleText{good, bad})
	f(a, err, `"rules":1`, `"file":"bad.yml","line":5,"column":7`, `"check":"test-missing"`)
	a, err = tools.Test(t.Context(), []console.RuleText{good, bad})
	f(a, err, `"passed":0`, `"check":"fault"`, `"check":"test","level":"error","file":"good.yml"`, "0 alerts, want 1; event 1 is no match: the condition does not hold: user.name == ", "but it is alice")
	line := "<38>Mar  2 08:00:05 web1 sshd[811]: Failed password for root from 203.0.113.9 port 40005 ssh2"
	a, err = tools.WhyLines(t.Context(), console.RuleLines{Rule: "root", Lines: []string{line}, Rules: []console.RuleText{good}})
	f(a, err, `"matches":true`, `"alert":`)
	a, err = tools.WhyLines(t.Context(), console.RuleLines{Rule: "b", Lines: []string{line}, Rules: []console.RuleText{bad}})
	f(a, err, "did you mean user.name")
	faulty := func(req console.RuleLines, want string) {
		t.Helper()
		_, err := tools.WhyLines(t.Context(), req)
		var f console.Faulty
		if !errors.As(err, &f) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v is no fault of the caller about %s", err, want)
		}
	}
	faulty(console.RuleLines{Rule: "root", Lines: []string{"{bad"}, ECS: true, Rules: []console.RuleText{good}}, "record 0")
	before := -1
	faulty(console.RuleLines{Rule: "root", Lines: []string{line}, Record: &before, Rules: []console.RuleText{good}}, "counts from 0")
	a, err = tools.Coverage(t.Context(), time.Time{})
	f(a, err, `"status":"runs"`)

	// What was left out is told with the rest.
	left := errors.New("bad.yml:5:7: no field is named usr.name")
	n.left.Store(&left)
	a, err = tools.Coverage(t.Context(), time.Time{})
	f(a, err, `{"place":"bad.yml:5:7","status":"cannot","reason":"fault","why":"no field is named usr.name"}`)
	a, err = tools.Lint(t.Context(), nil)
	f(a, err, `{"check":"fault","level":"error","file":"bad.yml","line":5,"column":7,"message":"no field is named usr.name"}`)
	a, err = tools.WhyLines(t.Context(), console.RuleLines{Rule: "left_out", Lines: []string{line}})
	f(a, err, "no field is named usr.name")
}

// TestCoverageOfPacks: what a rule needs has to come from the packs that it is about.
func TestCoverageOfPacks(t *testing.T) {
	set := *shippedSet(t)
	f := func(when, want string) {
		t.Helper()
		text := fmt.Sprintf("id: r\ntitle: R\nlevel: low\nkind: threshold\ngroup_by: source.ip\ncount: 2\nwindow: 5m\nwhen: '%s'\n", when)
		var err error
		if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(text)}}, rules.Options{}); err != nil {
			t.Fatal(err)
		}
		all := Coverage(&set, nil, nil)
		if len(all) != 1 {
			t.Fatal(all)
		}
		if got := strings.TrimSpace(all[0].Status + " " + all[0].Why); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	f(`sluice.pack == "nginx_access" and url.path == "/a"`, "runs")
	f(`sluice.pack == "nginx_access" and dns.question.type == "a.example"`, "cannot nginx_access has no dns.question.type")
	f(`event.dataset == "sluice.nginx_access" and event.category == "malware"`, "cannot sluice.nginx_access has no event.category: malware")
	f(`sluice.pack in ["nginx_access", "isc_bind"] and dns.question.type == "a.example"`, "runs")
	f(`sluice.pack == "nginx_access" and dns.question.type == "a" or sluice.pack == "isc_bind" and dns.question.type == "b"`, "runs")
	f(`sluice.pack == "nginx_access" and not (dns.question.type == "a")`, "runs")
	f(`sluice.pack == "zzz" and url.path == "/a"`, "cannot no loaded pack sets sluice.pack: zzz")
	f(`sluice.pack == "nginx_access" and cidr(source.ip, "10.0.0.0/8") and network.type == "ipv4"`, "runs")
	f(`sluice.pack == "okta" and observer.vendor == "okta"`, "cannot okta has no observer.vendor: okta; did you mean Okta?")
	f(`event.dataset == "sluice.okta" and observer.vendor == "Cisco"`, "cannot sluice.okta has no observer.vendor: Cisco")
	f(`sluice.pack == "okta" and observer.vendor in ["okta", "Okta"]`, "runs")
}
