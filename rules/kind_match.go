package rules

import "sluice/internal/strictyaml"

// match reads a rule to which one event is enough. Where it is suppressed, it is judged
// as a threshold of one.
func (r *reader) match(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	if sp.Suppress < 0 || sp.Suppress > maxWindow {
		r.failKey(doc, "suppress", "from 0s to %s", maxWindow)
	}
	out.Count = 1
}
