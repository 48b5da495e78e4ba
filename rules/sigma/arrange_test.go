package sigma

import (
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/rules"
)

// fired are the titles of the rules in files that match an event whose F is value.
func fired(t *testing.T, value string, texts ...string) string {
	t.Helper()
	set, schema, err := loaded(t, texts...)
	if err != nil {
		t.Fatal(err)
	}
	ev := event.NewEvent(schema)
	ev.Reset("")
	ev.SetVendor("F", value)
	var out []string
	for _, m := range set.NewMatcher().Match(ev, rules.Instant{Time: time.Unix(0, 0), ID: "1"}) {
		out = append(out, set.Rule(m.Rule).Title)
	}
	return strings.Join(out, " ")
}

// TestFilters: a filter's condition must hold too, for the rules that it names and whose
// log source it covers.
func TestFilters(t *testing.T) {
	rule := "title: A\nid: one\nname: by_name\nlogsource: {product: all}\ndetection: {s: {F|startswith: x}, condition: s}\n---\ntitle: B\nid: two\nlogsource: {product: test}\ndetection: {s: {F|startswith: x}, condition: s}\n"
	f := func(filter, value, want string) {
		t.Helper()
		head := "title: Known\n"
		if got := fired(t, value, rule, head+filter); got != want {
			t.Errorf("%s on %s: %q, want %q", filter, value, got, want)
		}
	}
	f("logsource: {product: all}\nfilter: {rules: [one], s: {F: xy}, condition: not s}", "x", "A B")
	f("logsource: {product: all}\nfilter: {rules: [one], s: {F: xy}, condition: not s}", "xy", "B")
	f("logsource: {product: all}\nfilter: {rules: by_name, s: {F: xy}, condition: not s}", "xy", "B")
	f("logsource: {product: all}\nfilter: {rules: any, s: {F: xy}, condition: not s}", "xy", "B")
	f("logsource: {product: all}\nfilter: {rules: [one, two], s: {F: xy}, condition: not s}", "xy", "B")
	f("filter: {s: {F: xy}, condition: not s}", "xy", "")
	f("filter: {s: {F: xy}, condition: s}", "xy", "A B")
}

// TestCollections: the older form of several rules in one file.
func TestCollections(t *testing.T) {
	text := `
action: global
title: Of all
logsource: {product: all}
detection:
  common: {F|startswith: x}
  condition: common and own
---
detection: {own: {F|endswith: a}}
---
title: Own
detection: {own: {F|endswith: b}}
---
action: repeat
title: Again
detection: {own: {F|endswith: zz, G: null}, condition: common and not own}
---
action: reset
---
title: Alone
logsource: {product: all}
detection: {own: {F: xb}, condition: own}
`
	f := func(value, want string) {
		t.Helper()
		if got := fired(t, value, text); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
	f("xa", "Of all Again")
	f("xb", "Own Again Alone")
	f("yb", "")
}

// TestArrangeFaults: a slip in an action is told, and a filter without effect, with its place.
func TestArrangeFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		docs, err := strictyaml.ParseAll("r.yml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := New(Shipped())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := tr.Arrange([]rules.Documents{{File: "r.yml", Docs: docs}}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	f("action: globl\nlogsource: {product: linux}\n", `r.yml:1:9: no action is named "globl"; did you mean global?`)
	f("action: global\nlogsource: {product: linux}\n", "")
	f("action: repeat\nlogsource: {product: linux}\n---\naction: repeat\nlogsource: {product: linux}\n",
		"r.yml:1:9: action: repeat changes the rule before it in this file, and there is none; put the whole rule first")
	rule := "id: one\nlogsource: {product: windows}\ndetection: {a: {Image: x}, condition: a}\n---\n"
	f(rule+"logsource: {product: linux}\nfilter: {rules: [one], s: {User: x}, condition: not s}\n",
		"r.yml:5:12: the filter is without effect: no rule that it names has all of this log source; give it the log source of the rules")
	f(rule+"logsource: {product: windows}\nfilter: {rules: [one], s: {User: x}, condition: not s}\n", "")
	f("action: other\nid: x\n", "") // another language may have an action
}
