package alert

import "slices"

// defaultRoute is what a channel without a route is told: below medium there is
// nothing that must interrupt a person.
var defaultRoute = Match{MinSeverity: "medium"}

// routed says whether the channel is told of a: what the rule says goes before what the
// channel says.
func (p *Policy) routed(channel string, a *Alert) bool {
	if len(a.Route) > 0 {
		return slices.Contains(a.Route, channel)
	}
	if len(p.Route) == 0 {
		return defaultRoute.fits(a)
	}
	for i := range p.Route {
		if p.Route[i].fits(a) {
			return true
		}
	}
	return false
}
