package schemas

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTechniques: the table is sorted, its rows are whole, and every tactic has techniques.
func TestTechniques(t *testing.T) {
	id := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	seen := map[string]int{}
	last := ""
	for _, tech := range Techniques() {
		if !id.MatchString(tech.ID) || tech.ID <= last || tech.Name == "" || len(tech.Tactics) == 0 {
			t.Errorf("%+v behind %s", tech, last)
		}
		if parent, _, sub := strings.Cut(tech.ID, "."); sub && TechniqueName(parent) == "" {
			t.Errorf("%s has no parent", tech.ID)
		}
		last = tech.ID
		for _, tactic := range tech.Tactics {
			seen[tactic]++
		}
	}
	for _, tactic := range Tactics() {
		if seen[tactic.ID] == 0 {
			t.Errorf("no technique of %s", tactic.Name)
		}
		delete(seen, tactic.ID)
	}
	if len(seen) > 0 {
		t.Errorf("tactics that are none: %v", seen)
	}
	if got := TechniqueName("T1110.003"); got != "Password Spraying" || TechniqueName("T9999") != "" {
		t.Errorf("T1110.003 is %q", got)
	}
	if i := slices.IndexFunc(Techniques(), func(x Technique) bool { return x.ID == "T1078" }); i < 0 || len(Techniques()[i].Tactics) != 4 {
		t.Error("T1078 has other tactics than four")
	}
}
