package rules

import (
	"strings"
	"testing"
	"time"

	"sluice/event"
)

const excepted = `
exceptions:
- {when: 'user.name == "backup"', owner: ops, expires: 2026-03-02, reason: until it is replaced}
- {when: 'host.name == "lab"', owner: ops, expires: "2026-03-02T08:00:00Z", reason: a laboratory}
`

// TestExceptions: an exception holds until it expires, by the event's time.
func TestExceptions(t *testing.T) {
	s := load(t, Options{}, `
id: login
title: A login
kind: match
level: low
when: event.action == "login"
`+excepted)
	f := func(user, host, at string, want int) {
		t.Helper()
		ev := event.NewEvent(testSchema)
		ev.Reset("")
		for name, v := range map[string]string{"event.action": "login", "user.name": user, "host.name": host} {
			field, _ := testSchema.Lookup(name)
			ev.SetText(field, v)
		}
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		m := s.NewMatcher()
		if got := len(m.Match(ev, Instant{Time: when, ID: "1"})); got != want {
			t.Errorf("%s on %s at %s: %d matches, want %d", user, host, at, got, want)
		}
		w, _ := m.Why(s.Rules()[0], ev, Instant{Time: when, ID: "1"})
		if (w.Exception != nil) != (want == 0) || want == 0 && !strings.Contains(w.Because, "it is excepted until") {
			t.Errorf("why: %s, %+v", w.Because, w.Exception)
		}
		if late := want == 1 && user+host != "aliceweb1"; late != strings.Contains(w.Because, ") expired at 2026-03-0") {
			t.Errorf("%s on %s at %s: %s", user, host, at, w.Because)
		}
	}
	f("alice", "web1", "2026-03-02T12:00:00Z", 1)
	f("backup", "web1", "2026-03-02T23:59:59Z", 0)
	f("backup", "web1", "2026-03-03T00:00:00Z", 1)
	f("alice", "lab", "2026-03-02T07:59:59Z", 0)
	f("alice", "lab", "2026-03-02T08:00:00Z", 1)
}

// TestExceptionKeepsState: what was counted before an exception came stays counted, and what
// comes after is counted by it; the alert says by which version it was found.
func TestExceptionKeepsState(t *testing.T) {
	const other = "exceptions: [{when: 'user.name == \"backup\"', owner: ops, expires: 2026-12-31, reason: x}]\n"
	versions := map[string]bool{}
	f := func(before, after string) {
		t.Helper()
		s, next := load(t, Options{}, bruteForce+before), load(t, Options{}, bruteForce+after)
		versions[s.Rule("brute").Version] = true
		m := Match{Rule: "brute", Hash: s.Rule("brute").Hash, Key: `["192.0.2.1"]`, Namespace: "default", Fields: "{}"}
		see := func(c *Correlator, id string, second int) {
			m.ID, m.Time = id, start.Add(time.Duration(second)*time.Second)
			c.Observe(&m)
		}
		c := s.NewCorrelator()
		see(c, "a", 0)
		see(c, "b", 1)
		c.Advance("", start.Add(time.Second))
		_, records := c.Drain()
		c = next.NewCorrelator()
		for _, r := range records {
			if err := c.Restore(r.Key, r.Value); err != nil {
				t.Fatal(err)
			}
		}
		see(c, "c", 2) // of before: a match that is on its way counts
		c.End()
		alerts, _ := c.Drain()
		if len(alerts) != 1 || alerts[0].Count != 3 || !strings.Contains(string(alerts[0].Doc), `"version":"`+next.Rule("brute").Version+`"`) {
			t.Errorf("%q, then %q: %+v", before, after, alerts)
		}
	}
	f("", excepted)
	f(excepted, other)
	f(other, "")
	if len(versions) != 3 || !versions[load(t, Options{}, bruteForce).Rule("brute").Hash[:8]] {
		t.Errorf("versions %v", versions)
	}
}

