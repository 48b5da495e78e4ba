package normalize_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/normalize"
	"sluice/schemas"
)

// TestValues: what is known of a field's texts, and what is open.
func TestValues(t *testing.T) {
	const text = `pack: a_b
recognize: ["%AB-"]
vars: [_a, _b]
set: {observer.vendor: Acme}
tables:
  verb: {add, new: added, del: removed}
  kept: {x: y, default: keep}
  row: {"1": {event.outcome: success}, default: {event.outcome: failure}}
steps:
- pattern: "{_a:re(Permit|Deny(?:ed)?)} {event.code:int} {event.reason=text} {rule.name:verb} {rule.id:kept} {url:url}"
- first: {"event.action:lower": [_a]}
- set: {rule.category: "{_a}-{observer.vendor}", rule.version: "{event.code}"}
- table: {_b: row}
- table: {event.code -> user.roles: {"7": [one, two], "8, 9": three}}
- case: {event.code: {"1": {set: {service.type: a}}, default: {add: {service.type: [b]}}}}
- when: {service.name: known, event.code: null, event.provider: set}
  compute: {service.state: "lower(observer.vendor)", service.version: "upper(observer.vendor)"}
`
	v := normalize.ReadValues([]byte(text))
	f := func(field, want string) {
		t.Helper()
		texts, closed := v.Of(field)
		if got := strings.Join(texts, " "); closed != (want != "any") || closed && got != want {
			t.Errorf("%s: %q, %t, want %s", field, got, closed, want)
		}
	}
	f("observer.vendor", "Acme")
	f("event.action", "deny denyed permit")
	f("event.code", "any")
	f("event.reason", "text")
	f("rule.name", "added removed")
	f("rule.id", "any")
	f("rule.category", "Deny-Acme Denyed-Acme Permit-Acme")
	f("rule.version", "any")
	f("event.outcome", "failure success")
	f("user.roles", "one three two")
	f("service.type", "a b")
	f("service.state", "acme")
	f("service.version", "any")
	f("url.path", "any")          // what the type fills
	f("event.module", "")         // nothing does
	f("network.transport", "any") // the engine does
	f("service.name", "")
	if got := strings.Join(v.Named("event.code"), " "); got != "1 7 8 9" {
		t.Errorf("event.code goes on by %s", got)
	}
	if got := v.Named("event.provider"); len(got) > 0 {
		t.Errorf("event.provider is asked for %q", got)
	}
	for _, step := range []string{"glean: {}", "json: {\"*\": \"*\"}", "json: {x: [rule.name, user.name]}", "replace: {rule.name: {from: a, to: b}}", "kv: {map: {n: rule.name}}", "json: {\"x.*\": rule.*}"} {
		v := normalize.ReadValues([]byte(text + "- " + step + "\n"))
		if _, closed := v.Of("rule.name"); closed {
			t.Errorf("%s takes what the line has", step)
		}
	}
	if _, closed := normalize.ReadValues([]byte("pack: [")).Of("rule.name"); closed {
		t.Error("of a file that does not parse something is known")
	}
}

// TestValuesHold: no event of the packs' samples has a text in a field that the pack's file is
// said not to give.
func TestValuesHold(t *testing.T) {
	values, added := map[string]*normalize.Values{}, []string{}
	for _, f := range normalize.Shipped() {
		added = append(added, normalize.Adds(f.Text)...)
		values[filepath.Base(filepath.Dir(f.Name))] = normalize.ReadValues(f.Text)
	}
	type at struct{ pack, field, text string }
	seen, known := map[at]bool{}, 0
	goldens(t, func(_ string, doc any) {
		one, ok := doc.(map[string]any)
		if !ok {
			return // of several events
		}
		pack, _ := one["sluice"].(map[string]any)["pack"].(string)
		leaves("", doc, func(field, text string) {
			if f, ok := schemas.Lookup(field); !ok || f.Type != "keyword" || values[pack] == nil || seen[at{pack, field, text}] {
				return
			}
			seen[at{pack, field, text}] = true
			texts, closed := values[pack].Of(field)
			if !closed || !values[pack].Always(field) && slices.Contains(added, field) {
				return
			}
			known++
			if !slices.Contains(texts, text) {
				t.Errorf("%s: %s is %q, which the pack is said not to give", pack, field, text)
			}
		})
	})
	if known < 1000 {
		t.Errorf("of %d texts it is known where they come from", known)
	}
}

// goldens calls do for every expected document of the packs, and where it stands.
func goldens(t *testing.T, do func(at string, doc any)) {
	t.Helper()
	files, err := filepath.Glob("packs/*/golden.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no expected documents", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range bytes.Lines(text) {
			n++
			var doc any
			if err := json.Unmarshal(line, &doc); err != nil {
				t.Fatalf("%s:%d: %v", file, n, err)
			}
			do(fmt.Sprintf("%s:%d", file, n), doc)
		}
	}
}

// leaves calls do for every text of a document.
func leaves(name string, v any, do func(field, text string)) {
	switch v := v.(type) {
	case string:
		do(name, v)
	case []any:
		for _, e := range v {
			leaves(name, e, do)
		}
	case map[string]any:
		for k, e := range v {
			leaves(strings.TrimPrefix(name+"."+k, "."), e, do)
		}
	}
}
