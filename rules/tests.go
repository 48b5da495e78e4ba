package rules

import (
	"fmt"
	"slices"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// test is one test of a rule file.
type test struct {
	name     string
	lines    []string
	pack     string
	events   []string
	received time.Time
	fires    int
	line     int
}

// testReceived is when a test's lines were received, where it does not say so.
var testReceived = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// tests reads a rule's tests.
func (r *reader) tests(out *Rule, sp *spec) {
	for _, n := range sp.Tests {
		var one struct {
			Name     string    `yaml:"name"`
			Lines    []string  `yaml:"lines"`
			Pack     string    `yaml:"pack"`
			Events   []string  `yaml:"events"`
			Received time.Time `yaml:"received"`
			Fires    int       `yaml:"fires"`
			Silent   bool      `yaml:"silent"`
		}
		one.Received = testReceived
		if n = strictyaml.Follow(n); n.Kind != strictyaml.Mapping {
			r.fail(n, "a test has lines of key: value (name, lines or events, fires or silent)")
			continue
		}
		r.src.Decode(n, &one)
		switch {
		case one.Name == "":
			r.fail(n, "a test needs a name")
		case (len(one.Lines) == 0) == (len(one.Events) == 0):
			r.fail(n, "a test has either lines (raw) or events (ECS documents)")
		case one.Silent == (one.Fires > 0) || one.Fires < 0:
			r.fail(n, "a test says either fires: N, the number of alerts, or silent: true")
		}
		out.tests = append(out.tests, test{one.Name, one.Lines, one.Pack, one.Events, one.Received, one.Fires, n.Line})
	}
}

// TestResult is what one test of a rule file came to.
type TestResult struct {
	Rule, Name string
	File       string
	Line       int
	Want, Got  int   // alerts of the rule
	Err        error // nil: passed
}

// TestInput turns a test's input into events, which are valid only within yield.
type TestInput struct {
	// Lines normalizes raw lines that came at received; pack "" recognizes them.
	Lines func(lines []string, pack string, received time.Time, yield func(*event.Event)) error
	// Document fills an event from an ECS document.
	Document func(doc []byte, yield func(*event.Event)) error
}

// RunTests runs the tests of all rules, through the same matcher and correlator as live
// detection, in one lane: window time is @timestamp. Its events are all of one source.
func (s *Set) RunTests(in TestInput) []TestResult {
	var out []TestResult
	m := s.NewMatcher()
	for _, r := range s.rules {
		for i := range r.tests {
			out = append(out, s.runTest(m, r, &r.tests[i], in))
		}
	}
	return out
}

func (s *Set) runTest(m *Matcher, r *Rule, t *test, in TestInput) TestResult {
	res := TestResult{Rule: r.ID, Name: t.name, File: r.File, Line: t.line, Want: t.fires}
	c := s.NewCorrelator()
	found, behind := map[string]bool{}, s.behind(r)
	n, missed := 0, ""
	judge := func(ev *event.Event) {
		n++
		window := t.received
		if v := ev.Get(s.at); v != nil && !v.IsList() {
			window = v.Time()
		}
		at := Instant{Time: window, Received: t.received, ID: fmt.Sprintf("%s/%d", t.name, n), Namespace: "default"}
		matches := m.Match(ev, at)
		for _, match := range matches {
			switch of := s.byID[match.Rule]; {
			case !behind[match.Rule]:
			case of.Stateful():
				c.Observe(&match)
			default:
				a := s.Alert(&match)
				c.Alerted(&a)
				if of == r {
					found[a.ID] = true
				}
			}
		}
		c.Progress("", at.Time)
		if missed == "" && t.fires > 0 && r.asksEvents() && !slices.ContainsFunc(matches, func(m Match) bool { return m.Rule == r.ID }) {
			why, _ := m.Why(r, ev, at)
			missed = fmt.Sprintf("; event %d is no match: %s%s", n, why.Because, why.lacking())
		}
	}
	var err error
	if t.lines != nil {
		err = in.Lines(t.lines, t.pack, t.received, judge)
	}
	for _, doc := range t.events {
		if err == nil {
			err = in.Document([]byte(doc), judge)
		}
	}
	c.End()
	alerts, _ := c.Drain()
	for _, a := range alerts {
		if a.Rule == r.ID {
			found[a.ID] = true
		}
	}
	res.Got = len(found)
	switch {
	case err != nil:
		res.Err = fmt.Errorf("%s:%d: test %q of rule %s: %w", r.File, t.line, t.name, r.ID, err)
	case n < len(t.lines)+len(t.events):
		res.Err = fmt.Errorf("%s:%d: test %q of rule %s: %d lines, but %d events", r.File, t.line, t.name, r.ID, len(t.lines)+len(t.events), n)
	case res.Got != res.Want:
		res.Err = fmt.Errorf("%s:%d: test %q of rule %s: %d alerts, want %d%s", r.File, t.line, t.name, r.ID, res.Got, res.Want, missed)
	}
	return res
}

// Sample is one line or document of a rule's tests.
type Sample struct {
	Rule     string
	Test     int // the test of that rule, from 0
	Line     int // of that test
	Text     string
	Pack     string // "" recognizes
	Document bool   // it is an ECS document
	Received time.Time
}

// Samples are the lines and documents of all tests: events that the rules are about.
func (s *Set) Samples() (out []Sample) {
	for _, r := range s.rules {
		for i := range r.tests {
			t := &r.tests[i]
			for _, l := range t.lines {
				out = append(out, Sample{r.ID, i, t.line, l, t.pack, false, t.received})
			}
			for _, d := range t.events {
				out = append(out, Sample{r.ID, i, t.line, d, "", true, t.received})
			}
		}
	}
	return out
}
