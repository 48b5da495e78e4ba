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

// TestRulesByName: routes and silences name a rule by its id or by what people call it, and
// messages show both.
func TestRulesByName(t *testing.T) {
	a := &Alert{Rule: "fd608e9c-3781-5919-a639-8e961b94de48", RuleName: "Port scan over flow records", Severity: "low"}
	f := func(glob string, want bool) {
		t.Helper()
		m := Match{Rules: []string{glob}}
		if got := m.fits(a); got != want {
			t.Errorf("%s fits: %t, want %t", glob, got, want)
		}
	}
	f("Port scan*", true)
	f("fd608e9c-*", true)
	f("Port", false)
	f("", false)
	if got, want := a.facts()[1], (Fact{"Rule", "Port scan over flow records (fd608e9c-3781-5919-a639-8e961b94de48)"}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := (&Alert{Rule: "r1"}).facts()[1].Value; got != "r1" {
		t.Errorf("%q, want r1", got)
	}
}
