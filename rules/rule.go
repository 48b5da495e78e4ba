package rules

import "time"

// The kinds of rules.
const (
	KindMatch     = "match"     // one event is enough
	KindThreshold = "threshold" // count events, or distinct values, within a window
	KindSequence  = "sequence"  // events in a given order within a window
)

// Rule is one rule as it was loaded. It is read-only.
type Rule struct {
	ID          string
	Hash        string // of what decides; texts for people are no part of it
	Title       string
	Description string
	Kind        string
	Level       string // informational, low, medium, high, critical
	Status      string // experimental, test, stable
	Author      string
	References  []string
	Tags        []string
	GroupBy     []string
	Window      time.Duration // T; 0 for match
	Suppress    time.Duration // S: an episode's greatest gap
	File        string
	Line        int
}

// Stateful says whether the rule's matches belong on sluice.matches. The others give
// their alert at once: Set.Alert.
func (r *Rule) Stateful() bool { return r.Kind != KindMatch || r.Suppress > 0 }
