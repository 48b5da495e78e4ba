package main

import (
	"fmt"
	"strings"

	"sluice/internal/app"
	"sluice/pipeline"
	"sluice/rules"
)

type rulesCmd struct {
	Lint rulesLintCmd `cmd:"" help:"Compile rules and name every fault with its place."`
	Test rulesTestCmd `cmd:"" help:"Run the tests inside rule files."`

	Why      rulesWhyCmd      `cmd:"" help:"Why a rule fires or does not for one event: each part of its condition, its window, who is told."`
	Backtest rulesBacktestCmd `cmd:"" help:"What rules find in stored events or files: alerts in all, by day, by entity, and what each rule costs."`
	Diff     rulesDiffCmd     `cmd:"" help:"Alerts that a new set of rules adds, removes and changes."`
	Bench    rulesBenchCmd    `cmd:"" help:"What rules cost for an event, in all and each; slow ones are named."`
	List     rulesListCmd     `cmd:"" help:"The rules; of a running sluice with what each costs and found, and which are slow or noisy."`
	Reload   rulesReloadCmd   `cmd:"" help:"Have the running sluice read its rules again."`
	Shadow   rulesShadowCmd   `cmd:"" help:"What the rules on trial (shadow: true) would have told."`
	Coverage rulesCoverageCmd `cmd:"" help:"Which rules can fire, and why the others can't."`
}

type rulePaths struct {
	configFlag
	Paths []string `arg:"" optional:"" type:"path" help:"Rule files or folders; default: those of the configuration."`
}

type rulesLintCmd struct {
	rulePaths
	reportFlag
	Strict bool `help:"Exit with 1 where there are warnings."`
}

// Run exits with 78 where a rule has a fault, and with --strict with 1 where there is a
// warning.
func (c *rulesLintCmd) Run(e *env) error {
	set, err := app.LoadSet(c.Config, c.Paths...)
	findings := app.Lint(set, err)
	warnings := 0
	for i := range findings {
		if findings[i].Level == app.FindingWarning {
			warnings++
		}
	}
	var werr error
	switch c.form() {
	case "json":
		werr = writeLines(e.stdout, findings)
	case "junit":
		werr = writeJUnit(e.stdout, "sluice rules lint", lintCases(set, findings, c.Strict))
	case "sarif":
		werr = writeSARIF(e.stdout, findings)
	default:
		c.text(e, set, findings, warnings)
		if err != nil {
			return err
		}
	}
	switch {
	case werr != nil:
		return werr
	case err != nil:
		return errFault
	case c.Strict && warnings > 0:
		return errSilent
	}
	return nil
}

// text tells the warnings if asked for; the faults are told as the command's error.
func (c *rulesLintCmd) text(e *env, set *pipeline.Set, findings []app.Finding, warnings int) {
	for i := range findings {
		if f := &findings[i]; f.Level == app.FindingWarning && c.Strict {
			fmt.Fprintf(e.stdout, "%s%s: %s\n", place(f), f.Level, f.Message)
		}
	}
	if set == nil {
		return
	}
	fmt.Fprintf(e.stdout, "%s without faults\n", count(len(set.Rules.Rules()), "rule"))
	if warnings > 0 && !c.Strict {
		fmt.Fprintf(e.stdout, "%s; see --strict\n", count(warnings, "warning"))
	}
}

// lintCases are the rules as test cases: those with a fault fail, and with strict those
// with a warning.
func lintCases(set *pipeline.Set, findings []app.Finding, strict bool) (out []junitCase) {
	bad := map[string]string{}
	for i := range findings {
		switch f := &findings[i]; {
		case f.Level == app.FindingError:
			out = append(out, junitCase{f.File, f.Check, place(f) + f.Message})
		case strict:
			bad[f.Rule] += place(f) + f.Message + "\n"
		}
	}
	if set != nil {
		for _, r := range set.Rules.Rules() {
			out = append(out, junitCase{r.File, r.ID, bad[r.ID]})
		}
	}
	return out
}

type rulesTestCmd struct {
	rulePaths
	reportFlag
}

// Run exits with 78 where a rule has a fault, else with 1 where a test failed. The tests
// of the rules without a fault are run all the same.
func (c *rulesTestCmd) Run(e *env) error {
	set, err := app.LoadSet(c.Config, c.Paths...)
	if set == nil && c.form() == "text" {
		return err
	}
	var results []testResult
	var findings []app.Finding
	for _, f := range app.Lint(set, err) {
		if f.Level == app.FindingError {
			findings = append(findings, f)
		}
	}
	faults, failed := len(findings), 0
	var tests []rules.TestResult
	if set != nil {
		tests = app.RunRuleTests(set)
	}
	for _, r := range tests {
		t := testResult{Rule: r.Rule, Test: r.Name, Place: fmt.Sprintf("%s:%d", r.File, r.Line)}
		if r.Err != nil {
			failed++
			f := app.TestFinding(&r)
			t.Error = f.Message // without the place, which stands beside it
			findings = append(findings, f)
		}
		results = append(results, t)
	}
	if werr := c.write(e, results, findings[:faults], findings, failed); werr != nil {
		return werr
	}
	switch {
	case err != nil && c.form() == "text":
		return err
	case err != nil:
		return errFault
	case failed > 0:
		return errSilent
	}
	return nil
}

func (c *rulesTestCmd) write(e *env, results []testResult, faults, findings []app.Finding, failed int) error {
	switch c.form() {
	case "json":
		for i := range faults {
			results = append(results, testResult{Place: strings.TrimSuffix(place(&faults[i]), ": "), Error: faults[i].Message})
		}
		return writeLines(e.stdout, results)
	case "junit":
		var cases []junitCase
		for _, r := range results {
			one := junitCase{Class: r.Rule, Name: r.Test}
			if r.Error != "" {
				one.Failure = r.Place + ": " + r.Error
			}
			cases = append(cases, one)
		}
		for i := range faults {
			cases = append(cases, junitCase{faults[i].File, faults[i].Check, place(&faults[i]) + faults[i].Message})
		}
		return writeJUnit(e.stdout, "sluice rules", cases)
	case "sarif":
		return writeSARIF(e.stdout, findings)
	}
	for _, r := range results {
		if r.Error != "" {
			fmt.Fprintf(e.stdout, "%s: %s: %s\n", r.Place, app.Printable(r.Test), printableLines(r.Error))
		}
	}
	fmt.Fprintf(e.stdout, "%s passed, %d failed\n", count(len(results)-failed, "test"), failed)
	return nil
}
