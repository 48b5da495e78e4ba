package app

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/alert"
	"sluice/internal/condition"
	"sluice/pipeline"
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

// unmet warns of what the policies of channels wait for in vain: rules and tags that no loaded rule
// has, which is how a slip keeps alerts from people, and silences that are over.
func unmet(s *Settings, set *pipeline.Set, now time.Time) (warnings []string) {
	var names, tags []string
	for _, r := range set.Rules.Rules() {
		names = append(names, r.ID, r.Title)
		tags = append(tags, r.Tags...)
	}
	for _, c := range s.Channels {
		say := func(list string, i int, key, pattern string, known []string) {
			wild := condition.ParseWild(pattern)
			if slices.ContainsFunc(known, wild.Match) {
				return
			}
			what, hint := map[string]string{"rules": "id or title", "tags": "tag"}[key], didYouMean(pattern, known)
			if r, err := findRule(set, pattern); err == nil && key == "rules" { // by its file, as rules why takes it
				hint = "; the id of that one is " + r.ID
			}
			at := fmt.Sprintf("%s.notify.%s[%d].%s", c.Name, list, i, key)
			warnings = append(warnings, fmt.Sprintf("%schannel %s: %s: no loaded rule has the %s %q%s",
				s.at("channels", at, pattern), c.Name, list, what, pattern, hint))
		}
		sayAll := func(list string, i int, ofRules, ofTags []string) {
			for _, p := range ofRules {
				say(list, i, "rules", p, names)
			}
			for _, p := range ofTags {
				say(list, i, "tags", p, tags)
			}
		}
		for i, m := range c.Policy.Route {
			sayAll("route", i, m.Rules, m.Tags)
		}
		for i, m := range c.Policy.Silence {
			sayAll("silence", i, m.Rules, m.Tags)
			if what := doubtful(&m, now); what != "" {
				at := fmt.Sprintf("%s.notify.silence[%d].until", c.Name, i)
				warnings = append(warnings, fmt.Sprintf("%schannel %s: %s", s.placeOf("channels", at), c.Name, what))
			}
		}
	}
	return warnings
}

// doubtful says what of a silence can hardly be meant; "": nothing.
func doubtful(m *alert.Silence, now time.Time) string {
	until := m.Until.Format(time.RFC3339)
	switch {
	case !m.Until.After(now):
		return fmt.Sprintf("the silence ended at %s; take it out", until)
	case len(m.Rules)+len(m.Keys)+len(m.Tags)+len(m.Namespaces) == 0 && m.MinSeverity == "":
		return fmt.Sprintf("the silence names nothing, so it holds every alert back until %s", until)
	}
	return ""
}
