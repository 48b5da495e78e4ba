package normalize_test

import (
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestInnerVars: the scratch variables of an envelope are nothing to the pack of the line
// inside, though it calls one of its own so; in a list neither.
func TestInnerVars(t *testing.T) {
	const outer = `pack: a_b
recognize: [{json: [wrapped]}, {json: [list]}]
vars: [_json, _in]
message: false
steps:
- maybe: "{_json:re([{])}{}"
- json: {wrapped: _in, list: _}
- events: {list: list, steps: [{json: {m: _in}}, {inner: _in}]}
- when: {_in: set}
  inner: _in
`
	const inside = `pack: c_d
recognize: ["user="]
vars: [_json]
steps:
- maybe: "{_json:re([{])}{}"
- when: {_json: null}
  pattern: "user={user.name}"
- when: {_json: set}
  json: {user: user.name}
`
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte(outer)}, {Name: "q.yml", Text: []byte(inside)}})
	w := packs.NewWorker()
	for _, line := range []string{`user=ann`, `{"wrapped":"user=ann"}`, `{"list":[{"m":"user=ann","more":"so that it is long enough"}]}`} {
		ev, _ := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received)
		name, _ := packs.Schema().Lookup("user.name")
		if got := ev.Text(name); got != "ann" {
			t.Errorf("%s: user.name %q: %s", line, got, ev.AppendJSON(nil))
		}
	}
}
