package normalize_test

import (
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestInsteadKeepsWhatIsAround: a line in an envelope in an envelope, which the pack that is asked first cannot
// read: all that stands around it is there, and the next pack is given its text whole, also where the envelope
// made that text, and another in front of it.
func TestInsteadKeepsWhatIsAround(t *testing.T) {
	packs := open(t, []normalize.File{
		{Name: "a.yml", Text: []byte("pack: a_out\nrecognize: [{json: [outer]}]\nvars: [_in]\nsteps:\n- json: {outer: _in, host: host.name}\n- inner: _in\n")},
		{Name: "b.yml", Text: []byte("pack: b_list\nrecognize: [{json: [list]}]\nvars: [_in]\nsteps:\n- json: {list: _}\n- events: {list: list, steps: [{json: {m: _in}}, {inner: _in}]}\n")},
		{Name: "c.yml", Text: []byte("pack: c_mid\nrecognize: [\"MID \"]\nvars: [_t, _first]\nsteps:\n- pattern: \"MID {user.name} {_first} {_t:rest}\"\n- replace: {_first: {from: \"~\", to: \"\"}}\n- replace: {_t: {from: \"~\", to: \"\"}}\n- inner: _t\n")},
		{Name: "d.yml", Text: []byte("pack: d_one\nrecognize: [\"ping \"]\nsteps:\n- pattern: \"ping never {user.id}\"\n")},
		{Name: "e.yml", Text: []byte("pack: e_two\nrecognize: [\" code=\"]\nsteps:\n- pattern: \"ping {user.id} code={event.code} {url.path}\"\n")},
	})
	w := packs.NewWorker()
	for _, long := range []string{"", strings.Repeat("x", 700)} {
		mid := "MID ann ~" + long + "a ping 7 code=~3 /" + long
		for line, around := range map[string]string{
			mid:                                     "",
			`{"outer":"` + mid + `","host":"web1"}`: "web1",
			`{"list":[{"m":"` + mid + `"}]}`:        "",
		} {
			ev, by := w.Normalize(&event.Raw{ID: "7", Bytes: []byte(line), Received: received}, "", received)
			if by != "e_two" {
				t.Errorf("%s is read by %s", line, by)
			}
			for name, want := range map[string]string{"user.name": "ann", "user.id": "7", "event.code": "3", "url.path": "/" + long, "host.name": around, "sluice.unparsed": ""} {
				f, _ := packs.Schema().Lookup(name)
				if got := ev.Text(f); got != want {
					t.Errorf("%.60s: %s is %q, not %q", line, name, got, want)
				}
			}
		}
	}
}

// TestAnotherPackParsesItsOwnText: a pack that made a text and parsed it leaves nothing to the next one that is
// asked, which makes another of the same length.
func TestAnotherPackParsesItsOwnText(t *testing.T) {
	pack := func(name, recognize, to, more string) normalize.File {
		return normalize.File{Name: name + ".yml", Text: []byte("pack: " + name + "\nrecognize: [" + recognize + "]\nvars: [_t]\nsteps:\n- pattern: \"acme: {_t:rest}\"\n- replace: {_t: {from: \"~\", to: \"" + to + "\"}}\n- in: _t\n  json: {u: user.name}\n" + more)}
	}
	packs := open(t, []normalize.File{pack("a_one", `"acme: "`, `\"`, "- pattern: never\n"), pack("b_two", `",~v"`, "x", "")})
	ev, by := packs.NewWorker().Normalize(&event.Raw{ID: "7", Bytes: []byte(`acme: {"u":"an~,~v~:~b"}`), Received: received}, "", received)
	f, _ := packs.Schema().Lookup("user.name")
	if got := ev.Text(f); got != "anx,xvx:xb" || by != "b_two" {
		t.Errorf("user.name is %q, read by %s", got, by)
	}
}
