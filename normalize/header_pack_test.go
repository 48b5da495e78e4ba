package normalize_test

import (
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestPackHeader: a pack says in which zone its devices' clocks run and whether its lines
// have a header; an input's zone, and a relay's header, win.
func TestPackHeader(t *testing.T) {
	packs := open(t, []normalize.File{
		{Name: "a.yml", Text: []byte("pack: a_zone\nzone: Europe/Berlin\nrecognize: [AAA]\nvars: [_t]\nsteps:\n- maybe: \"AAA at {@timestamp:date(2006/01/02 15:04)}\"\n- when: {message: [AAA fails]}\n  pattern: \"nothing like it\"\n")},
		{Name: "b.yml", Text: []byte("pack: b_bare\nheader: none\nrecognize: [BBB, {program: [bd]}]\nsteps:\n- pattern: \"{event.code} {event.reason} {} {host.name:word} BBB{:rest}\"\n")},
		{Name: "c.yml", Text: []byte("pack: c_plain\nrecognize: [AAA, BBB, CCC]\nsteps:\n- set: {event.code: c}\n")},
		{Name: "d.yml", Text: []byte("pack: d_wrap\nzone: Asia/Tokyo\nrecognize: [{json: [line]}]\nsteps:\n- json: {line: event.reason}\n- inner: event.reason\n")},
	})
	w := packs.NewWorker()
	f := func(raw event.Raw, field, want string) {
		t.Helper()
		raw.Received = received
		ev, _ := w.Normalize(&raw, "", received)
		n, _ := packs.Schema().Lookup(field)
		got := ev.Text(n)
		if v := ev.Get(n); v != nil && v.Type() == event.Date {
			got = v.Time().Format("01-02T15:04:05")
		}
		if got != want {
			t.Errorf("%s: %s = %q, want %q", raw.Bytes, field, got, want)
		}
	}
	line := func(s string) event.Raw { return event.Raw{ID: "1", Bytes: []byte(s)} }
	f(line("<13>Mar  2 09:59:59 h p: AAA x"), "@timestamp", "03-02T08:59:59")
	f(line("<13>1 2026-03-02T09:59:59+02:00 h p - - - AAA x"), "@timestamp", "03-02T07:59:59")
	f(line("<13>Mar  2 08:59:59 h p: CCC x"), "@timestamp", "03-02T08:59:59") // not the last pack's zone
	f(line("AAA at 2026/03/02 09:58"), "@timestamp", "03-02T08:58:00")
	f(event.Raw{Bytes: []byte("<13>Mar  2 03:59:59 h p: AAA x"), Zone: "America/New_York"}, "@timestamp", "03-02T08:59:59")
	f(line("<13>Mar  2 08:59:59 h p: AAA fails"), "event.code", "c") // the next pack gets the line without it
	f(line("<13>Mar  2 08:59:59 h p: AAA fails"), "@timestamp", "03-02T08:59:59")
	f(line("Mar  2 09:59:59 h BBB x: y"), "event.code", "Mar")
	f(line("Mar  2 09:59:59 h BBB x: y"), "message", "Mar  2 09:59:59 h BBB x: y")
	f(line("Mar  2 09:59:59 h BBB x: y"), "log.syslog.hostname", "")
	f(line("<13>Mar  2 08:59:59 relay p: 7 8 9 web1 BBB y"), "event.code", "7")
	f(line("<13>Mar  2 08:59:59 relay p: 7 8 9 web1 BBB y"), "log.syslog.hostname", "relay")
	f(line("Mar  2 08:59:59 web2 bd[7]: 7 8 9 web1 BBB y"), "event.code", "7") // the pack's program and its number
	f(line("Mar  2 08:59:59 web2 bd[7]: 7 8 9 web1 BBB y"), "log.syslog.hostname", "web2")
	f(line("Mar  2 08:59:59 h p: BBB"), "event.code", "c")
	f(line("Mar  2 08:59:59 h p: BBB"), "log.syslog.hostname", "h")
	f(line(`{"line":"<13>Mar  2 08:59:59 h p: CCC x"}`), "@timestamp", "03-02T08:59:59") // nor the envelope's
}

// TestMessageInWhen: a condition sees the line's message, as it is set when the pack is
// through; whether it is set is what the pack did.
func TestMessageInWhen(t *testing.T) {
	f := verbCase(t)
	f("- when: \"message startsWith 'a b'\"\n  set: {user.name: x}", "<13>Mar  2 09:00:00 h p: a b c", "user.name", "x")
	f("- when: \"message startsWith 'a b'\"\n  set: {user.name: x}", "<13>Mar  2 09:00:00 h p: a b c", "message", "a b c")
	f("- when: {message: [a b c, d]}\n  set: {user.name: x}", "a b c", "user.name", "x")
	f("- when: {message not: [a b c, d]}\n  set: {user.name: x}", "a b c", "user.name", "")
	f("- when: {message: null}\n  set: {user.name: x}", "a b c", "user.name", "x")
	f("- pattern: \"a {message}\"\n- when: {message: b c}\n  set: {user.name: x}", "a b c", "user.name", "x")
	f("- pattern: \"a {message}\"\n- when: \"message == 'a b c'\"\n  set: {user.name: x}", "a b c", "user.name", "")
	f("- when: \"error.message == 'a'\"\n  set: {user.name: x}", "a", "user.name", "")
}
