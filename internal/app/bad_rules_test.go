package app

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/internal/strictyaml"
)

// lattice is levels of two rules each, of which each looks at the alerts of both below: the
// ways through it double with each level.
func lattice(levels int) string {
	out, below := "id: a\ntitle: T\nlevel: low\nkind: match\nwhen: has(user.name)\n", "a"
	for i := range levels {
		for _, side := range []string{"l", "r"} {
			out += fmt.Sprintf("---\nid: %s%d\ntitle: T\nlevel: low\nkind: match\nrules: [%s]\n", side, i, below)
		}
		below = fmt.Sprintf("l%d, r%[1]d", i)
	}
	return out
}

// TestBadRules: whatever a rule file holds, its fault is named with its place, in little
// time, and the rest runs.
func TestBadRules(t *testing.T) {
	const good = "id: good\ntitle: Good\nlevel: low\nkind: match\nwhen: user.name == \"root\"\n"
	rule := func(id, rest string) string {
		return "id: " + id + "\ntitle: T\nlevel: low\n" + rest
	}
	sigma := func(detection string) string {
		return "title: T\nid: sigma\nlogsource: {product: linux}\ndetection:\n  s: " + detection + "\n  condition: s\n"
	}
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%[3]c, *%[3]c, *%[3]c, *%[3]c, *%[3]c, *%[3]c, *%[3]c, *%[3]c]\n", c, c, c-1)
	}
	for _, c := range []struct {
		name, text string
		want       string // the beginning of what is said; of a warning "" where the rule runs
		warns      string
	}{
		{"unknown key", rule("a", "kind: match\nwehn: x\n"), "bad.yml:5:1: unknown key wehn; did you mean when?", ""},
		{"wrong type", rule("a", "kind: threshold\nwhen: has(user.name)\ncount: many\nwindow: 1m\n"), "bad.yml:6:8: ", ""},
		{"wrong type of a field", rule("a", "kind: match\nwhen: destination.port == \"ssh\"\n"), "bad.yml:5:", ""},
		{"a value that ECS does not know", rule("a", "kind: match\nwhen: event.outcome == \"failed\"\n"), "bad.yml:5:", ""},
		{"impossible condition", rule("a", "kind: match\nwhen: user.name == \"a\" and user.name == \"b\"\n"), "bad.yml:5:7: when: no event can be so: ", ""},
		{"an hour that no day has", sigma("{a|hour: 25}"), "", "the rule can never fire: a|hour (5:7): a hour is from 0 to 23"},
		{"repeat of nothing", "action: repeat\n" + sigma("{a: b}"), "bad.yml:1:9: action: repeat changes the rule before it", ""},
		{"a merge key", rule("a", "kind: match\nwhen: has(user.name)\n<<: {status: stable}\n"), "bad.yml:6:1: merge keys (<<) are not read", ""},
		{"a backspace for the edge of a word", rule("a", "kind: match\nwhen: \"user.name matches '\\bx'\"\n"), "bad.yml:5:", ""},
		{"the same of Sigma", sigma(`{a|re: "\bx"}`), "bad.yml:5:13: a backspace stands in the regular expression", ""},
		{"impossible condition of Sigma", strings.Replace(sigma("{a: b}"), "condition: s", "condition: s and not s", 1), "", "the rule can never fire: "},
		{"regex that blows up elsewhere", rule("a", "kind: match\nwhen: user.name matches \"^(a+)+$\"\n"), "", ""},
		{"regex that has no linear form", sigma("{a|re: '(a)\\1'}"), "bad.yml:5:13: this engine's regular expressions run in linear time", ""},
		{"look-around", sigma("{a|re: 'x(?=y)'}"), "bad.yml:5:13: this engine's regular expressions run in linear time", ""},
		{"regex that is large when compiled", rule("a", "kind: match\nwhen: user.name matches \"((a{100}){100}){100}\"\n"), "bad.yml:5:", ""},
		{"10 MB", rule("a", "kind: match\nwhen: has(user.name)\n") + strings.Repeat("# "+strings.Repeat("x", 998)+"\n", 10_000), "bad.yml:1:1: the file has ", ""},
		{"anchor bomb", bomb, "bad.yml:", ""},
		{"deeply nested", strings.Repeat("[", 100_000), "bad.yml:", ""},
		{"duplicate key", rule("a", "kind: match\nwhen: x\nwhen: y\n"), "bad.yml:6:1: ", ""},
		{"duplicate id", rule("good", "kind: match\nwhen: has(user.name)\n"), "bad.yml:1:1: the id good is taken by the rule at ", ""},
		{"duplicate id of Sigma", strings.Replace(sigma("{a: b}"), "id: sigma", "id: good", 1), "bad.yml:1:1: the id good is taken by the rule at ", ""},
		{"circle of chained rules", rule("a", "kind: match\nrules: b\n") + "---\n" + rule("b", "kind: match\nrules: a\n"), "bad.yml:11:8: rules: these match each other's alerts in a circle: b -> a -> b", ""},
		{"no YAML", "{", "bad.yml:", ""},
		{"binary", "\x00\x01\xff", "bad.yml:", ""},
		{"empty", "", "bad.yml:1:1: the file is empty", ""},
		{"nothing but ---", "---\n", "bad.yml:1:1: the file is empty", ""},
		{"Latin-1", rule("a", "kind: match\nwhen: user.name == \"caf\xe9\"\n"), "bad.yml:5:24: the byte 0xe9 is no UTF-8", ""},
		{"old line ends", strings.ReplaceAll(rule("a", "kind: match\nwhen: usr.name == \"b\"\n"), "\n", "\r"), "bad.yml:5:7: no field is named usr.name", ""},
		{"rules over rules on forty levels", lattice(40), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a_good.yml"), good)
			write(t, filepath.Join(dir, "bad.yml"), c.text)
			s, err := parse("rules: {library: false, paths: [" + dir + "]}\n")
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			set, err := build(s)
			if spent := time.Since(begin); spent > time.Minute {
				t.Errorf("it took %v", spent)
			}
			if set == nil || set.Rules.Rule("good") == nil {
				t.Fatalf("the rest does not run: %v", err)
			}
			faults := strictyaml.Joined(err)
			told := c.want == "" && len(faults) == 0
			for _, f := range faults {
				text := strings.TrimPrefix(f.Error(), dir+"/")
				if !strings.HasPrefix(text, "bad.yml:") || !placed.MatchString(text) {
					t.Errorf("without its place: %.300s", text)
				}
				told = told || c.want != "" && strings.HasPrefix(text, c.want)
			}
			if !told {
				t.Errorf("got  %.500v\nwant %s", err, c.want)
			}
			said := ""
			for _, f := range Lint(set, nil) {
				if f.Check == "impossible" {
					said += f.Message
				}
			}
			if (c.warns == "") != (said == "") || !strings.Contains(said, c.warns) {
				t.Errorf("warned %q, want %q", said, c.warns)
			}
		})
	}
}
