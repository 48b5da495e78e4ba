package sigma

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/rules"
	"sluice/schemas"
)

const testMapping = `
names: {Src: [source.ip], Port: [source.port], F: [Old]}
roots: [Event.Data]
sources:
- {product: test, when: {F: '*'}}
- {product: all, when: {Absent: null}}
placeholders: {admins: [root, admin], windir: ["%windir%", "%admins%", "C:"]}
`

// hits says whether a rule with this detection matches the fields given as name, value pairs.
func hits(t *testing.T, detection string, fields ...string) bool {
	t.Helper()
	tr, err := New(rules.File{Name: "mapping.yml", Text: []byte(testMapping)})
	if err != nil {
		t.Fatal(err)
	}
	text := "title: T\nid: t\nlogsource: {product: all}\ndetection:\n  " + strings.ReplaceAll(detection, "\n", "\n  ") + "\n"
	files := []rules.File{{Name: "test.yml", Text: []byte(text)}}
	schema, err := event.New(append(schemas.ECS(), tr.Fields(files, func(string) bool { return false })...))
	if err != nil {
		t.Fatal(err)
	}
	s, err := rules.Load(schema, files, rules.Options{Dialect: tr})
	if err != nil {
		t.Fatalf("%s: %v", detection, err)
	}
	ev := event.NewEvent(schema)
	ev.Reset("")
	for i := 0; i < len(fields); i += 2 {
		if f, ok := schema.Lookup(fields[i]); ok && !schema.Spec(f).Vendor {
			ev.SetText(f, fields[i+1])
			continue
		}
		if !ev.SetVendor(fields[i], fields[i+1]) {
			t.Fatalf("%s was not taken", fields[i])
		}
	}
	return len(s.NewMatcher().Match(ev, rules.Instant{Time: time.Unix(0, 0), ID: "1"})) == 1
}

func TestItems(t *testing.T) {
	f := func(item, value string, want bool) {
		t.Helper()
		if got := hits(t, "s:\n  "+item+"\ncondition: s", "F", value); got != want {
			t.Errorf("%s on %q = %v", item, value, got)
		}
	}
	f(`F: 'abc'`, "ABC", true)
	f(`F: 'ÄÖ'`, "äö", true)
	f(`F|cased: 'abc'`, "ABC", false)
	f(`F: 'a*c'`, "abbc", true)
	f(`F: 'a?c'`, "aüc", true)
	f(`F: 'a?c'`, "ac", false)
	f(`F: 'a\*c'`, "abc", false)
	f(`F: 'a\*c'`, "a*c", true)
	f(`F: '\\srv'`, `\srv`, true)
	f(`F: '\\\\srv'`, `\\srv`, true)
	f(`F: 'C:\x\\*'`, `c:\x\y`, true)
	f(`F: ''`, "", true)
	f(`F: '*'`, "x", true)
	f(`F: 12`, "12", true)
	f(`F|contains: ['a', 'b']`, "xbx", true)
	f(`F|contains|all: ['a', 'b']`, "xbx", false)
	f(`F|contains|all: ['a', 'b']`, "xbxa", true)
	f(`F|startswith: ['x*z']`, "xyz and more", true)
	f(`F|endswith: '\cmd.exe'`, `C:\CMD.EXE`, true)
	f(`F|re: 'A.c'`, "abc", false)
	f(`F|re|i: 'A.c'`, "abc", true)
	f(`F|re|s: 'a.c'`, "a\nc", true)
	f(`F|re|m: '^b'`, "a\nb", true)
	f(`F|cidr: 10.0.0.0/8`, "10.1.2.3", true)
	f(`F|cidr: 10.0.0.0/8`, "::ffff:10.1.2.3", true)
	f(`F|gte: 5`, "5.0", true)
	f(`F|lt: 5`, "x", false)
	f(`F|neq: a`, "b", true)
	f(`F|exists: true`, "", true)
	f(`G|exists: false`, "", true)
	f(`G: null`, "x", true)
	f(`F: null`, "x", false)
	f(`F: [null, x]`, "x", true)
	f(`F|windash|contains: ' -enc'`, "x /ENC", true)
	f(`F|windash|contains: ' -enc'`, "x –enc", true)
	f(`F|base64offset|contains: 'foobar'`, "xxZvb2Jhcg==", true)
	f(`F|wide|base64offset|contains: 'ab'`, "AGEAYgA", true)
	f(`F|expand: '%admins%'`, "ADMIN", true)
	f(`G|neq: a`, "x", true)
	f(`F|neq: [a, b]`, "b", false)
	f(`'|neq': [a, b]`, "xbx", false)
	f(`'|neq': [a, b]`, "xyz", true)
	f(`F|cased|contains: 'B'`, "abc", false)
	f(`F|base64: 'foo'`, "Zm9v", true)
	f(`F|utf16le|base64offset|contains: 'ab'`, "xYQBiAA", true)
	f(`F|utf16be|base64offset|contains: 'ab'`, "AGEAYg", true)
	f(`F|utf16|base64: 'ab'`, "//5hAGIA", true)
	f(`F|cidr: '2001:db8::/32'`, "2001:db8::9", true)
	f(`F|cidr: '::ffff:10.0.0.0/104'`, "10.1.2.3", true)
	f(`F|cidr: [192.0.2.0/24, 198.51.100.7]`, "198.51.100.7", true)
	f(`F|lte: 5`, "6", false)
	f(`F|gt: 4.5`, "4.6", true)
	f(`F|windash: '-a —b'`, "/a -b", true)
	f(`F|re|i|s: '^A.b$'`, "a\nB", true)
	f(`F|expand|contains: 'x%admins%'`, "y xroot y", true)
	f(`F|expand: '%windir%\x\%admins%'`, `%WINDIR%\x\root`, true)
	f(`F|expand: '%windir%\x\%admins%'`, `root\x\root`, false)
	f(`F|expand: '%windir%\x\%admins%'`, `c:\x\admin`, true)
	f(`F|minute: 7`, "2026-03-02T08:07:01Z", true)
	f(`F|hour|gte: 20`, "2026-03-02 21:07:01.123", true)
	f(`F|hour|gte: 20`, "2026-03-02T21:07:01+02:00", false)
	f(`F|hour: [8, 9]`, "2026-03-02T09:00:00Z", true)
	f(`F|exists: True`, "x", true)
	f(`F|exists: no`, "x", false)
	f(`F|day: 2`, "2026-03-02T08:07:01Z", true)
	f(`F|week: 10`, "2026-03-02T08:07:01Z", true)
	f(`F|month: 3`, "2026-03-02T08:07:01Z", true)
	f(`F|year|lt: 2026`, "2026-03-02T08:07:01Z", false)
	f(`F|year: 2026`, "no time", false)
	f(`'@timestamp|exists': false`, "x", true)
}

