package main

import (
	"cmp"
	_ "embed"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"sluice/internal/app"
	"sluice/schemas"
)

//go:embed rules_matrix.html
var matrixPage string

var matrixTemplate = template.Must(template.New("matrix").Parse(matrixPage))

// matrix is ATT&CK's matrix as far as rules name its techniques.
type matrix struct {
	Alive   *app.Alive
	Counts  map[string]int // by status
	Tactics []matrixTactic
	Others  []app.RuleCoverage // rules that do not run, or not for sure
}

type matrixTactic struct {
	Name       string
	Runs       int // techniques for which a rule runs
	Techniques []*matrixTechnique
}

type matrixTechnique struct {
	ID, Name, Link string
	Runs           int
	Rules          []app.RuleCoverage // those that run first
}

// noTactic is where techniques stand whose rules name no tactic.
const noTactic = "No tactic named"

// writePage writes the matrix as a page that needs nothing else.
func writePage(w io.Writer, all []app.RuleCoverage, alive *app.Alive) error {
	m := matrix{Alive: alive, Counts: map[string]int{}}
	cells := map[string]map[string]*matrixTechnique{}
	for i := range all {
		c := all[i]
		m.Counts[c.Status]++
		if c.Status != app.StatusRuns {
			m.Others = append(m.Others, c)
		}
		for _, id := range c.Techniques {
			for _, tactic := range tacticsOf(id, c.Tactics) {
				if cells[tactic] == nil {
					cells[tactic] = map[string]*matrixTechnique{}
				}
				if cells[tactic][id] == nil {
					cells[tactic][id] = technique(id)
				}
				cells[tactic][id].add(c)
			}
		}
	}
	for _, name := range append(tacticNames(nil), noTactic) {
		if name == noTactic && len(cells[name]) == 0 {
			continue
		}
		t := matrixTactic{Name: name}
		for _, id := range slices.Sorted(maps.Keys(cells[name])) {
			cell := cells[name][id]
			slices.SortStableFunc(cell.Rules, func(a, b app.RuleCoverage) int { return cmp.Compare(statusOrder[a.Status], statusOrder[b.Status]) })
			if t.Techniques = append(t.Techniques, cell); cell.Runs > 0 {
				t.Runs++
			}
		}
		m.Tactics = append(m.Tactics, t)
	}
	slices.SortStableFunc(m.Others, func(a, b app.RuleCoverage) int {
		return cmp.Or(statusOrder[b.Status]-statusOrder[a.Status], strings.Compare(a.Reason+a.Why, b.Reason+b.Why))
	})
	return matrixTemplate.Execute(w, m)
}

var statusOrder = map[string]int{app.StatusRuns: 0, app.StatusSent: 1, app.StatusSilent: 2, app.StatusCannot: 3}

// tacticsOf are the tactics under which a technique of a rule stands: those of the technique
// that the rule names, or all; of a technique that we do not know those of the rule.
func tacticsOf(id string, named []string) []string {
	parent, _, _ := strings.Cut(id, ".")
	known, ok := schemas.FindTechnique(parent)
	var of []string
	if ok {
		of = tacticNames(known.Tactics)
	}
	both := slices.DeleteFunc(slices.Clone(of), func(t string) bool { return !slices.Contains(named, t) })
	switch {
	case len(both) > 0:
		return both
	case len(of) > 0:
		return of
	case len(named) > 0:
		return named
	}
	return []string{noTactic}
}

// tacticNames are the names of the tactics with those ids, nil: of all, in the order of the matrix.
func tacticNames(ids []string) (names []string) {
	for _, t := range schemas.Tactics() {
		if ids == nil || slices.Contains(ids, t.ID) {
			names = append(names, t.Name)
		}
	}
	return names
}

func technique(id string) *matrixTechnique {
	parent, sub, _ := strings.Cut(id, ".")
	t := &matrixTechnique{ID: id, Name: schemas.TechniqueName(parent), Link: "https://attack.mitre.org/techniques/" + parent + "/"}
	if sub != "" {
		t.Link += sub + "/"
		if name := schemas.TechniqueName(id); name != "" {
			t.Name += ": " + name
		}
	}
	return t
}

func (t *matrixTechnique) add(c app.RuleCoverage) {
	t.Rules = append(t.Rules, c)
	if c.Runs() { // as the layer counts
		t.Runs++
	}
}

// Class says how a cell is shown: by the rule that is nearest to running.
func (t *matrixTechnique) Class() string { return t.Rules[0].Status }
