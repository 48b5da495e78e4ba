package alert

import "time"

// Why says whether a channel with this policy is told of an alert that nobody has heard of
// yet, and which stage keeps it back if not. Groups and throttles only delay.
func (p *Policy) Why(channel string, a *Alert, now time.Time) (told bool, why string) {
	switch {
	case a.Shadow:
		return false, "the rule is on trial (shadow)"
	case !p.routed(channel, a) && len(a.Route) > 0:
		return false, "not routed: the rule names other channels"
	case !p.routed(channel, a) && len(p.Route) == 0:
		return false, "not routed: its severity is below " + defaultRoute.MinSeverity
	case !p.routed(channel, a):
		return false, "not routed: it fits no entry of route"
	case p.stale(a, now):
		return false, "late: it is older than late_max"
	case p.silenced(a, now):
		return false, "silenced"
	}
	return true, "routed"
}
