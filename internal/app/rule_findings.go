package app

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/rules/sigma"
)

// The levels of findings.
const (
	FindingError   = "error"
	FindingWarning = "warning"
)

// Finding is one thing that lint or test has to say, with its place.
type Finding struct {
	Check   string `json:"check"` // what was checked: fault, test, test-missing, ..
	Level   string `json:"level"`
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Message string `json:"message"`
}

// Checks are what lint and test check, for reports that list them.
var Checks = map[string]string{
	"attack-missing":    "A rule that names no technique of MITRE ATT&CK.",
	"attack-unknown":    "A tag that names nothing of MITRE ATT&CK.",
	"condition-odd":     "A condition that compiles, but hardly asks for what it was meant to.",
	"field-unknown":     "A rule that asks for a field which no loaded pack names.",
	"exception-expired": "An exception of a rule that has expired.",
	"exception-vain":    "An exception that never applies, or that leaves nothing of its rule.",
	"fault":             "A rule that does not compile.",
	"impossible":        "A rule of Sigma whose condition is never true; in rules of our own that is a fault.",
	"key-unknown":       "A key of a Sigma rule that is most like one of the specification.",
	"selection-unused":  "A selection of a Sigma rule that its condition does not name.",
	"test":              "A test inside a rule file that came to something else.",
	"test-field":        "A test of a rule whose event has a field that is almost one that there is.",
	"test-missing":      "A rule without a test that must fire, or without one that must stay silent.",
	"unsupported":       "A rule of Sigma that cannot be translated.",
	"value-form":        "A rule that asks for a value of a form which the field never has.",
	"value-misspelt":    "A rule that asks for a value which is almost one that the packs name.",
	"value-unknown":     "A rule that asks for a value which no loaded pack gives.",
}

// Lint is what there is to say of a set of rules; err is what loading it gave.
func Lint(set *pipeline.Set, err error) (out []Finding) {
	for _, e := range strictyaml.Joined(err) {
		out = append(out, faults(e)...)
	}
	inPlace(out)
	if set == nil {
		return out
	}
	return append(out, warnings(set)...)
}

// warnings are what there is to say of rules that compile.
func warnings(set *pipeline.Set) []Finding {
	out := append(vain(set), testFields(set)...)
	for _, r := range set.Rules.Rules() {
		if why := set.Rules.Clash(r); why != "" {
			out = append(out, Finding{Check: "impossible", Level: FindingWarning, File: r.File, Line: r.Line, Rule: r.ID, Message: "the rule can never fire: " + why})
		}
		out = append(out, opinions(r)...)
	}
	inPlace(out)
	return out
}

// inPlace sorts findings as whoever mends them meets them.
func inPlace(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// TestFinding is that of a test that failed.
func TestFinding(r *rules.TestResult) Finding {
	f := fault(r.Err)
	f.Check, f.Rule, f.File, f.Line = "test", r.Rule, r.File, r.Line
	return f
}

// faults are the findings of one error of loading: a document of Sigma may have several.
func faults(err error) (out []Finding) {
	var of *sigma.Fault
	if !errors.As(err, &of) {
		return []Finding{fault(err)}
	}
	for _, f := range of.All() {
		text := f.Problem
		if f.Hint != "" {
			text += "; " + f.Hint
		}
		out = append(out, Finding{Check: "unsupported", Level: FindingError, File: f.File, Line: f.Line, Column: f.Column, Rule: of.Rule, Message: text})
	}
	return out
}

// fault is the finding of one error with its place in front.
func fault(err error) Finding {
	out := Finding{Check: "fault", Level: FindingError, Message: err.Error()}
	if m := placed.FindStringSubmatch(out.Message); m != nil {
		out.File, out.Message = m[1], out.Message[len(m[0]):]
		out.Line, _ = strconv.Atoi(m[2])
		out.Column, _ = strconv.Atoi(m[3])
	}
	return out
}

var placed = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?: `)

// opinions are what may be better in a rule that compiles. Of collections that somebody
// else keeps there are none.
func opinions(r *rules.Rule) (out []Finding) {
	for _, d := range r.Doubts {
		out = append(out, Finding{Check: d.Check, Level: FindingWarning, File: r.File, Line: d.Line, Column: d.Column, Rule: r.ID, Message: d.Text})
	}
	if r.Foreign() {
		return out
	}
	say := func(check, format string, args ...any) {
		out = append(out, Finding{Check: check, Level: FindingWarning, File: r.File, Line: r.Line, Rule: r.ID, Message: fmt.Sprintf(format, args...)})
	}
	switch fires, silent := r.Tested(); {
	case !fires && !silent:
		say("test-missing", "the rule has no tests: one that must fire and one that must stay silent show what it is for")
	case !fires:
		say("test-missing", "no test makes the rule fire")
	case !silent:
		say("test-missing", "no test shows what the rule is silent about")
	}
	if len(r.Techniques()) == 0 {
		say("attack-missing", "no tag names a technique of MITRE ATT&CK, such as attack.t1110.001")
	}
	for _, tag := range r.Tags {
		if odd := rules.OddTag(tag); odd != "" {
			say("attack-unknown", "%s", odd)
		}
	}
	for _, e := range r.Exceptions {
		if time.Now().After(e.Expires) {
			say("exception-expired", "the exception of %s has expired: take it out, or let its owner renew it", e.Owner)
			out[len(out)-1].Line = e.Line
		}
	}
	return out
}
