package app

import (
	"fmt"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules"
)

// vain is what rules of our own ask for in vain, each at its place: fields that no pack names,
// and values that the packs which a rule is about never give.
func vain(set *pipeline.Set) (out []Finding) {
	g := newGiven(set)
	lacks := map[*rules.Rule][]string{} // of those that can never fire
	for _, c := range set.Rules.Coverage(g) {
		if !c.Can && c.Clash == "" && !c.Rule.Foreign() {
			lacks[c.Rule] = c.Lacks
		}
	}
	told := map[string]bool{}
	say := func(r *rules.Rule, lack string, f Finding) {
		if key := r.ID + " " + lack; !told[key] {
			told[key] = true
			f.Level, f.File, f.Rule = FindingWarning, r.File, r.ID
			if _, dead := lacks[r]; dead {
				f.Message = "the rule can never fire: " + f.Message
			}
			out = append(out, f)
		}
	}
	set.Rules.Asked(g, func(a rules.Asked, src rules.Sources) {
		at := Finding{Line: a.Line, Column: a.Column}
		in := src.(*given)
		if at.Check, at.Message = in.oddField(a); at.Check != "" {
			say(a.Rule, a.Field, at)
			return
		}
		for _, v := range a.Values {
			if at.Check, at.Message = in.oddValue(a, v); at.Check != "" {
				say(a.Rule, a.Field+": "+v, at)
			}
		}
	})
	for _, c := range set.Rules.Rules() {
		for _, lack := range lacks[c] { // what keys, values and rules below lack has no question
			field, value, _ := strings.Cut(lack, ": ")
			say(c, lack, Finding{Check: "value-unknown", Line: c.Line, Message: "no loaded pack sets " + lack + g.near(field, value)})
		}
	}
	return out
}

// oddField says what is odd about a field that a rule asks for; "": nothing.
func (g *given) oddField(a rules.Asked) (check, message string) {
	switch g.Gives(a.Field, false) {
	case rules.Never:
		return "field-unknown", nobody(a, "sets", a.Field)
	case rules.AsSent:
		return "field-unknown", nobody(a, "names", a.Field) + ": only records that are in ECS already may have it"
	case rules.ByPacks:
	}
	return "", ""
}

// oddValue says what is odd about a value that a rule compares a field with.
func (g *given) oddValue(a rules.Asked, value string) (check, message string) {
	what := a.Field + ": " + value
	texts, all := g.Texts(a.Field)
	if all && !slices.Contains(texts, value) || !g.Has(a.Field, []string{value}) {
		return "value-unknown", nobody(a, "sets", what) + g.near(a.Field, value)
	}
	if names := g.named(a.Field); !slices.Contains(names, value) {
		if meant := strictyaml.Misspelt(value, names); meant != "" {
			return "value-misspelt", nobody(a, "names", what) + strictyaml.Hint(meant)
		}
	}
	return "", ""
}

// nobody says what the packs do not that a question is about.
func nobody(a rules.Asked, verb, what string) string {
	switch len(a.Packs) {
	case 0:
		return fmt.Sprintf("no loaded pack %s %s", verb, what)
	case 1:
		return fmt.Sprintf("%s %s no %s", a.Packs[0], verb, what)
	}
	return fmt.Sprintf("none of %s %s %s", strings.Join(a.Packs, ", "), verb, what)
}
