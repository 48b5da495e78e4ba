package app

import (
	"maps"
	"slices"
	"strings"

	"sluice/schemas"
)

// Layer is a layer of MITRE's ATT&CK Navigator, in version 4.5 of its format.
type Layer struct {
	Name        string            `json:"name"`
	Domain      string            `json:"domain"`
	Description string            `json:"description"`
	Versions    map[string]string `json:"versions"`
	Techniques  []LayerTechnique  `json:"techniques"`
	Gradient    LayerGradient     `json:"gradient"`
}

// LayerTechnique is a technique that some rules are about.
type LayerTechnique struct {
	ID      string `json:"techniqueID"`
	Score   int    `json:"score"` // how many rules
	Enabled bool   `json:"enabled"`
	Comment string `json:"comment"` // their titles
}

// LayerGradient says which colours the scores have.
type LayerGradient struct {
	Colors []string `json:"colors"`
	Min    int      `json:"minValue"`
	Max    int      `json:"maxValue"`
}

// mostTitles bounds the titles in the comment of a technique.
const mostTitles = 20

// NavigatorLayer has the techniques of the rules that run; the score of each is their number.
func NavigatorLayer(all []RuleCoverage) Layer {
	titles := map[string][]string{}
	for i := range all {
		if all[i].Runs() {
			for _, t := range all[i].Techniques {
				titles[t] = append(titles[t], all[i].Title)
			}
		}
	}
	most, entries := 1, []LayerTechnique{}
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		names := titles[id]
		most = max(most, len(names))
		entries = append(entries, LayerTechnique{ID: id, Score: len(names), Enabled: true, Comment: strings.Join(names[:min(len(names), mostTitles)], "\n")})
	}
	major, _, _ := strings.Cut(schemas.AttackVersion, ".")
	return Layer{
		Name: "Sluice", Domain: "enterprise-attack", Description: "The techniques of the rules that run, scored by their number.",
		Versions:   map[string]string{"attack": major, "layer": "4.5", "navigator": "5.1.0"},
		Techniques: entries,
		Gradient:   LayerGradient{Colors: []string{"#d6eaf8", "#1b4f72"}, Min: 0, Max: most},
	}
}
