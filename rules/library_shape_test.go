package rules_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/internal/strictyaml"
	"sluice/rules"
)

var (
	evasion     = regexp.MustCompile(`(?i)\bevad|\bevasion`)
	techniqueID = regexp.MustCompile(`^attack\.t\d{4}(\.\d{3})?$`)
	tactic      = regexp.MustCompile(`^attack\.[a-z_]+$`)
	constant    = regexp.MustCompile(`"(?:\\.|[^"\\])*"|\b\d+(?:\.\d+)?(?:e\d+)?\b`)
)

// libraryRule is a shipped rule as far as its form is judged.
type libraryRule struct {
	file      string
	doc       map[string]any
	shape     string   // what decides, without constants
	constants []string // in their order
}

func (r *libraryRule) tags() (out []string) {
	list, _ := r.doc["tags"].([]any)
	for _, tag := range list {
		out = append(out, fmt.Sprint(tag))
	}
	return out
}

func (r *libraryRule) techniques() string {
	tags := slices.DeleteFunc(r.tags(), func(tag string) bool { return !techniqueID.MatchString(tag) })
	slices.Sort(tags)
	return strings.Join(tags, " ")
}

// libraryRules reads the library.
func libraryRules(t *testing.T, files []rules.File) (out []libraryRule) {
	for _, f := range files {
		docs, err := strictyaml.ParseAll(f.Name, f.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range docs {
			r := libraryRule{file: f.Name}
			if err := n.Decode(&r.doc); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"kind", "group_by", "distinct", "function", "value", "term", "rules", "when", "without", "steps", "until"} {
				text := strings.Join(strings.Fields(fmt.Sprint(r.doc[key])), " ")
				r.constants = append(r.constants, constant.FindAllString(text, -1)...)
				r.shape += key + ": " + constant.ReplaceAllString(text, "_") + "\n"
			}
			out = append(out, r)
		}
	}
	return out
}

// twins names the rules that differ from another one for the same techniques in at most one
// constant of what decides: those are one rule with a list, or with a lower count. A pattern
// is a constant too, so what it stands for must be something else in ATT&CK.
func twins(all []libraryRule) (out []string) {
	for i := range all {
		for j := range all[:i] {
			a, b := &all[i], &all[j]
			if a.shape != b.shape || len(a.constants) != len(b.constants) || a.techniques() != b.techniques() {
				continue
			}
			differ := 0
			for k := range a.constants {
				if a.constants[k] != b.constants[k] {
					differ++
				}
			}
			if differ <= 1 {
				out = append(out, a.file+" and "+b.file)
			}
		}
	}
	return out
}

// TestLibraryForm: no two shipped rules differ in a constant only; each says what evading
// it takes, and names a tactic and a technique of ATT&CK.
func TestLibraryForm(t *testing.T) {
	all := libraryRules(t, rules.Library())
	if len(all) < 150 {
		t.Errorf("only %d rules", len(all))
	}
	for _, pair := range twins(all) {
		t.Errorf("%s differ in a constant only: make them one", pair)
	}
	for _, r := range all {
		if !evasion.MatchString(fmt.Sprint(r.doc["description"])) {
			t.Errorf("%s: the description does not say what it takes to evade it", r.file)
		}
		tags := r.tags()
		if !slices.ContainsFunc(tags, techniqueID.MatchString) || !slices.ContainsFunc(tags, tactic.MatchString) {
			t.Errorf("%s: tags %v lack a tactic or a technique", r.file, tags)
		}
	}
}

// TestTwins: the test above sees a planted pair.
func TestTwins(t *testing.T) {
	f := func(a, b string, want int) {
		t.Helper()
		files := []rules.File{{Name: path.Join("x", "a.yml"), Text: []byte(a)}, {Name: path.Join("x", "b.yml"), Text: []byte(b)}}
		if got := twins(libraryRules(t, files)); len(got) != want {
			t.Errorf("%q and %q: %v", a, b, got)
		}
	}
	f(`{kind: match, when: 'user.name == "a"'}`, `{kind: match, when: 'user.name == "b"'}`, 1)
	f(`{kind: match, when: 'destination.port == 22', count: 3}`, `{kind: match, when: 'destination.port == 23', count: 9}`, 1)
	f(`{kind: match, when: 'user.name == "a"'}`, `{kind: match, when: 'user.id == "a"'}`, 0)
	f(`{kind: threshold, when: 'user.name == "a"', distinct: host.name}`, `{kind: threshold, when: 'user.name == "a"'}`, 0)
	f(`{kind: match, when: 'a == "1" and b == "2"'}`, `{kind: match, when: 'a == "3" and b == "4"'}`, 0)
}