// TestReferences: fieldref takes the modifiers that compare.
func TestReferences(t *testing.T) {
	f := func(item, left, right string, want bool) {
		t.Helper()
		if got := hits(t, "s:\n  "+item+"\ncondition: s", "F", left, "G", right); got != want {
			t.Errorf("%s on %q, %q = %v", item, left, right, got)
		}
	}
	f(`F|fieldref: G`, "a", "A", true)
	f(`F|fieldref|cased: G`, "a", "A", false)
	f(`F|fieldref|neq: G`, "a", "b", true)
	f(`F|fieldref|startswith: G`, "abc", "AB", true)
	f(`F|fieldref|endswith: G`, "abc", "bc", true)
	f(`F|fieldref|contains: G`, "abc", "x", false)
	f(`F|fieldref|gt: G`, "b", "a", true)
	f(`F|fieldref|gt: G`, "10", "9", true)
	f(`F|fieldref|lt: G`, "9", "10.5", true)
	f(`F|fieldref|lte: G`, "9223372036854775807", "9223372036854775806", false)
	f(`F|fieldref|lt: G`, "9", "a", true)
	f(`F|fieldref: H`, "a", "a", false)
}

func TestConditions(t *testing.T) {
	f := func(condition string, want bool) {
		t.Helper()
		if got := hits(t, "yes1: {F: x}\nyes2: {G|fieldref: F}\nno1: {F: z}\n_hidden: {F: z}\nword:\n  - needle\n  - X\ncondition: "+condition, "F", "x", "G", "x"); got != want {
			t.Errorf("%s = %v", condition, got)
		}
	}
	f("yes1 and yes2 and not no1", true)
	f("1 of yes* and all of yes*", true)
	f("all of them", false)
	f("1 of them", true)
	f("no1 or yes1 and no1", false)
	f("not (no1 or yes1)", false)
	f("word", true)
}

