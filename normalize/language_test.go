package normalize_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
	"sluice/schemas"
)

// TestTableNull: null in the table of a field itself empties the field; elsewhere it sets nothing.
func TestTableNull(t *testing.T) {
	f := verbCase(t)
	same := "- pattern: \"{_x} {user.name}\"\n- table: {_x -> _x: {a: null, b: c, default: keep}}\n- set: {user.id: \"{_x}\"}"
	f(same, "a ann", "user.id", "")
	f(same, "A ann", "user.id", "")
	f(same, "b ann", "user.id", "c")
	f(same, "d ann", "user.id", "d")
	f("- pattern: \"{_x}\"\n- table: {_x -> _x: {a: b}}\n- set: {user.id: \"{_x}\"}", "z", "user.id", "z")
	f("- pattern: \"{_x}\"\n- table: {_x -> _x: {a: b, default: null}}\n- set: {user.id: \"{_x}\"}", "z", "user.id", "")
	f("- pattern: \"{_x} {user.name}\"\n- table: {_x -> user.name: {a: null}}", "a ann", "user.name", "ann")
}

// TestMAC: a hardware address has six bytes or eight, whatever marks stand in it; other texts are none.
func TestMAC(t *testing.T) {
	f := verbCase(t)
	step := `- pattern: "{source.mac:mac}"`
	for _, c := range []struct{ text, want string }{
		{"00:00:5e:00:53:01", "00-00-5E-00-53-01"},
		{"0000.5e00.5301", "00-00-5E-00-53-01"},
		{"00005E005301", "00-00-5E-00-53-01"},
		{"0:0:5e:0:53:1", "00-00-5E-00-53-01"},
		{"0:0:5e:10:0:0:0:1", "00-00-5E-10-00-00-00-01"},
		{"00-00-5e-ef-10-00-00-00", "00-00-5E-EF-10-00-00-00"},
		{"somebody", ""},
		{"00:00:5e:00:53", ""},
		{"00:00:5e:00:53:01:02", ""},
		{"00:00:5e:00:53:01:02:03:04", ""},
		{"deadbeef", ""},
		{"-", ""},
	} {
		f(step, c.text, "source.mac", c.want)
	}
	f(step, "somebody", "sluice.unparsed", `p.yml:6:12: source.mac:mac cannot hold \"somebody\`)
	f(step, "<13>Mar  2 09:00:00 h p: -", "sluice.unparsed", "")
	for _, masked := range []string{"xx:xx:xx:xx:xx:xx", "XX-XX-XX-XX-XX-XX", "xxxxxx", "***"} {
		f(step, masked, "source.mac", "")
		f(step, "<13>Mar  2 09:00:00 h p: "+masked, "sluice.unparsed", "")
	}
	f(`- pattern: "{source.ip:text}"`, "<13>Mar  2 09:00:00 h p: xxx.xxx.xxx.xxx", "sluice.unparsed", "")
	f(`- json: {"nics[]": {take: {mac: "host.mac:mac"}}}`, `{"nics":[{"mac":"00:00:5e:00:53:01"},{"mac":"x"}]}`, "host.mac", "00-00-5E-00-53-01")
}

// TestRenameBelow: rename reaches keys of objects in the elements, also where they are written with a dot.
func TestRenameBelow(t *testing.T) {
	f := verbCase(t)
	step := `- json: {"l[]": {to: dns.answers, rename: {n: name, rd.value: data, rd.meta.ttl: ttl}}}`
	f(step, `{"l":[{"n":"a.example","rd":{"value":"192.0.2.1","meta":{"ttl":7}}},{"rd":{"value":"x"},"n":"b"}]}`, "dns.answers", `[{"name":"a.example","data":"192.0.2.1","ttl":7},{"data":"x","name":"b"}]`)
	f(step, `{"l":[{"rd.value":"x","rd":{"value":"y","meta":3}}]}`, "dns.answers", `[{"data":"x"}]`)
	f(step, `{"l":[{"rd":"x"},{"rd":[1]}]}`, "dns.answers", `[{},{}]`)
}

// TestLabelAlone: a key of a vendor's that ends as labels do is a key, unless what it would be the label of is there.
func TestLabelAlone(t *testing.T) {
	f := verbCase(t)
	f("- cef: {}", "CEF:0|A|B|1|7|N|5|sensitivityLabel=Secret cs1Label=Policy cs1=outer cs2Label=None externalIdLabel=Id externalId=7", "sluice.vendor", "sensitivityLabel=Secret Policy=outer Id=7")
	f("- cef: {map: {sensitivityLabel: rule.name}}", "CEF:0|A|B|1|7|N|5|sensitivityLabel=Secret", "rule.name", "Secret")
	f("- cef: {}", "CEF:0|A|B|1|7|N|5|Label=x", "sluice.vendor", "")
	f("- cef: {map: {cnt: user.id}}", "CEF:0|A|B|1|7|N|5|cntLabel=AggregatedCount cnt=1", "sluice.vendor", "")
}

// TestInList: of a list of texts in a field, a pattern reads the first that fits.
func TestInList(t *testing.T) {
	f := verbCase(t)
	steps := "- json: {l: _x}\n- in: _x\n  maybe: \"user:{user.name}\"\n- in: _x\n  maybe: \"group:{group.name}\""
	line := `{"l":["env:prod","user:ann","user:bob","group:ops"]}`
	f(steps, line, "user.name", "ann")
	f(steps, line, "group.name", "ops")
	f(steps, `{"l":["user:ann"]}`, "user.name", "ann")
	f(steps, `{"l":"user:ann"}`, "user.name", "ann")
	f(steps, `<13>Mar  2 09:00:00 h p: {"l":[]}`, "sluice.unparsed", "")
	f("- json: {l: _x}\n- in: _x\n  pattern: \"user:{user.name}\"", `{"l":["env:prod","group:ops"]}`, "sluice.unparsed", "p.yml:8:12: no pattern fits behind byte 0")
	// a number is read, too
	f("- json: {l: source.port}\n- in: source.port\n  maybe: \"44{user.name}\"", `{"l":443}`, "user.name", "3")
}

// TestListInList: of a list in a list nothing is lost, and the generic readers do not see it.
func TestListInList(t *testing.T) {
	f := func(steps, line, want string) {
		t.Helper()
		text := "pack: a_b\nlast_resort: true\nsteps:\n" + steps + "\n"
		w := open(t, []normalize.File{{Name: "p.yml", Text: []byte(text)}}).NewWorker()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		var doc struct {
			Sluice struct{ Vendor json.RawMessage }
		}
		if err := json.Unmarshal(ev.AppendJSON(nil), &doc); err != nil {
			t.Fatal(err)
		}
		if got := string(doc.Sluice.Vendor); got != want {
			t.Errorf("%s\n%s: %s, want %s", steps, line, got, want)
		}
	}
	f("- json: {l: user.name}", `{"l":["x",["y","z"],[["w"]],[]]}`, `{"l":["y","z","[\"w\"]"]}`)
	f("- json: {l.a: user.name}", `{"l":[[{"a":"x"}],{"a":"y"}]}`, `{"l":"{\"a\":\"x\"}"}`)
	f("- json: {l: dns.answers}", `{"l":[["y"]]}`, ``)
	f("- json: {\"l[]\": {to: dns.answers, rename: {a: name}}}", `{"l":[["y"]]}`, ``)
	f("- json: {l: _}", `{"l":[["y"]]}`, ``)
	f("- json: {l.0: user.name}", `{"l":["x",["y"]]}`, `{"l":"y"}`)
}

// TestPackFaults: what a pack asks for in vain, or says twice, is refused with its place.
func TestPackFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		text = "pack: a_b\nvars: [_a]\n" + text + "\n"
		files := []normalize.File{{Name: "p.yml", Text: []byte(text)}}
		own, err := normalize.Fields(files)
		if err != nil {
			t.Fatal(err)
		}
		schema, err := event.New(append(schemas.ECS(), own...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = normalize.Load(schema, files)
		if got := fmt.Sprint(err); !strings.Contains(got, want) {
			t.Errorf("%s\n%s\nwant %s", text, got, want)
		}
	}
	for _, entry := range []string{"{json: []}", "{program: []}", "{program: [\"\"]}", "{all: []}", "{structured: []}", "{structured: [\"*\"]}", "{json: [a..b]}", "{json: [\"=x\"]}", "{}"} {
		f("recognize: ["+entry+"]", "p.yml:3:13: ")
	}
	f("recognize: [{program: [x], all: [abc]}]", "p.yml:3:13: an entry asks for one thing")
	f("last_resort: true\nsteps: [{table: {_a -> event.outcome: {x: sucess}}}]", "p.yml:4:43: ECS does not allow event.outcome: sucess; did you mean success?")
	f("last_resort: true\nsteps: [{table: {_a -> source.port: {x: abc}}}]", "p.yml:4:41: source.port cannot hold abc")
	f("last_resort: true\ntables: {t: {x: abc}}\nsteps: [{json: {p: source.port:t}}]", "p.yml:4:17: source.port cannot hold abc")
	f("last_resort: true\nsteps: [{table: {_a -> event.code: {a: x, \"b, a\": y}}}]", "p.yml:4:43: a is given twice")
	f("last_resort: true\nsteps: [{table: {_a -> event.code: {a: x, b: {event.id: y}}}}]", "p.yml:4:36: a table has values, or rows of fields, and not both")
	f("last_resort: true\nsteps: [{table: {_a: {a: x}}}]", "p.yml:4:22: the table has values: name the field that takes them, {_a -> FIELD: ...}")
	f("last_resort: true\nsteps: [{table: {_a -> event.code: {a: {event.id: x}}}}]", "p.yml:4:36: the table has rows of fields, and sets no event.code")
	f("last_resort: true\nsteps: [{csv: {columns: user.name}}]", "p.yml:4:25: columns is a list")
	f("last_resort: true\nsteps: [{csv: {}}]", "p.yml:4:15: csv needs columns")
	f("last_resort: true\nsteps: [{when: {user.name: set}}]", "p.yml:4:9: a step that does nothing")
	f("last_resort: true\nsteps: [{when: {source.port: abc}, set: {event.code: x}}]", "p.yml:4:30: source.port is a number, and never abc")
	for _, path := range []string{"", "a..b", "*.a", "a.*.b", "a.[]"} {
		f("last_resort: true\nsteps: [{events: \""+path+"\"}]", "p.yml:4:18: a path has no empty parts, and * ends one")
	}
	for _, each := range []string{"{}", "{to: dns.answers}", "{rename: {a: b}}", "{where: {a: b}}"} {
		f("last_resort: true\nsteps: [{json: {\"l[]\": "+each+"}}]", "p.yml:4:24: ")
	}
	f("last_resort: true\nsteps: [{json: {\"l[].a\": user.name}}]", "p.yml:4:17: [] ends a path: write l[]: {take: {...}}")
	var rows strings.Builder
	for i := range 1 << 16 {
		fmt.Fprintf(&rows, "    k%d: v\n", i)
	}
	f("last_resort: true\ntables:\n  t:\n"+rows.String(), "p.yml:65541:5: a table has at most 65535 texts")
	f("last_resort: true\nsteps: [{case: {_a: {x: {set: {event.code: y}}, default: {}}}}, {table: {_a -> event.outcome: {x: success, default: null}}}]", "<nil>")
}
