package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
)

// page collects the report and the scores that are held.
type page struct {
	text   bytes.Buffer
	scores map[string]float64 // percent
}

const preface = `# Coverage

What ` + "`make coverage`" + ` measured last, over recorded lines of real devices and over public tests of other projects. It runs
` + "`sluice normalize`" + ` and ` + "`sluice detect`" + ` as a user would, and fails when a number falls by more than 0.5 against
test/coverage/floor.json.

The packs were written from the vendors' descriptions of their formats, or from memory of them where none was at hand,
with samples of our own; their fields were then chosen against the part of the corpus that is not set aside.
`

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.text, format, args...) }

func (p *page) markdown() []byte { return append([]byte(preface), p.text.Bytes()...) }

// hold makes a score one that must not fall, and gives its text.
func (p *page) hold(name string, percent float64) string {
	percent = math.Round(percent*10) / 10
	p.scores[name] = percent
	return fmt.Sprintf("%.1f", percent)
}

// share is a/b in percent; of nothing, all is right.
func share(a, b int) float64 {
	if b == 0 {
		return 100
	}
	return 100 * float64(a) / float64(b)
}

// compare names what rose and what fell, or is gone, beyond the tolerance.
func compare(old, now map[string]float64) (rises []string, falls []error) {
	for _, name := range slices.Sorted(maps.Keys(old)) {
		score, ok := now[name]
		switch was := old[name]; {
		case !ok:
			falls = append(falls, fmt.Errorf("%s is gone; it was %.1f", name, was))
		case score < was-tolerance-1e-9:
			falls = append(falls, fmt.Errorf("%s fell from %.1f to %.1f", name, was, score))
		case score > was:
			rises = append(rises, fmt.Sprintf("%s from %.1f to %.1f", name, was, score))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, ok := old[name]; !ok {
			rises = append(rises, fmt.Sprintf("%s is new: %.1f", name, now[name]))
		}
	}
	return rises, falls
}

func readFloor(path string) (map[string]float64, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; make it with -update", err)
	}
	if err != nil {
		return nil, err
	}
	var out map[string]float64
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

func writeFloor(path string, scores map[string]float64) error {
	text, err := json.MarshalIndent(scores, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
