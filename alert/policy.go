package alert

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// Policy says which alerts a channel is told about, and how many messages it may send.
type Policy struct {
	// Route lists what the channel is told; an alert that fits one entry is told. An
	// empty list is all of medium severity and above.
	Route   []Match   `yaml:"route"`
	Silence []Silence `yaml:"silence"` // what it is not told for a time
	// Tell is "changes" (a new alert, a raised severity, one that was closed and opens
	// again), "new" (a new alert only) or "all" (each revision).
	Tell     string        `yaml:"tell"`
	Group    Group         `yaml:"group"`    // which alerts make one message
	Throttle Throttle      `yaml:"throttle"` // how many messages there may be
	LateMax  time.Duration `yaml:"late_max"` // alerts of lanes are told if younger than this
}

// Group combines alerts that arrive together into one message.
type Group struct {
	By   []string      `yaml:"by"`   // rule, key, severity, namespace; [] is one group for all
	Wait time.Duration `yaml:"wait"` // for more of the group, from its first alert; 0 takes what came in one batch
	Max  int           `yaml:"max"`  // alerts shown in one message; the rest is counted
}

// Throttle bounds the messages in any window of the given length. What exceeds it is held back
// and told in one summary at the end of the window.
type Throttle struct {
	KeyMessages int           `yaml:"key_messages"` // for one rule and key
	KeyEvery    time.Duration `yaml:"key_every"`    // the window of key_messages
	Messages    int           `yaml:"messages"`     // for the whole channel
	Every       time.Duration `yaml:"every"`        // the window of messages
}

// Match fits an alert if everything that it names fits. Texts may contain * and ?.
type Match struct {
	MinSeverity string   `yaml:"min_severity"` // and above: informational, low, medium, high or critical
	Rules       []string `yaml:"rules"`        // by id or by name: ids of the shipped ones say nothing to people
	Keys        []string `yaml:"keys"`         // values that the rule groups by
	Tags        []string `yaml:"tags"`         // one of them
	Namespaces  []string `yaml:"namespaces"`   // one of them
}

// Silence holds alerts back until it expires. They stay visible in the console.
type Silence struct {
	MinSeverity string    `yaml:"min_severity"` // and above
	Rules       []string  `yaml:"rules"`        // by id or by name
	Keys        []string  `yaml:"keys"`         // values that the rule groups by
	Tags        []string  `yaml:"tags"`         // one of them
	Namespaces  []string  `yaml:"namespaces"`   // one of them
	Until       time.Time `yaml:"until"`        // RFC 3339
	Reason      string    `yaml:"reason"`       // for people who wonder why
}

func (s *Silence) match() Match {
	return Match{s.MinSeverity, s.Rules, s.Keys, s.Tags, s.Namespaces}
}

// DefaultPolicy is the policy of a channel without settings of its own.
func DefaultPolicy() Policy {
	return Policy{
		Tell: "changes",
		// One message for what one rule finds at once: a scan is one thing to a person.
		Group:    Group{By: []string{"rule", "namespace"}, Max: 10},
		Throttle: Throttle{KeyMessages: 1, KeyEvery: 10 * time.Minute, Messages: 60, Every: time.Hour},
		LateMax:  24 * time.Hour, // older is history: a person cannot act on it at once
	}
}

// Validate reports every fault, each naming its key.
func (p *Policy) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for i := range p.Route {
		faults = append(faults, p.Route[i].validate(fmt.Sprintf("route[%d]", i)))
	}
	for i := range p.Silence {
		s := &p.Silence[i]
		m := s.match()
		faults = append(faults, m.validate(fmt.Sprintf("silence[%d]", i)))
		if s.Until.IsZero() {
			fault("silence[%d].until: a silence needs an end such as 2026-12-24T18:00:00Z", i)
		}
	}
	if !slices.Contains([]string{"new", "changes", "all"}, p.Tell) {
		fault("tell: %q is none of new, changes, all", p.Tell)
	}
	for _, by := range p.Group.By {
		if !slices.Contains([]string{"rule", "key", "severity", "namespace"}, by) {
			fault("group.by: %q is none of rule, key, severity, namespace", by)
		}
	}
	if p.Group.Wait < 0 || p.Group.Wait > time.Hour {
		fault("group.wait: %v is not between 0s and 1h", p.Group.Wait)
	}
	if p.Group.Max < 1 || p.Group.Max > 50 {
		fault("group.max: %d is not between 1 and 50", p.Group.Max)
	}
	t := p.Throttle
	if t.KeyMessages < 1 || t.Messages < 1 || t.KeyMessages > 1000 || t.Messages > 10_000 {
		fault("throttle: key_messages must be 1 to 1000 and messages 1 to 10000")
	}
	if t.KeyEvery < 0 || t.Every < 0 || t.KeyEvery > 24*time.Hour || t.Every > 24*time.Hour {
		fault("throttle: key_every and every must be between 0s (off) and 24h")
	}
	if p.LateMax < 0 {
		fault("late_max: %v is below 0s", p.LateMax)
	}
	return errors.Join(faults...)
}

func (m *Match) validate(place string) error {
	if m.MinSeverity != "" && rank(m.MinSeverity) < 0 {
		return fmt.Errorf("%s.min_severity: %q is none of %s%s", place, m.MinSeverity, strings.Join(severities, ", "), strictyaml.DidYouMean(m.MinSeverity, severities))
	}
	return nil
}

// fits says whether all that m names fits a.
func (m *Match) fits(a *Alert) bool {
	return (m.MinSeverity == "" || rank(a.Severity) >= rank(m.MinSeverity)) &&
		anyFits(m.Rules, a.Rule, a.RuleName) && anyFits(m.Keys, a.Key) && anyFits(m.Namespaces, a.Namespace) && anyFits(m.Tags, a.Tags...)
}

// anyFits says whether one of values fits one of globs, which know * and ? alone: keys are
// full of what other globs give a meaning, such as ["10.0.0.9","CORP\ann"]. No glob fits all.
func anyFits(globs []string, values ...string) bool {
	if len(globs) == 0 {
		return true
	}
	for _, g := range globs {
		if wild := condition.ParseWild(g); slices.ContainsFunc(values, wild.Match) {
			return true
		}
	}
	return false
}
