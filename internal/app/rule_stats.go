package app

import (
	"fmt"
	"sync"
	"time"

	"sluice/internal/metrics"
	"sluice/pipeline"
	"sluice/rules"
)

// ruleStats is what the rules of this process have cost and found since it started.
type ruleStats struct {
	now func() time.Time

	mu     sync.Mutex
	since  time.Time
	events int64
	rules  map[string]*ruleStat
	load   LoadState
}

type ruleStat struct {
	nanos   int64
	matches int64
	alerts  int64
	hours   [statHours]int64 // alerts by hour
	hour    int64            // the last of them, since 1970
}

// statHours is how far back the alerts of a rule are counted for being noisy.
const statHours = 24

// What makes a rule worth a word.
const (
	noisyAlerts = 100    // in statHours: more than a person reads
	slowLive    = 2.0    // us for an event of any sort
	slowBehind  = 10_000 // events: the first ones that are measured find no code and no data in the caches
)

func newRuleStats(now func() time.Time) *ruleStats {
	return &ruleStats{now: now, since: now(), rules: map[string]*ruleStat{}, load: LoadState{At: now().UTC()}}
}

func (s *ruleStats) of(rule string) *ruleStat {
	st := s.rules[rule]
	if st == nil {
		st = &ruleStat{}
		s.rules[rule] = st
	}
	return st
}

