// Command coverage scores Sluice on recorded data through the command line, as a user would: the
// output of `sluice normalize` and `sluice detect` is fed to the scorers that come with the data.
// It writes docs/coverage.md, and fails when a score has dropped below floor.json.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// tolerance is how far a score, in percent, may fall before it counts.
const tolerance = 0.5

func main() {
	var t tools
	var update bool
	var floor, report string
	flag.StringVar(&t.sluice, "sluice", "./sluice", "the program")
	flag.StringVar(&t.shared, "shared", "../shared", "folder with corpus and eval")
	flag.StringVar(&floor, "floor", "test/coverage/floor.json", "scores that must not fall")
	flag.StringVar(&report, "report", "docs/coverage.md", "page to write")
	flag.BoolVar(&update, "update", false, "write the floor anew")
	flag.Parse()
	if err := measure(&t, floor, report, update); err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}

// measure takes all scores, writes the page, and compares.
func measure(t *tools, floor, report string, update bool) error {
	if _, err := os.Stat(filepath.Join(t.shared, "corpus", "INDEX.md")); err != nil {
		return fmt.Errorf("no corpus in %s: %w; this target needs it, give its folder with -shared", t.shared, err)
	}
	if err := t.prepare(); err != nil {
		return err
	}
	defer os.RemoveAll(t.dir)
	p := &page{scores: map[string]float64{}}
	for _, part := range []struct {
		name string
		run  func(*tools, *page) error
	}{
		{"documents", documents},
		{"syslog headers", headers},
		{"flows", flows},
		{"lines of attacks", lines},
		{"attack tests", attacks},
		{"ordinary logs", benign},
		{"Sigma", sigma},
		{"packs", packs},
	} {
		begin := time.Now()
		if err := part.run(t, p); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		fmt.Fprintf(os.Stderr, "%-16s %5.1f s\n", part.name, time.Since(begin).Seconds())
	}
	if err := os.WriteFile(report, p.markdown(), 0o644); err != nil {
		return err
	}
	if update {
		return writeFloor(floor, p.scores)
	}
	old, err := readFloor(floor)
	if err != nil {
		return err
	}
	rises, falls := compare(old, p.scores)
	for _, r := range rises {
		fmt.Fprintln(os.Stderr, "risen:", r)
	}
	if len(rises) > 0 {
		fmt.Fprintln(os.Stderr, "run again with -update to hold what has risen")
	}
	return errors.Join(falls...)
}
