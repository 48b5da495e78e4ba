package tables

import (
	"strings"
	"testing"

	"sluice/event"
	"sluice/schemas"
)

// feed is a table of indicators of one file.
func feed(t *testing.T, name, text string, change func(*Indicators)) *world {
	t.Helper()
	s := NewIndicators().(*Indicators)
	s.File, s.Feed = name, "test"
	if change != nil {
		change(s)
	}
	return open(t, map[string]Settings{"feed": s}, m{name: text})
}

// finds returns what checks that a value of a field is found as want; "": that it is not.
func (w *world) finds(t *testing.T) func(field, value, want string) {
	return func(field, value, want string) {
		t.Helper()
		if got := w.found(field, value); got != want {
			t.Errorf("%s %s: %q, want %q", field, value, got, want)
		}
	}
}

// found is the value of the first indicator that an event matches, or "".
func (w *world) found(field, value string) string {
	w.t.Helper()
	out := w.apply(m{field: value})
	for _, place := range []string{"ip", "url.domain", "url.full", "email.address", "file.hash.md5", "file.hash.sha1", "file.hash.sha256", "name"} {
		if v, ok := out["threat.indicator."+place].(string); ok {
			return v
		}
	}
	if v, ok := out["threat.enrichments.0.indicator.name"].(string); ok {
		return v
	}
	return ""
}