// TestExceptionLeavesEnds: who is excepted begins nothing, but ends it.
func TestExceptionLeavesEnds(t *testing.T) {
	f := func(text, action string, want uint32) {
		t.Helper()
		s := load(t, Options{}, text+excepted)
		ev := event.NewEvent(testSchema)
		ev.Reset("")
		for name, v := range map[string]string{"event.action": action, "user.name": "backup", "host.name": "web1", "source.ip": "192.0.2.1"} {
			field, _ := testSchema.Lookup(name)
			ev.SetText(field, v)
		}
		got := uint32(0)
		for _, m := range s.NewMatcher().Match(ev, Instant{Time: start, ID: "1"}) {
			got |= m.Steps
		}
		if got != want {
			t.Errorf("steps %b, want %b", got, want)
		}
	}
	f(noBackupEnd, "begin", 0)
	f(noBackupEnd, "end", absenceWithout)
	until := strings.Replace(kill, "unordered", "sequence", 1) + "until: event.action == \"end\"\n"
	f(until, "a", 0)
	f(until, "end", untilStep)
}

func TestResponse(t *testing.T) {
	s := load(t, Options{}, rootShell+`
set:
  event.reason: "{user.name} on {host.name}, {count} times"
  host.os.family: linux
investigation: ["ask {user.name}", "look at {source.ip}"]
route: [oncall, mail]
falsepositives: [Maintenance]
data: [sshd]
`)
	a := s.Alert(&Match{Rule: "root", Hash: s.Rule("root").Hash, Key: "[]", Time: start, ID: "1", Namespace: "default", Fields: `{"user.name":["root"],"host.name":["web1"]}`})
	for _, want := range []string{`"reason":"root on web1, 1 times"`, `"family":"linux"`, `"investigation":["ask root","look at (unknown)"]`, `"route":["oncall","mail"]`, `"falsepositives":["Maintenance"]`} {
		if !strings.Contains(string(a.Doc), want) {
			t.Errorf("no %s in %s", want, a.Doc)
		}
	}
}

func TestResponseFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(rootShell + text)}}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	f("exceptions: [{when: has(user.name), owner: a, expires: 2026-12-31}]\n", "r.yml:8:14: exceptions: reason is missing")
	f("exceptions: [{when: has(user.name), reason: a, expires: 2026-12-31}]\n", "exceptions: owner is missing")
	f("exceptions: [{when: has(user.name), owner: a, reason: b}]\n", "exceptions: expires is missing")
	f("exceptions: [{when: has(user.name)}]\n", "exceptions: owner is missing")
	f("exceptions: [{when: has(user.name)}]\n", "exceptions: reason is missing")
	f("exceptions: [{when: has(user.name)}]\n", "exceptions: expires is missing")
	f("exceptions: [{when: has(user.name), owner: a, reason: b, expires: soon}]\n", `r.yml:8:67: expires: "soon" is neither a day`)
	f("exceptions: [{when: has(user.nam), owner: a, reason: b, expires: 2026-12-31}]\n", "no field is named user.nam; did you mean user.name")
	f("exceptions: [{wehn: has(user.name), owner: a, reason: b, expires: 2026-12-31}]\n", "unknown key wehn; did you mean when?")
	f("exceptions: [x]\n", "an exception has when, owner, expires and reason")
	f("set: {event.reson: a}\n", "r.yml:8:7: set: no field is named event.reson; did you mean event.reason?")
	f("set: {sluice.alert.id: a}\n", "set: sluice.alert.id of an alert is filled by Sluice")
	f("set: {source.port: \"1\"}\n", "set: source.port holds no text")
	f("set: {event.outcome: succes}\n", `set: event.outcome never has the value "succes"; did you mean success?`)
	f("set: {event.reason: \"{user.nam}\"}\n", "no field is named user.nam; did you mean user.name?")
	f("investigation: [\"ask {user.name\"]\n", "investigation: a { without its }")
}
