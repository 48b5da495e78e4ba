package normalize_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestSteps holds each verb to what docs/packs.md says of it: the fields that a
// line gives, without those that the engine adds to every event.
func TestSteps(t *testing.T) {
	f := func(steps, line string, want string) {
		t.Helper()
		text := "pack: a_b\nmessage: false\nrecognize: [\"@@@\"]\nvars: [_a, _b, _c]\ntables: {level: {\"1, 2\": high, default: keep}}\n" +
			"fields: {json: [a.json], long: [a.long], double: [a.double], bool: [a.bool]}\nsteps:\n" + steps
		w := open(t, []normalize.File{{Name: "p.yml", Text: []byte(text)}}).NewWorker()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received, Pack: "a_b"}, "", received)
		var got map[string]any
		if err := json.Unmarshal(ev.AppendJSON(nil), &got); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"@timestamp", "data_stream", "ecs", "event", "log", "related", "network"} {
			delete(got, k)
		}
		own, _ := got["sluice"].(map[string]any)
		delete(own, "pack")
		if len(own) == 0 {
			delete(got, "sluice")
		}
		if doc, _ := json.Marshal(got); string(doc) != want {
			t.Errorf("%s\n%s\ngot  %s\nwant %s", steps, line, doc, want)
		}
	}
	f("- pattern: 'a {user.name} b{? {source.port:int}}'", "a  x y  b 7", `{"source":{"port":7},"user":{"name":"x y"}}`)
	f("- pattern: 'a {user.name}'", "b", `{"sluice":{"unparsed":"p.yml:8:12: no pattern fits behind byte 0"},"tags":["unparsed"]}`)
	f("- pattern: 'a {source.port}'", "a x", `{"sluice":{"unparsed":"p.yml:8:12: source.port cannot hold \"x\""},"tags":["partly_parsed"]}`)
	// a value of blanks is none
	f("- json: {h: host.name, u: user.name}", `{"h":" ","u":" \t"}`, `{}`)
	f("- kv: {map: {h: host.name, u: user.name}}", `h=" " u=ann`, `{"user":{"name":"ann"}}`)
	f("- csv: {columns: [host.name, user.name]}", `   ,ann`, `{"user":{"name":"ann"}}`)
	f("- json: {}\n- kept: {map: {h: host.name}}\n- known: {}", `{"h":" ","hostname":"\t"}`, `{"sluice":{"vendor":{"h":" ","hostname":"\t"}}}`)
	// what no field took of a list's elements is kept, all values of a key as one list
	deltas := `{"d":[{"a":"ADD","r":"x","m":"u1"},{"a":"DEL","r":"y"},{"a":"ADD","r":"z","l":["1","2"]}]}`
	f(`- json: {"d[]": [{where: {a: ADD}, every: {r: "group.name:add"}}]}`, deltas,
		`{"group":{"name":["x","z"]},"sluice":{"vendor":{"d.a":["ADD","ADD","DEL"],"d.l":["1","2"],"d.m":"u1","d.r":"y"}}}`)
	f(`- json: {"d[]": [{where: {a: ADD}, take: {r: group.name, a: _}}]}`, deltas,
		`{"group":{"name":"x"},"sluice":{"vendor":{"d.l":["1","2"],"d.m":"u1","d.r":["y","z"]}}}`)
	f(`- json: {"d[]": {take: {r: "group.name:add"}}}`, deltas,
		`{"group":{"name":["x","y","z"]},"sluice":{"vendor":{"d.a":["ADD","DEL","ADD"],"d.l":["1","2"],"d.m":"u1"}}}`)
	// and one object is a list of one, whatever else is asked of the list
	one := `{"d":{"a":"ADD","r":"x","m":"u1"}}`
	for _, line := range []string{one, `{"d":[{"a":"ADD","r":"x","m":"u1"}]}`} {
		f(`- json: {"d[]": [{where: {a: ADD}, take: {r: group.name}}, {take: {m: user.name}}]}`, line,
			`{"group":{"name":"x"},"sluice":{"vendor":{"d.a":"ADD","d.m":"u1"}},"user":{"name":"u1"}}`)
		f(`- json: {"d[]": [{where: {a: DEL}, take: {r: group.name}}, {take: {m: user.name}}]}`, line,
			`{"sluice":{"vendor":{"d.a":"ADD","d.r":"x"}},"user":{"name":"u1"}}`)
	}
	f(`- json: {d.0: {r: group.name, a: _}}`, deltas,
		`{"group":{"name":"x"},"sluice":{"vendor":{"d.l":["1","2"],"d.m":"u1","d.r":["y","z"]}}}`)
	f(`- json: {d: {r: group.name}}`, `{"d":[{"r":"x"}],"e":[{"r":"y"}]}`, `{"group":{"name":"x"},"sluice":{"vendor":{"e":"[{\"r\":\"y\"}]"}}}`)
	f(`- json: {ip: "source:addr", n.0: user.name}`, `{"ip":["192.0.2.1","192.0.2.2"],"n":["ann","bob"]}`,
		`{"sluice":{"vendor":{"ip":"192.0.2.2","n":"bob"}},"source":{"address":"192.0.2.1","ip":"192.0.2.1"},"user":{"name":"ann"}}`)
	f("- json: {d: _, d.0: {r: group.name}}", deltas, `{"group":{"name":"x"},"sluice":{"vendor":{"d.a":"ADD","d.m":"u1"}}}`)
	// the generic readers do not take a further element for the event
	f("- json: {d.0: {ip: \"source:addr\"}}\n- known: {}", `{"d":[{"ip":"192.0.2.1"},{"hostname":"other"}]}`,
		`{"sluice":{"vendor":{"d.hostname":"other"}},"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`)
	f("- pattern: '{_a} {_b} {_c}'\n- all: {\"process.args:hextext\": [_b, user.name, _a, _c]}", "2F7661722F6C6962202F78 -b 2F7661722F6C6962202F79", `{"process":{"args":["-b","/var/lib /x","/var/lib /y"]}}`)
	f("- maybe: 'a {user.name}'", "b", `{}`)
	f("- kv: {empty: ['-'], map: {src: 'source:addr', u: user.name}}", `src=192.0.2.1 u="a \"b\"" x=1 y=-`, `{"sluice":{"vendor":{"x":"1"}},"source":{"address":"192.0.2.1","ip":"192.0.2.1"},"user":{"name":"a \"b\""}}`)
	f("- kv: {pair: ',', value: ':', map: {src: 'source:addr'}}", "src: h.example.org, z: 2", `{"sluice":{"vendor":{"z":"2"}},"source":{"address":"h.example.org","domain":"h.example.org"}}`)
	f("- csv: {columns: [user.name, _, source.port]}", `"a ""b""",x,7`, `{"source":{"port":7},"user":{"name":"a \"b\""}}`)
	f("- cef: {name: rule.name, map: {src: 'source:addr'}, labels: {Rule: rule.id}}", `CEF:0|v|p|1|7|the \| name|5|src=192.0.2.1 cs1=r 1 cs1Label=Rule msg=a \= b`,
		`{"rule":{"id":"r 1","name":"the | name"},"sluice":{"vendor":{"msg":"a = b"}},"source":{"address":"192.0.2.1","ip":"192.0.2.1"}}`)
	f("- cef: {labels: {Rule: rule.id}}", `CEF:0|v|p|1|7|n|5|cs1Label="Rule" cs1="r 1" cs2Label="Other" cs2=`, `{"rule":{"id":"r 1"}}`)
	f("- cef: {labels: {Rule: rule.id}}", "CEF:0|v|p|1|7|n|5|"+strings.Repeat("e= ", 30)+"a0=1 a1=1 a2=1 a3=1 a4=1 a5=1 a6=1 a7=1 a8=1 a9=1 b0=1 b1=1 b2=1 b3=1 b4=1 b5=1 b6=1 b7=1 b8=1 b9=1 c0=1 c1=1 c2=1 c3=1 c4=1 cs1=r cs1Label=Rule",
		`{"rule":{"id":"r"},"sluice":{"vendor":{"a0":"1","a1":"1","a2":"1","a3":"1","a4":"1","a5":"1","a6":"1","a7":"1","a8":"1","a9":"1","b0":"1","b1":"1","b2":"1","b3":"1","b4":"1","b5":"1","b6":"1","b7":"1","b8":"1","b9":"1","c0":"1","c1":"1","c2":"1","c3":"1","c4":"1"}}}`)
	f("- cef: {map: {src: 'source:addr', suser: user.name}}", "CEF:0|v|p|1|7|n|5|\n  src=192.0.2.1\n  suser=x y\nmsg=a", // lines instead of spaces
		`{"sluice":{"vendor":{"msg":"a"}},"source":{"address":"192.0.2.1","ip":"192.0.2.1"},"user":{"name":"x y"}}`)
	f("- cef: {}", "CEF:0|v", `{"sluice":{"unparsed":"p.yml:8:8: the CEF header ends early behind byte 6"},"tags":["unparsed"]}`)
	f("- json: {a.b: user.name, n: a.long, d: a.double, t: a.bool, o: a.json, skip: _}", `{"a":{"b":"x","c":[1]},"n":1e3,"d":0.5,"t":true,"o":{"k":[1]},"skip":{"z":1},"e":"","nul":null}`,
		`{"a":{"bool":true,"double":0.5,"json":{"k":[1]},"long":1000},"sluice":{"vendor":{"a.c":"[1]","e":""}},"user":{"name":"x"}}`)
	f("- json: {id.orig_h: source.ip, a.b: user.name}", `{"id.orig_h":"192.0.2.1","a":{"b":"x"},"c.d":"y"}`, `{"sluice":{"vendor":{"c.d":"y"}},"source":{"ip":"192.0.2.1"},"user":{"name":"x"}}`)
	f(`- json: {a.b.*: v.*, "*": w.*}`, `{"a.b.c":"1","a":{"b":{"d":"2"}},"e.f":"3","a.b.g":[1],"a.h":"4"}`, `{"sluice":{"vendor":{"v.c":"1","v.d":"2","v.g":"[1]","w.a.h":"4","w.e.f":"3"}}}`)
	f("- json: {a: _a, t: _b, q: _c}\n- object: {dns.answers: {data: _a, ttl: _b, name: _c}}", `{"a":["x","y"],"t":[7.0,8],"q":"n"}`,
		`{"dns":{"answers":[{"data":"x","name":"n","ttl":7},{"data":"y","name":"n","ttl":8}]}}`)
	f("- json: {a: user.name}", `[1]`, `{"sluice":{"unparsed":"p.yml:8:9: no JSON object behind byte 0"},"tags":["unparsed"]}`)
	f("- json: {'l[]': {to: dns.answers, rename: {x: data}, take: {x: 'dns.resolved_ip:ips'}}}", `{"l":[{"x":"192.0.2.1","y":1},{"x":"h"}]}`,
		`{"dns":{"answers":[{"data":"192.0.2.1"},{"data":"h"}],"resolved_ip":["192.0.2.1"]}}`)
	f("- {pattern: '{_a}', table: {_a -> user.name: {a: b, c: null, default: null}}}", "x", `{}`)
	f("- {pattern: '{_a}', table: {_a -> user.name: {a: b, c: null, default: other}}}", "c", `{}`)
	f("- {pattern: '{_a:int}', table: {_a -> user.name: level}}", "2", `{"user":{"name":"high"}}`)
	f("- {pattern: '{user.name:level}'}", "9", `{"user":{"name":"9"}}`)
	f("- pattern: '{_a}'\n- case: {_a: {\"x, y\": {set: {user.name: one}}, default: {set: {user.name: other}}}}", "y", `{"user":{"name":"one"}}`)
	f("- pattern: '{_a} {_b}'\n- set: {user.name: '{_a}/{_b}', user.id: '{_c}', tags: [t]}", "x y", `{"tags":["t"],"user":{"name":"x/y"}}`)
	// numbers that were computed are texts where a text is asked for
	f("- pattern: '{file.size:kb}'\n- set: {user.name: 'n{file.size}'}", "1", `{"file":{"size":1024},"user":{"name":"n1024"}}`)
	f("- json: {n: file.size}\n- set: {user.name: 'n{file.size}'}\n- first: {'user.id:lower': [file.size]}", `{"n":7.0}`, `{"file":{"size":7},"user":{"id":"7","name":"n7"}}`)
	f("- json: {n: file.size}\n- {table: {file.size -> user.name: level}}\n- case: {file.size: {'1': {set: {user.id: one}}}}", `{"n":1}`, `{"file":{"size":1},"user":{"id":"one","name":"high"}}`)
	f("- pattern: '{_a} {_b}'\n- first: {user.name: [_c, _b]}", "x y", `{"user":{"name":"y"}}`)
	f("- pattern: '{source.bytes:int} {destination.bytes:int}'\n- sum: {a.long: [source.bytes, destination.bytes]}", "3 4", `{"a":{"long":7},"destination":{"bytes":4},"source":{"bytes":3}}`)
	f("- pattern: '{http.response.status_code:int}'\n- range: {http.response.status_code -> user.name: {100: ok, 400: bad}}", "404", `{"http":{"response":{"status_code":404}},"user":{"name":"bad"}}`)
	f("- pattern: '{event.code} x'\n- range: {event.code -> user.name: {100: low, 400: high}}", "0404 x", `{"user":{"name":"high"}}`)
	f("- pattern: '{_a} {user.name}'\n- object: {dns.answers: {name: user.name, data: _a}}", "x y", `{"dns":{"answers":[{"data":"x","name":"y"}]},"user":{"name":"y"}}`)
	f("- pattern: '{_a} {_b}'\n- when: {_a not: x}\n  set: {user.name: no}\n- when: {_a: [x, z], _c: null, _b: set}\n  set: {user.name: yes}", "x y", `{"user":{"name":"yes"}}`)
	f("- pattern: '{user:user} at'", "ann@example.com at", `{"user":{"domain":"example.com","email":"ann@example.com","name":"ann"}}`)
	f("- pattern: '{user:user} at'", "root@192.0.2.1 at", `{"user":{"name":"root"}}`)
	f("- pattern: '{source.user:lastuser} at'", `DOM\bob at`, `{"source":{"user":{"domain":"DOM","name":"bob"}}}`)
}