func TestLines(t *testing.T) {
	w := feed(t, "list.txt", `# a list
192.0.2.1
198.51.100.0/24   ; a range
2001:db8::/48 # and another
203.0.113.9:8080
c2.example:8443
bad.example
*.worse[.]example
0.0.0.0 ads.example
hxxps://Evil.example:443/a?b=c#d
evil.example/path/x
D41D8CD98F00B204E9800998ECF8427E
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
mallory@bad.example
not an indicator
0.0.0.0/0
`, nil)
	f := w.finds(t)
	f("source.ip", "192.0.2.1", "192.0.2.1")
	f("destination.ip", "::ffff:192.0.2.1", "192.0.2.1")
	f("source.ip", "192.0.2.2", "")
	f("source.ip", "198.51.100.77", "198.51.100.0/24")
	f("dns.resolved_ip", "10.0.0.1 2001:db8::77", "2001:db8::/48")
	f("source.ip", "203.0.113.9", "203.0.113.9")
	f("url.domain", "c2.example", "c2.example")
	f("url.domain", "bad.example", "bad.example")
	f("dns.question.name", "A.B.Bad.Example.", "bad.example")
	f("dns.question.name", "notbad.example", "")
	f("tls.client.server_name", "x.worse.example", "worse.example")
	f("source.domain", "ads.example", "ads.example")
	f("url.full", "https://evil.example/a?b=c", "https://Evil.example:443/a?b=c#d")
	f("url.original", "HTTPS://evil.EXAMPLE/a?b=c#other", "https://Evil.example:443/a?b=c#d")
	f("url.original", "/a?b=c", "")
	f("url.full", "http://evil.example/path/x", "http://evil.example/path/x")
	f("file.hash.md5", "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e")
	f("process.hash.sha256", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f("email.from.address", "Mallory@bad.example", "mallory@bad.example")
	exact := feed(t, "list.txt", "bad.example\n", func(s *Indicators) { s.Exact = true })
	if got := exact.found("url.domain", "a.bad.example"); got != "" {
		t.Errorf("exact, yet %s matches", got)
	}
}

// TestHostsFile: what every hosts file has for the machine itself is in the events of every network.
func TestHostsFile(t *testing.T) {
	w := feed(t, "hosts", `127.0.0.1 localhost
127.0.0.1 localhost.localdomain
255.255.255.255 broadcasthost
::1 ip6-localhost
fe80::1%lo0 localhost
ff00::0 ip6-localnet
ff02::1 ip6-allnodes
0.0.0.0 0.0.0.0
0.0.0.0 ads.example more.example # not.example
192.0.2.1 named.example
`, nil)
	f := w.finds(t)
	f("destination.ip", "255.255.255.255", "")
	f("source.ip", "0.0.0.0", "")
	f("source.ip", "fe80::1", "")
	f("destination.ip", "ff02::1", "")
	f("destination.ip", "ff00::", "")
	f("url.domain", "localhost.localdomain", "")
	f("url.domain", "ads.example", "ads.example")
	f("url.domain", "more.example", "more.example")
	f("url.domain", "not.example", "")
	f("source.ip", "192.0.2.1", "192.0.2.1")
}

// TestRanges: a range is written by its prefix, or by its first and last address.
func TestRanges(t *testing.T) {
	w := feed(t, "list.txt", `192.0.2.5-192.0.2.9
192.0.2.7
2001:db8::1 - 2001:db8::f
198.51.100.0	198.51.100.255	24	1234	a name
203.0.113.0 203.0.113.255 25
203.0.113.7 - seen twice
0.0.0.0-255.255.255.255
192.0.2.99-192.0.2.98
`, nil)
	f := func(value, want string) {
		t.Helper()
		if got := w.found("source.ip", value); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
	f("192.0.2.4", "")
	f("192.0.2.5", "192.0.2.5-192.0.2.9")
	f("192.0.2.7", "192.0.2.7")
	f("192.0.2.9", "192.0.2.5-192.0.2.9")
	f("192.0.2.10", "")
	f("2001:db8::e", "2001:db8::1-2001:db8::f")
	f("198.51.100.77", "198.51.100.0/24")
	f("203.0.113.0", "203.0.113.0")
	f("203.0.113.9", "")
	f("203.0.113.7", "203.0.113.7")
	f("192.0.2.99", "")
}

// TestOtherLetters: a name of other letters is found in both of its forms, whichever the feed has.
func TestOtherLetters(t *testing.T) {
	w := feed(t, "list.txt", "bücher.example\nxn--mnchen-3ya.example\nhttp://Straße.example/x\n", nil)
	f := w.finds(t)
	f("url.domain", "bücher.example", "bücher.example")
	f("url.domain", "www.BÜCHER.example.", "bücher.example")
	f("dns.question.name", "xn--bcher-kva.example", "bücher.example")
	f("dns.question.name", "XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example")
	f("dns.question.name", "münchen.example", "xn--mnchen-3ya.example")
	f("dns.question.name", "_x.xn--ü.-"+strings.Repeat("ü", 60)+".bücher.example", "bücher.example")
	f("url.full", "http://xn--strae-oqa.example/x", "http://Straße.example/x")
	f("url.full", "http://straße.example/x", "http://Straße.example/x")
}

func TestNamesInUpperCase(t *testing.T) {
	w := feed(t, "list.txt", "bücher.example\nÜBEL.example\n", nil)
	for _, name := range []string{"BÜCHER.example", "bücher.EXAMPLE", "Übel.example", "übel.example"} {
		if w.found("url.domain", name) == "" {
			t.Errorf("%s is not found", name)
		}
	}
}

func TestSeparator(t *testing.T) {
	for _, sep := range []string{`"`, "\n", "\r", "::"} {
		if (&Indicators{File: "x", MaxEntries: 1, Separator: sep}).Validate() == nil || (&Assets{File: "x", Separator: sep}).Validate() == nil {
			t.Errorf("%q is taken for a separator", sep)
		}
	}
}

func TestMatchIsTold(t *testing.T) {
	w := feed(t, "list.csv", "first_seen,ioc,threat,confidence,link\n2026-01-02 03:04:05,192.0.2.1,\"Bad, \"\"bot\"\"\",90,https://example.com/1\n", func(s *Indicators) { s.Provider, s.TLP = "Example", "amber" })
	w.want(m{"source.ip": "192.0.2.1", "destination.ip": "10.0.0.1"}, a{
		"threat.feed.name": "test", "threat.indicator.type": "ipv4-addr", "threat.indicator.ip": "192.0.2.1", "threat.indicator.name": `Bad, "bot"`,
		"threat.indicator.provider": "Example", "threat.indicator.confidence": "High", "threat.indicator.reference": "https://example.com/1",
		"threat.indicator.marking.tlp": "AMBER", "threat.indicator.first_seen": "2026-01-02T03:04:05.000Z",
		"threat.enrichments.0.indicator.type": "ipv4-addr", "threat.enrichments.0.indicator.ip": "192.0.2.1", "threat.enrichments.0.indicator.name": `Bad, "bot"`,
		"threat.enrichments.0.indicator.provider": "Example", "threat.enrichments.0.indicator.confidence": "High",
		"threat.enrichments.0.indicator.reference": "https://example.com/1", "threat.enrichments.0.indicator.marking.tlp": "AMBER",
		"threat.enrichments.0.indicator.first_seen": "2026-01-02T03:04:05Z", "threat.enrichments.0.feed.name": "test",
		"threat.enrichments.0.matched.atomic": "192.0.2.1", "threat.enrichments.0.matched.field": "source.ip", "threat.enrichments.0.matched.type": "indicator_match_rule",
	})
	out := w.apply(m{"source.ip": "192.0.2.1", "threat.indicator.type": "file"}) // an event that is an indicator itself
	if _, ok := out["threat.indicator.ip"]; ok || out["threat.enrichments.0.matched.field"] != "source.ip" {
		t.Error(out)
	}
	two := feed(t, "list.txt", "192.0.2.1\nbad.example\n", nil).apply(m{"source.ip": "192.0.2.1", "url.domain": "a.bad.example"})
	if two["threat.enrichments.0.matched.field"] != "source.ip" || two["threat.enrichments.1.matched.atomic"] != "a.bad.example" || two["threat.enrichments.1.indicator.url.domain"] != "bad.example" {
		t.Error(two)
	}
}

func TestCSV(t *testing.T) {
	f := func(what, text, field, value, want string, change func(*Indicators)) {
		t.Helper()
		if got := feed(t, "x.csv", text, change).found(field, value); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	f("a header in a comment, as abuse.ch has it", "# list\n# first_seen_utc,dst_ip,dst_port\n\"2026-01-01 00:00:00\",\"192.0.2.1\",\"443\"\n", "source.ip", "192.0.2.1", "192.0.2.1", nil)
	f("no header", "2026-01-01,bad.example,malware\n", "url.domain", "bad.example", "bad.example", nil)
	f("columns by number", "a,192.0.2.9,192.0.2.1\n", "source.ip", "192.0.2.1", "192.0.2.1", func(s *Indicators) { s.Columns.Value = "3" })
	f("columns by name", "x,addr\n192.0.2.9,192.0.2.1\n", "source.ip", "192.0.2.1", "192.0.2.1", func(s *Indicators) { s.Columns.Value = "addr" })
	f("another column is not it", "x,addr\n192.0.2.9,192.0.2.1\n", "source.ip", "192.0.2.9", "", func(s *Indicators) { s.Columns.Value = "addr" })
	f("another separator", "ioc;note\n192.0.2.1;a,b\n", "source.ip", "192.0.2.1", "192.0.2.1", func(s *Indicators) { s.Separator = ";" })
	f("a quote that is not closed", "ioc,note\n192.0.2.1,\"a\n192.0.2.2,b\n192.0.2.3,\"two\nlines\"\n", "source.ip", "192.0.2.2", "192.0.2.2", nil)
	f("a cell of two lines", "ioc,note\n192.0.2.1,\"a\n192.0.2.2,b\"\n192.0.2.3,c\n", "source.ip", "192.0.2.2", "", nil)
	f("a quote in a cell", "ioc,note\n192.0.2.1,2\" wide\n192.0.2.2,b\n", "source.ip", "192.0.2.1", "192.0.2.1", nil)
	f("tabs", "ioc\tnote\n192.0.2.1\ta\n", "source.ip", "192.0.2.1", "192.0.2.1", func(s *Indicators) { s.Separator = `\t` })
}

const bundle = `{"type":"bundle","id":"bundle--1","objects":[
{"type":"identity","id":"identity--1","name":"Example CERT"},
{"type":"indicator","spec_version":"2.1","id":"indicator--1","created_by_ref":"identity--1","name":"C2","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z",
 "pattern":"[ipv4-addr:value = '192.0.2.1' OR ipv6-addr:value = '2001:db8::1']","confidence":20,"object_marking_refs":["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]},
{"type":"indicator","id":"indicator--2","pattern_type":"stix","pattern":"[file:hashes.'SHA-256' = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'] OR [url:value = 'http://bad.example/it\\'s']"},
{"type":"indicator","id":"indicator--3","pattern_type":"stix","pattern":"[ipv4-addr:value = '192.0.2.3' AND domain-name:value = 'and.example']"},
{"type":"indicator","id":"indicator--4","pattern_type":"stix","pattern":"[ipv4-addr:value != '192.0.2.4']"},
{"type":"indicator","id":"indicator--5","pattern_type":"yara","pattern":"rule x { strings: $a = '192.0.2.5' }"},
{"type":"indicator","id":"indicator--6","pattern_type":"stix","pattern":"[ipv4-addr:value = '192.0.2.6']","revoked":true},
{"type":"indicator","id":"indicator--7","pattern_type":"stix","pattern":"[ipv4-addr:value = '192.0.2.7']","valid_until":"2026-03-01T00:00:00Z"}]}`

func TestSTIX(t *testing.T) {
	w := feed(t, "b.json", bundle, nil)
	f := w.finds(t)
	f("source.ip", "192.0.2.1", "192.0.2.1")
	f("source.ip", "2001:db8::1", "2001:db8::1")
	f("file.hash.sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f("url.full", "http://bad.example/it's", "http://bad.example/it's")
	for _, ip := range []string{"192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"} { // needs more, denies, another language, revoked
		f("source.ip", ip, "")
	}
	out := w.apply(m{"source.ip": "192.0.2.1"})
	if out["threat.indicator.provider"] != "Example CERT" || out["threat.indicator.confidence"] != "Low" || out["threat.indicator.marking.tlp"] != "AMBER" || out["threat.indicator.name"] != "C2" {
		t.Error(out)
	}
	if out := w.apply(m{"source.ip": "192.0.2.7", "@timestamp": "2026-02-28T00:00:00Z"}); out["threat.indicator.ip"] != "192.0.2.7" {
		t.Error("not valid, but it was at the event's time:", out)
	}
	if out := w.apply(m{"source.ip": "192.0.2.7", "@timestamp": "2026-03-02T00:00:00Z"}); len(out) > 0 {
		t.Error("not valid any more:", out)
	}
}

// TestSTIXSorted: whose keys stand in the order of the alphabet, behind a long description.
func TestSTIXSorted(t *testing.T) {
	w := feed(t, "b.json", `{"id":"bundle--1","objects":[{"description":"`+strings.Repeat("long ", 1000)+`","id":"indicator--1","pattern":"[ipv4-addr:value = '192.0.2.1']","type":"indicator"}],"type":"bundle"}`, nil)
	if got := w.found("source.ip", "192.0.2.1"); got != "192.0.2.1" {
		t.Errorf("%q", got)
	}
}

// TestSTIXAgain: what a bundle has said to end is valid where another of its indicators says so.
func TestSTIXAgain(t *testing.T) {
	const bundle = `{"type":"bundle","objects":[
{"type":"indicator","name":"old","pattern":"[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'bad.example'] OR [url:value = 'http://x.example/y']","valid_until":"2026-01-01T00:00:00Z"},
{"type":"indicator","name":"new","pattern":"[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'bad.example'] OR [url:value = 'http://x.example/y']","valid_until":"2026-06-01T00:00:00Z"},
{"type":"indicator","name":"last","pattern":"[ipv4-addr:value = '192.0.2.1']","valid_until":"2026-03-01T00:00:00Z"}]}`
	w := feed(t, "b.json", bundle, nil)
	for field, value := range map[string]string{"source.ip": "192.0.2.1", "url.domain": "bad.example", "url.full": "http://x.example/y"} {
		if out := w.apply(m{field: value, "@timestamp": "2026-05-01T00:00:00Z"}); out["threat.indicator.name"] != "new" {
			t.Errorf("%s: %v", value, out)
		}
		if out := w.apply(m{field: value, "@timestamp": "2026-07-01T00:00:00Z"}); len(out) > 0 {
			t.Errorf("%s: %v", value, out)
		}
	}
}

// TestSTIXVersions: of a folder's bundles the latest version of an indicator counts, whichever is read first.
func TestSTIXVersions(t *testing.T) {
	version := func(id, ip, modified, more string) string {
		return `{"objects":[{"type":"indicator","id":"` + id + `","pattern":"[ipv4-addr:value = '` + ip + `']","modified":"` + modified + `"` + more + `}],"spec_version":"2.1"}`
	}
	files := []File{
		{"1.json", []byte(version("indicator--1", "192.0.2.1", "2026-01-01T00:00:00Z", ""))},
		{"2.json", []byte(version("indicator--1", "192.0.2.1", "2026-01-02T00:00:00Z", `,"revoked":true`))},
		{"3.json", []byte(version("indicator--2", "192.0.2.2", "2026-01-02T00:00:00Z", `,"revoked":true`))},
		{"4.json", []byte(version("indicator--2", "192.0.2.2", "2026-01-01T00:00:00Z", ""))},
		{"5.json", []byte(version("indicator--3", "192.0.2.3", "2026-01-01T00:00:00Z", `,"valid_until":"2026-02-01T00:00:00Z"`))},
		{"6.json", []byte(version("indicator--3", "192.0.2.3", "2026-01-02T00:00:00Z", ""))},
	}
	s := NewIndicators().(*Indicators)
	table, err := s.Build(files)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := event.New(schemas.ECS())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t, New([]Named{{"feed", table}}).NewWorker(schema), event.NewEvent(schema)}
	for ip, want := range map[string]bool{"192.0.2.1": false, "192.0.2.2": false, "192.0.2.3": true} {
		if out := w.apply(m{"source.ip": ip, "@timestamp": "2026-03-02T00:00:00Z"}); len(out) > 0 != want {
			t.Errorf("%s: %v", ip, out)
		}
	}
}

func TestMISP(t *testing.T) {
	const text = `{"Event":{"info":"Campaign","date":"2026-01-01","Orgc":{"name":"Example CSIRT"},"Tag":[{"name":"tlp:green"}],
"Attribute":[{"type":"ip-dst","value":"192.0.2.1","to_ids":true},{"type":"ip-dst|port","value":"192.0.2.2|443","to_ids":true},
 {"type":"domain|ip","value":"bad.example|192.0.2.3","to_ids":true},{"type":"filename","value":"setup.py","to_ids":true},{"type":"filename|md5","value":"bad.example.exe|d41d8cd98f00b204e9800998ecf8427e","to_ids":true},
 {"type":"ip-dst","value":"192.0.2.9","to_ids":false},{"type":"url","value":"http://good.example/a|b"},{"type":"comment","value":"see the report"}],
"Object":[{"Attribute":[{"type":"url","value":"http://bad.example/x","to_ids":true,"comment":"dropper"}]}]}}`
	for _, text := range []string{text, "[" + text + "]", `{"response":[` + text + `]}`} {
		w := feed(t, "e.json", text, nil)
		f := w.finds(t)
		f("source.ip", "192.0.2.1", "192.0.2.1")
		f("source.ip", "192.0.2.2", "192.0.2.2")
		f("source.ip", "192.0.2.3", "192.0.2.3")
		f("url.domain", "bad.example", "bad.example")
		f("file.hash.md5", "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e")
		f("source.ip", "192.0.2.9", "")
		f("url.domain", "setup.py", "")
		f("url.full", "http://good.example/a|b", "http://good.example/a|b")
		f("url.full", "http://good.example/a", "")
		out := w.apply(m{"url.full": "http://bad.example/x"})
		if out["threat.indicator.description"] != "dropper" || out["threat.indicator.provider"] != "Example CSIRT" || out["threat.indicator.marking.tlp"] != "GREEN" || out["threat.indicator.name"] != "Campaign" {
			t.Error(out)
		}
	}
}

func TestFeedFaults(t *testing.T) {
	f := func(name, text, want string, change func(*Indicators)) {
		t.Helper()
		s := NewIndicators().(*Indicators)
		s.File = name
		if change != nil {
			change(s)
		}
		if _, err := s.Build([]File{{name, []byte(text)}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	f("a.txt", "# nothing\n", "a.txt: no indicator in it", nil)
	f("a.json", `{"type":"bundle","objects":7}`, "a.json: no STIX bundle", nil)
	f("a.json", `{"Event":7}`, "a.json: no MISP event", nil)
	f("a.txt", "192.0.2.1\n192.0.2.2\n", "more than 1 indicators; set max_entries", func(s *Indicators) { s.MaxEntries = 1 })
	f("a.csv", "x,y\n1,2\n", "no column is called addr", func(s *Indicators) { s.Columns.Value = "addr" })
}

func TestSTIXPatterns(t *testing.T) {
	for pattern, want := range map[string]string{
		"[ipv4-addr:value = '192.0.2.1']":                                                            "192.0.2.1",
		"[ipv4-addr:value='192.0.2.1'] OR [domain-name:value='bad.example']":                         "192.0.2.1 bad.example",
		"[ipv4-addr:value ISSUBSET '198.51.100.0/24']":                                               "198.51.100.0/24",
		"[url:value IN ('http://a.example/1', 'http://a.example/2')]":                                "http://a.example/1 http://a.example/2",
		"[(url:value = 'http://a.example/' OR file:hashes.MD5 = 'x')]":                               "http://a.example/ x",
		"[file:hashes.'SHA-256' = 'ab' OR file:hashes.'SHA-1'='cd']":                                 "ab cd",
		"[network-traffic:dst_ref.value = '192.0.2.9']":                                              "192.0.2.9",
		"[network-traffic:extensions.'x-a'.b[*].value = '192.0.2.9']":                                "192.0.2.9",
		"[url:value LIKE '%bad%' OR domain-name:value = 'bad.example']":                              "bad.example",
		"[file:name = 'evil.com' OR domain-name:value = 'bad.example']":                              "bad.example",
		"[network-traffic:dst_port = 443 OR ipv4-addr:value = '192.0.2.1']":                          "192.0.2.1",
		"[file:name = 'evil.com']":                                                                   "",
		"[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 443]":                         "",
		"[ipv4-addr:value != '192.0.2.1']":                                                           "",
		"[ipv4-addr:value NOT = '192.0.2.1']":                                                        "",
		"[NOT ipv4-addr:value = '192.0.2.1']":                                                        "",
		"[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']":                 "",
		"[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES":                                            "",
		"[ipv4-addr:value = '192.0.2.1'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'": "",
		"[EXISTS file:name OR ipv4-addr:value = '192.0.2.1']":                                        "192.0.2.1",
		"[ipv4-addr:value = '192.0.2.1":                                                              "",
		"[url:value IN ('http://a.example/1'":                                                        "",
		"":                                                                                           "", "[": "", "'": "", "a:value": "", "a:value =": "", "a:b.'": "", "a:b['": "",
	} {
		values, ok := alternatives(pattern)
		if got := strings.Join(values, " "); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %t, want %q", pattern, got, ok, want)
		}
	}
}

func FuzzFeeds(f *testing.F) {
	f.Add([]byte(bundle), 0)
	f.Add([]byte(`{"type":"bundle","objects":[{"type":"indicator","pattern":"[url:value IN ('a.example', 'b.example') OR x:y[*].'z'.value ISSUBSET '192.0.2.0/24']"}]}`), 3)
	f.Add([]byte("ioc,name\n192.0.2.1,x\n"), 1)
	f.Add([]byte("0.0.0.0 a.example # x\nhxxp://a[.]b/c\n"), 2)
	formats := []Format{FormatAuto, FormatLines, FormatCSV, FormatSTIX, FormatMISP}
	f.Fuzz(func(t *testing.T, text []byte, i int) {
		s := NewIndicators().(*Indicators)
		s.File, s.Format = "x", formats[uint(i)%uint(len(formats))]
		_, _ = s.Build([]File{{"x", text}})
		_, _ = (&Assets{File: "x"}).Build([]File{{"x", text}})
		_, _ = (&Identities{File: "x"}).Build([]File{{"x.yml", text}})
		_, _ = (&GeoIP{File: "x"}).Build([]File{{"x", text}})
		_ = cutDomain(string(text))
	})
}

// TestExpiredWithin: what is not valid any more hides no range or domain around it that is.
func TestExpiredWithin(t *testing.T) {
	w := open(t, map[string]Settings{"f": &Indicators{File: "b.json", Format: FormatAuto, MaxEntries: 9}}, m{"b.json": `{"type":"bundle","objects":[
{"type":"indicator","name":"old","pattern":"[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'a.bad.example']","valid_until":"2026-01-01T00:00:00Z"},
{"type":"indicator","name":"range","pattern":"[ipv4-addr:value = '192.0.2.0/28']","valid_until":"2026-02-01T00:00:00Z"},
{"type":"indicator","name":"all","pattern":"[ipv4-addr:value = '192.0.2.0/24'] OR [domain-name:value = 'bad.example']"}]}`})
	name := func(values m) any { return w.apply(values)["threat.indicator.name"] }
	for _, c := range []struct {
		values m
		want   any
	}{
		{m{"@timestamp": "2025-12-01T00:00:00Z", "source.ip": "192.0.2.1"}, "old"},
		{m{"@timestamp": "2026-01-15T00:00:00Z", "source.ip": "192.0.2.1"}, "range"},
		{m{"@timestamp": "2026-03-02T00:00:00Z", "source.ip": "192.0.2.1"}, "all"},
		{m{"@timestamp": "2025-12-01T00:00:00Z", "url.domain": "a.bad.example"}, "old"},
		{m{"@timestamp": "2026-03-02T00:00:00Z", "url.domain": "a.bad.example"}, "all"},
	} {
		if got := name(c.values); got != c.want {
			t.Errorf("%v: %v, want %v", c.values, got, c.want)
		}
	}
}

// TestTabs: between tabs a cell may be empty.
func TestTabs(t *testing.T) {
	w := open(t, map[string]Settings{"a": &Assets{File: "a.tsv", Separator: `\t`}}, m{"a.tsv": "ip\thost\towner\n192.0.2.1\t\tann\n192.0.2.2\tweb2\t bob\n"})
	w.want(m{"source.ip": "192.0.2.1"}, a{"labels.source_owner": "ann"})
	w.want(m{"source.ip": "192.0.2.2"}, a{"labels.source_owner": "bob"})
	w = open(t, map[string]Settings{"f": &Indicators{File: "f.tsv", Format: FormatCSV, Separator: "\t", MaxEntries: 9}}, m{"f.tsv": "ip\tconfidence\tname\n192.0.2.1\t\tBotnet\n"})
	if out := w.apply(m{"source.ip": "192.0.2.1"}); out["threat.indicator.name"] != "Botnet" {
		t.Error(out)
	}
}
