package alert

import "testing"

// TestRouteOfRule: the channels that a rule names are told whatever their own route says,
// and no others.
func TestRouteOfRule(t *testing.T) {
	f := func(channel string, route []string, severity string, want bool) {
		t.Helper()
		p, a := DefaultPolicy(), Alert{Severity: severity, Route: route}
		if got := p.routed(channel, &a); got != want {
			t.Errorf("%s, of %v: %t", channel, route, got)
		}
	}
	f("mail", nil, "low", false)
	f("mail", nil, "high", true)
	f("mail", []string{"mail", "oncall"}, "low", true)
	f("slack", []string{"mail"}, "critical", false)
}
