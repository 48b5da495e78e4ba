package schemas

import (
	_ "embed"
	"strings"
	"sync"
)

// AttackVersion is the release of MITRE ATT&CK that the techniques are of.
const AttackVersion = "17.0"

// Technique is a technique or sub-technique of MITRE ATT&CK for enterprises.
type Technique struct {
	ID      string   `json:"id"` // T1110, T1110.001
	Name    string   `json:"name"`
	Tactics []string `json:"tactics"` // their ids, in the order of Tactics
}

// Tactic is a tactic of MITRE ATT&CK for enterprises.
type Tactic struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Tactics are all tactics in the order of an attack, as the matrix shows them.
func Tactics() []Tactic {
	return []Tactic{
		{"TA0043", "Reconnaissance"},
		{"TA0042", "Resource Development"},
		{"TA0001", "Initial Access"},
		{"TA0002", "Execution"},
		{"TA0003", "Persistence"},
		{"TA0004", "Privilege Escalation"},
		{"TA0005", "Defense Evasion"},
		{"TA0006", "Credential Access"},
		{"TA0007", "Discovery"},
		{"TA0008", "Lateral Movement"},
		{"TA0009", "Collection"},
		{"TA0011", "Command and Control"},
		{"TA0010", "Exfiltration"},
		{"TA0040", "Impact"},
	}
}

// attackTable has a technique a line: id, name, tactics.
//
//go:embed attack.tsv
var attackTable string

var techniques = sync.OnceValue(func() (all []Technique) {
	for line := range strings.Lines(attackTable) {
		cols := strings.Split(strings.TrimRight(line, "\n"), "\t")
		all = append(all, Technique{ID: cols[0], Name: cols[1], Tactics: strings.Fields(cols[2])})
	}
	return all
})

var techniqueByID = sync.OnceValue(func() map[string]Technique {
	out := map[string]Technique{}
	for _, t := range techniques() {
		out[t.ID] = t
	}
	return out
})

// Techniques are all techniques, sub-techniques behind theirs. The list belongs to this package.
func Techniques() []Technique { return techniques() }

// TechniqueName is the name of the technique with that id, or "".
func TechniqueName(id string) string { return techniqueByID()[id].Name }