// TestOverflow: counters near the end of their range give no sum, and no number below 0.
func TestOverflow(t *testing.T) {
	f := verbCase(t)
	bytes := "- json: {s: source.bytes, d: destination.bytes, p: source.packets, q: destination.packets}"
	f(bytes, `{"s":9223372036854775807,"d":1}`, "network.bytes", "")
	f(bytes, `{"s":9223372036854775806,"d":1}`, "network.bytes", "9223372036854775807")
	f(bytes, `{"s":-5,"d":7}`, "network.bytes", "")
	f(bytes, `{"p":9223372036854775807,"q":9223372036854775807}`, "network.packets", "")
	sum := "- json: {s: source.bytes, d: destination.bytes}\n- sum: {file.size: [source.bytes, destination.bytes]}"
	f(sum, `{"s":9223372036854775807,"d":1}`, "file.size", "")
	f(sum, `{"s":9223372036854775806,"d":1}`, "file.size", "9223372036854775807")
	f(sum, `{"d":0}`, "file.size", "0")
	took := func(typ string) string {
		return "- json: {end: 'event.end:iso', took: 'event.duration:" + typ + "'}"
	}
	for _, typ := range []string{"seconds", "ms", "us", "minutes", "clock"} {
		f(took(typ), `{"took":"9999999999"}`, "sluice.time", "")
		f(took(typ), `{"end":"2026-03-02T08:00:00Z","took":"NaN"}`, "event.duration", "")
	}
	f(took("seconds"), `{"took":"9999999999"}`, "event.duration", "")
	f(took("clock"), `{"took":"99999999:00:00"}`, "event.duration", "")
	f(took("seconds"), `{"end":"2026-03-02T08:00:00Z","took":"4294967295"}`, "event.start", "")
	f(took("seconds"), `{"end":"2026-03-02T08:00:00Z","took":"5"}`, "event.start", "2026-03-02T07:59:55.000Z")
	f("- json: {end: 'event.end:iso', took: event.duration}", `{"end":"2026-03-02T08:00:00Z","took":-5}`, "event.start", "")
}

// TestKeptInAnyOrder: of keys for one field the one that a pack names last counts, wherever it stands.
func TestKeptInAnyOrder(t *testing.T) {
	f := verbCase(t)
	const steps = "- json: {'*': acme.*}\n- kept: {under: [acme.event, acme], empty: ['-'], map: {UserName: user.name, Login: user.name, Sid: user.id}}"
	for _, line := range []string{`{"UserName":"ann","Login":"bob","Sid":"7"}`, `{"Login":"bob","Sid":"7","UserName":"ann"}`} {
		f(steps, line, "user.name", "bob")
		f(steps, line, "user.id", "7")
	}
	f(steps, `{"Login":"-","UserName":"ann"}`, "user.name", "ann")
	f(steps, `{"Login":"bob","event":{"Login":"ada"}}`, "user.name", "bob")
	f(steps, `{"event":{"Login":"ada"},"Login":"bob"}`, "user.name", "bob")
	f("- json: {}\n- kept: {under: [event, ''], map: {Login: user.name}}", `{"Login":"bob"}`, "user.name", "bob")
}
