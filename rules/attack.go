package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
	"sluice/schemas"
)

// tactics are the tactics of MITRE ATT&CK by how a tag names them: attack.initial_access.
var tactics = func() map[string]schemas.Tactic {
	out := map[string]schemas.Tactic{}
	for _, t := range schemas.Tactics() {
		out[strings.ReplaceAll(strings.ToLower(t.Name), " ", "_")] = t
	}
	return out
}()

// Tactics are those that the rule's tags name.
func (r *Rule) Tactics() []string { return attack(r.Tags).tactics }

// Techniques are the ids of those that the rule's tags name, each once, sub-techniques as T1110.001.
func (r *Rule) Techniques() (ids []string) {
	for _, tag := range r.Tags {
		name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		if id := strings.ToUpper(name); ok && isTechnique(name) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
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
			add(&t.tactics, tac.Name)
			add(&t.tacticIDs, tac.ID)
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

// nameTechniques sets the names of the techniques whose ids the document has.
func (d document) nameTechniques() {
	for _, object := range []string{"threat.technique", "threat.technique.subtechnique"} {
		var ids, names []string
		if d[object+".id"] == "" || json.Unmarshal([]byte(d[object+".id"]), &ids) != nil {
			continue
		}
		for _, id := range ids {
			if name := schemas.TechniqueName(id); name != "" {
				names = append(names, name)
			}
		}
		d.texts(object+".name", names)
	}
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
