package rules

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sluice/internal/strictyaml"
)

// tacticOrder is the tactics of MITRE ATT&CK for enterprises in the order of its matrix: how a
// tag names one (attack.initial_access), how it is shown, and its id.
var tacticOrder = [][3]string{
	{"reconnaissance", "Reconnaissance", "TA0043"},
	{"resource_development", "Resource Development", "TA0042"},
	{"initial_access", "Initial Access", "TA0001"},
	{"execution", "Execution", "TA0002"},
	{"persistence", "Persistence", "TA0003"},
	{"privilege_escalation", "Privilege Escalation", "TA0004"},
	{"defense_evasion", "Defense Evasion", "TA0005"},
	{"credential_access", "Credential Access", "TA0006"},
	{"discovery", "Discovery", "TA0007"},
	{"lateral_movement", "Lateral Movement", "TA0008"},
	{"collection", "Collection", "TA0009"},
	{"command_and_control", "Command and Control", "TA0011"},
	{"exfiltration", "Exfiltration", "TA0010"},
	{"impact", "Impact", "TA0040"},
}

// tactics are how each is shown and its id, by how a tag names it.
var tactics = func() map[string][2]string {
	out := map[string][2]string{}
	for _, t := range tacticOrder {
		out[t[0]] = [2]string{t[1], t[2]}
	}
	return out
}()

// Tactics are the names of the tactics, in the order of ATT&CK's matrix.
func Tactics() (names []string) {
	for _, t := range tacticOrder {
		names = append(names, t[1])
	}
	return names
}

//go:embed attack.tsv
var techniqueTable string

// Technique is one of ATT&CK's.
type Technique struct {
	Name    string
	Tactics []string // as they are shown
}

// Techniques are those of ATT&CK by their ids, without sub-techniques.
var Techniques = sync.OnceValue(func() map[string]Technique {
	out := map[string]Technique{}
	for line := range strings.Lines(techniqueTable) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		t := Technique{Name: cells[1]}
		for _, tag := range strings.Fields(cells[2]) {
			t.Tactics = append(t.Tactics, tactics[tag][0])
		}
		out[cells[0]] = t
	}
	return out
})

// Tactics are those that the rule's tags name.
func (r *Rule) Tactics() []string { return attack(r.Tags).tactics }

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
