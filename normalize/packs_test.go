package normalize_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/event"
	"sluice/normalize"
	"sluice/schemas"
)

var update = flag.Bool("update", false, "write the goldens of the packs anew")

// TestPacks reads the sample lines of every pack, each as live input would be,
// and compares the events with the golden beside it. No pack may lack samples.
func TestPacks(t *testing.T) {
	packs := open(t, normalize.Shipped())
	for _, name := range packs.Names() {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("packs", name)
			for _, must := range []string{"README.md", "sample.log"} {
				if _, err := os.Stat(filepath.Join(dir, must)); err != nil {
					t.Errorf("the pack has no %s", must)
				}
			}
			var got bytes.Buffer
			w := packs.NewWorker()
			for i, line := range sampleLines(t, name) {
				ev, by := w.Normalize(sampleRaw(packs, name, line), name, received)
				for ; ev != nil; ev, by = w.Next() {
					if by != name && !strings.HasSuffix(name, "_envelope") { // what an envelope wraps is another pack's
						t.Errorf("line %d is read by %q: %s", i+1, by, line)
					}
					valid(t, ev)
					got.Write(ev.AppendJSON(nil))
					got.WriteByte('\n')
				}
			}
			if fault, _, _ := bytes.Cut(got.Bytes(), []byte("\n")); bytes.Contains(fault, []byte("the pack does not compile")) {
				t.Fatalf("%s", fault)
			}
			golden(t, filepath.Join(dir, "golden.jsonl"), got.Bytes())
		})
	}
}

