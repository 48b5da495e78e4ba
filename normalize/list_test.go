package normalize_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestElementsAlone: what a pack made of an element of a list comes out the same when the
// element is read anew from what its event keeps of the line: its bytes, its number and
// what stood around the list.
func TestElementsAlone(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w, again := packs.NewWorker(), packs.NewWorker()
	seen := 0
	for _, name := range packs.Names() {
		for _, line := range sampleLines(t, name) {
			raw := packs.Sample(name, line)
			for ev, _ := w.Normalize(raw, "", received); ev != nil; ev, _ = w.Next() {
				one := *w.Raw()
				if one.Element == 0 {
					continue
				}
				seen++
				if one.Line != raw.ID || one.ID != fmt.Sprintf("%s.%03d", raw.ID, one.Element) {
					t.Errorf("%s: %+v", line, one)
				}
				alone, _ := again.Normalize(&one, "", received)
				if got, want := alone.AppendJSON(nil), ev.AppendJSON(nil); !bytes.Equal(got, want) {
					t.Errorf("%s\nalone  %s\nbefore %s", line, got, want)
				}
				if more, _ := again.Next(); more != nil {
					t.Errorf("%s: an element is several events", line)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("%d elements in all samples", seen)
	}
}

// TestEvents: what is a list of events, and what each keeps.
func TestEvents(t *testing.T) {
	const pack = `pack: a_b
recognize: [{json: [r]}, {json: [l, o]}, {format: list}]
header: {host: [host.name]}
message: false
steps:
- json: {o: organization.name, l: _, r: _, a.b: _}
- events: [r, a.b]
- events: {list: l, steps: [{json: {m: message, i: event.id}, inner: message}]}
- events: list
`
	const inside = "pack: c_d\nrecognize: [{json: [u]}, \"user=\"]\nsteps:\n- when: {sluice.pack: null}\n  maybe: \"user={user.name}\"\n- when: {user.name: null}\n  json: {u: user.name}\n"
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte(pack)}, {Name: "q.yml", Text: []byte(inside)}})
	w := packs.NewWorker()
	f := func(line, field string, want ...string) {
		t.Helper()
		n, _ := packs.Schema().Lookup(field)
		var got []string
		for ev, _ := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received); ev != nil; ev, _ = w.Next() {
			v := ""
			if x := ev.Get(n); x != nil {
				v = strings.Trim(string(ev.AppendValue(nil, x)), `"`)
			}
			got = append(got, v)
			if doc := ev.AppendJSON(nil); !json.Valid(doc) {
				t.Errorf("%s: no JSON: %s", line, doc)
			}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s\n%s: %q, want %q", line, field, got, want)
		}
	}
	f(`{"r":[{"u":"ann"}, {"u":"bob" } ]}`, "user.name", "ann", "bob")
	f(`{"r":[{"u":"ann"}, {"u":"bob" } ]}`, "event.original", `{\"u\":\"ann\"}`, `{\"u\":\"bob\" }`)
	f(`{"r":[{"u":"ann"}, {"u":"bob" } ]}`, "sluice.id", "7.001", "7.002")
	f(`{"r":[{"u":"ann"}, {"u":"bob" } ]}`, "sluice.line", "7", "7")
	f(`{"r":[{"u":"ann"}, {"u":"bob" } ]}`, "sluice.element", "1", "2")
	f(`{"r":[{"u":"ann"}, {"u":"bob" } ]}`, "sluice.envelope", `{\"r\":[{} ]}`, `{\"r\":[{} ]}`)
	f(`{"r":[{"u":"ann"},{"u":"bob"}],"o":"x"}`, "organization.name", "x", "x")
	f(`{"r":[{"u":"ann"},{"z":"bob"}]}`, "sluice.pack", "c_d", "a_b")
	f(`{"a":{"b":[{"u":"ann"}]},"r":0,"o":1}`, "user.name", "ann")
	f(`{"o":"]}\"","a":{"b":[{"u":"]},{"},{"u":"b\\"}]},"l":[],"o":1}`, "user.name", "]},{", `b\\`)
	f(`[{"u":"ann"},{"u":"bob"}]`, "user.name", "ann", "bob")
	f(`<13>Mar  2 09:00:00 web1 p: [{"u":"ann"},{"u":"bob"}]`, "host.name", "web1", "web1")
	f(`<13>Mar  2 09:00:00 web1 p: [{"u":"ann"},{"u":"bob"}]`, "sluice.envelope", `<13>Mar  2 09:00:00 web1 p: [{}]`, `<13>Mar  2 09:00:00 web1 p: [{}]`)
	f(`{"any":[{"u":"ann"},{"u":"bob"}]}`, "user.name", "ann", "bob")
	f(`{"any":[{"u":"ann"},{"u":"bob"}],"x":1}`, "user.name", "")
	f(`{"o":"x","l":[{"i":"1","m":"user=ann"},{"i":"2","m":"user=bob"}]}`, "user.name", "ann", "bob")
	f(`{"o":"x","l":[{"i":"1","m":"user=ann"},{"i":"2","m":"user=bob"}]}`, "event.id", "1", "2")
	// what is no list of events stays one event
	f(`{"r":[]}`, "sluice.unparsed", "")
	f(`{"r":7}`, "sluice.unparsed", "p.yml:7:11: the list holds more than objects behind byte 0")
	f(`{"r":[{"u":"ann"},7]}`, "sluice.unparsed", "p.yml:7:11: the list holds more than objects behind byte 0")
	f(`{"r":[`+strings.Repeat(`{},`, 50)+`{}]}`, "sluice.unparsed", "p.yml:7:11: too many events for a line behind byte 0")
	f(`{"r":[{"u":"ann"},{"u":"bob"}],"x":"`+strings.Repeat("y", 5000)+`"}`, "sluice.unparsed", "p.yml:7:11: too much stands around the list behind byte 0")
	// one that is cut off ends with the line
	f(`{"r":[{"u":"ann"},{"u":"bob","x":7`, "event.original", `{\"u\":\"ann\"}`, `{\"u\":\"bob\",\"x\":7`)
	f(`{"r":[{"u":"ann"},{"u":"bob","x":"`, "user.name", "ann", "bob")
}

