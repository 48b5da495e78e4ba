// Package rules turns rule files into a Set that decides events: which rules match
// (Matcher, one for each worker), what follows from matches over time (Correlator, one
// for each partition of sluice.matches) and what people see of it (Alert). Live
// detection, detect, rule tests and backtests run the same code, so they agree.
//
// The package is pure: files come as bytes, time comes from events and arguments.
package rules

import (
	"time"

	"sluice/event"
)

// File is one rule file; Name is what errors name.
type File struct {
	Name string
	Text []byte
}

// Options bound what a Set may keep. Zero values stand for the defaults.
type Options struct {
	Lateness   time.Duration // how far apart a lane's events may arrive; default 15 s
	MaxEntries int           // of one key; default 10,000
	MaxKeys    int           // of one rule in one partition; default 1,000,000
	MaxBytes   int64         // of one partition's state; default 1 GiB
}

// Set is the rules of one load, with all that they share. It never changes after Load
// and may be used by many goroutines.
type Set struct {
	schema *event.Schema
	opt    Options
	rules  []*Rule
	byID   map[string]*Rule
}

// Rules lists the rules in the order of their files.
func (s *Set) Rules() []*Rule { return s.rules }

// Rule finds a rule by its id; nil: there is none.
func (s *Set) Rule(id string) *Rule { return s.byID[id] }