func sampleLines(tb testing.TB, pack string) []string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("packs", pack, "sample.log"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// sampleRaw names the pack of Apache where nginx writes such lines too, as sluice packs test does.
func sampleRaw(packs *normalize.Packs, pack, line string) *event.Raw {
	raw := packs.Sample(pack, line)
	if pack == "apache_access" {
		if _, by := packs.NewWorker().Normalize(raw, pack, received); by != pack {
			raw.Pack = pack
		}
	}
	return raw
}

// valid holds an event to ECS: declared fields have values of their type, and
// enumerations allowed ones.
func valid(tb testing.TB, ev *event.Event) {
	tb.Helper()
	for f, v := range ev.Range {
		spec := ev.Schema().Spec(f)
		field, ok := schemas.Lookup(spec.Name)
		if !ok || field.Allowed == nil {
			continue
		}
		values := []string{v.Text()}
		if v.IsList() {
			values = ev.List(f)
		}
		for _, x := range values {
			if !slices.Contains(field.Allowed, x) {
				tb.Errorf("ECS does not allow %s: %s", spec.Name, x)
			}
		}
	}
	for _, must := range []string{"@timestamp", "event.original", "event.kind", "event.dataset", "event.created", "event.ingested", "ecs.version", "data_stream.dataset", "sluice.id"} {
		if f, _ := ev.Schema().Lookup(must); !ev.Has(f) {
			tb.Errorf("%s is not set", must)
		}
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./normalize -update", err)
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range max(len(a), len(b)) {
		if d := cmp.Diff(pretty(at(a, i)), pretty(at(b, i))); d != "" {
			t.Errorf("line %d (-golden +now):\n%s", i+1, d)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func pretty(doc string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(doc), "", " ") != nil {
		return doc
	}
	return b.String()
}

// TestLoadFaults holds loading to what an author of packs is told: every fault at
// once, each with its place and the nearest valid name.
func TestLoadFaults(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		files := []normalize.File{{Name: "p.yml", Text: []byte(text)}, {Name: "o.yml", Text: []byte("pack: o_b\nrecognize: [\"%OB-\"]\nvars: [_theirs]\n")}}
		own, err := normalize.Fields(files)
		if err == nil {
			var schema *event.Schema
			if schema, err = event.New(append(schemas.ECS(), own...)); err == nil {
				_, err = normalize.Load(schema, files)
			}
		}
		if err == nil {
			t.Errorf("no fault in\n%s", text)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("expected %q in\n%v", w, err)
			}
		}
	}
	head := "pack: a_b\nrecognize: [\"%AB-\"]\n"
	f("", "p.yml:1:1")
	f("pack: a_b\n", "p.yml:1:1", "add recognize")
	f(head+"stesp: []\n", "p.yml:3:1: a pack has no stesp; did you mean steps?")
	f(head+"steps:\n- pattern: \"x {source.pi:ip}\"\n", "p.yml:4:12", "source.pi is no ECS field", "did you mean source.ip?")
	f(head+"steps:\n- pattern: \"x {source.ip\"\n", "p.yml:4", "never closed")
	f(head+"steps:\n- pattern: \"x {message}{event.code}\"\n", "nothing tells where message ends")
	f(head+"steps:\n- when: >-\n    event.kind == \"event\" and\n    event.kid == \"x\"\n  set: {event.action: x}\n", "p.yml:6:5: no field is named event.kid")
	f(head+"steps:\n- when: event.kind == \"event\"\n    and event.kid == \"x\"\n  set: {event.action: x}\n", "p.yml:5:9: no field is named event.kid")
	f(head+"steps:\n- case:\n    event.code:\n      A, default: {set: {event.action: x}}\n", "p.yml:6:7: default stands alone")
	f(head+"steps:\n- when: {event.code: [A, null]}\n  set: {event.action: x}\n", "p.yml:4:26: null is no value")
	f(head+"tables:\n  a:\n    '\"A, B\", default': {event.action: x}\nsteps: []\n", "p.yml:5:5: default stands alone")
	f(head+"tables:\n  a: {default, A: {event.action: x}}\nsteps: []\n", "p.yml:4:7: default stands alone")
	f(head+"set: {event.kind: allert}\n", "p.yml:3:19", "did you mean alert?")
	f(head+"set: {related.user: [\"{user.name}\"]}\n", "p.yml:3:22", "add: {related.user: \"{user.name}\"} appends")
	f(head+"set: {event.typ: start, event.outcome: good}\n", "event.typ is no ECS field", "ECS does not allow event.outcome: good")
	f(head+"set: {source.port: https}\n", "source.port")
	f(head+"set: {source.ip: nowhere}\n", "source.ip cannot hold nowhere")
	f(head+"set: {event.type: []}\n", "event.type is set to nothing; null takes it away")
	f(head+"set: {entity.id: x}\n", "entity.id is in no release of ECS")
	f(head+"steps:\n- patern: x\n", "p.yml:4:3: no step is called patern; did you mean pattern?")
	f(head+"steps:\n- kv: {map: {a: \"source.ip:hostprt\"}}\n", "p.yml:4:17: no type or table is called hostprt; did you mean hostport?")
	f(head+"steps:\n- pattern: \"x {source.ip:hostprt}\"\n", "p.yml:4:14: pattern: no type is called hostprt; did you mean hostport?")
	f(head+"tables: {sides: {a: b}}\nsteps:\n- table: {event.code: side}\n", "no table is called side; did you mean sides?")
	f(head+"fields: {keyward: [a.b]}\n", "keyward is no type; did you mean keyword?")
	f(head+"steps:\n- compute: {source.geo.location: \"lower(message)\"}\n", "p.yml:4:13: source.geo.location holds JSON, and here is a text; object makes one")
	f(head+"steps:\n- pattern: \"x {source.geo.location}\"\n", "source.geo.location holds JSON")
	f(head+"fields: {keyword: [sluice.x]}\n", "sluice.x is no name for a pack's field")
	f(head+"steps:\n- pattern: \"x {_theirs}\"\n", "p.yml:4:12", "_theirs is a variable of other packs only; declare it under vars")
	f(head+"steps:\n- when: has(_theirs)\n  set: {event.action: x}\n", "p.yml:4:9: _theirs is a variable of other packs only")
	f(head+"steps:\n- compute: {event.action: \"lower(_theirs)\"}\n", "p.yml:4:27: _theirs is a variable of other packs only")
	f(head+"vars: [x]\n", "x is no name of a variable")
	f(head+"steps:\n- range: {source.port -> event.code: {a: x}}\n", "p.yml:4:39: the bounds of source.port are numbers")
	f(head+"steps:\n- range: {source.port -> event.code: {5: x, 5: y}}\n", "p.yml:4")
	f(head+"steps:\n- range: {source.port -> event.code: {5: x, 4: y}}\n", "p.yml:4:45: bounds stand in rising order")
	f(head+"steps:\n- range: {file.created -> event.code: {1: x}}\n", "the bounds of file.created are dates")
	f(head+"steps:\n- range: {source.ip -> event.code: {1: x}}\n", "the bounds of source.ip are addresses")
	f(head+"fields: {json: [a.b]}\nsteps:\n- range: {a.b -> event.code: {1: x}}\n", "values of a.b have no order")
	f(head+"tables:\n  t: {'\"a, b': x}\n", "p.yml:4:7: the quote before a, b is never closed")
	f(head+"tables:\n  t: {'\"a\" b': x}\n", "p.yml:4:7: behind a quoted text a comma is expected, not b")
	f(head+"zone: Europe/Berlyn\n", "p.yml:3:7: zone: \"Europe/Berlyn\" is neither an IANA time zone")
	f(head+"header: nobody\n", "p.yml:3:9")
	f("pack: a_b\nrecognize: [\"ab\"]\n", "too short")
	f("pack: Bad Name\nrecognize: [\"abc\"]\n", "vendor_product")
	f(head+"fields: {keyword: [source.ip]}\n", "source.ip")
}

func TestWorker(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	text := func(ev *event.Event, name string) string {
		f, ok := ev.Schema().Lookup(name)
		if !ok {
			t.Fatalf("no field %s", name)
		}
		if v := ev.Get(f); v != nil && v.Type() == event.Date {
			return v.Time().Format(time.RFC3339Nano)
		}
		return ev.Text(f)
	}
	f := func(raw event.Raw, field, want string) {
		t.Helper()
		if raw.Received.IsZero() {
			raw.Received = received
		}
		ev, _ := w.Normalize(&raw, "", received.Add(time.Second))
		if got := text(ev, field); got != want {
			t.Errorf("%.80q: %s = %q, want %q", raw.Bytes, field, got, want)
		}
		if got := text(ev, "event.original"); got != string(raw.Bytes) {
			t.Errorf("event.original = %q", got)
		}
		if doc := ev.AppendJSON(nil); !json.Valid(doc) {
			t.Errorf("no JSON: %s", doc)
		}
	}
	line := func(s string) event.Raw { return event.Raw{Bytes: []byte(s), ID: "7"} }
	f(line("<34>Mar  2 08:59:59 h su: x"), "@timestamp", "2026-03-02T08:59:59Z")
	f(line("<34>Mar  2 08:59:59 h su: x"), "sluice.time", "")
	f(line("<34>Mar  2 08:59:41 h su: x"), "sluice.time", "")
	f(line("<34>Mar  2 08:59:39 h su: x"), "sluice.time", "skewed")
	f(line("<34>Mar  2 09:00:05 h su: x"), "sluice.time", "")
	f(line("<34>Mar  2 09:00:06 h su: x"), "sluice.time", "skewed")
	f(event.Raw{Bytes: []byte("<34>Mar  2 07:00:00 h su: x"), History: true}, "sluice.time", "")
	f(line("<34>1 2036-03-02T09:00:00Z h a - - - x"), "@timestamp", "2026-03-02T09:00:00Z")
	f(line("<34>1 9999-03-02T09:00:00Z h a - - - x"), "@timestamp", "2026-03-02T09:00:00Z")
	f(line("<34>1 1970-01-01T00:00:07Z h a - - - x"), "@timestamp", "2026-03-02T09:00:00Z")
	f(line("no header"), "@timestamp", "2026-03-02T09:00:00Z")
	f(line("no header"), "sluice.unparsed", "no pack recognizes the line, and it has no syslog header")
	f(line("<13>Mar  2 09:00:00 h prog[3]: hello"), "sluice.unparsed", "")
	f(line("<13>Mar  2 09:00:00 h prog[3]: hello"), "event.dataset", "sluice.generic")
	f(line("<13>Mar  2 09:00:00 h prog[3]: hello"), "sluice.id", "7")
	f(line("<13>Mar  2 09:00:00 h prog[3]: hello"), "event.created", "2026-03-02T09:00:00Z")
	f(line("<13>Mar  2 09:00:00 h prog[3]: hello"), "event.ingested", "2026-03-02T09:00:01Z")
	f(line("<13>Mar  2 09:00:00 h prog[3]: \xff\x00\xfe"), "sluice.original_base64", "PDEzPk1hciAgMiAwOTowMDowMCBoIHByb2dbM106IP8A/g==")
	f(line("<13>Mar  2 09:00:00 h prog[3]: hello"), "sluice.original_base64", "")
	f(line(""), "event.kind", "event")
	f(line(strings.Repeat("x", 1<<20)), "sluice.pack", "syslog_generic")
	f(line("{\"a\":"+strings.Repeat("[", 100_000)), "sluice.pack", "syslog_generic")
	f(event.Raw{Bytes: []byte("<13>Mar  2 11:00:00 h prog: x"), Zone: "Europe/Berlin"}, "@timestamp", "2026-03-02T10:00:00Z")
	f(event.Raw{Bytes: []byte("1785574947 and so on"), Part: 1}, "@timestamp", "2026-08-01T09:02:27Z")
	f(event.Raw{Bytes: []byte("1785574947 and so on"), Part: 2}, "@timestamp", "2026-03-02T09:00:00Z")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 h prog: x"), Namespace: "branch"}, "data_stream.namespace", "branch")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 h prog: x"), Peer: "[2001:db8::1]:514"}, "log.source.address", "[2001:db8::1]:514")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 h prog: x"), Listener: "/var/log/messages"}, "log.file.path", "/var/log/messages")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 h prog: x"), Listener: "/run/log", Peer: "this-machine"}, "log.file.path", "")
	f(event.Raw{Bytes: []byte(`{"timestamp":"2026-03-02T08:59:59Z","message":"x","file":"/var/log/app.log","source_type":"file"}`), Listener: "/srv/shipped.json"}, "log.file.path", "/var/log/app.log")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 prog: x"), Peer: "web1"}, "host.name", "web1")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 h prog: x"), Peer: "web1"}, "host.name", "h")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 prog: x"), Peer: "192.0.2.7"}, "host.name", "")
	f(event.Raw{Bytes: []byte("<13>Mar  2 09:00:00 prog: x"), Peer: "192.0.2.7:514"}, "host.name", "")
	f(event.Raw{Bytes: []byte("%ASA-6-302013: x"), Pack: "nginx_access"}, "sluice.pack", "nginx_access")
	f(event.Raw{Bytes: []byte(`<165>1 2026-03-02T09:00:00Z h a - ID47 [x@1 iut="3" ip="a" ip="b"][y k="\"\]"] m`)}, "log.syslog.structured_data", `{"x@1":{"iut":"3","ip":["a","b"]},"y":{"k":"\"]"}}`)
	f(event.Raw{Bytes: []byte(`{"event_type":"alert","flow_id":1,"sluice":{"id":"mine"},"x":{"y":7}}`), ID: "ours"}, "sluice.id", "ours")
}