// TestPlaces: a field is found under its own name, the mapping's, and below the roots, with
// the types that those have.
func TestPlaces(t *testing.T) {
	f := func(item, field, value string, want bool) {
		t.Helper()
		if got := hits(t, "s:\n  "+item+"\ncondition: s", field, value); got != want {
			t.Errorf("%s with %s %q = %v", item, field, value, got)
		}
	}
	f(`F: x`, "Old", "x", true)
	f(`F: x`, "Event.Data.F", "X", true)
	f(`F: x`, "Event.Data.Old", "x", true)
	f(`F: null`, "Event.Data.Old", "x", false)
	f(`Src|cidr: 10.0.0.0/8`, "source.ip", "10.1.2.3", true)
	f(`Src|startswith: '10.'`, "source.ip", "10.1.2.3", true)
	f(`Src: 10.1.2.3`, "source.ip", "10.1.2.3", true)
	f(`Port: 22`, "source.port", "22", true)
	f(`Port: ['22', 80]`, "source.port", "22", true)
	f(`Port|lt: 1024`, "source.port", "22", true)
	f(`Port|endswith: 2`, "source.port", "22", true)
}

// TestKeywords: a keyword is looked for in every value, whether a field is numbered for it or not.
func TestKeywords(t *testing.T) {
	f := func(item string, want bool, fields ...string) {
		t.Helper()
		if got := hits(t, "s:\n  "+item+"\ncondition: s", fields...); got != want {
			t.Errorf("%s on %q = %v", item, fields, got)
		}
	}
	const path = `C:\Temp\evil.exe`
	f(`- 'C:\Temp\evil'`, true, "Odd", path)
	f(`- 'c:\temp\EVIL.'`, true, "Odd", "x", "Odder", path)
	f(`- 'C:\Temp\wicked'`, false, "Odd", path)
	f(`'|re': '\\Evil|\\evil\.'`, true, "Odd", path)
	f(`'|contains|all': ['C:\Temp', root]`, true, "Odd", path, "user.name", "root")
}

func TestOffsets(t *testing.T) {
	if got, want := offsets("foobar"), []string{"Zm9vYmFy", "Zvb2Jhc", "mb29iYX"}; !reflect.DeepEqual(got, want) {
		t.Errorf("offsets = %q, want %q", got, want)
	}
}