// found counts a new alert.
func (s *ruleStats) found(a *rules.Alert) {
	if s == nil || !a.New {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.of(a.Rule)
	st.alerts++
	st.turn(s.now().Unix() / 3600)
	st.hours[st.hour%statHours]++
}

// turn empties the hours that have come since.
func (st *ruleStat) turn(hour int64) {
	for h := max(st.hour+1, hour-statHours+1); h <= hour; h++ {
		st.hours[h%statHours] = 0
	}
	st.hour = max(st.hour, hour)
}

func (st *ruleStat) lately(hour int64) (sum int64) {
	st.turn(hour)
	for _, n := range st.hours {
		sum += n
	}
	return sum
}

// costSample is how many events one is measured of. Two readings of the clock for each rule
// that is asked cost some 1 us, so this is some 20 ns an event.
const costSample = 64

// flushEvery is how old the costs may be that are shown.
const flushEvery = 5 * time.Second

// costMeter adds up what the rules of one worker take.
type costMeter struct {
	stats   *ruleStats
	told    []int64 // by rule, as far as it was added
	done    int64   // events since the last flush
	flushed time.Time
}

// begin measures a new worker.
func (c *costMeter) begin(w *pipeline.Worker) {
	start := time.Now()
	w.Measure(costSample, func() int64 { return int64(time.Since(start)) })
	c.told = nil
}

// batch is called after each batch of the worker; idle: there was nothing in it.
func (c *costMeter) batch(w *pipeline.Worker, idle bool, now time.Time) {
	if idle || now.Sub(c.flushed) >= flushEvery {
		c.flush(w)
		c.flushed = now
	}
}

// flush adds what has come since to the metrics and the statistics.
func (c *costMeter) flush(w *pipeline.Worker) {
	metrics.RuleErrors.WithLabelValues().Add(float64(w.TakeErrors()))
	if c.stats == nil {
		return
	}
	costs, _ := w.Costs() // none until the first event was measured
	if len(c.told) != len(costs) {
		c.told = make([]int64, len(costs))
	}
	c.stats.mu.Lock()
	defer c.stats.mu.Unlock()
	c.stats.events += c.done
	c.done = 0
	for i := range costs {
		more := costs[i].Nanos - c.told[i]
		if more <= 0 { // an estimate may fall
			continue
		}
		c.told[i] = costs[i].Nanos
		c.stats.of(costs[i].Rule.ID).nanos += more
		metrics.RuleSeconds.WithLabelValues(costs[i].Rule.ID).Add(float64(more) / 1e9)
	}
}

// matched counts a match.
func (s *ruleStats) matched(rule string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.of(rule).matches++
	s.mu.Unlock()
}

// forget drops what is known of rules that are no more, and their series.
func (s *ruleStats) forget(set *rules.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.rules {
		if set.Rule(id) == nil {
			delete(s.rules, id)
			metrics.RuleSeconds.DeleteLabelValues(id)
			metrics.RuleMatches.DeleteLabelValues(id)
			metrics.CorrelateAlerts.DeleteLabelValues(id)
		}
	}
}

// RuleState is one rule of the running program, or of a configuration.
type RuleState struct {
	Rule     string   `json:"rule"`
	Title    string   `json:"title"`
	Kind     string   `json:"kind"`
	Level    string   `json:"level"`
	Status   string   `json:"status"`
	Shadow   bool     `json:"shadow,omitempty"`
	Place    string   `json:"place"`
	Matches  int64    `json:"matches"`
	Alerts   int64    `json:"alerts"`     // new ones
	Day      int64    `json:"alerts_24h"` // of the last 24 hours
	PerEvent float64  `json:"us_per_event"`
	Share    float64  `json:"share"` // of what all rules take
	Notes    []string `json:"notes,omitempty"`

	Description string          `json:"description,omitempty"`
	Positives   []string        `json:"falsepositives,omitempty"`
	Exceptions  []RuleException `json:"exceptions,omitempty"`
}

// RuleException is what a rule leaves out, until when and on whose word.
type RuleException struct {
	Owner   string    `json:"owner"`
	Reason  string    `json:"reason"`
	Expires time.Time `json:"expires"`
	Line    int       `json:"line"` // of the rule's file
}

// RuleStates is what `sluice rules list` and the API tell.
type RuleStates struct {
	Since  time.Time   `json:"since,omitzero"` // the counts begin; zero: nothing runs here
	Events int64       `json:"events"`         // that rules were asked about
	Load   LoadState   `json:"load"`
	Rules  []RuleState `json:"rules"`
}

// LoadState is how the rules were last read.
type LoadState struct {
	At    time.Time `json:"at,omitzero"`
	Error string    `json:"error,omitempty"` // of a later try: the rules of At stay
	Tried time.Time `json:"tried,omitzero"`
}

// states lists the rules of a set with what is known of them.
func (s *ruleStats) states(set *rules.Set) RuleStates {
	out := RuleStates{Rules: []RuleState{}}
	var total int64
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		out.Since, out.Events, out.Load = s.since.UTC(), s.events, s.load
		for _, st := range s.rules {
			total += st.nanos
		}
	}
	for _, r := range set.Rules() {
		one := RuleState{Rule: r.ID, Title: r.Title, Kind: r.Kind, Level: r.Level, Status: r.Status, Shadow: r.Shadow, Place: place(r), Description: r.Description, Positives: r.Positives}
		for _, e := range r.Exceptions {
			one.Exceptions = append(one.Exceptions, RuleException{e.Owner, e.Reason, e.Expires, e.Line})
		}
		if s != nil && s.rules[r.ID] != nil {
			st := s.rules[r.ID]
			one.Matches, one.Alerts, one.Day = st.matches, st.alerts, st.lately(s.now().Unix()/3600)
			one.PerEvent = perEvent(st.nanos, int(s.events))
			one.Share = float64(st.nanos) / float64(max(total, 1))
		}
		one.judge(out.Events)
		out.Rules = append(out.Rules, one)
	}
	return out
}

// judge names what is slow over so many events, or noisy.
func (r *RuleState) judge(events int64) {
	if events >= slowBehind && r.PerEvent > slowLive && r.Share > slowShare {
		r.Notes = append(r.Notes, fmt.Sprintf("slow: %.1f us for each event, %.0f %% of what all rules take; sluice rules bench says more", r.PerEvent, 100*r.Share))
	}
	if r.Day > noisyAlerts {
		r.Notes = append(r.Notes, fmt.Sprintf("noisy: %d alerts in 24 hours; a narrower condition, a higher count or a longer suppress would help", r.Day))
	}
}

func place(r *rules.Rule) string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// ListRules lists the rules of a configuration that does not run.
func ListRules(path string) (*RuleStates, error) {
	set, err := LoadSet(path)
	if err != nil {
		return nil, err
	}
	var none *ruleStats
	out := none.states(set.Rules)
	return &out, nil
}
