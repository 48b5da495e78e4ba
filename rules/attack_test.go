package rules

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAlertNamesTechniques: an alert carries tactics and techniques with their names, whether
// they are the rule's own or those of the alerts behind it; an id that ATT&CK does not have stays.
func TestAlertNamesTechniques(t *testing.T) {
	f := func(r Rule, d document, want map[string]any) {
		t.Helper()
		r.describe(d)
		got := map[string]any{}
		for name, text := range d {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(name, text, err)
			}
			if _, ok := want[name]; ok {
				got[name] = v
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	f(Rule{Tags: []string{"attack.credential-access", "attack.t1110.003", "attack.t9999"}}, document{}, map[string]any{
		"threat.framework": "MITRE ATT&CK", "threat.tactic.id": []any{"TA0006"}, "threat.tactic.name": []any{"Credential Access"},
		"threat.technique.id": []any{"T1110", "T9999"}, "threat.technique.name": []any{"Brute Force"},
		"threat.technique.subtechnique.id": []any{"T1110.003"}, "threat.technique.subtechnique.name": []any{"Password Spraying"},
	})
	f(Rule{Tags: []string{"attack.t1078"}}, document{"threat.technique.id": `["T1021"]`}, map[string]any{
		"threat.technique.id": []any{"T1021"}, "threat.technique.name": []any{"Remote Services"},
	})
}

// TestTechniquesOnce: a technique that two tags name is one, so that a layer does not count the rule twice.
func TestTechniquesOnce(t *testing.T) {
	r := Rule{Tags: []string{"attack.t1110", "attack.T1110", "attack.t1110.001", "attack.credential_access"}}
	if diff := cmp.Diff([]string{"T1110", "T1110.001"}, r.Techniques()); diff != "" {
		t.Error(diff)
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
