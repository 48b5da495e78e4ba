package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// tactics are the tactics of MITRE ATT&CK for enterprises: how a tag names one
// (attack.initial_access), how it is shown, and its id.
var tactics = map[string][2]string{
	"reconnaissance":       {"Reconnaissance", "TA0043"},
	"resource_development": {"Resource Development", "TA0042"},
	"initial_access":       {"Initial Access", "TA0001"},
	"execution":            {"Execution", "TA0002"},
	"persistence":          {"Persistence", "TA0003"},
	"privilege_escalation": {"Privilege Escalation", "TA0004"},
	"defense_evasion":      {"Defense Evasion", "TA0005"},
	"credential_access":    {"Credential Access", "TA0006"},
	"discovery":            {"Discovery", "TA0007"},
	"lateral_movement":     {"Lateral Movement", "TA0008"},
	"collection":           {"Collection", "TA0009"},
	"command_and_control":  {"Command and Control", "TA0011"},
	"exfiltration":         {"Exfiltration", "TA0010"},
	"impact":               {"Impact", "TA0040"},
}

// threats is what a rule's tags say in the terms of ATT&CK.
type threats struct{ tactics, tacticIDs, techniques, subtechniques []string }

// attack reads tags such as attack.t1110.001 and attack.credential_access.
func attack(tags []string) (t threats) {
	add := func(to *[]string, s string) {
		if !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, tag := range tags {
		name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		if !ok {
			continue
		}
		if tac, ok := tactics[strings.ReplaceAll(name, "-", "_")]; ok {
			add(&t.tactics, tac[0])
			add(&t.tacticIDs, tac[1])
			continue
		}
		if isTechnique(name) {
			id := strings.ToUpper(name)
			add(&t.techniques, id[:5])
			if len(id) > 5 {
				add(&t.subtechniques, id)
			}
		}
	}
	return t
}

// other is how a tag names what ATT&CK has beside tactics and techniques: groups, software,
// campaigns, mitigations, data sources.
var other = regexp.MustCompile(`^(?:g|s|c|m|ds)\d{4}$`)

// OddTag says what is wrong with a tag that begins as one of ATT&CK and names nothing of it;
// "": nothing is.
func OddTag(tag string) string {
	name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
	if !ok || isTechnique(name) || other.MatchString(name) {
		return ""
	}
	names := slices.Collect(maps.Keys(tactics))
	if name = strings.ReplaceAll(name, "-", "_"); slices.Contains(names, name) {
		return ""
	}
	return fmt.Sprintf("the tag %.60s names no tactic or technique of ATT&CK%s", tag, strictyaml.DidYouMean(name, names))
}

// isTechnique says whether name has the form t1110 or t1110.001.
func isTechnique(name string) bool {
	if len(name) != 5 && len(name) != 9 || name[0] != 't' {
		return false
	}
	for i, c := range name[1:] {
		if i == 4 {
			if c != '.' {
				return false
			}
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
