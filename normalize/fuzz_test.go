package normalize_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
)

// FuzzNormalize: no line may panic, take long, lose its bytes or give broken
// JSON, whichever pack reads it.
func FuzzNormalize(f *testing.F) {
	packs := open(f, normalize.Shipped())
	names := packs.Names()
	for i, name := range names {
		for _, line := range sampleLines(f, name) {
			f.Add([]byte(line), i)
		}
	}
	f.Add([]byte(`{"event_type":"dns","flow_id":1,"dns":{"answers":[{"rrname":"a","rrname":"b","rdata":NaN},7,null]},"a":{"":{"\u0000":1}}}`), 0)
	f.Add([]byte("<1>1 2026-03-02T09:00:00Z h a - - [x a=\"\\]"), 0)
	w := packs.NewWorker()
	back := event.NewEvent(packs.Schema())
	f.Fuzz(func(t *testing.T, line []byte, i int) {
		raw := &event.Raw{ID: "1", Bytes: line, Received: received}
		if i >= 0 {
			raw.Pack = names[i%len(names)]
		}
		began := time.Now()
		ev, _ := w.Normalize(raw, "", received)
		doc := ev.AppendJSON(nil)
		if took := time.Since(began); took > time.Second && len(line) < 64<<10 {
			t.Errorf("took %v", took)
		}
		if !json.Valid(doc) {
			t.Fatalf("no JSON: %s", doc)
		}
		original, _ := ev.Schema().Lookup("event.original")
		if w.Raw().Element == 0 && ev.Text(original) != string(line) {
			t.Errorf("event.original = %q", ev.Text(original))
		}
		for ; ev != nil; ev, _ = w.Next() {
			if doc = ev.AppendJSON(doc[:0]); !json.Valid(doc) {
				t.Fatalf("no JSON: %s", doc)
			}
			if ev.Text(original) != string(w.Raw().Bytes) {
				t.Errorf("event.original = %q", ev.Text(original))
			}
			if err := new(normalize.Decoder).Decode(back, doc); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzDecode: what is stored, or what claims to be, never panics.
func FuzzDecode(f *testing.F) {
	packs := open(f, normalize.Shipped())
	for _, doc := range []string{`{"a":{"b":[1,{"c":true}]},"source":{"ip":"x","port":"7"},"@timestamp":12,"sluice":{"vendor":{"a":{"b":1},"c":"d"}}}`, `[]`, `{"tags":[[1]],"dns":{"answers":[{"a":1}]}}`} {
		f.Add([]byte(doc))
	}
	ev := event.NewEvent(packs.Schema())
	f.Fuzz(func(t *testing.T, doc []byte) {
		if new(normalize.Decoder).Decode(ev, doc) == nil && !json.Valid(ev.AppendJSON(nil)) {
			t.Errorf("no JSON from %q: %s", doc, ev.AppendJSON(nil))
		}
	})
}

// FuzzPack: what users write as a pack is refused with a place, or works.
func FuzzPack(f *testing.F) {
	for _, p := range normalize.Shipped() {
		f.Add(p.Text)
	}
	f.Add([]byte("pack: a\nrecognize: [abc]\nsteps:\n- pattern: '{|{?{x'\n"))
	base := open(f, normalize.Shipped()).Schema()
	f.Fuzz(func(t *testing.T, text []byte) {
		files := []normalize.File{{Name: "p.yml", Text: text}}
		_, _ = normalize.Fields(files)
		packs, err := normalize.Load(base, files)
		if err != nil {
			return
		}
		ev, _ := packs.NewWorker().Normalize(&event.Raw{Bytes: []byte("abc %ASA-1-2: x"), Received: received}, "", received)
		if !json.Valid(ev.AppendJSON(nil)) {
			t.Errorf("no JSON: %s", ev.AppendJSON(nil))
		}
	})
}

// FuzzVerbs gives each reading verb any bytes: it never panics, takes long or makes
// broken JSON, whatever the text claims to be.
func FuzzVerbs(f *testing.F) {
	verbs := []string{
		"json: {a: user.name, l.0: user.id, \"p[]\": {key: k, value: v}, \"t[]\": [{where: {k: x}, take: {n: service.name}}, {where: {k: y}, every: {n: \"tags:add\"}}], \"d[]\": {to: dns.answers, rename: {x: data}}}",
		"xml: {a: user.name, b.@c: user.id}", "leef: {vendor: observer.vendor, map: {src: \"source:addr\"}}", "cef: {vendor: observer.vendor, map: {src: \"source:addr\"}, labels: {L: user.name}}",
		"kv: {map: {a: user.name}}", "kv: {pair: \"; \", value: \": \", quote: \"'\"}", "csv: {columns: [user.name, user.id, \"file:path\", \"process:cmd\", \"file:hash\", \"url:url\", \"@timestamp:anydate\"]}",
		"glean: {}", "grok: \"%{IP:source:addr} %{GREEDYDATA:user.name}\"", "pattern: \"{user.name:last} {source.port:re([0-9]{2,4})}{?x{user.id}}\"",
		"events: {list: [a.b, l], steps: [{json: {u: user.name, x: user.id}}]}", "events: list", "events: {list: \"a[].b[].c\", steps: [{json: {0: user.name, 1: user.id}}]}", "events: {list: e, whole: true}",
		"json: {0: user.name, 1.x: user.id}", "json: {a: \"user.name:bytes\", b: \"user.id:unquote\"}",
	}
	text := "pack: a_b\nlast_resort: true\nvars: [_n]\nsteps:\n- set: {_n: \"{log.syslog.procid}\"}\n- case:\n    _n:\n"
	for i, v := range verbs {
		text += fmt.Sprintf("      %d: [{%s}, {known: {}}]\n", i, v)
	}
	packs := open(f, []normalize.File{{Name: "p.yml", Text: []byte(text)}})
	for i, line := range []string{
		`{"a":"x","l":["y"],"p":[{"k":"a","v":1}],"t":[{"k":"x","n":"y"}],"d":[{"x":{"y":1,"y":2}}`, `<r><a>x</a><b c='1'/><Data Name="n">v</Data></r>`, "LEEF:2.0|a|b|c|d|x5E|src=192.0.2.1^z=1",
		`CEF:0|a|b|c|d|e|5|src=192.0.2.1 cs1Label=L cs1=x\=y`, `a="x\"y" b=`, "a: 'x; y'; b: c", `a,"b""c",C:\d\e.f,x "y z",d41d8cd98f00b204e9800998ecf8427e,https://u@h:1/p?q#f,1764155000`,
		"login failed for user 'x' from [2001:db8::1]:22 to a:192.0.2.1/443", "192.0.2.1 x", "a b 12x", `{"a":{"b":[{"u":"x"},{"u":"]}\\"","x":[1,{}]}]},"l":7}`, `[{"user":"x"},{"user":"y"`,
		`{"a":[{"b":[{"c":[["x","y"],{"0":1}]},{"c":[[]]}]},{"b":7},{"b":[{"c":[["z"]]}]}]}`, `{"e":[{"a":1},{"a":2}],"x":"{\"e\":[{}]}"}{"e":[{"a":3}]}`, `["x",{"x":1}]`, `{"a":[97,300],"b":"\"\\u00"}`,
	} {
		f.Add([]byte(line), uint8(i))
	}
	w := packs.NewWorker()
	f.Fuzz(func(t *testing.T, line []byte, which uint8) {
		full := append([]byte(fmt.Sprintf("<13>1 2026-03-02T09:00:00Z h a %d - - ", int(which)%len(verbs))), line...)
		began := time.Now()
		ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: full, Received: received}, "", received)
		doc := ev.AppendJSON(nil)
		if took := time.Since(began); took > time.Second && len(line) < 64<<10 {
			t.Errorf("took %v", took)
		}
		for ; ev != nil; ev, _ = w.Next() {
			if doc = ev.AppendJSON(doc[:0]); !json.Valid(doc) {
				t.Fatalf("no JSON: %s", doc)
			}
		}
	})
}

// oddWords are words that the general readers know, beside ones that are nearly an address, a mail, a port,
// a path or a pair, and letters of another length in lower case.
var oddWords = strings.Fields(`user account admin login logged in failed for from by to at on with of as bind dn session closed created deleted changed added role group file policy rule
	port vlan mac dhcp lease query A IN MX CONNECT GET POST HTTP/1.1 200 tcp udp -> => not was has been the a DROP denied allowed virus found password expired server client peer
	:443 443 : :: @ a@ @a a@b.c ann ann@192.0.2.1 192.0.2.1 192.0.2.1: 192.0.2.1:x [::1]: [::1]:7 ::ffff:1.2.3.4 www.example.com x.y: uid uid= uid,ou= uid=ann,ou=x,dc=y / // /x C:\ \ \\x =
	a= =a a=b a: "" "a" '' 'a' ( ) () (a) [ ] [] < > <> <<> <a<b> { } {} {"from":"<<>"} , ; | || - -- . .. % %ASA- # $ * ? 0 -1 007 99999 2026-03-02 08:59:59 Mar 2 0x null none
	00:00:5e:00:53:01 CVE-2026-1 e.ample. K. ` + "\u212a\u212a. \u212a\u212a: \u0130\u0130= \u201ca\u201d benutzer angemeldet von l'utilisateur dall'indirizzo")

// FuzzWords makes lines of words that the general readers look for, which bytes changed at random hardly
// come to.
func FuzzWords(f *testing.F) {
	packs := open(f, normalize.Shipped())
	f.Add([]byte("login failed for ann"))
	f.Add([]byte{44, 90, 47, 10, 5})
	w := packs.NewWorker()
	f.Fuzz(func(t *testing.T, picks []byte) {
		var line []byte
		for i, p := range picks[:min(len(picks), 64)] {
			if i > 0 && p < 250 { // the others stand close to the word before
				line = append(line, ' ')
			}
			line = append(line, oddWords[int(p)%len(oddWords)]...)
		}
		for _, front := range []string{"", "<13>Mar  2 08:59:59 h p: "} {
			ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: append([]byte(front), line...), Received: received}, "", received)
			for ; ev != nil; ev, _ = w.Next() {
				if doc := ev.AppendJSON(nil); !json.Valid(doc) {
					t.Fatalf("no JSON of %q: %s", line, doc)
				}
			}
		}
	})
}