// TestEventsBelowKeys: a list or an object below each key of an object is an event, or several.
func TestEventsBelowKeys(t *testing.T) {
	const pack = "pack: a_b\nrecognize: [{json: [r]}]\nsteps:\n- json: {o: organization.name, r: _}\n- events: {list: r.*, steps: [{json: {u: user.name}}]}\n"
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte(pack)}})
	w, again := packs.NewWorker(), packs.NewWorker()
	f := func(line string, want ...string) {
		t.Helper()
		name, _ := packs.Schema().Lookup("user.name")
		org, _ := packs.Schema().Lookup("organization.name")
		var got []string
		for ev, _ := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received); ev != nil; ev, _ = w.Next() {
			got = append(got, ev.Text(name)+" of "+ev.Text(org))
			one := *w.Raw()
			if alone, _ := again.Normalize(&one, "", received); !bytes.Equal(alone.AppendJSON(nil), ev.AppendJSON(nil)) {
				t.Errorf("%s\nalone  %s\nbefore %s", line, alone.AppendJSON(nil), ev.AppendJSON(nil))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	f(`{"o":"x","r":{"id1":{"u":"ann"},"id2":{"u":"bob","v":{}}}}`, "ann of x", "bob of x")
	f(`{"r":{"id1":{"u":"ann"}},"o":"x"}`, "ann of x")
	f(`{"o":"x","r":{"id1":{"u":"ann"}, "id2":[{"u":"bob"},{"u":"eve"}]}}`, "ann of x", "bob of x", "eve of x")
	f(`{"o":"x","r":{}}`, " of x")
	f(`{"o":"x","r":{"id1":{"u":"ann"},"id2":7}}`, " of x")
	f(`{"o":"x","r":{"id1":{"u":"ann"},"id2":{"u":"bob`, "ann of x", " of x")
}

// TestListsTooDeep: what stands in a list in a list in a list is not read, and the event says so.
func TestListsTooDeep(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	why, _ := packs.Schema().Lookup("sluice.unparsed")
	batch := `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["x"],"logEvents":[{"id":"1","timestamp":1772441999000,"message":"a"},{"id":"2","timestamp":1772441999000,"message":"b"}]}`
	record := `{"data":"` + base64.StdEncoding.EncodeToString([]byte(batch)) + `"}`
	body := `{"requestId":"a","timestamp":1772441999000,"records":[` + record + "," + record + `]}`
	f := func(line string, want int, deep bool) {
		t.Helper()
		n := 0
		for ev, _ := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received); ev != nil; ev, _ = w.Next() {
			if n++; strings.Contains(ev.Text(why), "inside two others") != deep {
				t.Errorf("%.60s: event %d says %q", line, n, ev.Text(why))
			}
		}
		if n != want {
			t.Errorf("%.60s: %d events, want %d", line, n, want)
		}
	}
	f(batch, 2, false)
	f(body, 4, false)
	f(body+body, 4, true)
}

