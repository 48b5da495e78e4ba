package normalize_test

import (
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestRecognize holds the choice among packs: who says most about an object, who knows
// the device before who knows the format, who can read the line.
func TestRecognize(t *testing.T) {
	pack := func(name, text string) normalize.File {
		return normalize.File{Name: name, Text: []byte("pack: " + name + "\n" + text)}
	}
	w := open(t, []normalize.File{
		pack("any_json", "generic: true\nrecognize: [{format: json}]\n"),
		pack("any_kv", "generic: true\nrecognize: [{format: kv}]\n"),
		pack("cloud_trail", "recognize: [{json: [eventVersion, eventSource]}]\n"),
		pack("cloud_trail_s3", "recognize: [{json: [eventVersion, eventSource=s3.*, who.type]}]\n"),
		pack("envelope_docker", "vars: [_log]\nrecognize: [{json: [log, stream]}]\nsteps: [{json: {log: _log, stream: container.name}, inner: _log}]\n"),
		pack("first_dev", "recognize: [\"DEV-\"]\nsteps: [{pattern: \"DEV-{event.code:int}\"}]\n"),
		pack("second_dev", "recognize: [\"DEV-\"]\nsteps: [{pattern: \"DEV-{event.code} {user.name}\"}]\n"),
		pack("third_dev", "recognize: [\"DEV-\"]\nsteps: [{pattern: \"DEV-{event.code:re(y+)}\"}]\n"),
		pack("all_of", "recognize: [{all: [\"aaa\", \"late=\", \"bbbb\"]}]\n"),
		pack("short_x", "recognize: [\"]:[\"]\n"),
		pack("start_x", "recognize: [{start: \"XX:\"}]\n"),
		pack("shape_ip", "recognize: [{pattern: \"{source.ip:ip} {user.name:word} {event.code:int}\"}]\n"),
		pack("daemon_x", "recognize: [{program: [xd]}]\nsteps: [{maybe: \"session of {user.name}\"}, {glean: {}}]\n"),
		pack("common_x", "recognize: [{common: [Launcher, Cli]}, {common: [shell], pattern: \"[{}]: {}\"}, {pattern: \"{event.code:int}:{event.code:int}: {}\"}]\nsteps: [{maybe: \"session of {user.name}\"}, {glean: {}}]\n"),
		pack("made_x", "recognize: [\"MADE|\", \"MUST|\"]\nsteps: [{maybe: \"MADE|{event.code}|{}\"}]\n"),
		pack("strict_x", "recognize: [{all: [\"form \"]}]\nonly: [\"form {:int}={}\", \"{}: form {:int}={}\"]\n"),
		pack("front_x", "recognize: [{head: \"{:re([A-Z]+)} {:re([0-7])} {:re([A-Z]+)}\"}]\n"),
		pack("sd_x", "recognize: [{structured: [acme@32473, \"beta@*\"]}]\n"),
		pack("front_y", "recognize: [{head: \"lacpd {} LACP{}\"}]\n"),
	}).NewWorker()
	f := func(line, want string) {
		t.Helper()
		if _, got := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	f(`{"eventSource":"s3.x","who":{"type":1},"eventVersion":"1"}`, "cloud_trail_s3")
	f(`{"eventSource":"s3.x","who":{},"eventVersion":"1"}`, "cloud_trail")
	f(` {"eventSource": "ec2", "eventVersion": null}`, "cloud_trail")
	f(`{"eventSource":"s3.x","who.type":"1","eventVersion":"1"}`, "cloud_trail_s3")
	f(`{"eventSource":"s3.x"}`, "any_json")
	f(`{"log":"DEV-7 bob","stream":"stdout"}`, "second_dev")
	f(`{"log":"DEV-yy","stream":"stdout"}`, "third_dev")
	f(`{"log":"DEV-x","stream":"stdout"}`, "first_dev")
	f(`{"log":"nothing known","stream":"stdout"}`, "envelope_docker")
	f(`{"msg":"DEV-7"}`, "any_json") // an object that quotes a line is not the line
	f("DEV-7", "first_dev")
	f("DEV-7 bob", "second_dev")
	f("DEV-x", "first_dev")
	f("a=1 b=2 c=3 d=4 DEV-7", "first_dev")
	f("a=1 b=2 c=3 d=4 XX: y", "any_kv")
	f("XX: a=1 b=2 c=3 d=4", "start_x")
	f("bbbb aaa", "")
	f("bbbb aaa late=", "all_of")
	f("late= bbbb aaa", "all_of")
	f("late= bbbb aaa DEV-1", "all_of")
	f("late= bbbb ]:[ aaa", "short_x")
	f("<13>1 2026-03-02T08:00:00Z h SYS 5 CONFIG - done", "front_x")
	f("<13>1 2026-03-02T08:00:00Z h SYS 55 CONFIG - DEV-1", "first_dev")
	f("<13>1 2026-03-02T08:00:00Z h SYS - CONFIG - DEV-1", "first_dev")
	f("<13>1 2026-03-02T08:00:00Z h lacpd 7 LACPD_TIMEOUT - done", "front_y")
	f("<13>1 2026-03-02T08:00:00Z h lacpd - LACPD_TIMEOUT - done", "front_y")
	f("<13>1 2026-03-02T08:00:00Z h - - - [acme@32473 a=\"b\"] DEV-7", "sd_x")
	f("<13>1 2026-03-02T08:00:00Z h p 7 - [origin ip=\"192.0.2.1\"][beta@32473.1 a=\"]\"]", "sd_x")
	f("<13>1 2026-03-02T08:00:00Z h - - - [acme@3247 a=\"acme@32473\"] DEV-7", "first_dev")
	f("<13>1 2026-03-02T08:00:00Z h - - - - [acme@32473 a=\"b\"] DEV-7", "first_dev")
	f("]:[", "short_x")
	f("x]:[", "short_x")
	f("x]:[y", "short_x")
	f(" XX: ]:[", "start_x")
	f("]:", "")
	f("192.0.2.1 bob 7", "shape_ip")
	f("192.0.2.1 bob x", "")
	// a program's name says little of whose the line is, if its pack does not know the text
	f("<14>Mar  2 09:00:00 h xd[1]: session of ann MADE|7|", "daemon_x")
	f("<14>Mar  2 09:00:00 h xd[1]: MADE|7|all of it", "made_x")
	f("<14>Mar  2 09:00:00 h xd[1]: MUST|7|all of it", "daemon_x") // the other does not know it either
	f("<14>Mar  2 09:00:00 h xd[1]: nothing known", "daemon_x")
	f("{\"log\":\"<14>Mar  2 09:00:00 h xd[1]: MADE|7|\",\"stream\":\"stdout\"}", "made_x")
	f("{\"log\":\"<14>Mar  2 09:00:00 h xd[1]: MUST|7|\",\"stream\":\"stdout\"}", "daemon_x")
	// a name that anybody gives to a program says nothing, if its pack does not know the text
	f("<14>Mar  2 09:00:00 h Cli[1]: session of ann", "common_x")
	f("<14>Mar  2 09:00:00 h Cli[1]: ready in 312 ms", "")
	f("<14>Mar  2 09:00:00 h Cli[1]: MADE|7|all of it", "made_x")
	f("<14>Mar  2 09:00:00 h Cli[1]: a=1 b=2 c=3 d=4", "any_kv")
	f("<14>Mar  2 09:00:00 h Cli[1]: 17:4: x", "common_x") // told by more than the name
	f("<14>Mar  2 09:00:00 h shell[1]: [ann]: ls", "common_x")
	f("<14>Mar  2 09:00:00 h shell[1]: ls", "")
	f("{\"log\":\"<14>Mar  2 09:00:00 h Cli[1]: session of ann\",\"stream\":\"stdout\"}", "common_x")
	f("{\"log\":\"<14>Mar  2 09:00:00 h Cli[1]: ready in 312 ms\",\"stream\":\"stdout\"}", "envelope_docker")
	f("{\"log\":\"<14>Mar  2 09:00:00 h Cli[1]: a=1 b=2 c=3 d=4\",\"stream\":\"stdout\"}", "any_kv")
	if _, got := w.Normalize(&event.Raw{Bytes: []byte("<14>Mar  2 09:00:00 h Cli[1]: ready in 312 ms"), Received: received}, "common_x", received); got != "common_x" {
		t.Errorf("behind a line of the pack: %q, want common_x", got)
	}
	// texts that others have too, in a form that they have not
	f("form 7=x", "strict_x")
	f("h: form 7=x", "strict_x")
	f("a form of x=y", "")
	f("a form of x=y DEV-7", "first_dev")
}

// TestRecognizeQuoted: an object that quotes a line is not the line, even of a pack whose pattern fits
// whatever stands around it; only one that says that the text is an object is asked.
func TestRecognizeQuoted(t *testing.T) {
	w := open(t, []normalize.File{
		{Name: "a", Text: []byte("pack: any_json\ngeneric: true\nrecognize: [{format: json}]\n")},
		{Name: "b", Text: []byte("pack: envelope\nvars: [_log]\nrecognize: [{json: [log, stream]}]\nsteps: [{json: {log: _log, stream: container.name}, inner: _log}]\n")},
		{Name: "l", Text: []byte("pack: any_list\ngeneric: true\nrecognize: [{format: list}]\n")},
		{Name: "c", Text: []byte("pack: cell\nrecognize: [\"CELL: \", {pattern: \"{?{}}CELL {:int}: {}\"}, {pattern: \"{:re([{])}{}CELLS{}\"}]\n")},
	}).NewWorker()
	for line, want := range map[string]string{
		"CELL 7: x":                             "cell",
		"h: CELL 7: x":                          "cell",
		`{"msg":"CELL 7: x"}`:                   "any_json",
		`{"log":"CELL 7: x","stream":"stdout"}`: "cell",
		`{"msg":"CELLS 7: x"}`:                  "cell",
		"h CELL: x":                             "cell",
		`[{"msg":"CELL: x"},{"msg":"y"}]`:       "any_list",
		`[ {"msg":"CELL 7: x"}]`:                "any_list",
		`[{CELL: x}]`:                           "cell",
	} {
		if _, got := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
