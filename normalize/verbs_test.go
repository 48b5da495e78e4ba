package normalize_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// How the last resorts read what no pack knows: a record, and a text.
const (
	what = "- json: {}\n- known: {categories: true}"
	wide = "- glean: {wide: true}"
)

// verbCase reads one line with one pack of a few steps and asks for one field.
func verbCase(t *testing.T) func(steps, line, field, want string) {
	return func(steps, line, field, want string) {
		t.Helper()
		text := "pack: a_b\nrecognize: [\"\"]\nvars: [_x, _y, _n]\npatterns: {VLAN: '[Vv]lan\\d+'}\nsteps:\n" + steps + "\n"
		text = strings.Replace(text, `recognize: [""]`, "last_resort: true", 1)
		w := open(t, []normalize.File{{Name: "p.yml", Text: []byte(text)}}).NewWorker()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		n, ok := ev.Schema().Lookup(field)
		if !ok {
			t.Fatalf("no field %s", field)
		}
		got := ""
		switch v := ev.Get(n); {
		case v == nil:
		case v.IsList():
			got = strings.Join(ev.List(n), "|")
		default:
			got = strings.Trim(string(ev.AppendValue(nil, v)), `"`)
		}
		if doc := ev.AppendJSON(nil); !json.Valid(doc) {
			t.Errorf("%s: no JSON: %s", line, doc)
		}
		if field == "sluice.vendor" {
			var keys []string
			ev.Vendor(func(k, v string) bool { keys = append(keys, k+"="+v); return true })
			got = strings.Join(keys, " ")
		}
		if got != want {
			t.Errorf("%s\n%s: %s = %s, want %s", steps, line, field, got, want)
		}
	}
}