// TestTie: what two packs recognize goes to the origin's last one.
func TestTie(t *testing.T) {
	file := func(name string) normalize.File {
		return normalize.File{Name: name, Text: fmt.Appendf(nil, "pack: %s\nrecognize: [{all: [alpha, beta]}]\n", name)}
	}
	w := open(t, []normalize.File{file("a_one"), file("b_two")}).NewWorker()
	f := func(line, last, want string) {
		t.Helper()
		if _, got := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, last, received); got != want {
			t.Errorf("after %q: %q, want %q", last, got, want)
		}
	}
	f("beta alpha", "", "a_one")
	f("beta alpha", "b_two", "b_two")
	f("beta alpha", "gone", "a_one")
	f("beta", "b_two", "")
}

// TestDecode: what was written is read back the same.
func TestDecode(t *testing.T) {
	files := normalize.Shipped()
	own, err := normalize.Fields(files)
	if err != nil {
		t.Fatal(err)
	}
	own = append(own, event.Spec{Name: "EventID", Vendor: true}, event.Spec{Name: "user", Vendor: true})
	schema, err := event.New(append(schemas.ECS(), own...))
	if err != nil {
		t.Fatal(err)
	}
	packs, err := normalize.Load(schema, files)
	if err != nil {
		t.Fatal(err)
	}
	w, back := packs.NewWorker(), event.NewEvent(schema)
	for _, name := range packs.Names() {
		for _, line := range sampleLines(t, name) {
			ev, _ := w.Normalize(packs.Sample(name, line), "", received)
			doc := ev.AppendJSON(nil)
			if err := new(normalize.Decoder).Decode(back, doc); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(pretty(string(doc)), pretty(string(back.AppendJSON(nil)))); d != "" {
				t.Errorf("%s: %s\n%s", name, line, d)
			}
		}
	}
	if err := new(normalize.Decoder).Decode(back, []byte(`{"EventID":4688,"user":{"name":"bob"},"a":[{"b":"c"}],"source.ip":["10.0.0.1","10.0.0.2"],"tags":"x"}`)); err != nil {
		t.Fatal(err)
	}
	f := func(name, want string) {
		t.Helper()
		n, _ := schema.Lookup(name)
		if got := back.Text(n); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	f("EventID", "4688")
	f("user.name", "bob")
	f("user", "")
	f("tags", "x")
	f("source.ip", "10.0.0.1")
	for _, bad := range []string{"", "[]", "7", "{"} {
		if new(normalize.Decoder).Decode(back, []byte(bad)) == nil {
			t.Errorf("%q was decoded", bad)
		}
	}
}

// TestEachPackAlone loads every pack without the others: it declares what it fills.
func TestEachPackAlone(t *testing.T) {
	for _, f := range normalize.Shipped() {
		files := []normalize.File{f}
		declared, err := normalize.Fields(files)
		if err != nil {
			t.Fatal(err)
		}
		schema, err := event.New(append(schemas.ECS(), declared...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := normalize.Load(schema, files); err != nil {
			t.Errorf("alone: %v", err)
		}
	}
}