// TestEventsOfANamedPack: an input that names the pack of the events gets them out of a list.
func TestEventsOfANamedPack(t *testing.T) {
	w := open(t, normalize.Shipped()).NewWorker()
	line := `{"Records":[{"eventVersion":"1.09","eventName":"CreateUser"},{"odd":"one, of no kind that anybody knows"}]}`
	var got []string
	for ev, by := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Pack: "aws_cloudtrail", Received: received}, "", received); ev != nil; ev, by = w.Next() {
		got = append(got, by)
	}
	if fmt.Sprint(got) != "[aws_cloudtrail aws_cloudtrail]" {
		t.Errorf("read by %v", got)
	}
}

// eachEvent checks a field of each event of a line, and that no two have the same id.
func eachEvent(t *testing.T, packs *normalize.Packs) func(line, field string, want ...string) {
	return func(line, field string, want ...string) {
		t.Helper()
		n, _ := packs.Schema().Lookup(field)
		var got, originals []string
		w := packs.NewWorker()
		for ev, _ := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received); ev != nil; ev, _ = w.Next() {
			got = append(got, ev.Text(n))
			originals = append(originals, w.Raw().ID)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s\n%s: %q, want %q", line, field, got, want)
		}
		if all := slices.Compact(slices.Sorted(slices.Values(originals))); len(all) != len(originals) {
			t.Errorf("%s: ids %q", line, originals)
		}
	}
}

// readAgain checks that each event of the lines reads the same from what it keeps.
func readAgain(t *testing.T, packs *normalize.Packs, lines ...string) {
	t.Helper()
	for _, line := range lines {
		w, again := packs.NewWorker(), packs.NewWorker()
		for ev, _ := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received); ev != nil; ev, _ = w.Next() {
			one := *w.Raw()
			alone, _ := again.Normalize(&one, "", received)
			if got, want := alone.AppendJSON(nil), ev.AppendJSON(nil); !bytes.Equal(got, want) {
				t.Errorf("%s\nalone  %s\nbefore %s", line, got, want)
			}
			if more, _ := again.Next(); more != nil {
				t.Errorf("%s: an element is several events", line)
			}
		}
	}
}

