package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestFlows: without the recorded datagrams there is nothing to score.
func TestFlows(t *testing.T) {
	w := &tools{sluice: filepath.Join(t.TempDir(), "sluice"), shared: os.Getenv("SLUICE_SHARED")}
	if w.shared == "" {
		w.shared = "../../../shared"
	}
	if _, err := os.Stat(w.corpus("netflow")); err != nil {
		t.Skipf("no recorded datagrams: %v", err)
	}
	if out, err := exec.Command("go", "build", "-o", w.sluice, "sluice/cmd/sluice").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
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
