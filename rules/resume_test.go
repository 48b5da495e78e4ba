package rules

import (
	"testing"
	"time"
)

// TestResumeKeepsLanes: behind an outage that is longer than a lane may be silent, what comes late with the
// first batch is judged with what follows, not alone.
func TestResumeKeepsLanes(t *testing.T) {
	s := load(t, Options{}, bruteForce)
	c := s.NewCorrelator()
	c.Spread()
	c.Resume(start.Add(time.Minute))
	observe := func(id string, sec int) {
		m := chainMatch(s, "brute", `["a"]`, id, sec, "")
		m.Origin = "o"
		c.Observe(&m)
	}
	observe("1", 0)
	if c.Stats().Late != 1 {
		t.Fatalf("%+v", c.Stats())
	}
	c.Advance("", start.Add(time.Hour))
	c.Drain()
	observe("2", 1)
	observe("3", 2)
	c.Advance("", start.Add(time.Hour+time.Second))
	c.End()
	if alerts, _ := c.Drain(); len(alerts) != 1 || alerts[0].Lane != "o" {
		t.Errorf("%+v", alerts)
	}
}