func TestTypes(t *testing.T) {
	f := verbCase(t)
	// patterns
	f(`- pattern: "id {event.code:re([A-Z]{2}\\d+)}{user.name}"`, "id AB12bob", "event.code", "AB12")
	f(`- pattern: "id {event.code:re([A-Z]{2}\\d+)}{user.name}"`, "id AB12bob", "user.name", "bob")
	f(`- pattern: "id {event.code:re([A-Z]{2}\\d+)} {user.name}"`, "id ab12 bob", "sluice.unparsed", "p.yml:6:12: no pattern fits behind byte 3")
	f(`- pattern: "at {@timestamp:date(02.01.2006 15:04:05)};"`, "at 03.02.2026 04:05:06;", "@timestamp", "2026-02-03T04:05:06.000Z")
	f(`- pattern: "at {@timestamp:date(Jan _2 15:04:05)};"`, "at Dec 31 23:59:59;", "@timestamp", "2025-12-31T23:59:59.000Z")
	// the hardware addresses of a host are a list, that of a side is one
	f(`- json: {"nics[]": {take: {mac: "host.mac:mac"}}}`, `{"nics":[{"mac":"00:00:5e:00:53:01"},{"mac":"00005e005302"},{"mac":"00:00:5e:00:53:01"}]}`, "host.mac", "00-00-5E-00-53-01|00-00-5E-00-53-02")
	f(`- pattern: "{source.mac:mac} {source.mac:mac}"`, "00:00:5e:00:53:01 00:00:5e:00:53:02", "source.mac", "00-00-5E-00-53-02")
	// a URL in the query of a path is no scheme of it
	f(`- pattern: "get {url:url}"`, "get /x?u=http://169.254.169.254/latest", "url.query", "u=http://169.254.169.254/latest")
	f(`- pattern: "get {url:url}"`, "get /x?u=http://169.254.169.254/latest", "url.domain", "")
	f(`- pattern: "get {url:url}"`, "get svn+ssh://a.example/b", "url.scheme", "svn+ssh")
	// keys that are kept, and read besides
	f(`- json: {eventdata.*: "winlog.event_data.*:capital"}`, `{"eventdata":{"logonType":"3","X":"1","":"e"}}`, "sluice.vendor", `winlog.event_data.LogonType=3 winlog.event_data.X=1 winlog.event_data.=e`)
	f(`- json: {EventData.*: winlog.event_data.*}`, `{"EventData":{"A":"1","B":["x","y"]},"C":2}`, "sluice.vendor", `winlog.event_data.A=1 winlog.event_data.B=["x","y"] C=2`)
	f(`- json: {UserData.*.*: winlog.user_data.*, UserData.*.z: _}`, `{"UserData":{"Any":{"A":"1","z":"2"}}}`, "sluice.vendor", "winlog.user_data.A=1")
	f(`- json: {"*": "*"}`, `{"user":{"name":"ann","tags":["a"]},"tags":["t"],"x":{"y":1},"sluice":{"pack":"b"}}`, "user.name", "ann")
	f(`- json: {"*": "*"}`, `{"user":{"name":"ann"},"tags":["t"],"x":{"y":1},"sluice":{"pack":"b"}}`, "sluice.vendor", "x.y=1 sluice.pack=b")
	f(`- json: {"*": "*"}`, `{"file":{"created":"2026-03-02T08:00:00.5Z"}}`, "file.created", "2026-03-02T08:00:00.500Z")
	f(`- json: {"*": "*"}`, `{"file.created":1772438400000}`, "file.created", "2026-03-02T08:00:00.000Z")
	f(`- json: {"*": "*"}`, `{"file":{"created":"yesterday"}}`, "sluice.vendor", "file.created=yesterday")
	f(`- json: {"*": "*"}`, `{"_x":"ann"}`, "_x", "") // what is the pack's is not the data's
	f(`- json: {"*": ["*", w.*]}`, `{"Name":"ann","user":{"id":"7"}}`, "sluice.vendor", "w.Name=ann")
	f(`- json: {"*": ["*", w.*]}`, `{"Name":"ann","user":{"id":"7"}}`, "user.id", "7")
	f("- json: {\"*\": w.*}\n- kept: {under: [w], empty: ['-'], map: {N: user.name, I: user.id}}", `{"N":"ann","I":"-"}`, "user.name", "ann")
	f("- json: {\"*\": w.*}\n- kept: {under: [w], empty: ['-'], map: {N: user.name, I: user.id}}", `{"N":"ann","I":"-"}`, "user.id", "")
	f("- json: {\"*\": w.*}\n- kept: {under: [w], map: {N: user.name}}", `{"N":"ann"}`, "sluice.vendor", "w.N=ann")
	f(`- json: {D.*: w.*, "D.Data[]": {key: "@Name", value: ["#text"], under: w}}`, `{"D":{"Data":[{"@Name":"A","#text":"1"},{"@Name":"B"}]}}`, "sluice.vendor", "w.A=1")
	f(`- json: {D.*: w.*, "D.Data[]": {key: "@Name", value: ["#text"], under: w}}`, `{"D":{"Data":["1","2"]}}`, "sluice.vendor", `w.Data=["1","2"]`)
	f(`- json: {D.*: w.*, "D.Data[]": {key: "@Name", value: ["#text"], under: w}}`, `{"D":{"Data":{"#text":"1"}}}`, "sluice.vendor", "w.Data.#text=1")
	f(`- labels: {under: w, headings: [New], map: {Subject/Name: s, Name: n, Kind: k}}`, "Done. Subject: Name: a b\t\tNew:\tName:  C:\\x Kind : 3", "sluice.vendor", `w.s=a b w.n=C:\x w.k=3`)
	f(`- labels: {under: w, map: {Name: n, Other: o}}`, "x#015#012#011Name:#011#011ann#015#012Other: y", "sluice.vendor", "w.n=ann w.o=y")
	f(`- labels: {under: w, map: {Name: n, Last: l}}`, "x\r\n\tName:\t\tann\r\n\tKey Length:\t128\r\n\tLast:\ta\n\t\tb\n", "sluice.vendor", "w.n=ann w.l=a\n\t\tb")
	// a word that is a label and a heading, and headings that nobody named
	f(`- labels: {under: w, map: {User: u, User/Name: un, Name: n}}`, "x User: Name: ann", "sluice.vendor", "w.un=ann")
	f(`- labels: {under: w, map: {User: u, User/Name: un, Name: n}}`, "x User: bob Name: ann", "sluice.vendor", "w.u=bob w.n=ann")
	f(`- labels: {under: w, map: {Who/Name: wn, Name: n}}`, "x\r\nWho:\r\n\tName:\tann\r\n\r\nWhere To:\r\n\tName:\tbob", "sluice.vendor", "w.wn=ann w.n=bob")
	f(`- labels: {under: w, map: {Name: n}}`, "x\r\n\tName:\t\tann\r\n\r\n\r\nThis event is generated when something is so.", "sluice.vendor", "w.n=ann")
	f(`- pattern: "{registry:reg}"`, `HKEY_LOCAL_MACHINE\Software\A\B`, "registry.path", `HKLM\\Software\\A\\B`)
	f(`- pattern: "{registry:reg}"`, `\REGISTRY\MACHINE\Software\A\B`, "registry.key", `Software\\A\\B`)
	f(`- pattern: "{registry:reg}"`, `HKU\Software\A\B`, "registry.value", "B")
	f(`- pattern: "{dns:answers}"`, "type:  5 a.example;::ffff:192.0.2.1;2001:db8::1;", "dns.resolved_ip", "192.0.2.1|2001:db8::1")
	f(`- pattern: "{dns:answers}"`, "type: 5 a.example;192.0.2.1;", "dns.answers", `[{"data":"a.example","type":"CNAME"},{"data":"192.0.2.1","type":"A"}]`)
	f(`- pattern: "{source:addr}"`, "::ffff:192.0.2.1", "source.ip", "192.0.2.1")
	f(`- pattern: "{source.ip}"`, "::ffff:192.0.2.1", "source.ip", "192.0.2.1")
	f(`- pattern: "{source.ip}"`, "::ffff:c000:201", "source.ip", "192.0.2.1")
	f(`- pattern: "{source.ip}"`, "0:0:0:0:0:ffff:192.0.2.1", "source.ip", "192.0.2.1")
	f(`- json: {a: "host.ip:ips"}`, `{"a":["::ffff:192.0.2.1","2001:db8::1"]}`, "host.ip", "192.0.2.1|2001:db8::1")
	// the words of a command line may repeat
	f(`- json: {a: process.args}`, `{"a":["x","-v","-v"]}`, "process.args", "x|-v|-v")
	f(`- pattern: "{_x} {_y}"`+"\n- add: {process.args: [\"{_x}\", \"{_y}\", \"{_x}\"]}", "-v x", "process.args", "-v|x|-v")
	f(`- pattern: "{_x} {_y}"`+"\n- add: {user.roles: [\"{_x}\", \"{_y}\", \"{_x}\"]}", "-v x", "user.roles", "-v|x")
	// types
	f(`- pattern: "{file:hash}"`, "d41d8cd98f00b204e9800998ecf8427e", "file.hash.md5", "d41d8cd98f00b204e9800998ecf8427e")
	f(`- pattern: "{file:hash}"`, "SHA1=DA39A3EE5E6B4B0D3255BFEF95601890AFD80709,MD5=d41d8cd98f00b204e9800998ecf8427e", "file.hash.sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709")
	f(`- pattern: "{file:hash}"`, "zz", "sluice.unparsed", `p.yml:6:12: file:hash cannot hold \"zz\`)
	f(`- pattern: "{file:path}"`, `C:\Temp\a.b.exe`, "file.directory", `C:\\Temp`)
	f(`- pattern: "{file:path}"`, `C:\a`, "file.directory", `C:\\`)
	f(`- pattern: "{file:path}"`, "/usr/bin/x.tar.gz", "file.extension", "gz")
	f(`- pattern: "{file:path}"`, "/.bashrc", "file.extension", "")
	f(`- pattern: "{process:exe}"`, "/usr/bin/vi", "process.name", "vi")
	f(`- pattern: "{process:cmd}"`, `"C:\Program Files\a.exe" -x 'b c' d`, "process.args", `C:\Program Files\a.exe|-x|b c|d`)
	f(`- pattern: "{user:email}"`, "<ann@example.com>", "user.domain", "example.com")
	f(`- pattern: "{url.path:decode}"`, "/a%20b%zz", "url.path", "/a%20b%zz")
	f(`- pattern: "{url.path:decode}"`, "/a%20b", "url.path", "/a b")
	f(`- pattern: "{user.name:base64}"`, "YW5uIGxlZQ==", "user.name", "ann lee")
	f(`- pattern: "{user.name:base64}"`, "YW5uIGxlZQ", "user.name", "ann lee")
	f(`- pattern: "{user.name:base64}"`, "Pz8_w6TDtg==", "user.name", "???äö")                                                  // the URL's alphabet
	f(`- pattern: "{user.name:base64}"`, "ZABpAHIAIABjADoA", "user.name", "dir c:")                                             // as PowerShell's -EncodedCommand
	f(`- pattern: "{user.name:base64}"`, "/9j/4AAQ", "sluice.unparsed", `p.yml:6:12: user.name:base64 cannot hold \"/9j/4AAQ\`) // a picture
	f(`- pattern: "{user.name:base64}"`, "H4sIAAAAAAACA0vMy1PISU0FAGao/GAHAAAA", "user.name", "ann lee")                        // compressed
	f(`- pattern: "{user.name:base64}"`, "H4sIAAAAAAACA0vMy1PISU0F", "user.name", "")                                           // compressed, and cut off
	f(`- pattern: "{user.name:base64}"`, "no base64", "sluice.unparsed", `p.yml:6:12: user.name:base64 cannot hold \"no base64\`)
	f(`- pattern: "{source:hostport}"`, "192.0.2.1:80", "source.port", "80")
	f(`- pattern: "{source.port}"`, "-7", "sluice.unparsed", `p.yml:6:12: source.port cannot hold \"-7\`)
	f(`- pattern: "{source.port}{?;}"`, "-1", "source.port", "")
	// a text that holds the object or list is as good as the object
	f(`- json: {a: {b: user.name}}`, `{"a":"{\"b\":\"ann\"}"}`, "user.name", "ann")
	f(`- json: {a: {b: user.name}}`, `{"a":"{\"b\":\"ann"}`, "sluice.vendor", `a={"b":"ann`)
	f(`- json: {"a[]": {where: {t: U}, take: {n: user.name}}}`, `{"a":"[{\"t\":\"G\",\"n\":\"all\"},{\"t\":\"U\",\"n\":\"ann\"}]"}`, "user.name", "ann")
	f(`- json: {a: "source:addr"}`, `{"a":"[\"192.0.2.1\",\"192.0.2.2\"]"}`, "source.ip", "192.0.2.1")
	f(`- json: {a: user.roles}`, `{"a":"[\"x\",\"y\"]"}`, "user.roles", "x|y")
	f(`- json: {a: message}`, `{"a":"[\"x\",\"y\"]"}`, "message", `[\"x\",\"y\"]`)
	f(`- json: {p: source.port}`, `{"p":-1}`, "source.port", "")
	f(`- json: {p: source.port}`, `{"p":-7}`, "sluice.unparsed", `p.yml:6:9: source.port cannot hold \"-7\`)
	f(`- pattern: "{source:hostport}"`, "[2001:db8::1]:80", "source.ip", "2001:db8::1")
	f(`- pattern: "{source:hostport}"`, "2001:db8::1", "source.ip", "2001:db8::1")
	f(`- pattern: "{source:hostport}"`, "2001:db8::1", "source.port", "")
	f(`- pattern: "{source:hostport}"`, "web-1/443", "source.domain", "web-1")
	f(`- kv: {pair: " - ", value: " ", map: {Source: "source:hostport", User: user.name}}`, "Source 192.0.2.1:80 - User a b - X y", "user.name", "a b")
	f(`- pattern: "{process.pid:num}"`, "0x1f", "process.pid", "31")
	f(`- pattern: "{source.bytes:num}"`, "1,234", "source.bytes", "1234")
	f(`- pattern: "{event.duration:ms}"`, "1.5", "event.duration", "1500000")
	f(`- pattern: "{source.bytes:kb}"`, "2", "source.bytes", "2048")
	f(`- pattern: "{dns.header_flags:list(;)}"`, "a; b;;a", "dns.header_flags", "a|b")
}

func TestFormats(t *testing.T) {
	f := verbCase(t)
	// grok
	f(`- grok: "%{IP:source:addr} on %{VLAN:network.vlan.name} took %{NUMBER:event.duration:ms}"`, "192.0.2.1 on Vlan7 took 3", "network.vlan.name", "Vlan7")
	f(`- grok: ["%{INT:_n} x", "%{IPORHOST:[source][domain]}"]`, "web-1", "source.domain", "web-1")
	f(`- grok: "%{IP:source.ip}"`, "no", "sluice.unparsed", "p.yml:6:9: no grok expression fits behind byte 0")
	// xml
	f(`- xml: {S: {P.@N: event.provider, ID: event.code}, D: {Who: user.name}}`, `<?xml version="1.0"?><E><S><P N='x&amp;y'/><ID>7</ID></S><D><Data Name="Who">bob</Data></D></E>`, "event.provider", "x&y")
	f(`- xml: {D: {Who: user.name}}`, `<E><D><Data Name="Who"><![CDATA[<bob>]]></Data><Data Name="Z"/></D></E>`, "user.name", `<bob>`)
	f(`- xml: {a: user.name}`, "<e><a>x</a><b>1</b><b>2</b></e>", "sluice.vendor", `b=["1","2"]`)
	f(`- xml: {a: user.name}`, "<e><a>x", "user.name", "x")
	f(`- xml: {a: user.name}`, "<e><b>1 < 2 <<3</b><a>x</a></e>", "user.name", "x")
	f(`- xml: {a: user.name}`, "<e><b>1 < 2 <<3</b><a>x</a></e>", "sluice.vendor", "b=1 < 2 <<3")
	f(`- xml: {a: user.name}`, "no", "sluice.unparsed", "p.yml:6:8: no XML behind byte 0")
	// accounts and paths have one line
	cef := "- cef: {map: {suser: user.name, filePath: file.path, msg: rule.name}}"
	f(cef, `CEF:0|v|p|1|7|n|5|suser=EXAMPLE\nina msg=x`, "user.name", `EXAMPLE\\nina`)
	f(cef, `CEF:0|v|p|1|7|n|5|filePath=\\\\srv\\new msg=x`, "file.path", `\\\\srv\\new`)
	f(cef, `CEF:0|v|p|1|7|n|5|msg=C:\temp\new.txt`, "rule.name", `C:\\temp\\new.txt`)
	f(cef, `CEF:0|v|p|1|7|n|5|msg=a\nb`, "rule.name", `a\nb`)
	f(cef, `CEF:0|v|p|1|7|n|5|msg=x ad.list[0]=y list[1].key=z`, "sluice.vendor", "ad.list[0]=y list[1].key=z")
	f(cef, `CEF:0|v|p|1|7|n|5|msg=x' or 1=1 src=192.0.2.1`, "rule.name", "x' or 1=1")
	// LEEF by the keys of CEF
	both := "- cef: {product: observer.product, name: rule.name, severity: event.severity, map: {suser: user.name, dvchost: host.name, in: source.bytes, rt: '@timestamp:anydate'}, labels: {Policy: rule.ruleset}}"
	f(both, "LEEF:1.0|Acme|Box|1|Login|usrName=ann\tidentHostName=pc7\tsev=7\tPolicy=p\tsrcBytes=9", "user.name", "ann")
	f(both, "LEEF:1.0|Acme|Box|1|Login|usrName=ann\tidentHostName=pc7\tsev=7\tPolicy=p", "host.name", "pc7")
	f(both, "LEEF:1.0|Acme|Box|1|Login|usrName=ann\tsrcBytes=9", "source.bytes", "9")
	f(both, "LEEF:1.0|Acme|Box|1|Login|usrName=ann\tPolicy=p", "rule.ruleset", "p")
	f(both, "LEEF:2.0|Acme|Box|1|Login|^|usrName=ann^name=User log-in", "rule.name", "User log-in")
	f(both, "LEEF:1.0|Acme|Box", "sluice.unparsed", "p.yml:6:8: the LEEF header ends early behind byte 14")
	// leef
	leef := `- leef: {vendor: observer.vendor, id: event.code, map: {src: "source:addr", usrName: user.name}}`
	f(leef, "LEEF:1.0|Acme|Box|1|42|src=192.0.2.1\tusrName=a b\tz=1", "user.name", "a b")
	f(leef, "LEEF:2.0|Acme|Box|1|42|^|src=192.0.2.1^usrName=a b^z=1", "source.ip", "192.0.2.1")
	f(leef, "LEEF:2.0|Acme|Box|1|42|x7C|src=192.0.2.1|usrName=a b|z=1", "sluice.vendor", "z=1")
	f(leef, "LEEF:2.0|Acme|Box|1|42|xA6|src=192.0.2.1¦usrName=a b¦z=1", "user.name", "a b")             // the delimiter as UTF-8
	f(leef, "LEEF:2.0|Acme|Box|1|42|xA6|src=192.0.2.1\xa6usrName=a b\xa6z=1", "source.ip", "192.0.2.1") // and as a byte
	f(leef, "LEEF:2.0|Acme|Box|1|42|\\t|src=192.0.2.1\tusrName=a b\tz=1", "user.name", "a b")
	f(leef, "LEEF:2.0|Acme|Box|1|42|^|src=192.0.2.1\tusrName=a b\tz=1", "user.name", "a b") // it says one and writes another
	f(leef, "LEEF:1.0|Acme|Box|1|42|src=192.0.2.1;usrName=a b;z=1", "user.name", "a b")
	f(leef, "LEEF: 2.0|Acme|Box|1|42|^|src=192.0.2.1^usrName=a b^z=1", "user.name", "a b")
	f(leef, "LEEF:1.0|Acme|Box", "sluice.unparsed", "p.yml:6:9: the LEEF header ends early behind byte 14")
	// kv
	f(`- kv: {pair: "; ", value: ": ", quote: "'", map: {user: user.name}}`, "a: b; user: 'x; y'; c: d", "user.name", "x; y")
	// json
	f(`- json: {l.1: user.name}`, `{"l":["a","b"]}`, "user.name", "b")
	f(`- json: {l.0.n: user.name}`, `{"l":[{"n":"a"},{"n":"b"}]}`, "user.name", "a")
	f(`- json: {"p[]": {key: Name, value: [Value, Int], map: {UserAgent: user_agent.original, a.b: user.name}}}`, `{"p":[{"Name":"UserAgent","Value":"x"},{"Name":"a.b","Int":7},{"Name":"z","Value":"q"}]}`, "user.name", "7")
	f(`- json: {"p[]": {key: Name, value: Value}}`, `{"p":[{"Name":"z","Value":"q"}]}`, "sluice.vendor", "p.z=q")
	f(`- json: {"t[]": [{where: {k: User}, take: {n: user.name}}, {where: {k: [App, Client]}, take: {n: service.name}}]}`, `{"t":[{"k":"App","n":"a"},{"k":"User","n":"u"},{"k":"User","n":"v"}]}`, "user.name", "u")
	f(`- json: {"t[]": [{where: {k: User}, take: {n: user.name}}, {where: {k: [App, Client]}, take: {n: service.name}}]}`, `{"t":[{"k":"App","n":"a"},{"k":"User","n":"u"}]}`, "service.name", "a")
	f(`- json: {"t[]": [{where: {"@odata.type": x}, take: {n: user.name}}]}`, `{"t":{"@odata.type":"x","n":"of one"}}`, "user.name", "of one")
	f(`- json: {ports: source.port}`, `{"ports":[443,80]}`, "source.port", "443|80")
	f(`- json: {a: "source:addr"}`, `{"a":["192.0.2.1","192.0.2.2"]}`, "source.ip", "192.0.2.1")
}

func TestConditions(t *testing.T) {
	f := verbCase(t)
	f("- pattern: \"{_x} {source.port:int}\"\n- when: \"source.port > 1024 and _x startsWith 'a'\"\n  set: {event.action: high}", "ab 2000", "event.action", "high")
	f("- pattern: \"{_x} {source.port:int}\"\n- when: \"source.port > 1024 and _x startsWith 'a'\"\n  set: {event.action: high}", "ab 20", "event.action", "")
	f("- pattern: \"{_n} {source.bytes:int}\"\n- compute: {destination.bytes: \"source.bytes * 2\", user.name: \"upper(_n)\"}", "ab 20", "destination.bytes", "40")
	f("- pattern: \"{_n} {source.bytes:int}\"\n- compute: {destination.bytes: \"source.bytes * 2\", user.name: \"upper(_n)\"}", "ab 20", "user.name", "AB")
	f("- compute: {destination.bytes: \"source.bytes * 2\"}", "x", "destination.bytes", "")
	// lists and texts
	f("- set: {event.type: [info]}\n- add: {event.type: [start, info]}", "x", "event.type", "info|start")
	f("- pattern: \"{_x}\"\n- split: {\"dns.resolved_ip:ips\": {from: _x, by: \",\"}}", "192.0.2.1, x,192.0.2.2", "dns.resolved_ip", "192.0.2.1|192.0.2.2")
	f("- pattern: \"{user.name}\"\n- replace: {user.name: {re: \"^CN=([^,]+).*\", to: \"$1\"}}", "CN=bob,OU=x", "user.name", "bob")
	f("- pattern: \"{user.name}\"\n- replace: {user.name: {from: \"+\", to: \" \"}}", "a+b+c", "user.name", "a b c")
	f("- pattern: \"{user.name}\"\n- replace: {user.name: {from: x, to: \"\"}}\n- when: {user.name: null}\n  set: {event.action: gone}", "x", "event.action", "gone")
}

// TestOptionsInQuotes: the value of an option loses its quotes, unless the line is cut off behind the first.
func TestOptionsInQuotes(t *testing.T) {
	f := verbCase(t)
	f(`- pattern: "{process:cmd}"`, `a.exe --name="b c" --x=""`, "process.args", `a.exe|--name=b c|--x=`)
	f(`- pattern: "{process:cmd}"`, `a.exe --name="b c" --x="`, "process.args", `a.exe|--name=b c|--x="`) // cut off
}

// TestFormsOfADate: a date alone fits any text; the form that reads it is taken.
func TestFormsOfADate(t *testing.T) {
	f := verbCase(t)
	const pack = `- maybe: ["{event.start:date(02-Jan 15:04:05)}", "no {_x}", "{event.start:date(02-Jan 15:04)}"]`
	f(pack, "02-Mar 08:15:01", "event.start", "2026-03-02T08:15:01.000Z")
	f(pack, "02-Mar 08:15", "event.start", "2026-03-02T08:15:00.000Z")
	f(pack, "02-Mar", "event.start", "")
}

func TestGeneralReaders(t *testing.T) {
	f := verbCase(t)
	known := "- kv: {}\n- known: {}"
	f(known, "srcip=192.0.2.1 dst_ip=192.0.2.2 DestPort=443 user.name=bob", "source.ip", "192.0.2.1")
	f(known, "srcip=192.0.2.1 dst_ip=192.0.2.2 DestPort=443 user.name=bob", "destination.port", "443")
	f(known, "result=Failed", "event.outcome", "failure")
	f(known, "result=maybe", "event.outcome", "")
	f(known, "user=- x=1", "user.name", "")
	f("- json: {}\n- known: {}", `{"admin":false,"login":true}`, "user.name", "")
	f("- json: {}\n- known: {}", `{"admin":"ann","success":true}`, "event.outcome", "success")
	f("- json: {}\n- known: {}", `{"host":{"$id":"3"},"user":{"$ref":"4"}}`, "host.id", "")
	f(known, "timestamp=1764155000 x=1", "@timestamp", "2025-11-26T11:03:20.000Z")
	f("- json: {}\n- known: {}", `{"a":{"actor":{"email":"a@example.com"}},"src":{"x":1}}`, "user.email", "a@example.com")
	f("- json: {}\n- known: {}", `{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","url":"https://example.com/x?y"}`, "url.domain", "example.com")
	f("- json: {source.ip: source.ip}\n- known: {}", `{"source":{"ip":"192.0.2.9"},"srcip":"192.0.2.1"}`, "source.ip", "192.0.2.9")
	json := "- json: {}\n- known: {}"
	logins := "- set: {event.category: [network], event.type: [info]}\n- glean: {logins: true}"
	f(logins, "Admin user ann from 192.0.2.1 login failed via SSH", "event.category", "authentication")
	f(logins, "Admin user ann from 192.0.2.1 login failed via SSH", "event.action", "logon-failed")
	f(logins, "User ann logged out from 192.0.2.1", "event.type", "end")
	f(logins, "OSPF: authentication failed, neighbor 192.0.2.1", "event.category", "network")
	f(logins, "port 7 is down", "event.category", "network")
	glean := "- glean: {}"
	f(glean, "Denied tcp from 192.0.2.1/4711 to outside:192.0.2.2/443", "source.port", "4711")
	f(glean, "Denied tcp from 192.0.2.1/4711 to outside:192.0.2.2/443", "destination.ip", "192.0.2.2")
	f(glean, "Denied tcp from 192.0.2.1/4711 to outside:192.0.2.2/443", "event.type", "connection|denied")
	f(glean, "Denied tcp from 192.0.2.1/4711 to outside:192.0.2.2/443", "network.transport", "tcp")
	f(glean, "Login failed for user 'bob' from [2001:db8::1]:22", "user.name", "bob")
	f(glean, "login: user bob from 192.0.2.1 authentication failed", "user.name", "bob")
	f(glean, "login: user from 192.0.2.1 authentication failed", "user.name", "user")
	f(glean, "Login failed for user 'bob' from [2001:db8::1]:22", "source.ip", "2001:db8::1")
	f(glean, "Login failed for user 'bob' from [2001:db8::1]:22", "event.outcome", "failure")
	f(glean, "Login failed for user 'bob' from 192.0.2.1 port 22", "source.port", "22")
	f(glean, "route 192.0.2.0/24 is up, user has left", "source.ip", "")
	f(glean, "route 192.0.2.0/24 is up, user has left", "user.name", "")
	f(glean, "a thing at 3 o'clock: (client=192.0.2.7)", "source.ip", "192.0.2.7")
	f(glean, "DENY TCP 192.0.2.1:1234 -> 192.0.2.2:443", "source.port", "1234")
	f(glean, "DENY TCP 192.0.2.1:1234 -> 192.0.2.2:443", "event.type", "connection|denied")
	f(glean, "User ann logged in from 192.0.2.7.", "user.name", "ann")
	f(glean, "ann logged in from 192.0.2.7.", "user.name", "ann")
	f(glean, "successfully logged in from 192.0.2.7", "user.name", "")
	f(glean, "Login succeeded for ann/Users from 192.0.2.7.", "user.name", "ann")
	f(glean, "Login failed for unknown reasons from 192.0.2.7.", "user.name", "")
	f(known, "src=192.0.2.1:4711 dst=[2001:db8::1]:443", "destination.port", "443")
	f(known, "src=192.0.2.1:4711 dst=[2001:db8::1]:443", "source.ip", "192.0.2.1")
	f(known, "status=1 method=local proto=ssh", "http.response.status_code", "")
	f(known, "status=1 method=local proto=ssh", "http.request.method", "")
	f(known, "status=1 method=local proto=ssh", "network.transport", "")
	f(known, "status=1 method=local proto=ssh", "network.protocol", "ssh")
	f(json, `{"source":{"vendor":"Acme"}}`, "observer.vendor", "")
	f(json, `{"client":{"user":"ann"}}`, "user.name", "ann")
	f(json, `{"rule":{"mitre":{"id":["T1110"],"tactic":["TA0006"],"technique":["Brute Force"]}}}`, "threat.technique.id", "T1110")
	f(json, `{"rule":{"mitre":{"id":["T1110"],"tactic":["TA0006"],"technique":["Brute Force"]}}}`, "threat.technique.name", "Brute Force")
	f(json, `{"from":"Ann <ann@example.com>"}`, "email.from.address", "ann@example.com")
	f(json, `{"country":"CH","city":"Bern"}`, "source.geo.country_iso_code", "CH")
	f(json, `{"requestor":"192.0.2.7"}`, "user.name", "")
	f(what, `{"action":"user.deleted","actor":"ann"}`, "event.category", "iam")
	f(what, `{"action":"Policy updated","actor":"ann"}`, "event.category", "configuration")
	f(what, `{"action":"Policy updated","actor":"ann"}`, "event.type", "change")
	f(what, `{"action":"process_created","user":"ann"}`, "event.category", "process")
	f(what, `{"action":"process_created","user":"ann"}`, "event.type", "start")
	f(what, `{"action":"Policy updated"}`, "event.category", "")
	f(what, `{"cve":"CVE-2026-0001"}`, "event.category", "vulnerability")
	f(what, `{"sender":"a@example.com","recipient":"b@example.com"}`, "event.category", "email")
	f(what, `{"alert":{"alertName":"x"}}`, "event.kind", "alert")
	f(what, `{"rules":{"alertName":"x"}}`, "event.kind", "event")
	f("- json: {}\n- known: {categories: true}", `{"type":"user.created","id":"17"}`, "event.action", "user.created")
	f("- json: {}\n- known: {categories: true}", `{"type":"audit","id":"17","action":"login"}`, "event.action", "login")
	ecs := "- json: {\"*\": \"*\"}"
	f(ecs, `{"event":{"category":["network_traffic","odd"],"kind":"odd"}}`, "event.category", "network")
	f(ecs, `{"event":{"category":["network_traffic","odd"],"kind":"odd"}}`, "event.kind", "event")
	f(known, "from=192.0.2.1", "source.address", "192.0.2.1")
	f(glean, "write, User: ann, IP: 192.0.2.1", "source.ip", "192.0.2.1")
	f(glean, "assigned IP: 192.0.2.1", "source.ip", "")
	f(glean, "user ann authenticated successfully from /192.0.2.1:50122", "source.port", "50122")
	f(known, "severity=high", "log.level", "high")
	f(known, "severity=7", "event.severity", "7")
	f(json, `{"model":{"pid":608}}`, "process.pid", "")
	f(json, `{"data":{"pid":608}}`, "process.pid", "608")
	f(json, `{"event":{"process":{"pid":608}}}`, "process.pid", "608")
	f(json, `{"gateway":{"ip":"192.0.2.1"},"user":{"ip":"192.0.2.2"}}`, "source.ip", "192.0.2.2")
	f(json, `{"owner":{"email":"b@example.com"}}`, "user.email", "")
	f(json, `{"recipients":["b@example.com","c@example.com"]}`, "email.to.address", "b@example.com|c@example.com")
	f(json, `{"src_ip":["192.0.2.1"]}`, "source.ip", "192.0.2.1")
	f(json, `{"src_ip":["192.0.2.1","192.0.2.2"]}`, "source.ip", "")
	f(glean, "a thing: client_ip=192.0.2.7", "source.ip", "192.0.2.7")
	f("- kv: {map: {p: network:proto, h: file:hash}}", "p=tcp/https", "network.transport", "tcp")
	f("- kv: {map: {p: network:proto, h: file:hash}}", "h=MD5:44d88612fea8a8f36de82e1278abb02f", "file.hash.md5", "44d88612fea8a8f36de82e1278abb02f")
}

// TestCutOff: of an object that ends early the beginning is read, and the place told.
func TestCutOff(t *testing.T) {
	f := verbCase(t)
	js := "- json: {a: user.name, l.0: user.id, o.p: user.email}"
	f(js, `{"a":"x","b":"y`, "user.name", "x")
	f(js, `<13>Mar  2 09:00:00 h p: {"a":"x","b":"y`, "sluice.unparsed", "the JSON object is cut off behind byte 8")
	f(js, `{"l":["7","8`, "user.id", "7")
	f(js, `{"o":{"p":"q","z":tr`, "user.email", "q")
	f(js, `{"o":{"p":"q\"`, "user.email", "")
	f(js, `{"a":"x"}}`, "user.name", "")
	f(js, `{"a":"x","b`, "user.name", "x")
	f(js, `{"a":"x","b":`, "user.name", "x")
	f(js, `{"a":12`, "user.name", "")
}

// TestDefaultInQuotes: in quotes the word is a text like others; without, what stands for the rest.
func TestDefaultInQuotes(t *testing.T) {
	f := verbCase(t)
	steps := `- pattern: "{_x}"
- table: {_x -> user.name: {'"default", other': named, default: rest}}`
	f(steps, "default", "user.name", "named")
	f(steps, "other", "user.name", "named")
	f(steps, "third", "user.name", "rest")
}

// TestSameKey: of a key given twice the last counts, also inside what is kept whole.
func TestSameKey(t *testing.T) {
	f := verbCase(t)
	f("- json: {\"l[]\": {to: dns.answers, rename: {d: data}}}", `{"l":[{"d":{"x":1,"y":[{"z":1,"z":2}],"x":3}}]}`, "dns.answers", `[{"data":{"y":[{"z":2}],"x":3}}]`)
	f("- json: {a: user.name}", `{"a":"x","a":"y"}`, "user.name", "y")
}

// TestSpans: a value read from JSON knows where it stands in the line.
func TestSpans(t *testing.T) {
	w := open(t, normalize.Shipped()).NewWorker()
	f := func(line, field, want string) {
		t.Helper()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		n, _ := ev.Schema().Lookup(field)
		v := ev.Get(n)
		if v == nil {
			t.Fatalf("%s: no %s", line, field)
		}
		if got := line[v.Start:v.End]; got != want {
			t.Errorf("%s: %s stands at %q, want %q", line, field, got, want)
		}
	}
	f(`{"a":1,"srcip":"192.0.2.1","userName":"b\"o\u0062"}`, "source.ip", "192.0.2.1")
	f(`{"a":1,"srcip":"192.0.2.1","userName":"b\"o\u0062"}`, "user.name", `b\"o\u0062`)
	f(`<13>Mar  2 09:00:00 h p: {"\u0061b":"c","srcip":"192.0.2.1"}`, "source.ip", "192.0.2.1")
	f(`{"":"c","srcip":"192.0.2.1"}`, "source.ip", "192.0.2.1")
}