// TestNestedEvents: lists below the elements of others, each with what stands around it; objects one
// behind the other; records that hold several events.
func TestNestedEvents(t *testing.T) {
	packs := open(t, normalize.Shipped())
	f := eachEvent(t, packs)
	otlp := func(host string, bodies ...string) string {
		out := `{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"` + host + `"}}]},"scopeLogs":[{"logRecords":[`
		for i, b := range bodies {
			out += strings.Repeat(",", min(i, 1)) + `{"timeUnixNano":"1772442000000000000","body":{"stringValue":"` + b + `"}}`
		}
		return out + `]}]}`
	}
	f(`{"resourceLogs":[`+otlp("a", "x", "y", "z")+`]}`, "host.name", "a", "a", "a")
	f(`{"resourceLogs":[`+otlp("a", "x", "y")+`,`+otlp("b")+`, `+otlp("c", "z")+`]}`, "host.name", "a", "a", "c")
	f(`{"resourceLogs":[`+otlp("a", "x", "y")+`,`+otlp("c", "z")+`]}`, "message", "x", "y", "z")
	f(`<13>Mar  2 09:00:00 web1 p: {"resourceLogs":[`+otlp("a", "x")+`,`+otlp("c", "z")+`]}`, "log.syslog.hostname", "web1", "web1")
	f(`{"resourceLogs":[]}`, "sluice.element", "")
	f(`{"resourceLogs":[`, "sluice.element", "")
	f(`{"resourceLogs":[`+otlp("a", "x")+`,{"scopeLogs":7}]}`, "host.name", "a")
	far := `{"a":"` + strings.Repeat("y", 5000) + `","scopeLogs":[{"logRecords":[{"body":"x"}]}]}`
	f(`{"resourceLogs":[`+far+`,`+far+`]}`, "tags", "unparsed")

	loki := `{"streams":[{"stream":{"host":"a"},"values":[["1772442000000000000","x"],["1772442000000000000","y",{"k":"v"}]]},{"stream":{"host":"b"},"values":[["1772442000000000000","z"]]}]}`
	f(loki, "host.name", "a", "a", "b")
	f(loki, "message", "x", "y", "z")

	hec := func(host, event string) string {
		return `{"time":1772442000,"host":"` + host + `","sourcetype":"s","event":"` + event + `"}`
	}
	f(hec("a", "x")+hec("b", "y")+"\n "+hec("c", "z"), "host.name", "a", "b", "c")
	f(hec("a", "x")+hec("b", "y"), "event.original", hec("a", "x"), hec("b", "y"))
	f(hec("a", "x")+"7", "sluice.element", "")
	f(`{"u":1,"v":"x"},`, "sluice.pack", "json_generic")
	f(`{"v":"%ASA-6-302013: x"}{"v":"%ASA-6-302013: y"}`, "event.original", `{"v":"%ASA-6-302013: x"}`, `{"v":"%ASA-6-302013: y"}`)
	f(`["t",1772442000,{"message":"<166>Mar 02 2026 09:00:00 fw1 : %ASA-6-305011: Built dynamic TCP translation from inside:10.0.0.5/1 to outside:198.51.100.1/2"}]`, "fluent.tag", "t")
	f(`<13>Mar  2 09:00:00 web1 p: `+hec("a", "x")+hec("b", "y"), "log.syslog.hostname", "web1", "web1")
	// each of which may be a list
	cw := func(group string) string {
		return `{"messageType":"DATA_MESSAGE","logGroup":"` + group + `","logEvents":[{"id":"1","timestamp":1772442000000,"message":"x"},{"id":"2","timestamp":1772442000000,"message":"y"}]}`
	}
	f(cw("g")+cw("h"), "aws.envelope.log_group", "g", "g", "h", "h")

	// a list below each key, as Kafka's records come by partition
	msk := func(lists string) string {
		return `{"eventSource":"aws:kafka","bootstrapServers":"b:9092","records":` + lists + `}`
	}
	kafka := func(topic, value string) string { // value is in base64
		return `{"topic":"` + topic + `","partition":0,"offset":1,"timestamp":1772442000000,"timestampType":"CREATE_TIME","value":"` + value + `"}`
	}
	f(msk(`{"t-0":[`+kafka("t", "dXNlcj1hbm4=")+`, `+kafka("t", "dXNlcj1ib2I=")+`],"u-0" : [`+kafka("u", "dXNlcj1hZGE=")+`],"v-0":[]}`), "user.name", "ann", "bob", "ada")
	f(msk(`{"t-0":[`+kafka("t", "dXNlcj1hbm4=")+`],"u-0":[`+kafka("u", "dXNlcj1hZGE=")+`]}`), "sluice.envelope", msk(`{"t-0":[{}]}`), msk(`{"u-0":[{}]}`))
	f(strings.TrimSuffix(msk(`{"t-0":[`+kafka("t", "dXNlcj1hbm4=")), "}"), "aws.envelope.topic", "t")
	f(msk(`{"t-0":7}`), "tags", "unparsed")
	f(msk(`{"t-0"`), "sluice.element", "")
	f(msk(`{}`), "sluice.element", "")

	google := func(names ...string) string {
		return `{"kind":"admin#reports#activity","id":{"time":"2026-03-02T08:00:00Z","applicationName":"admin"},"actor":{"email":"ann@example.com"},"events":[{"name":"` + strings.Join(names, `"},{"name":"`) + `"}]}`
	}
	f(google("CREATE_USER"), "sluice.element", "")
	f(google("CREATE_USER", "ASSIGN_ROLE"), "event.action", "CREATE_USER", "ASSIGN_ROLE")
	f(google("CREATE_USER", "ASSIGN_ROLE"), "event.original", google("CREATE_USER"), google("ASSIGN_ROLE"))
	list := `{"kind":"admin#reports#activities","items":[` + google("A", "B") + `,` + google("C") + `,` + google("D", "E") + `]}`
	f(list, "event.action", "A", "B", "C", "D", "E")
	f(google("A", "B")+google("C"), "event.action", "A", "B", "C")
	readAgain(t, packs, list, loki, msk(`{"t-0":[`+kafka("t", "dXNlcj1hbm4=")+`],"u-0":[`+kafka("u", "dXNlcj1hZGE=")+`]}`), cw("g")+cw("h"), google("A", "B")+google("C"), hec("a", "x")+hec("b", "y"), `{"resourceLogs":[`+otlp("a", "x", "y")+`,`+otlp("c", "z")+`]}`)
}

