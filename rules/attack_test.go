package rules

import (
	"slices"
	"strings"
	"testing"
)

// TestTechniques: each line of the table names a technique and its tactics.
func TestTechniques(t *testing.T) {
	all := Techniques()
	if n := strings.Count(techniqueTable, "\n"); n != len(all) || n < 200 {
		t.Errorf("%d techniques in %d lines", len(all), n)
	}
	for id, one := range all {
		if !isTechnique(strings.ToLower(id)) || one.Name == "" || len(one.Tactics) == 0 || slices.Contains(one.Tactics, "") {
			t.Errorf("%s: %+v", id, one)
		}
	}
	if one := all["T1110"]; one.Name != "Brute Force" || !slices.Equal(one.Tactics, []string{"Credential Access"}) {
		t.Errorf("T1110 is %+v", one)
	}
}

func TestOddTag(t *testing.T) {
	f := func(tag, want string) {
		t.Helper()
		if got := OddTag(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	for _, tag := range []string{"attack.t1110", "Attack.T1110.001", "attack.g0016", "attack.s0002", "attack.ds0009", "attack.credential-access", "attack.impact", "cve.2021-44228", "tlp.red"} {
		f(tag, "")
	}
	f("attack.credental_access", "the tag attack.credental_access names no tactic or technique of ATT&CK; did you mean credential_access?")
	f("attack.t111", "the tag attack.t111 names no tactic or technique of ATT&CK")
}
