package normalize_test

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	f(`{"a":{"b":[{"u":"ann"}]},"r":0,"o":1}`, "user.name", "")
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

// TestOnlyOne: a list of events within lists that hold one element each, and no more.
func TestOnlyOne(t *testing.T) {
	packs := open(t, normalize.Shipped())
	f := func(line string, want int) {
		t.Helper()
		n := 1
		w := packs.NewWorker()
		w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		for ev, _ := w.Next(); ev != nil; ev, _ = w.Next() {
			n++
		}
		if n != want {
			t.Errorf("%s: %d events, want %d", line, n, want)
		}
	}
	records := `{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":"a"},{"timeUnixNano":"2","body":"b"},{"timeUnixNano":"3","body":"c"}]}]}`
	f(`{"resourceLogs":[`+records+`]}`, 3)
	f(`{"resourceLogs":[`+records+`,`+records+`]}`, 2) // two sources: cut at the outer list alone
	f(`{"resourceLogs":[]}`, 1)
	f(`{"resourceLogs":[`, 1)
}
