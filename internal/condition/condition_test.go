package condition

import (
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/schemas"
)

func testFields(tb testing.TB, more ...event.Spec) *Fields {
	tb.Helper()
	s, err := event.New(append(schemas.ECS(), more...))
	if err != nil {
		tb.Fatal(err)
	}
	return NewFields(s)
}

func set(tb testing.TB, ev *event.Event, name string, texts ...string) {
	tb.Helper()
	f, ok := ev.Schema().Lookup(name)
	if !ok {
		tb.Fatalf("no field %s", name)
	}
	if ev.Schema().Spec(f).Array {
		for _, s := range texts {
			ev.Add(f, s)
		}
		return
	}
	if !ev.SetText(f, texts[0]) {
		tb.Fatalf("%s does not take %q", name, texts[0])
	}
}

func testEvent(tb testing.TB, fs *Fields) *event.Event {
	ev := event.NewEvent(fs.schema)
	ev.Reset("")
	set(tb, ev, "process.name", "Cmd.exe")
	set(tb, ev, "process.args", "cmd", "/c", "whoami")
	set(tb, ev, "source.ip", "10.1.2.3")
	set(tb, ev, "destination.ip", "::ffff:10.1.2.3")
	set(tb, ev, "destination.port", "443")
	set(tb, ev, "source.bytes", "100")
	set(tb, ev, "destination.bytes", "99")
	set(tb, ev, "event.category", "network", "process")
	set(tb, ev, "related.ip", "10.1.2.3", "192.0.2.1")
	set(tb, ev, "client.ip", "2001:DB8:0:0::1")
	set(tb, ev, "host.ip", "192.0.2.1", "2001:db8::1")
	set(tb, ev, "client.address", "2001:db8:0::1")
	set(tb, ev, "user.name", "root")
	set(tb, ev, "source.geo.location", `{"lat":52.52,"lon":13.405}`)
	f, _ := fs.schema.Lookup("@timestamp")
	ev.SetTime(f, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	ev.SetVendor("Odd Key", "x")
	return ev
}

func TestVerdicts(t *testing.T) {
	fs := testFields(t, event.Spec{Name: "Odd Key", Vendor: true})
	ev := testEvent(t, fs)
	f := func(src string, want bool) {
		t.Helper()
		ls := NewLeaves()
		n, err := (&Compiler{Fields: fs, Leaves: ls}).Compile(src, From(1, 1, 1))
		if err != nil {
			t.Errorf("%s: %v", src, err)
			return
		}
		m := NewMachine(ls)
		if needs, lacks := ls.Guards(n); want && (needs != event.None && !ev.Has(needs) || lacks != event.None && ev.Has(lacks)) {
			t.Errorf("%s holds, though its guards %d, %d say no", src, needs, lacks)
		}
		if m.Begin(ev); m.Eval(n) != want {
			t.Errorf("%s: want %v", src, want)
		}
	}
	f(`process.name == "Cmd.exe" and event.category == "process"`, true)
	f(`process.name == "cmd.exe"`, false)
	f(`iequals(process.name, "cmd.EXE")`, true)
	f(`client.ip == host.ip`, true)
	f(`host.ip == client.ip`, true)
	f(`client.address == client.ip`, true)
	f(`source.ip == host.ip`, false)
	f(`host.ip == user.name`, false)
	f(`like(process.name, "Cmd.*")`, true)
	f(`like(process.name, "cmd.*")`, false)
	f(`ilike(process.name, "cmd.???")`, true)
	f(`icontains(process.args, "WHO")`, true)
	f(`process.args contains "who"`, true)
	f(`"/c" in process.args`, true)
	f(`process.args in ["x", "/c"]`, true)
	f(`cidr(source.ip, "10.0.0.0/8", "192.168.0.0/16")`, true)
	f(`cidr(destination.ip, "10.0.0.0/8")`, true)
	f(`cidr(source.ip, "::ffff:10.0.0.0/104")`, true)
	f(`cidr(related.ip, "192.0.2.0/24")`, true)
	f(`source.ip == "10.1.2.3"`, true)
	f(`source.ip in ["10.1.2.4", "10.1.2.3"]`, true)
	f(`source.ip == destination.ip`, true)
	f(`source.ip in related.ip`, true)
	f(`source.bytes > destination.bytes`, true)
	f(`source.bytes <= destination.bytes`, false)
	f(`destination.port in [22, 443]`, true)
	f(`destination.port >= 443 and 444 > destination.port`, true)
	f(`destination.port > 442.5`, true)
	f(`$env["@timestamp"] >= "2026-03-02T08:00:00Z"`, true)
	f(`$env["@timestamp"] < "2026-03-02T08:00:00Z"`, false)
	f(`len(process.args) > 2 and any(process.args, # contains "who")`, true)
	f(`destination.port % 2 == 1`, true)
	f(`lower(process.name) == "cmd.exe"`, true)
	f(`vendor["Odd Key"] == "x"`, true)
	f(`cidr(source.ip, "10.1.2.0-10.1.2.3")`, true)
	f(`cidr(source.ip, "10.0.0.0-10.1.2.2", "10.1.2.4-11.0.0.0")`, false)
	f(`cidr(source.ip, "0.0.0.0-255.255.255.255")`, true)
	f(`cidr(related.ip, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")`, false)
	f(`entropy(process.name) > 2.52 and entropy(process.name) < 2.53`, true) // 5 of 7 once, e twice
	f(`entropy(user.name) == 1.5`, true)
	f(`decode_base64("cm9vdA") == user.name and decode_base64("cgBvAG8AdAA=") == user.name`, true)
	f(`decode_base64(user.name) contains "x" or decode_base64("!") != ""`, false)
	f(`hour($env["@timestamp"]) == 8 and hour($env["@timestamp"], "America/New_York") in [2, 3]`, true)
	f(`weekday($env["@timestamp"], "Asia/Tokyo") == "monday" and weekday($env["@timestamp"], "Pacific/Honolulu") == "sunday"`, true)
	f(`time_of_day($env["@timestamp"], "Asia/Kolkata") >= "13:30"`, true)
	f(`time_of_day($env["@timestamp"], "Asia/Kolkata") > "13:30"`, false)
	f(`hour(vendor["Odd Key"]) < 24`, false) // no time
	f(`geo_distance(source.geo.location, "48.8566,2.3522") > 877 and geo_distance(source.geo.location, "48.8566,2.3522") < 879`, true)
	f(`geo_distance(source.geo.location, destination.geo.location) > 0`, false)
	f(`geo_distance(source.geo.location, vendor["Odd Key"]) >= 0`, false)
	f(`any(process.args, entropy(#) > 2)`, true)
	// A missing field says no, and not turns it.
	f(`source.port > 1`, false)
	f(`not (source.port > 1)`, true)
	f(`source.port + 1 > 1`, false)
	f(`source.port == nil`, true)
	f(`source.port != nil`, false)
	f(`has(source.port)`, false)
	f(`has(source.ip)`, true)
	f(`user.email != "x"`, true)
	f(`user.email == user.name`, false)
	f(`process.name != "x" and not (process.name in ["a", "b"]) and process.name not in ["c"]`, true)
	f(`event.category != "network"`, false) // one element equals
	f(`process.name matches "^C.d"`, true)
	f(`true`, true)
}

func TestFaults(t *testing.T) {
	fs := testFields(t)
	f := func(src, want string) {
		t.Helper()
		_, err := (&Compiler{Fields: fs, Leaves: NewLeaves()}).Compile(src, From(7, 3, 3))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", src, err, want)
		}
	}
	f(`proces.name == "x"`, `7:3: no field is named proces.name; did you mean process.name?`)
	f(`destination.port == "22"`, `7:23: destination.port is of type number, but "22" is a string`)
	f(`event.category == "proces"`, `7:21: event.category never has the value "proces"; did you mean process?`)
	f(`len(process.arg) > 1`, `7:7: no field is named process.arg; did you mean process.args`)
	f(`process.name matches "\bsh"`, `7:24: a backspace stands in the regular expression`)
	f("process.name matches \"\bsh\"", `7:24: a backspace stands in the regular expression`)
	f(`process.name matches "(?!x)"`, `7:24: bad regular expression`)
	f("process.name == \"x\" and\nlike(1, \"x\")", `8:8: like takes a field first`)
	f(`cdir(source.ip, "10.0.0.0/8")`, `7:3: no function is named cdir; did you mean cidr?`)
	f(`source.ip == "10.0.0.0/8"`, `7:16: "10.0.0.0/8" is no address; networks are asked by cidr(source.ip, "10.0.0.0/8")`)
	f(`cidr(source.ip, "10.0.0.0")`, `7:19: "10.0.0.0" is no network`)
	f(`cidr(source.ip, "10.0.0.9-10.0.0.5")`, `7:19: "10.0.0.9-10.0.0.5" is no range of addresses`)
	f(`cidr(source.ip, "10.0.0.9-::1")`, `7:19: "10.0.0.9-::1" is no range of addresses`)
	f(`lowr(user.name) == "a"`, `7:3: no function is named lowr; did you mean lower?`)
	f(`has(labels.source_ownr)`, `7:7: no field is named labels.source_ownr; labels are what the tables of the configuration add`)
	f(`entropi(user.name) > 3`, `7:3: no function is named entropi; did you mean entropy?`)
	f(`entropy(user.name)`, `7:3: entropy gives a number: compare it`)
	f(`entropy(source.bytes) > 3`, `7:`)
	f(`entropy(user.name) == "x"`, `7:`)
	f(`entropy(user.nam) > 3`, `7:11: no field is named user.nam; did you mean user.name?`)
	f(`hour($env["@timestamp"], "Berlin") > 3`, `7:28: hour: "Berlin" is no time zone`)
	f(`weekday($env["@timestamp"], user.name) == "monday"`, `7:31: weekday takes its time zone as a constant text`)
	f(`geo_distance(source.geo.location, "Berlin") > 3`, `7:37: geo_distance: "Berlin" is no place`)
	f(`geo_distance(source.geo.location, 52, 13) > 3`, `7:`)
	f(`hour(user.name) > 3`, `7:8: hour takes a field of type date, but user.name is of type text`)
	f(`geo_distance(user.name, "52.52,13.40") > 3`, `7:16: geo_distance takes a field of type object, but user.name is of type text`)
	f(`weekday($env["@timestamp"]) in ["sunday", "Monday"]`, `7:45: weekday is never "Monday": it is one of sunday, monday, tuesday, wednesday, thursday, friday, saturday; did you mean monday?`)
	f(`time_of_day($env["@timestamp"]) >= "7:30"`, `7:38: time_of_day is never "7:30": it is a text from "00:00" to "23:59"`)
	f(`event.category in []`, `7:21: the list is empty: nothing is in it`)
	f(`"a" == "b"`, `7:3: two constants are compared`)
	f(`has(user.name) and 1 < 2`, `7:22: two constants are compared`)
	f(`source.geo.location == "x"`, `7:3: source.geo.location is a place: ask how far it is, geo_distance(source.geo.location, "52.52,13.40") < 100`)
	f(`startsWith(user.name, "x")`, `7:3: unexpected token Operator("startsWith"); write FIELD startsWith "a"`)
	f(`user.name startswith "x"`, `7:13: unexpected token Identifier("startswith"); write FIELD startsWith "a"`)
	f(`in(user.name, ["x"])`, `7:3: unexpected token Operator("in"); write FIELD in ["a", "b"]`)
	f(`user.name is "x"`, `7:13: unexpected token Identifier("is"); write ==`)
	f(`lower(user.name) in ["root", "Admin"]`, `7:32: lower gives no "Admin"; write "admin"`)
	f(`upper(user.name) startsWith "Ad"`, `7:31: upper gives no "Ad"; write "AD"`)
	f(`cidr(source.port, "10.0.0.0/8")`, `7:8: cidr takes an address, but source.port is of type number`)
	f(`iequals(event.outcome, "Failure", "failed")`, `7:37: event.outcome never has the value "failed"; did you mean failure?`)
	f(`24 == hour($env["@timestamp"]) or hour($env["@timestamp"]) > 25`, `7:64: hour is never 25: it is a whole number from 0 to 23`)
	f(`user.name == root`, `7:16: no field is named root; a text stands in quotes: "root"`)
	f(`process.executable == "C:\temp\new.exe"`, `7:25: a backslash and the letter behind it became a control character in "C:\temp\new.exe"`)
	f(`not user.name == "a"`, `7:17: invalid operation: not (mismatched type string); not binds tighter than ==`)
	f(`like(user.name, "^a.*$")`, `7:19: like knows * and ? only; write user.name matches "^a.*$"`)
	f(`user.name == null`, `7:16: no field is named null; to ask whether there is none, write not has(user.name)`)
	f(`has(user.name) == true`, `7:3: has asks a field, and only and, or, not may join it with more; of a list it asks each element by itself`)
	f(`any(related.ip, cidr(#, "10.0.0.0/8"))`, `7:19: cidr asks a field, and only and, or, not may join it with more; of a list it asks each element by itself`)
	f(`exists(user.name)`, `7:3: no function is named exists; write has(FIELD)`)
	f(`startswith(user.name, "a")`, `7:3: no function is named startswith; write FIELD startsWith "a"`)
	f(`user.name !in ["a"]`, `7:13: unexpected token Operator("!"); write not (FIELD in ["a", "b"])`)
	f(`user.name == "a" or "b"`, `7:23: expected bool, but got string; each side of and and or asks for itself: A == "a" or A == "b", or A in ["a", "b"]`)
	f(`user.name in ["a" "b"]`, `7:21: unexpected token String("b"); a comma is missing before it`)
	f(`(user.name == "a"`, `7:19: unexpected token EOF; a ( is not closed`)
	f(`user.name == "a" and`, `7:22: unexpected token EOF; the condition ends behind and, which something must follow`)
	f(`user.name ==`, `7:14: unexpected token EOF; the condition ends behind ==, which something must follow`)
	f(`user.name == "a" AND host.name == "b"`, `7:20: unexpected token Identifier("AND"); write and`)
	f(`NOT has(user.name)`, `7:7: unexpected token Identifier("has"); write not`)
	f(`user.name = "a"`, `7:13: unexpected token Operator("="); write ==`)
	f(`user.name =~ "a"`, `7:13: unexpected token Operator("="); write matches "regular expression"`)
	f(`user.name <> "a"`, `7:14: unexpected token Operator(">"); write !=`)
	f(`user.name in ("a", "b")`, `7:20: unexpected token Operator(","); write the list in [ ]`)
	f(`user.name == “a”`, `7:16: unrecognized character: U+201C '“'; write straight quotes "`)
	f(`@timestamp > "x"`, `7:3: unrecognized character: U+0040 '@'; write $env["@timestamp"]`)
	f(`user.name like "a*"`, `7:13: unexpected token Identifier("like"); write like(FIELD, "a*")`)
	f(`user.name ~ "a"`, `7:13: unrecognized character: U+007E '~'; write matches "regular expression"`)
	f(`user.name is not null`, `7:13: unexpected token Identifier("is"); write has(FIELD)`)
	f(`user.name is null`, `7:13: unexpected token Identifier("is"); write not has(FIELD)`)
	f(`user.name == "a" & host.name == "b"`, `7:20: unexpected token Operator("&"); write and`)
	f(`source.port between 1 and 9`, `7:15: unexpected token Identifier("between"); write FIELD >= 1 and FIELD <= 9`)
	f(`source.ip == "10.0.0.300"`, `7:16: "10.0.0.300" is no address`)
	f(`user.name > 3`, `7:15: user.name is of type text: order needs numbers or times`)
	f(`user.name > host.name`, `7:`)
	f(`(user.name ?? user.email) == "a"`, `7:14: ?? is for group_by, distinct and texts`)
	f(`now() > date("2026-01-01")`, `7:3: now is refused`)
	f(`any(tags, any(process.args, # == "x"))`, `7:13: a predicate inside a predicate is refused`)
	f(`len(1..100) > 3`, `7:`)
	f(`user.name matches host.name`, `7:21: a regular expression must be a constant`)
	f(`user.name`, `7:3: user.name is of type text: ask has(user.name)`)
	f(`user.name ==`, `7:14: unexpected token EOF`)
	f(`let x = 1; x > 2`, `7:7: a condition is one expression`)
	f(strings.Repeat("(", 20000), `7:3: the condition has 20000 bytes`)
}

// TestAllFaults: one run names every fault of a condition.
func TestAllFaults(t *testing.T) {
	_, err := (&Compiler{Fields: testFields(t), Leaves: NewLeaves()}).Compile(`usr.name == "x" and source.port == "y" or cdr(source.ip, "x")`, From(1, 1, 1))
	if fs, ok := err.(Faults); !ok || len(fs) != 3 {
		t.Errorf("%v", err)
	}
}
