package main

import (
	"strings"
	"testing"

	"sluice/internal/app"
)

// TestMatrixCounts: the page and the layer count the same rules.
func TestMatrixCounts(t *testing.T) {
	var all []app.RuleCoverage
	for _, status := range []string{app.StatusRuns, app.StatusSent, app.StatusSilent, app.StatusCannot} {
		all = append(all, app.RuleCoverage{Title: status, Status: status, Techniques: []string{"T1566"}})
	}
	var page strings.Builder
	if err := writePage(&page, all, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "Phishing (2/4)") {
		t.Errorf("the page counts otherwise:\n%s", page.String())
	}
	if layer := app.NavigatorLayer(all); layer.Techniques[0].Score != 2 {
		t.Errorf("the layer counts %d", layer.Techniques[0].Score)
	}
}
