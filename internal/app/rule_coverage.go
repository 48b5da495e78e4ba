package app

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/rules/sigma"
)

// RuleCoverage says whether one rule can fire.
type RuleCoverage struct {
	Rule       string   `json:"rule,omitempty"`
	Title      string   `json:"title,omitempty"`
	Place      string   `json:"place"`
	Status     string   `json:"status"`
	Reason     string   `json:"reason,omitempty"`
	Why        string   `json:"why,omitempty"`
	Fields     []string `json:"fields,omitempty"`
	Techniques []string `json:"techniques,omitempty"`
}

// The statuses of rules.
const (
	StatusRuns   = "runs"
	StatusSent   = "if_sent" // it runs where the source sends keys that no pack names
	StatusCannot = "cannot"
)

// Coverage says of each rule whether it can fire with the packs of the settings; loadErr is
// what loading the set gave: the faults are rules that cannot.
func Coverage(set *pipeline.Set, s *Settings, loadErr error) ([]RuleCoverage, error) {
	g, err := newGiven(s, set.Packs.Names())
	if err != nil {
		return nil, err
	}
	out := []RuleCoverage{}
	for _, r := range set.Rules.Coverage(g) {
		out = append(out, covered(r))
	}
	for _, err := range strictyaml.Joined(loadErr) {
		out = append(out, refused(err))
	}
	return out, nil
}

var techniqueTag = regexp.MustCompile(`(?i)^attack\.(t\d{4}(\.\d{3})?)$`)

func covered(r rules.Cover) RuleCoverage {
	c := RuleCoverage{Rule: r.Rule.ID, Title: r.Rule.Title, Place: fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line), Status: StatusRuns}
	for _, tag := range r.Rule.Tags {
		if m := techniqueTag.FindStringSubmatch(tag); m != nil {
			c.Techniques = append(c.Techniques, strings.ToUpper(m[1]))
		}
	}
	switch {
	case r.Clash != "":
		c.Status, c.Reason, c.Why = StatusCannot, "contradiction", r.Clash
	case !r.Can:
		c.Status, c.Reason, c.Fields = StatusCannot, "field", r.Lacks
		c.Why = "no loaded pack sets " + strings.Join(r.Lacks, ", ")
	case len(r.Sent) > 0:
		c.Status, c.Reason, c.Fields = StatusSent, "key of the source", r.Sent
		c.Why = "no pack names " + strings.Join(r.Sent, ", ")
	}
	return c
}

func refused(err error) RuleCoverage {
	var f *sigma.Fault
	if errors.As(err, &f) {
		return RuleCoverage{Rule: f.Rule, Title: f.Title, Place: fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column), Status: StatusCannot, Reason: string(f.Reason), Why: f.Problem}
	}
	place, why := splitPlace(err.Error())
	return RuleCoverage{Place: place, Status: StatusCannot, Reason: "fault", Why: why}
}

var placedAt = regexp.MustCompile(`^(.+?:\d+(?::\d+)?): `)

// splitPlace takes file:line:column from the front of a fault.
func splitPlace(fault string) (place, why string) {
	if m := placedAt.FindStringSubmatch(fault); m != nil {
		return m[1], fault[len(m[0]):]
	}
	return "", fault
}
