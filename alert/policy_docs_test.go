package alert_test

import (
	"testing"
	"time"

	"sluice/alert"
	"sluice/alert/alerttest"
)

func TestDocumentedPolicy(t *testing.T) {
	p := alert.DefaultPolicy()
	alerttest.Example(t, "..", "policy", &p)
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if len(p.Route) != 2 || p.Route[1].Tags[0] != "attack.t1046" || p.Silence[0].Until.Year() != 2026 || p.Group.Wait != 30*time.Second || p.Throttle.Every != time.Hour {
		t.Errorf("%+v", p)
	}
}
