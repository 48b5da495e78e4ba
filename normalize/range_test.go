package normalize_test

import "testing"

// TestRange: what has an order is compared in it.
func TestRange(t *testing.T) {
	f := verbCase(t)
	r := func(pattern, rng string) string { return "- pattern: \"" + pattern + "\"\n- range: {" + rng + "}" }
	port := r("{source.port:int}", "source.port -> event.code: {0: a, 1024: b, 49152: c}")
	f(port, "80", "event.code", "a")
	f(port, "1024", "event.code", "b")
	f(port, "65000", "event.code", "c")
	code := r("{_x}", "_x -> event.code: {-5: a, 100: b, 400: c}")
	f(code, "007", "event.code", "a")
	f(code, "-7", "event.code", "")
	f(code, "404", "event.code", "c")
	f(code, "none", "event.code", "")
	f(code, "", "event.code", "")
	f(r("{_x}", "_x -> event.code: {0: a, 0.5: b}"), "0.75", "event.code", "b")
	f(r("{_x}", "_x -> event.code: {0: a, 0.5: b}"), "NaN", "event.code", "")
	f(r("{event.risk_score}", "event.risk_score -> event.code: {0: low, 4: medium, 7.5: high}"), "7.6", "event.code", "high")
	f(r("{event.severity:int}", "event.severity -> event.code: {0: low, 3.5: high}"), "3", "event.code", "low")
	date := r("at {file.created:iso}", "file.created -> event.code: {2026-01-01: new, '2026-03-02T08:30:00Z': newest}")
	f(date, "at 2025-12-31T23:59:59Z", "event.code", "")
	f(date, "at 2026-03-02T08:29:59Z", "event.code", "new")
	f(date, "at 2026-03-02T09:30:00+01:00", "event.code", "newest")
	ip := r("{source.ip:ip}", "source.ip -> event.code: {0.0.0.0: out, 10.0.0.0: in, 11.0.0.0: out, '2001:db8::': doc, '2001:db9::': out}")
	f(ip, "9.255.0.1", "event.code", "out")
	f(ip, "10.9.0.1", "event.code", "in")
	f(ip, "::ffff:10.9.0.1", "event.code", "in")
	f(ip, "100.0.0.1", "event.code", "out")
	f(ip, "2001:db8::7", "event.code", "doc")
	f(r("{_x}", "_x -> event.code: {9.0.0.0: a, 10.0.0.0: b}"), "10.0.0.1", "event.code", "b")
	f(r("{_x}", "_x -> event.code: {'5.10': old, '5.9': odd}"), "5.95", "event.code", "odd") // numbers
	f(r("{_x}", "_x -> event.code: {a: first, n: second}"), "mike", "event.code", "first")
	f(r("{_x}", "_x -> event.code: {a: first, n: second}"), "zoe", "event.code", "second")
	f(r("{_x}", "_x -> event.code: {a: first, n: second}"), "Zoe", "event.code", "")
	f("- set: {tags: [n, a]}\n- range: {tags -> event.code: {a: first, n: second}}", "x", "event.code", "second")
}

// TestKeysWithCommas: quotes keep the commas of a key.
func TestKeysWithCommas(t *testing.T) {
	f := verbCase(t)
	f("- pattern: \"{_x}\"\n- table: {_x -> event.code: {deny, block: no, pass: yes}}", "deny", "event.code", "no")
	f("- pattern: \"{_x}\"\n- table: {_x -> event.code: {deny, block: no, pass: yes}}", "block", "event.code", "no")
	table := "- pattern: \"{_x}\"\n- table: {_x -> event.code: {'\"Lee, Ann\", bob, \"\"\"q\"\"\"': found, 'deny, say \"x\"': other}}"
	f(table, "Lee, Ann", "event.code", "found")
	f(table, "bob", "event.code", "found")
	f(table, `"q"`, "event.code", "found")
	f(table, "Lee", "event.code", "")
	f(table, "deny", "event.code", "other")
	f(table, `say "x"`, "event.code", "other")
	f("- pattern: \"{_x}\"\n- case:\n    _x:\n      '\"a, b\", c': {set: {event.code: x}}", "a, b", "event.code", "x")
	f("- pattern: \"{_x}\"\n- case:\n    _x:\n      '\"a, b\", c': {set: {event.code: x}}", "c", "event.code", "x")
}
