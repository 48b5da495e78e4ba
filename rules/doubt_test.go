package rules

import (
	"fmt"
	"strings"
	"testing"
)

// doubted loads rules, the last of which is asked about, and gives its doubts and the faults.
func doubted(t *testing.T, texts ...string) string {
	t.Helper()
	var file File
	file.Name = "r.yml"
	for i, text := range texts {
		file.Text = append(file.Text, fmt.Sprintf("id: r%d\ntitle: R\nlevel: low\n%s\n---\n", i, text)...)
	}
	set, err := Load(testSchema, []File{file}, Options{})
	var out []string
	if err != nil {
		out = append(out, strings.ReplaceAll(err.Error(), "r.yml:", ""))
	}
	for _, r := range set.Rules() {
		for _, d := range r.Doubts {
			out = append(out, fmt.Sprintf("%d:%d %s: %s", d.Line, d.Column, d.Check, d.Text))
		}
	}
	return strings.Join(out, "\n")
}

// TestDoubts: what compiles and is hardly meant is told at its place, and what never comes is a fault.
func TestDoubts(t *testing.T) {
	f := func(want string, texts ...string) {
		t.Helper()
		if got := doubted(t, texts...); got != want {
			t.Errorf("%s\n got %s\nwant %s", texts[len(texts)-1], got, want)
		}
	}
	exception := func(rule, when string) string {
		return rule + "\nexceptions:\n- {when: '" + when + "', owner: a, expires: 2099-01-01, reason: b}"
	}
	match := "kind: match\nwhen: "
	// Exceptions.
	f(`7:11 exception-vain: the exception never applies: user.name == "root" (5:7) and user.name == "a" (7:11) exclude each other`, exception(match+`user.name == "root"`, `user.name == "a"`))
	f(`7:11 exception-vain: the exception holds for all that the rule looks for, so it says nothing until then`, exception(match+`user.name == "root"`, `has(user.name)`))
	f("", exception(match+`user.name in ["root", "a"]`, `user.name == "a"`))
	f("", exception(match+`user.name == "root"`, `source.ip == "192.0.2.1"`))
	sequence := "kind: sequence\nwindow: 5m\ngroup_by: user.name\nsteps: ['event.action == \"a\"', 'event.action == \"b\"']"
	f("", exception(sequence, `event.action == "b" and source.port == 1`))
	f(`9:11 exception-vain: the exception holds for all that step 2 looks for, so the rule says nothing until then`, exception(sequence, `event.action == "b"`))
	f(`9:11 exception-vain: the exception holds for all that step 2 looks for, so the rule says nothing until then`, exception(strings.Replace(sequence, `"b"'`, `"b" and source.port == 1'`, 1), `source.port == 1`))
	// Values that a field never has.
	f(`5:7 value-form: source.geo.country_iso_code is never == "USA": it is a code of ISO 3166-1, two letters such as DE`, match+`source.geo.country_iso_code == "USA"`)
	f(`5:7 value-form: network.transport is never == "TCP": it is in small letters: tcp`, match+`network.transport == "TCP"`)
	f("", match+`iequals(network.transport, "TCP")`)
	f(`5:7 value-form: network.transport is never == "tpc": did you mean tcp?`, match+`network.transport == "tpc"`)
	f(`5:7 value-form: network.transport matches "^TCP$": network.transport is in small letters`, match+`network.transport matches "^TCP$"`)
	f("", match+`network.transport matches "(?i)^TCP$"`)
	f("", match+`network.protocol in ["esmtp", "https", "bgp"]`)
	f(`5:7 value-form: source.port == 70000: source.port is from 0 to 65535`, match+`source.port == 70000`)
	f(`5:7 value-form: url.path is never startsWith "admin/": it begins with /`, match+`url.path startsWith "admin/"`)
	f(`5:7 value-form: http.request.method is never == "PSOT": did you mean POST?`, match+`http.request.method == "PSOT"`)
	f(`5:7 value-form: source.mac is never == "00:00:5e:00:53:01": it is written 00-00-5E-00-53-01`, match+`source.mac == "00:00:5e:00:53:01"`)
	f(`5:7 value-form: url.domain is never == "http://example.com": it is the name of a host alone, without scheme and path (see url.original, url.path)`, match+`url.domain == "http://example.com"`)
	f(`5:7 value-form: file.hash.sha256 is never == "00112233445566778899aabbccddee": it has 30 digits, which no such hash has`, match+`file.hash.sha256 == "00112233445566778899aabbccddee"`)
	const md5 = "d41d8cd98f00b204e9800998ecf8427e"
	f(`5:7 value-form: process.parent.hash.md5 == "`+md5+`": some devices write hashes in capitals, others in small letters: write iequals(process.parent.hash.md5, "`+md5+`")`, match+`process.parent.hash.md5 == "`+md5+`"`)
	f("", match+`iequals(file.hash.md5, "`+md5+`")`)
	// Rules of several events.
	f(`8:8: until: whatever is step 2 ends the sequence too, so the rule never fires`, sequence+"\nuntil: event.action in [\"b\", \"c\"]")
	f("", sequence+"\nuntil: event.action == \"c\"")
	f(`7:8: steps: no events of one key are so, as all have the same user.name: user.name == "a" (7:10) and user.name == "b" (7:30) exclude each other`, "kind: sequence\nwindow: 5m\ngroup_by: user.name\nsteps: ['user.name == \"a\"', 'user.name == \"b\"']")
	f(`8:10: an event that has no user.name is no match, so the condition is never met`, "kind: absence\nwindow: 5m\ngroup_by: user.name\nwhen: event.action == \"a\"\nwithout: event.action == \"b\" and not has(user.name)")
	threshold := "kind: threshold\nwindow: 5m\ngroup_by: source.ip\ncount: 4\n"
	f(`7:8: count: event.outcome has no more than 3 different values here, so it is never reached`, threshold+"distinct: event.outcome\nwhen: has(user.name)")
	f(`7:8: count: user.name has no more than 2 different values here, so it is never reached`, threshold+"distinct: user.name\nwhen: user.name in [\"a\", \"b\"]")
	f("", threshold+"distinct: user.name\nwhen: user.name in [\"a\", \"b\", \"c\", \"d\"]")
	f(`8:7: an event that has no source.ip is no match, so the condition is never met`, threshold+"when: not has(source.ip)")
	f("8:12 condition-odd: message: {value} is the result of an aggregate; a rule of kind threshold has none\n8:25 condition-odd: message: the $ in front of {user.name} is shown as it stands", threshold+"message: '{value} and ${user.name}'\nwhen: has(user.name)")
	f("6:12 condition-odd: message: {distinct} counts the values of distinct, which the rule does not have; {count} counts events", match+"has(user.name)\nmessage: '{distinct} names'")
	f(`6:11 condition-odd: group_by: each event has its own event.id, so no two are counted together`, "kind: threshold\nwindow: 5m\ngroup_by: event.id\ncount: 4\nwhen: has(user.name)")
	f(`7:8: ports: destination.port has no more than 1 different values here, so it is never reached`, "kind: scan\nwindow: 5m\ngroup_by: source.ip\nports: 4\nwhen: destination.port == 22")
	f(`8:7: an event that has no destination.ip is no match, so the condition is never met`, "kind: scan\nwindow: 5m\ngroup_by: source.ip\nports: 4\nwhen: not has(destination.ip)")
	f("", "kind: scan\nwindow: 5m\ngroup_by: source.ip\nhosts: 4\nwhen: not has(destination.port)")
	f(`7:8: hosts: destination.ip is in group_by, so each key has one value of it`, "kind: scan\nwindow: 5m\ngroup_by: destination.ip\nhosts: 4\nwhen: has(user.name)")
	f(`6:11: shortest: 10 beats at the interval of 30m0s take 4h30m0s, longer than the window of 2h0m0s`, "kind: beacon\nwindow: 2h\nshortest: 30m\ngroup_by: source.ip\nwhen: has(user.name)")
	f(`5:11 condition-odd: group_by: an address has one place, so source.ip never travels`, "kind: travel\ngroup_by: source.ip\nwhen: has(user.name)")
	aggregate := "kind: aggregate\nwindow: 5m\ngroup_by: source.ip\n"
	f(`9:8: above: no destination.port that the condition leaves is above 65535`, aggregate+"function: maximum\nvalue: destination.port\nabove: 65535\nwhen: has(user.name)")
	f(`9:8: above: no source.bytes that the condition leaves is above 1000`, aggregate+"function: average\nvalue: source.bytes\nabove: 1000\nwhen: source.bytes < 500")
	f("", aggregate+"function: sum\nvalue: source.bytes\nabove: 1000\nwhen: source.bytes < 500")
	f(`9:11: at_least: event.outcome has no more than 3 different values here, so it is never reached`, aggregate+"function: distinct\nvalue: event.outcome\nat_least: 4\nwhen: has(user.name)")
	f(`8:8: below: when an event is there to count, the number is at least 1; kind absence finds what is missing`, aggregate+"function: count\nbelow: 1\nwhen: has(user.name)")
	f(`8:11: at_least: no number of them, from 1 to 10000, which are kept of one key, is at_least 20000 below 30000`, aggregate+"function: count\nat_least: 20000\nbelow: 30000\nwhen: has(user.name)")
	f(`9:8: above: no number of them, from 1 to 10000, which are kept of one key, is above 10000`, aggregate+"function: distinct\nvalue: user.name\nabove: 10000\nwhen: has(user.name)")
	f(`8:8: above: no number of them, from 1 to 10000, which are kept of one key, is above 5 below 6`, aggregate+"function: count\nabove: 5\nbelow: 6\nwhen: has(user.name)")
	f(`9:8: below: no number of them, from 4 to 10000, which are kept of one key, is below 4`, aggregate+"function: count\ncount: 4\nbelow: 4\nwhen: has(user.name)")
	f(`9:11: at_least: no number is at_least 5 below 5`, aggregate+"function: sum\nvalue: source.bytes\nat_least: 5\nbelow: 5\nwhen: has(user.name)")
	f("", aggregate+"function: sum\nvalue: source.bytes\nat_least: 5\nat_most: 5\nwhen: has(user.name)")
	f("", aggregate+"function: count\nat_least: 10000\nwhen: has(user.name)")
	f("7:7 condition-odd: term: each event has its own event.id, so all are new", "kind: new_terms\ngroup_by: user.name\nhistory: 24h\nterm: event.id\nwhen: has(user.name)")
	f("", "kind: new_terms\ngroup_by: user.name\nhistory: 24h\nterm: source.ip\nwhen: has(user.name)")
	// Rules over alerts.
	below := match + "has(user.name)\ngroup_by: user.name"
	f(`12:9 condition-odd: rules: no alert of these shows file.path, by which they are grouped: add it to the fields of those`, below, "kind: threshold\nrules: [r0]\nwindow: 1h\ncount: 2\ngroup_by: file.path")
	f(`16:7 condition-odd: rules does not name ro, so no alert of it comes here; did you mean r0?`, below, "kind: threshold\nrules: [r0]\nwindow: 1h\ncount: 2\ngroup_by: user.name\nwhen: rule.id == \"ro\"")
	f(`16:7 condition-odd: no alert of the rules that it names shows file.path: add it to the fields of those`, below, "kind: threshold\nrules: [r0]\nwindow: 1h\ncount: 2\ngroup_by: user.name\nwhen: file.path == \"/a\"")
	f(`12:9 condition-odd: rules: these are 1, and count asks for alerts of 2 different ones`, below, "kind: risk\nrules: [r0]\nwindow: 1h\nscore: 10\ngroup_by: user.name")
	f(`12:9 condition-odd: rules: the risk of all of them never comes to more than 42, and score is 100`, below, "kind: risk\nrules: [r0]\nwindow: 1h\nscore: 100\ncount: 1\ngroup_by: user.name")
	f("", below, "kind: risk\nwindow: 1h\nscore: 1000\ngroup_by: user.name")
}

// TestDoubtConstant: a rule that counts may count all events; one for which each event is an alert hardly
// means that.
func TestDoubtConstant(t *testing.T) {
	f := func(rest, want string) {
		t.Helper()
		if got := doubted(t, rest); got != want {
			t.Errorf("%s\n got %q\nwant %q", rest, got, want)
		}
	}
	f("kind: match\nwhen: true\n", "5:7 condition-odd: it is always so, whatever the event")
	f("kind: threshold\nwhen: true\ngroup_by: source.ip\ncount: 3\nwindow: 1m\n", "")
	f("kind: threshold\nwhen: has(user.name) or true\ngroup_by: source.ip\ncount: 3\nwindow: 1m\n", "5:7 condition-odd: it is always so, whatever the event")
}
