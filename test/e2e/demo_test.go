package e2e

import (
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestDemo: within a minute of its start, the demonstration has events to search and
// alerts to look into.
func TestDemo(t *testing.T) {
	d := testbed.StartDemo(t)
	var events, alerts int
	began := time.Now()
	d.Await("events and alerts", time.Minute, func() bool {
		events, alerts = len(d.Events()), len(d.Alerts())
		return events > 0 && alerts > 0
	})
	t.Logf("%d events and %d alerts after %v", events, alerts, time.Since(began).Round(time.Second))
	sets := map[string]bool{}
	for _, e := range d.Events() {
		sets[e.Dataset] = true
		if e.Unparsed != "" {
			t.Errorf("unparsed, %s: %s", e.Unparsed, e.Original)
		}
	}
	if len(sets) < 4 {
		t.Errorf("only %v of the network's devices are heard", sets)
	}
}
