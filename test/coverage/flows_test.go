package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFlows: without the recorded datagrams there is nothing to score.
func TestFlows(t *testing.T) {
	w := &tools{sluice: "../../sluice", shared: os.Getenv("SLUICE_SHARED")}
	if w.shared == "" {
		w.shared = "../../../shared"
	}
	for _, need := range []string{w.corpus("netflow"), w.sluice} {
		if _, err := os.Stat(need); err != nil {
			t.Skipf("no recorded datagrams or no program: %v", err)
		}
	}
	w.sluice, _ = filepath.Abs(w.sluice)
	w.dir = t.TempDir()
	p := &page{scores: map[string]float64{}}
	if err := flows(w, p); err != nil {
		t.Fatal(err)
	}
	t.Log(p.text.String())
	if p.scores["flows/events"] < 100 {
		t.Errorf("%.1f %% of the events are equal", p.scores["flows/events"])
	}
}
