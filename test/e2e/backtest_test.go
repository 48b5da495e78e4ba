package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestBacktestFindsWhatWasLive: going back over the bus and over the index gives the
// alerts that were raised live, under the same ids, and no others.
func TestBacktestFindsWhatWasLive(t *testing.T) {
	w := testbed.New(t, testbed.Real(), "lateness: 1s\n")
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	net := newSender(t, w.Syslog)
	net.write(2 * block)
	w.Settle(2*block, 2*time.Minute)
	const raised = 6 // by each of the three rules, about two people
	live := map[string]bool{}
	w.Await("the alerts", 2*time.Minute, func() bool {
		for _, a := range w.Alerts() {
			live[a.ID] = true
		}
		return len(live) == raised
	})
	procs := w.Processes()
	config := procs[len(procs)-1].ConfigFile() // on real engines that of the role that answers the API
	exported(t, w, config, 2*block)
	for _, where := range [][]string{{"--bus"}, nil} {
		args := append([]string{"rules", "backtest", "-c", config, "--namespace", w.Namespace(), "--json", "--alerts"}, where...)
		out, err := exec.Command(testbed.Binary(t), args...).Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		var past struct {
			Events int64 `json:"events"`
			Alerts []struct {
				ID string `json:"id"`
			} `json:"found"`
		}
		if err := json.Unmarshal(out, &past); err != nil {
			t.Fatalf("%v: %v in %.500s", args, err, out)
		}
		found := map[string]bool{}
		for _, a := range past.Alerts {
			if found[a.ID] = true; !live[a.ID] {
				t.Errorf("%v: alert %s was not live", args, a.ID)
			}
		}
		if past.Events != 2*block || len(found) != raised {
			t.Errorf("%v: %d events and %d alerts, want %d and %d", args, past.Events, len(found), 2*block, raised)
		}
	}
}

// exported asks for all events as a file: each is in it once.
func exported(t *testing.T, w *testbed.World, config string, want int) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "all.jsonl")
	out, err := exec.Command(testbed.Binary(t), "export", "-c", config, "--namespace", w.Namespace(), "-o", name).CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d events exported", want)) {
		t.Fatalf("export: %v: %.500s", err, out)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for line := range bytes.Lines(text) {
		var doc struct{ Sluice struct{ ID string } }
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Fatalf("%v in %.200s", err, line)
		}
		ids[doc.Sluice.ID] = true
	}
	if len(ids) != want || bytes.Count(text, []byte("\n")) != want {
		t.Errorf("%d ids in %d lines, want %d", len(ids), bytes.Count(text, []byte("\n")), want)
	}
}
