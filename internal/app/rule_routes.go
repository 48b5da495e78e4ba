package app

import (
	"errors"
	"fmt"
	"slices"

	"sluice/rules"
)

// routes refuses the names of channels in rules that no channel has.
func routes(s *Settings, set *rules.Set) error {
	var faults []error
	names := channelNames(s)
	for _, r := range set.Rules() {
		for _, to := range r.Route {
			if !slices.Contains(names, to) {
				faults = append(faults, fmt.Errorf("%s:%d: route of rule %s: no channel is called %.64q%s", r.File, r.Line, r.ID, to, didYouMean(to, names)))
			}
		}
	}
	return errors.Join(faults...)
}
