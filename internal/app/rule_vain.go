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
	return append(out, slips(set, g)...)
}

// slips are fields of Sigma's rules that no pack names, but are almost one that a pack names which
// has all else that the rule asks for. They are asked of every record that has such a key, so the
// rule runs.
func slips(set *pipeline.Set, g *given) (out []Finding) {
	told := map[string]bool{}
	for _, u := range set.Rules.Unnamed(g) {
		key := u.Rule.ID + " " + u.Field
		if told[key] {
			continue
		}
		if meant := strictyaml.Misspelt(u.Field, g.beside(u.Beside, u.Field)); meant != "" {
			told[key] = true
			out = append(out, Finding{
				Check: "field-unknown", Level: FindingWarning, File: u.Rule.File, Line: u.Line, Column: u.Column, Rule: u.Rule.ID,
				Message: "no loaded pack names the field " + u.Field + strictyaml.Hint(meant),
			})
		}
	}
	return out
}

// beside are the names of the form of like in packs that name one of each of some fields. Names
// are as sources write them: words of the packs' own are not meant.
func (g *given) beside(fields [][]string, like string) (out []string) {
	form := func(name string) int { return 100*strings.Count(name, ".") + strings.Count(name, "-") }
	for _, pack := range g.packs {
		names := g.read.names[pack]
		lacks := func(places []string) bool {
			return !slices.ContainsFunc(places, func(p string) bool {
				return names[p] || slices.ContainsFunc(bySluice, func(b string) bool { return strings.HasPrefix(p, b) })
			})
		}
		if slices.ContainsFunc(fields, lacks) {
			continue
		}
		for name := range names {
			if form(name) == form(like) && !strings.Contains(name, "@") && (strings.ContainsAny(name, "._-") || strings.ToLower(name) != name) {
				out = append(out, name)
			}
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
	prefix := packPrefix(a.Field)
	if name := strings.TrimPrefix(strings.ToLower(value), prefix); (a.Field == "sluice.pack" || prefix != "") && slices.Contains(g.set.Packs.Names(), name) && value != prefix+name {
		return "value-misspelt", "no loaded pack sets " + what + strictyaml.Hint(prefix+name)
	}
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