// TestFlowsOfARecord: lists of objects side by side, lists of texts below others.
func TestFlowsOfARecord(t *testing.T) {
	packs := open(t, normalize.Shipped())
	f := eachEvent(t, packs)
	flow := func(src string) string { return `{"proto":6,"src":"` + src + `:1","dst":"100.64.0.9:22"}` }
	tail := `{"nodeId":"n","start":"2026-03-02T08:20:00Z","end":"2026-03-02T08:20:05Z","virtualTraffic":[` + flow("100.64.0.1") + `,` + flow("100.64.0.2") + `],"subnetTraffic":[` + flow("100.64.0.3") + `],"physicalTraffic":[]}`
	f(tail, "source.ip", "100.64.0.1", "100.64.0.2", "100.64.0.3")
	f(`<13>Mar  2 09:00:00 web1 p: `+tail, "source.ip", "100.64.0.1", "100.64.0.2", "100.64.0.3")
	f(strings.Replace(tail, flow("100.64.0.1")+`,`+flow("100.64.0.2"), "", 1), "sluice.element", "")
	nsg := func(rule string, tuples ...string) string {
		return `{"rule":"` + rule + `","flows":[{"mac":"00005E005310","flowTuples":["` + strings.Join(tuples, `","`) + `"]}]}`
	}
	flows := `{"time":"2026-03-02T08:00:59Z","category":"NetworkSecurityGroupFlowEvent","resourceId":"/SUBSCRIPTIONS/1/RESOURCEGROUPS/RG1/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N","properties":{"Version":1,"flows":[` +
		nsg("a", "1772438404,10.0.0.4,192.0.2.53,50001,53,U,O,A", "1772438404,10.0.0.5,192.0.2.53,50001,53,U,O,D") + `,` + nsg("b", "1772438404,10.0.0.6,192.0.2.53,50001,53,U,O,A") + `]}}`
	f(flows, "source.ip", "10.0.0.4", "10.0.0.5", "10.0.0.6")
	f(flows, "rule.name", "a", "a", "b")
	f(`{"records":[`+flows+`,`+flows+`]}`, "rule.name", "a", "a", "b", "a", "a", "b")
	readAgain(t, packs, tail, flows, `{"records":[`+flows+`,`+flows+`]}`)
}

