package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"

	"sluice/internal/app"
)

type rulesCmd struct {
	Lint rulesLintCmd `cmd:"" help:"Compile rules and name every fault with its place."`
	Test rulesTestCmd `cmd:"" help:"Run the tests inside rule files."`

	Why      rulesWhyCmd      `cmd:"" help:"Why a rule fires or does not for one event: each part of its condition, its window, who is told."`
	Coverage rulesCoverageCmd `cmd:"" help:"Which rules can fire, and why the others can't."`
}

type rulePaths struct {
	configFlag
	Paths []string `arg:"" optional:"" type:"path" help:"Rule files or folders; default: those of the configuration."`
}

type rulesLintCmd struct{ rulePaths }

// Run exits with 78 where a rule has a fault.
func (c *rulesLintCmd) Run(e *env) error {
	set, err := app.LoadSet(c.Config, c.Paths...)
	if set != nil {
		fmt.Fprintf(e.stdout, "%d rules compile\n", len(set.Rules.Rules()))
	}
	return err
}

type rulesTestCmd struct {
	rulePaths
	JSON  bool `name:"json" help:"One JSON line for each test."`
	JUnit bool `name:"junit" help:"JUnit XML, for CI."`
}

// testResult is one line of --json.
type testResult struct {
	Rule  string `json:"rule"`
	Test  string `json:"test"`
	Place string `json:"place"`
	Error string `json:"error,omitempty"`
}

// Run exits with 1 where a test failed.
func (c *rulesTestCmd) Run(e *env) error {
	set, err := app.LoadSet(c.Config, c.Paths...)
	if err != nil {
		return err
	}
	var results []testResult
	failed := 0
	for _, r := range app.RunRuleTests(set) {
		t := testResult{Rule: r.Rule, Test: r.Name, Place: fmt.Sprintf("%s:%d", r.File, r.Line)}
		if r.Err != nil {
			failed++
			t.Error = r.Err.Error()
		}
		results = append(results, t)
	}
	switch {
	case c.JSON:
		err = writeLines(e.stdout, results)
	case c.JUnit:
		err = writeJUnit(e.stdout, results, failed)
	default:
		for _, r := range results {
			if r.Error != "" {
				fmt.Fprintf(e.stdout, "%s: %s: %s\n", r.Place, r.Test, r.Error)
			}
		}
		fmt.Fprintf(e.stdout, "%d tests passed, %d failed\n", len(results)-failed, failed)
	}
	if err == nil && failed > 0 {
		return errSilent
	}
	return err
}

func writeLines(w io.Writer, results []testResult) error {
	enc := json.NewEncoder(w)
	for _, r := range results {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func writeJUnit(w io.Writer, results []testResult, failed int) error {
	type failure struct {
		Text string `xml:",chardata"`
	}
	type testCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *failure `xml:"failure,omitempty"`
	}
	suite := struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testCase `xml:"testcase"`
	}{Name: "sluice rules", Tests: len(results), Failures: failed}
	for _, r := range results {
		c := testCase{Class: r.Rule, Name: r.Test}
		if r.Error != "" {
			c.Failure = &failure{r.Place + ": " + r.Error}
		}
		suite.Cases = append(suite.Cases, c)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
