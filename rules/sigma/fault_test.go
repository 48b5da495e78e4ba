package sigma

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/internal/strictyaml"
	"sluice/rules"
)

// TestAllFaults: a document's faults are told at once, in its order, and count as one rule.
func TestAllFaults(t *testing.T) {
	f := func(text string, reason Reason, count int, want ...string) {
		t.Helper()
		_, _, err := loaded(t, text)
		all := strictyaml.Joined(err)
		var one *Fault
		if len(all) != 1 || !errors.As(all[0], &one) {
			t.Errorf("%d errors: %v", len(all), err)
			return
		}
		if one.Reason != reason {
			t.Errorf("%s, want %s", one.Reason, reason)
		}
		if got := len(strings.Split(err.Error(), "\n")); got != count || len(one.All()) != count {
			t.Errorf("%d faults, want %d:\n%v", got, count, err)
		}
		for _, w := range want {
			if !strings.Contains(err.Error()+"\n", w) {
				t.Errorf("%v\nhas no %s", err, w)
			}
		}
	}
	f(`title: Much is wrong
level: hihg
status: tset
logsource: {product: nowhere}
detection:
  a: {x|containz: 1, y|re: '(?=a)', z|cidr: 10.0.0.0/99}
  b: [{p: {q: r}}, {p|exists: perhaps}]
  condition: a and c
`, Malformed, 9, ":2:8: level:", "did you mean high?", ":3:9: status:", "did you mean test?", ":4:12: no events are known", ":6:7: ", ":6:28: ", ":6:45: ", ":7:11: p has a mapping", ":7:31: exists takes", `:8:20: no selection is named "c"`)
	f(`title: Two that we cannot do
logsource: {product: nowhere}
detection:
  a: {y|re: '(?=a)'}
  condition: a
`, LogSource, 2, ":2:12: ", ":4:13: ")
	f(`title: One of two
logsource: {product: all}
detection:
  a: {x: 1}
  a:
    y|contains: b
    y|contains: c
  condition: a
title: Two of two
`, Malformed, 3, ":5:3: a is given twice, first on line 4", ":7:5: y|contains is given twice, first on line 6", ":9:1: title is given twice, first on line 1")
	f(`title: A stranger's
logsource: {product: all, servcie: auth}
detections: {a: {x: 1}, condition: a}
`, Malformed, 1, ":3:1: the rule has no detection, which holds selections and a condition; did you mean detection?")
	f(`title: A stranger's source
logsource: {product: all, servcie: auth}
detection: {a: {x: 1}, condition: a}
`, Malformed, 1, ":2:27: a log source has no servcie; did you mean service?")
	f(`title: More than Sigma has
logsource: {product: all}
detection:
  a: {"x|": 1, y|re: '*a'}
  b: {x: 1}
  condition: 2 of them
`, Malformed, 3, ":4:7: x|: a modifier is missing", ":4:22: the regular expression cannot be read: missing argument to repetition operator: *", `:6:14: "2 of" is none of 1 of, any of and all of`)
	f(`title: Which of them
logsource: {product: all}
detection:
  a: {x|contains|startswith: b, "y|lt|gt": 5}
  b: {x|hour|day: 5, x|exists|contains: true, "x|exists|gt": true}
  c: {x|contains|all: [b, c], "x|fieldref|gte": y, x|hour|gte: 5, x|exists|neq: true}
  condition: 1 of them
`, Malformed, 5, ":4:7: x|contains|startswith: of contains and startswith only one", ":4:33: y|lt|gt: of lt and gt", ":5:7: x|hour|day: of hour and day", ":5:22: x|exists|contains: exists asks", ":5:47: x|exists|gt: exists asks")
	f(`title: Perl's own
logsource: {product: all}
detection:
  a: {x|re: '(?<=a)b'}
  b: {x|re: '(?<!a)b'}
  condition: 1 of them
`, RegularExpression, 2, ":4:13: this engine's regular expressions run in linear time", ":5:13: ")
	f(`title: Correlated
correlation:
  type: event_count
  rules: [nobody, neither]
  timespan: 5x
  groupby: [a]
  condition: {gte: many, lt: few}
`, Malformed, 6, ":4:11: ", ":4:19: ", ":5:13: ", ":6:3: a correlation has no groupby; did you mean group-by?", ":7:20: ", ":7:30: ")
}

// TestFaultsBelow: the faults of a rule that a correlation refers to are told where they are, all of
// them, though that rule is for the correlation only; and a name that two rules have is no reference.
func TestFaultsBelow(t *testing.T) {
	_, _, err := loaded(t, three+`---
title: D
name: d
level: hihg
logsource: {product: all}
detection: {s: {x|containz: 1}, condition: t}
---
title: Again
name: a
logsource: {product: all}
detection: {s: {x: 1}, condition: s}
---
title: Over
correlation: {type: temporal, rules: [d, b, a], timespan: 1m}
`)
	for _, want := range []string{
		"a.yml:20:8: level:", "a.yml:22:17: unknown modifier", `a.yml:22:44: no selection is named "t"`,
		`a.yml:30:39: the rule "d" cannot be read: a.yml:22:17: `, `a.yml:30:45: two rules have the id or the name "a": a.yml:1 and a.yml:24; refer to one by its id`,
	} {
		if !strings.Contains(fmt.Sprint(err)+"\n", want) {
			t.Errorf("%v\nhas no %s", err, want)
		}
	}
}

// TestUnusedSelection: what a condition does not name is doubted at its place, also beside a filter.
func TestUnusedSelection(t *testing.T) {
	s, _, err := loaded(t, `title: T
id: t
logsource: {product: all}
detection:
  a: {x: 1}
  b1: {x: 2}
  b2: {x: 3}
  _c: {x: 4}
  condition: a and 1 of b*
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []rules.Doubt{{Check: rules.DoubtSelection, Line: 8, Column: 3, Text: "the condition does not name the selection _c, so it is without effect"}}
	if got := s.Rules()[0].Doubts; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestMisspeltAttribute: a key that looks like one of the specification is doubted; others are the author's own.
func TestMisspeltAttribute(t *testing.T) {
	s, _, err := loaded(t, `title: T
id: t
lvel: high
false_positives: [none]
ruletype: Sigma
logsource: {product: all}
detection: {a: {x: 1}, condition: a}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []rules.Doubt{
		{Check: rules.DoubtKey, Line: 3, Column: 1, Text: `"lvel" is no attribute of a rule, so it is without effect; did you mean level?`},
		{Check: rules.DoubtKey, Line: 4, Column: 1, Text: `"false_positives" is no attribute of a rule, so it is without effect; did you mean falsepositives?`},
	}
	if got := s.Rules()[0].Doubts; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
