package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluice/internal/app"
	"sluice/internal/version"
)

// reportFlag is the form of a report that a CI reads.
type reportFlag struct {
	Format string `enum:"text,json,junit,sarif" default:"text" placeholder:"FORM" help:"Form of the report: text (the default), json (a line each), junit or sarif."`
	JSON   bool   `xor:"form" name:"json" help:"The same as --format json."`
	JUnit  bool   `xor:"form" name:"junit" help:"The same as --format junit."`
}

// AfterApply refuses two forms at once. The parser does so for flags without a default only.
func (r *reportFlag) AfterApply() error {
	if r.Format != "text" && r.Format != r.form() {
		return fmt.Errorf("--format %s and --%s can't be used together", r.Format, r.form())
	}
	return nil
}

// form is the form that is asked for.
func (r *reportFlag) form() string {
	switch {
	case r.JSON:
		return "json"
	case r.JUnit:
		return "junit"
	}
	return r.Format
}

// testResult is one line of test --format json.
type testResult struct {
	Rule  string `json:"rule"`
	Test  string `json:"test"`
	Place string `json:"place"`
	Error string `json:"error,omitempty"`
}

func writeLines[T any](w io.Writer, lines []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range lines {
		if err := enc.Encode(lines[i]); err != nil {
			return err
		}
	}
	return nil
}

// junitCase is one test case; Failure "": it passed.
type junitCase struct{ Class, Name, Failure string }

func writeJUnit(w io.Writer, suite string, cases []junitCase) error {
	type failure struct {
		Text string `xml:",chardata"`
	}
	type testCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *failure `xml:"failure,omitempty"`
	}
	out := struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testCase `xml:"testcase"`
	}{Name: suite, Tests: len(cases)}
	for _, c := range cases {
		one := testCase{Class: c.Class, Name: c.Name}
		if c.Failure != "" {
			one.Failure = &failure{c.Failure}
			out.Failures++
		}
		out.Cases = append(out.Cases, one)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// writeSARIF writes findings as SARIF 2.1.0, which code hosts show beside the lines. Files
// below the working directory are named from there, as hosts expect.
func writeSARIF(w io.Writer, findings []app.Finding) error {
	type object = map[string]any
	checks := []object{}
	for _, id := range slices.Sorted(maps.Keys(app.Checks)) {
		checks = append(checks, object{"id": id, "shortDescription": object{"text": app.Checks[id]}})
	}
	dir, _ := os.Getwd()
	results := []object{}
	for i := range findings {
		f := &findings[i]
		r := object{"ruleId": f.Check, "level": f.Level, "message": object{"text": f.Message}}
		if f.File != "" {
			place := object{"artifactLocation": object{"uri": fileURI(dir, f.File)}}
			if f.Line > 0 {
				region := object{"startLine": f.Line}
				if f.Column > 0 {
					region["startColumn"] = f.Column
				}
				place["region"] = region
			}
			r["locations"] = []object{{"physicalLocation": place}}
		}
		results = append(results, r)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{
			"tool":       object{"driver": object{"name": "sluice", "version": version.Number, "rules": checks}},
			"columnKind": "unicodeCodePoints",
			"results":    results,
		}},
	})
}

func fileURI(dir, file string) string {
	if rel, err := filepath.Rel(dir, file); filepath.IsAbs(file) && err == nil && filepath.IsLocal(rel) {
		file = rel
	}
	u := url.URL{Path: filepath.ToSlash(file)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

// place is where a finding is, as editors jump to it.
func place(f *app.Finding) string {
	switch {
	case f.File == "":
		return ""
	case f.Column > 0:
		return fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Column)
	case f.Line > 0:
		return fmt.Sprintf("%s:%d: ", f.File, f.Line)
	}
	return f.File + ": "
}
