package normalize_test

import (
	"testing"

	"sluice/normalize"
)

// TestWordsForNothing: what sources write where there is no value is none of a field of ECS, and no fault; steps see it, and
// the vendor's own keys and fields keep it.
func TestWordsForNothing(t *testing.T) {
	f := verbCase(t)
	for _, word := range []string{"-", "N/A", "n/a", "null", "NULL", "(null)"} {
		line := `{"u":"` + word + `","a":"` + word + `","p":"` + word + `","t":"` + word + `","c":"` + word + `","o":"` + word + `","g":["` + word + `","x"],"v":"` + word + `"}`
		steps := `- json: {u: user.name, a: "source:addr", p: source.port, t: "event.start:iso", c: "process:cmd", o: event.outcome, g: user.roles}`
		f(steps, line, "user.name", "")
		f(steps, line, "source.address", "")
		f(steps, line, "source.domain", "")
		f(steps, line, "process.command_line", "")
		f(steps, line, "process.args", "")
		f(steps, line, "user.roles", "x")
		f(steps, line, "related.user", "")
		f(steps, line, "tags", "unparsed")
		f(steps, line, "sluice.vendor", "v="+word)
		f("- json: {u: user.name}\n- table: {user.name -> user.id: {\""+word+"\": '0', default: null}}", line, "user.id", "0")
		f("- kv: {map: {u: user.name, p: destination.port}}", "p="+word+" u="+word, "user.name", "")
		f("- kv: {map: {u: user.name, p: destination.port}}", "p="+word+" u="+word, "tags", "unparsed")
		f("- csv: {columns: [user.name, destination.ip]}", word+","+word, "user.name", "")
		f("- json: {u: user.name}\n- when: {user.name: set}\n  set: {user.id: '0'}", line, "user.id", "")
		f("- json: {u: user.name}\n- when: {user.name not: null}\n  set: {user.id: '0'}", line, "user.id", "")
	}
	f(`- json: {u: user.name, a: "process.args:add"}`, `{"u":"none","a":["-"]}`, "user.name", "none")
	f(`- json: {t: dns.question.type}`, `{"t":"NULL"}`, "dns.question.type", "NULL")
	f(`- json: {p: "file:path"}`, `{"p":"/dev/null"}`, "file.name", "null")
	f(`- json: {a: process.args}`, `{"a":["tar","-"]}`, "process.args", "tar|-")
}

// TestLiteral: a pack may keep them.
func TestLiteral(t *testing.T) {
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte("pack: a_b\nlast_resort: true\nliteral: [group.name]\nsteps:\n- json: {g: group.name, u: user.name}\n")}})
	f := eachEvent(t, packs)
	f(`{"g":"N/A","u":"N/A"}`, "group.name", "N/A")
	f(`{"g":"N/A","u":"N/A"}`, "user.name", "")
}

// TestBelowZero: counts of bytes, times taken and processes are never below 0; -1 stands for none.
func TestBelowZero(t *testing.T) {
	f := verbCase(t)
	const steps = "- json: {b: source.bytes, p: process.pid, d: 'event.duration:ms', s: http.response.status_code, c: event.severity}"
	for _, none := range []string{`-1`, `"-1"`} {
		line := `{"b":` + none + `,"p":` + none + `,"d":` + none + `,"s":` + none + `,"c":` + none + `}`
		for _, field := range []string{"source.bytes", "process.pid", "event.duration", "http.response.status_code"} {
			f(steps, line, field, "")
		}
		f(steps, line, "tags", "unparsed") // as any line of the test's pack
		f(steps, line, "event.severity", "-1")
	}
	f(steps, `{"b":-5}`, "source.bytes", "")
	f(steps, `{"b":-5}`, "tags", "partly_parsed|unparsed")
	f(steps, `{"b":0,"p":4,"d":0}`, "source.bytes", "0")
}