// TestFaults: what cannot be lowered is refused with its place, and the rest is loaded.
func TestFaults(t *testing.T) {
	tr, err := New(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	f := func(rule, want string) {
		t.Helper()
		files := []rules.File{{Name: "r.yml", Text: []byte(rule)}}
		schema, err := event.New(append(schemas.ECS(), tr.Fields(files, func(string) bool { return false })...))
		if err != nil {
			t.Fatal(err)
		}
		s, err := rules.Load(schema, files, rules.Options{Dialect: tr})
		if err == nil || !strings.HasPrefix(err.Error(), want) || len(s.Rules()) > 0 {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	head := "title: T\nlogsource: {product: windows, category: process_creation}\n"
	f(head+"detection:\n  a: {Image|endwith: x}\n  condition: a\n", `r.yml:4:7: unknown modifier "endwith"; did you mean endswith?`)
	f(head+"detection:\n  sel: {Image: x}\n  condition: sell\n", `r.yml:5:14: no selection is named "sell"; did you mean sel?`)
	f(head+"detection:\n  a: {Image|re: '(?!x)'}\n  condition: a\n", `r.yml:4:17: this engine's regular expressions run in linear time`)
	f(head+"detection:\n  a: {Image: []}\n  condition: a\n", `r.yml:4:14: the list of Image is empty`)
	f(head+"detection:\n  a: {Image: x}\n", `r.yml:4:3: the detection has no condition`)
	f(head+"level: hihg\ndetection:\n  a: {Image: x}\n  condition: a\n", `r.yml:3:8: level: "hihg" is none of informational, low, medium, high, critical; did you mean high?`)
	f(head+"status: [x]\ndetection:\n  a: {Image: x}\n  condition: a\n", `r.yml:3:9: status: "" is none of stable, test`)
	f(head+"detction:\n  a: {Image: x}\n  condition: a\n", `r.yml:3:1: the rule has no detection, which holds selections and a condition; did you mean detection?`)
	f("title: T\nlogsource: {product: window, category: process_creation}\ndetection:\n  a: {X: x}\n  condition: a\n", `r.yml:2:12: no events are known of the log source window/process_creation; did you mean windows/process_creation?`)
	f("title: T\nlogsource: {product: vax}\ndetection:\n  a: {X: x}\n  condition: a\n", `r.yml:2:12: no events are known of the log source vax`)
	f(head+"detection:\n  a: {Image|i: x}\n  condition: a\n", `r.yml:4:7: the flags i, m and s belong behind re`)
	f(head+"detection:\n  a: {Image|re|contains: x}\n  condition: a\n", `r.yml:4:7: Image|re|contains: re and cidr take their value as it is`)
	f(head+"detection:\n  a: {Image|lt: x}\n  condition: a\n", `r.yml:4:17: "x" is no number`)
	f(head+"detection:\n  a: {Image|hour|endswith: 1}\n  condition: a\n", `r.yml:4:7: Image|hour|endswith: a part of a time is a number`)
	f(head+"detection:\n  a: {Image|fieldref|re: x}\n  condition: a\n", `r.yml:4:7: Image|fieldref|re: fieldref compares two fields`)
	f(head+"detection:\n  a: {Image|expand: '%none%'}\n  condition: a\n", `r.yml:4:21: the placeholder %none% has no values`)
	f(head+"detection:\n  a:\n    ProcessId|gt:\n  condition: a\n", `r.yml:5:18: the value is missing`)
	f(head+"detection:\n  a: {Image|contains: [x, null]}\n  condition: a\n", `r.yml:4:27: the value is missing`)
	f(head+"detection:\n  a: [null]\n  condition: a\n", `r.yml:4:7: the value is missing`)
	f(head+"detection:\n  a: {Image|base64offset|contains: ''}\n  condition: a\n", `r.yml:4:36: base64offset of "" says nothing of the text that holds it; it takes at least 2 bytes`)
	f(head+"detection:\n  a: {Image|base64offset|contains: x}\n  condition: a\n", `r.yml:4:36: base64offset of "x" says nothing`)
	f(head+"detection:\n  a: {Image|wide|base64|contains: ''}\n  condition: a\n", `r.yml:4:35: utf16le of ""`)
	f(head+"detection:\n  a: {Image|windash: '"+strings.Repeat(" -a", 30)+"'}\n  condition: a\n", `r.yml:4:22: windash makes more than 2000 values of this one`)
	f(head+"detection:\n  a: {Image|windash: '"+strings.Repeat(" -a*", 30)+"'}\n  condition: a\n", `r.yml:4:22: windash makes more than 2000 values of this one`)
	f(head+"detection:\n  a: {Image: x}\n  condition: a | counts() > 5\n", `r.yml:5:16: an aggregation of Sigma 1 is count, min`)
	f("title: T\nlogsource: {product: windows}\nfilter: {rules: any, s: {User: x}, condition: t}\n", `r.yml:3:47: no selection is named "t"`)
	f("title: T\nlogsource: {product: windows}\nfilter:\n  rules: [gone]\n  s: {User: x}\n  condition: not s\n", `r.yml:4:11: the filter is for the rule "gone", which is not loaded`)
}

// FuzzLoad: no Sigma rule makes the loader panic.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("title: T\nlogsource: {product: all}\ndetection:\n  a: {F|re|i: x, G|windash|contains|all: [' -a', b]}\n  b: [x, {H: null}]\n  condition: 1 of them and not (a or b)\n"))
	f.Add([]byte("logsource: {product: test}\ndetection:\n  a: &x {F: '*'}\n  b: *x\n  condition: [a, b]\n"))
	f.Add([]byte("logsource: {product: all}\ndetection:\n  a: {F: a}\n  b: {F: b}\n  timeframe: 5m\n  condition: a | near b and not a\n---\ndetection: {a: {F: a}, condition: a | max(F) by F <= 5}\nlogsource: {product: all}\n"))
	f.Add([]byte("name: a\nlogsource: {product: all}\ndetection: {s: {F: a}, condition: s}\n---\nname: m\ncorrelation: {type: event_count, rules: [a], group-by: [F], timespan: 5m, condition: {gte: 1}}\n---\nid: t\ncorrelation: {type: temporal, rules: [m, a, u], group-by: [x], aliases: {x: {m: F, a: G, u: F}}, timespan: 5m}\n---\nid: u\ncorrelation: {type: value_count, rules: [m], group-by: F, timespan: 5m, condition: {field: F, lt: 9}}\n"))
	tr, err := New(rules.File{Name: "mapping.yml", Text: []byte(testMapping)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		files := []rules.File{{Name: "f.yml", Text: text}}
		schema, err := event.New(tr.Fields(files, func(string) bool { return false }))
		if err != nil {
			return
		}
		s, _ := rules.Load(schema, files, rules.Options{Dialect: tr})
		ev := event.NewEvent(schema)
		ev.SetVendor("F", "x -a b")
		c := s.NewCorrelator()
		for _, m := range s.NewMatcher().Match(ev, rules.Instant{ID: "1", Time: time.Unix(0, 0)}) {
			c.Observe(&m)
		}
		c.End()
		c.Drain()
	})
}
