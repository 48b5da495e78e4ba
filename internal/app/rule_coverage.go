package app

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

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
	Tactics    []string `json:"tactics,omitempty"`
	Techniques []string `json:"techniques,omitempty"`
}

// Runs says whether the rule fires on what its source sends.
func (c *RuleCoverage) Runs() bool { return c.Status == StatusRuns || c.Status == StatusSent }

// Alive is the packs whose events are in the index since a time.
type Alive struct {
	Since time.Time `json:"since"`
	Packs []string  `json:"packs"`
}

// The statuses of rules.
const (
	StatusRuns   = "runs"
	StatusSent   = "if_sent" // it runs where the source sends keys that no pack names
	StatusSilent = "silent"  // it runs, but nothing has come that it could be about
	StatusCannot = "cannot"
)

// Coverage says of each rule whether it can fire with the packs of the set; loadErr is
// what loading the set gave: the faults are rules that cannot. Where alive is not nil it also
// says which rules nothing has come for.
func Coverage(set *pipeline.Set, loadErr error, alive *Alive) []RuleCoverage {
	return new(coverages).of(set, loadErr, alive)
}

// coverages keeps what all packs together say of the rules of the last set: a second's work for a core.
type coverages struct {
	mu  sync.Mutex
	set *pipeline.Set
	all []rules.Cover
}

func (c *coverages) of(set *pipeline.Set, loadErr error, alive *Alive) []RuleCoverage {
	g := newGiven(set)
	if c.set != set {
		c.set, c.all = set, set.Rules.Coverage(g)
	}
	out := []RuleCoverage{}
	for _, r := range c.all {
		out = append(out, covered(r, g))
	}
	if alive != nil {
		for i, r := range set.Rules.Coverage(g.only(alive.Packs)) {
			if c := &out[i]; !r.Can && c.Status != StatusCannot {
				c.Status, c.Reason, c.Fields = StatusSilent, "no source", r.Lacks
				c.Why = "nothing came since " + alive.Since.Format("2006-01-02 15:04 MST") + " from a pack that sets " + strings.Join(r.Lacks, ", ")
			}
		}
	}
	for _, err := range onePerRule(strictyaml.Joined(loadErr)) {
		out = append(out, refused(err))
	}
	return out
}

// onePerRule is the first fault of each rule: the others are for lint.
func onePerRule(faults []error) (out []error) {
	type document struct {
		file string
		line int
	}
	seen := map[document]bool{}
	for _, err := range faults {
		var f *strictyaml.Fault
		if errors.As(err, &f) {
			if seen[document{f.File, f.Document}] {
				continue
			}
			seen[document{f.File, f.Document}] = true
		}
		out = append(out, err)
	}
	return out
}

// Alive asks the index whose events have come since a time.
func (n *Node) Alive(ctx context.Context, since time.Time) (*Alive, error) {
	body := map[string]any{
		"size":  0,
		"query": map[string]any{"range": map[string]any{"@timestamp": map[string]string{"gte": since.UTC().Format(time.RFC3339Nano)}}},
		"aggs":  map[string]any{"packs": map[string]any{"terms": map[string]any{"field": "sluice.pack", "size": 10_000}}},
	}
	var found struct {
		answered
		Aggregations struct {
			Packs struct {
				Buckets []struct{ Key string }
			}
		}
	}
	if err := ask(ctx, n.index, (&Stretch{}).indices(), body, &found); err != nil {
		return nil, err
	}
	out := &Alive{Since: since.UTC(), Packs: []string{}}
	for _, b := range found.Aggregations.Packs.Buckets {
		out.Packs = append(out.Packs, b.Key)
	}
	slices.Sort(out.Packs)
	return out, nil
}

func covered(r rules.Cover, g *given) RuleCoverage {
	c := RuleCoverage{
		Rule: r.Rule.ID, Title: r.Rule.Title, Place: fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line), Status: StatusRuns,
		Tactics: r.Rule.Tactics(), Techniques: r.Rule.Techniques(),
	}
	switch {
	case r.Clash != "":
		c.Status, c.Reason, c.Why = StatusCannot, "contradiction", r.Clash
	case !r.Can:
		c.Status, c.Reason, c.Fields = StatusCannot, "field", r.Lacks
		c.Why = "no loaded pack sets " + strings.Join(r.Lacks, ", ")
		if len(r.About) > 0 {
			c.Why = strings.Join(r.About, ", ") + " has no " + strings.Join(r.Lacks, ", ")
			g = g.about(r.About)
		}
		if field, value, ok := strings.Cut(r.Lacks[0], ": "); ok && len(r.Lacks) == 1 {
			c.Why += g.near(field, value)
		}
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