// TestSeveralLists: of several paths all lists are read, and around each of them the others are empty.
func TestSeveralLists(t *testing.T) {
	const pack = `pack: a_b
recognize: [{json: [k]}]
message: false
vars: [_k]
steps:
- json: {k: organization.name, "r[]": {take: {n: host.name}}, x: _, y: _, o: _}
- events: {list: ["r[].v", x, "r[].m", o.*, y.z], steps: [{json: {i: event.id}}]}
`
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte(pack)}})
	f := eachEvent(t, packs)
	all := `{"k":"w","y":{"z":[{"i":"8"}]},"r":[{"n":"a","v":[{"i":"1"},{"i":"2"}],"m":[{"i":"5"}]},{"n":"b","v":[{"i":"3"}]}],"x":[{"i":"4"}],"o":{"p":[{"i":"6"}],"q":[{"i":"7"}]}}`
	f(all, "event.id", "1", "2", "3", "4", "5", "6", "7", "8")
	f(all, "host.name", "a", "a", "b", "b", "a", "b", "b", "b") // of both, beside the lists that are none of theirs
	f(all, "organization.name", "w", "w", "w", "w", "w", "w", "w", "w")
	f(`{"k":"w","x":[{"i":"1"},{"i":"2"}],"y":{"z":[{"i":"3"}]}}`, "sluice.envelope",
		`{"k":"w","x":[{}],"y":{"z":[]}}`, `{"k":"w","x":[{}],"y":{"z":[]}}`, `{"k":"w","x":[],"y":{"z":[{}]}}`)
	f(`{"k":"w","x":[{"i":"1"}],"y":{"z":7}}`, "event.id", "1")
	f(`{"k":"w","x":7,"y":{"z":[{"i":"1"},{"i":"2"}]}}`, "event.id", "1", "2")
	f(`{"k":"w","x":[7],"y":{"z":8}}`, "tags", "unparsed")
	// what stands in the other lists is not around this one, however much it is
	long := `{"i":"1","t":"` + strings.Repeat("x", 3000) + `"}`
	f(`{"k":"w","x":[`+long+`,`+long+`],"y":{"z":[`+long+`,`+long+`]}}`, "event.id", "1", "1", "1", "1")
	readAgain(t, packs, all, `<13>Mar  2 09:00:00 web1 p: `+all)

	shipped := open(t, normalize.Shipped())
	f = eachEvent(t, shipped)
	trivy := `{"SchemaVersion":2,"ArtifactName":"web:1","ArtifactType":"container_image","Results":[{"Target":"web:1","Class":"os-pkgs","Vulnerabilities":[{"VulnerabilityID":"CVE-2026-0001","PkgName":"a","Severity":"HIGH"}]},{"Target":"Dockerfile","Class":"config","Misconfigurations":[{"ID":"DS002","Title":"root","Severity":"HIGH","Status":"FAIL"}],"Secrets":[{"RuleID":"aws-key","Title":"key","Severity":"CRITICAL"}]}]}`
	f(trivy, "rule.id", "", "DS002", "aws-key")
	f(trivy, "vulnerability.id", "CVE-2026-0001", "", "")
	misp := `{"Event":{"id":"7","info":"x","uuid":"u","threat_level_id":"1","Attribute":[{"type":"domain","value":"a.example","category":"Network activity"}],"Object":[{"name":"file","Attribute":[{"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e","category":"Payload delivery"},{"type":"filename","value":"b.exe","category":"Payload delivery"}]}]}}`
	f(misp, "threat.indicator.name", "a.example", "d41d8cd98f00b204e9800998ecf8427e", "b.exe")
	readAgain(t, shipped, trivy, misp)
}

// TestBrokenElement: what stands in a list and is no JSON is marked, and costs the others nothing.
func TestBrokenElement(t *testing.T) {
	w := open(t, normalize.Shipped()).NewWorker()
	f := func(line string, want ...bool) {
		t.Helper()
		var got []bool
		raw := event.Raw{ID: "1", Bytes: []byte(line), Received: received}
		for ev, _ := w.Normalize(&raw, "", received); ev != nil; ev, _ = w.Next() {
			got = append(got, bytes.Contains(ev.AppendJSON(nil), []byte(`"unparsed"`)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: marked %v, want %v", line, got, want)
		}
	}
	f(`[{"user":"ann"},{"user":"bob"}]`, false, false)
	f(`[{"user":"ann"},{"user":},{"user":"cyd"}]`, false, true, false)
}
