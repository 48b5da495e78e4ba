package rules

import (
	"errors"
	"time"

	"sluice/event"
)

// Library is the shipped rules.
func Library() []File { return nil }

// Fields are the names that files use and ECS lacks, as fields of vendor keys, to be
// numbered with the schema that Load gets.
func Fields(files []File) []event.Spec { return nil }

// Load reads and checks files. The Set holds the rules that compile also when the
// error, every fault joined, is not nil.
func Load(schema *event.Schema, files []File, opt Options) (*Set, error) {
	return &Set{schema: schema, opt: opt, byID: map[string]*Rule{}}, nil
}

// Matcher decides events, one after another. It belongs to one goroutine.
type Matcher struct{ set *Set }

// NewMatcher makes a matcher.
func (s *Set) NewMatcher() *Matcher { return &Matcher{set: s} }

// Match is what the rules say of one event. The slice is valid until the next call;
// the texts in it are copies.
func (m *Matcher) Match(ev *event.Event, at Instant) []Match { return nil }

// AppendJSON appends the match as sluice.matches carries it.
func (m *Match) AppendJSON(dst []byte) []byte { return dst }

// ParseMatch reads what AppendJSON wrote.
func ParseMatch(data []byte) (Match, error) { return Match{}, errors.New("not yet") }

// PartitionKey is the key of the message on sluice.matches: all matches that share
// state have the same one.
func (m *Match) PartitionKey() []byte { return nil }

// Alert is the alert of a match of a rule that is not Stateful.
func (s *Set) Alert(m *Match) Alert { return Alert{} }

// StateRecord is one record of the changelog; a nil Value deletes its Key.
type StateRecord struct {
	Key   []byte
	Value []byte
	Hash  string // the rule's
}

// Correlator is the state of one partition of sluice.matches. It belongs to one goroutine.
type Correlator struct{ set *Set }

// NewCorrelator makes an empty one.
func (s *Set) NewCorrelator() *Correlator { return &Correlator{set: s} }

// Observe takes one match in.
func (c *Correlator) Observe(m *Match) {}

// Advance settles every instant of a lane before watermark. For the live lane ("") it
// also moves the clock by which idle lanes are ended.
func (c *Correlator) Advance(lane string, watermark time.Time) {}

// Drain gives what came of it since the last Drain: the last revision of each alert that
// changed, and the changelog records of the state that was touched.
func (c *Correlator) Drain() ([]Alert, []StateRecord) { return nil, nil }

// Restore takes back one record of Drain, when the partition is assigned. The error
// says why a record was dropped: its rule is gone or has changed.
func (c *Correlator) Restore(key, value []byte) error { return nil }

// TestResult is what one test of a rule file came to.
type TestResult struct {
	Rule, Name string
	File       string
	Line       int
	Err        error // nil: passed
}

// TestInput turns a test's input into events, which are valid only within yield.
type TestInput struct {
	// Lines normalizes raw lines; pack "" recognizes them.
	Lines func(lines []string, pack string, received time.Time, yield func(*event.Event)) error
	// Document fills an event from an ECS document.
	Document func(doc []byte, yield func(*event.Event)) error
}

// RunTests runs the tests of all rules.
func (s *Set) RunTests(in TestInput) []TestResult { return nil }
