package normalize_test

import (
	"slices"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestChoice: who reads --explain learns which packs were asked before, and what was left out.
func TestChoice(t *testing.T) {
	pack := func(name, text string) normalize.File {
		return normalize.File{Name: name + ".yml", Text: []byte("pack: " + name + "\n" + text)}
	}
	w := open(t, []normalize.File{
		pack("first_dev", "recognize: [\"DEV-\"]\nsteps: [{pattern: \"DEV-{event.code:int}\"}]\n"),
		pack("second_dev", "recognize: [\"DEV-\"]\nsteps: [{pattern: \"DEV-{event.code} {user.name}\"}]\n"),
		pack("docker_box", "vars: [_log]\nrecognize: [{json: [log, stream]}]\nsteps: [{json: {log: _log, stream: container.name}, inner: _log}]\n"),
		pack("list_dev", "vars: [_ips, _all]\nrecognize: [{json: [ips]}]\nsteps: [{json: {ips: [_ips, \"source:addr\"]}}, {first: {\"destination:addr\": [_all, _ips]}}, {first: {\"related.ip:ips\": [_ips]}}]\n"),
		pack("wrap_list", "vars: [_a, _b]\nrecognize: [{json: [bytes]}]\nsteps: [{json: {bytes: _a, text: _b}}, {first: {user.id: [_a]}}, {inner: _b}]\n"),
	}).NewWorker()
	read := func(line string) (*event.Event, string, normalize.Choice) {
		ev, name := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		return ev, name, w.Choice()
	}
	f := func(line, want, unparsed string, missed ...normalize.Candidate) {
		t.Helper()
		ev, name, c := read(line)
		mark, _ := ev.Schema().Lookup("sluice.unparsed")
		if name != want || !strings.HasSuffix(ev.Text(mark), unparsed) || (unparsed == "") != (ev.Text(mark) == "") || !slices.Equal(c.Missed, missed) {
			t.Errorf("%s: %s, %q, missed %v; want %s, %q, %v", line, name, ev.Text(mark), c.Missed, want, unparsed, missed)
		}
	}
	no := func(pack string, place string) normalize.Candidate {
		return normalize.Candidate{Pack: pack, Why: pack + ".yml:3:19: " + place}
	}
	f("DEV-7", "first_dev", "")
	f("DEV-7 bob", "second_dev", "", no("first_dev", "no pattern fits behind byte 5"))
	f("DEV-x", "first_dev", "first_dev.yml:3:19: no pattern fits behind byte 4", no("second_dev", "no pattern fits behind byte 4"))
	f(`{"log":"DEV-7 bob","stream":"stdout"}`, "second_dev", "", no("first_dev", "no pattern fits behind byte 5"))
	f(`{"log":"DEV-x","stream":"stdout"}`, "first_dev", "first_dev.yml:3:19: no pattern fits behind byte 4", no("second_dev", "no pattern fits behind byte 4"))
	f("DEV-7", "first_dev", "")

	ev, _, c := read(`{"ips":["192.0.2.1","192.0.2.2","192.0.2.3"]}`)
	want := []string{"source:addr took the first of a list", "destination:addr took the first of a list, without 192.0.2.2, 192.0.2.3"}
	if !slices.Equal(c.Left, want) {
		t.Errorf("left %q, want %q", c.Left, want)
	}
	ips, _ := ev.Schema().Lookup("related.ip")
	if got := ev.List(ips); len(got) != 3 {
		t.Errorf("a list that takes a list has %q", got)
	}
	if _, name, c := read(`{"bytes":["1","2"],"text":"DEV-7"}`); name != "first_dev" || !slices.Equal(c.Left, []string{"user.id took the first of a list"}) {
		t.Errorf("a list of an envelope's: %s, left %q", name, c.Left) // its variable is gone
	}
}

// TestAsUnknown: each line is read without the pack that knows it, and only that one is passed over.
func TestAsUnknown(t *testing.T) {
	pack := func(name, text string) normalize.File {
		return normalize.File{Name: name + ".yml", Text: []byte("pack: " + name + "\n" + text)}
	}
	w := open(t, []normalize.File{
		pack("one", "recognize: [\"DEV-\"]\nsteps: [{pattern: \"DEV-{event.code:int}\"}]\n"),
		pack("other", "recognize: [\"-777\"]\nsteps: [{pattern: \"{event.code}-777\"}]\n"),
		pack("envelope", "vars: [_log]\nrecognize: [{json: [log, stream]}]\nsteps: [{json: {log: _log, stream: container.name}, inner: _log}]\n"),
		pack("any", "last_resort: true\nsteps: [{pattern: \"{message:rest}\"}]\n"),
	}).NewWorker()
	f := func(line, named, want string) {
		t.Helper()
		if _, name := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received, Pack: named}, "", received); name != want {
			t.Errorf("%s: read by %s, want %s", line, name, want)
		}
	}
	f("DEV-8", "", "one")
	w.AsUnknown()
	f("DEV-8", "", "any")
	f("DEV-777", "", "other") // the next that knows it is another product's
	f("ABC-77", "", "any")
	f("DEV-8", "", "any")
	f("nothing known", "", "any")
	f(`{"log":"DEV-8","stream":"out"}`, "", "envelope") // around it is what knows the envelope
	f("DEV-8", "one", "one")
}

// TestTrace: what nobody read of a line is what neither header nor step took.
func TestTrace(t *testing.T) {
	w := open(t, []normalize.File{
		{Name: "a.yml", Text: []byte("pack: a_dev\nrecognize: [\"DEV-\"]\nvars: [_kv]\nsteps:\n- maybe: [\"DEV-{event.code} {user.name} left {} at {_kv:rest}\", \"DEV-{event.code}: {}\"]\n- in: _kv\n  kv: {}\n")},
		{Name: "j.yml", Text: []byte("pack: j_dev\nrecognize: [{json: [id]}]\nsteps: [{json: {port: source.port}}]\n")},
	}).NewWorker()
	f := func(line, want string) {
		t.Helper()
		w.Trace()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		left := []byte(line)
		for _, s := range w.Choice().Read {
			for i := s.Start; i < s.End; i++ {
				left[i] = '_'
			}
		}
		if got := strings.Trim(string(left), "_"); got != want || ev.Raw != line {
			t.Errorf("%s: %q is left, want %q", line, got, want)
		}
	}
	f("<13>Mar  2 09:00:00 h DEV-7 bob left the room at a=1 b=2", "the room")
	f("<13>Mar  2 09:00:00 h DEV-7: nothing known", "nothing known")
	f("<13>Mar  2 09:00:00 h DEV-7 odd", "DEV-7 odd")
	f(`{"id":1,"other":2}`, "")
	f(`{"id":1,"port":"http","other":2}`, "http")
}
