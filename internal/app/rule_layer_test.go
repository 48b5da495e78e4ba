package app

import "testing"

// TestLayerCounts: a rule that runs if its source sends a key counts; one that is silent or cannot fire does not.
func TestLayerCounts(t *testing.T) {
	var all []RuleCoverage
	for _, status := range []string{StatusRuns, StatusSent, StatusSilent, StatusCannot} {
		all = append(all, RuleCoverage{Title: status, Status: status, Techniques: []string{"T1566"}})
	}
	layer := NavigatorLayer(all)
	if len(layer.Techniques) != 1 || layer.Techniques[0].Score != 2 || layer.Techniques[0].Comment != StatusRuns+"\n"+StatusSent {
		t.Errorf("the layer has %+v", layer.Techniques)
	}
}
