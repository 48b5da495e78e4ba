package normalize_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestFlattened: a record without the objects in it is read in its nested form where that is what a pack knows,
// and the event has the text that came.
func TestFlattened(t *testing.T) {
	const nested = `pack: a_nested
recognize:
- json: [kind=a, data.x]
steps:
- json: {kind: _, "data.*": acme.*, data.x.y: user.name, "list[]": {where: {t: u}, take: {n: host.name}}}
- when: "message contains 'data.x'"
  set: {event.action: seen}
`
	const dotted = `pack: b_dotted
recognize:
- json: [ts, id.h]
steps:
- json: {ts: _, id.h: user.name, "*": acme.*}
`
	const rest = `pack: c_rest
last_resort: true
generic: true
recognize: [{format: json}]
steps:
- json: {"*": other.*}
`
	packs := open(t, []normalize.File{{Name: "a.yml", Text: []byte(nested)}, {Name: "b.yml", Text: []byte(dotted)}, {Name: "c.yml", Text: []byte(rest)}})
	w := packs.NewWorker()
	f := func(line, want string) {
		t.Helper()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		var got []string
		for _, name := range []string{"sluice.pack", "user.name", "host.name"} {
			n, _ := packs.Schema().Lookup(name)
			got = append(got, ev.Text(n))
		}
		vendor := ""
		for key, text := range ev.Vendor {
			vendor += " " + key + "=" + text
		}
		if text := fmt.Sprint(strings.Join(got, " "), vendor); text != want {
			t.Errorf("%s: %s, want %s", line, text, want)
		}
		for _, name := range []string{"event.original", "message"} {
			if n, _ := packs.Schema().Lookup(name); ev.Text(n) != line {
				t.Errorf("%s: %s is %s", line, name, ev.Text(n))
			}
		}
	}
	f(`{"kind":"a","data":{"x":{"y":"ann"},"z":"1"}}`, "a_nested ann  acme.z=1")
	f(`{"kind":"a","data.x.y":"ann","data.z":"1"}`, "a_nested ann  acme.z=1")
	f(`{"data.x.y":"a\u0041\"n","kind":"a"}`, `a_nested aA"n `)
	f(`{"kind":"a","data":{"x":{"y":"ann"}},"list":[{"t":"u","n":"h1"},{"t":"v","n":"h2"}]}`, "a_nested ann h1 list.t=u")
	f(`{"kind":"a","data.x.y":"ann","list.0.t":"u","list.0.n":"h1","list.1.t":"v","list.1.n":"h2"}`, "a_nested ann h1 list.t=u")
	f(`{"kind":"a","data.x.y":"ann","data.x":{"q":"2"}}`, "a_nested ann  data.x.q=2")
	f(`{"kind":"a","data":{"q":"2"},"data.x.y":"ann"}`, "a_nested ann  acme.q=2")
	f(`{"kind":"a","data.x.y":"ann","data.http://example.com/c.d":"3","@o.p":"4"}`, "a_nested ann  acme.http://example.com/c.d=3 @o.p=4")
	f(`{"ts":1,"id.h":"bob","e.f":"g"}`, "b_dotted bob  acme.e.f=g")
	f(`{"q":1,"id.h":"bob","e..":"g","":2}`, "c_rest   other.q=1 other.id.h=bob other.e..=g other.=2")
	f(`{"kind":"a","data.x.y":"ann","data.x.y.z":"5"}`, "a_nested ann  data.x.y.z=5")
	f(`{"kind":"b","data.x.y":"ann"}`, "c_rest   other.kind=b other.data.x.y=ann")
}
