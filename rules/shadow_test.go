package rules

import (
	"strings"
	"testing"
)

// TestShadow: the alert of a rule on trial says so, its hash is the same, and rules over
// alerts hear of it only where they are on trial too.
func TestShadow(t *testing.T) {
	above := func(id, more string) string {
		return "id: " + id + "\ntitle: T\nlevel: low\nkind: threshold\nrules: [root]\ncount: 2\nwindow: 1m\nwhen: rule.id == \"root\"\n" + more
	}
	plain := load(t, Options{}, rootShell, above("over", ""))
	trial := load(t, Options{}, rootShell+"shadow: true\n", above("over", ""), above("too", "shadow: true\n"))
	named := load(t, Options{Shadow: []string{"root"}}, rootShell)
	f := func(s *Set, shadow bool, chained ...string) {
		t.Helper()
		m := Match{Rule: "root", Hash: s.Rule("root").Hash, Key: "[]", Time: start, ID: "e"}
		a := s.Alert(&m)
		if got := strings.Contains(string(a.Doc), `"shadow":true`); got != shadow || m.Hash != plain.Rule("root").Hash {
			t.Errorf("shadow %v, want %v: %s", got, shadow, a.Doc)
		}
		var got []string
		for _, c := range s.NewMatcher().Chain(&a) {
			got = append(got, c.Rule)
		}
		if strings.Join(got, " ") != strings.Join(chained, " ") {
			t.Errorf("rules over alerts: %v, want %v", got, chained)
		}
	}
	f(plain, false, "over")
	f(trial, true, "too")
	f(named, true)
	if _, err := Load(testSchema, []File{{Name: "a.yml", Text: []byte(rootShell)}}, Options{Shadow: []string{"raal"}}); err == nil || !strings.Contains(err.Error(), "raal") {
		t.Errorf("an unknown rule on trial: %v", err)
	}
}
