// Peers runs another engine for Sigma rules beside `sluice detect`: the same rules, the
// same events, in turns, and prints the CPU of each, their ratio and their hits.
//
//	make bench-peers
//
// The events are the recorded Windows events of the shared corpus, one JSON object a line
// with all keys on one level (as NXLog sends them), since that is what rsigma reads without
// further help; a pipeline tells it what Sluice's mapping says of Windows' log sources. What
// is measured is the CPU of the whole process, its start included: with each number of events
// once, so that what a start costs and what an event costs can be told apart.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	shared := flag.String("shared", "../shared", "folder with corpus/")
	sluice := flag.String("sluice", "./sluice", "the program")
	rsigma := flag.String("rsigma", ".cache/rsigma/bin/rsigma", "the other engine")
	mapping := flag.String("mapping", "rules/sigma/mapping.yml", "what Windows' log sources look like")
	rounds := flag.Int("rounds", 3, "how often each is run, in turns; the least counts")
	repeat := flag.Int("repeat", 10, "how often the events stand in the long file")
	flag.Parse()
	dir, err := os.MkdirTemp("", "sluice-peers")
	if err == nil {
		defer os.RemoveAll(dir)
		err = bench(dir, *shared, *sluice, *rsigma, *mapping, *rounds, *repeat)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.RemoveAll(dir)
		os.Exit(1)
	}
}

// engine is one of the two.
type engine struct {
	name string
	args func(rules, events string) []string
	id   string // key of the rule's id in a line of its output
}

// figures are what one engine does with one set of rules.
type figures struct {
	short, long time.Duration  // the least CPU of the whole process
	hits        map[string]int // by rule, on the short file
}

func bench(dir, shared, sluice, rsigma, mapping string, rounds, repeat int) error {
	events, n, err := writeEvents(dir, shared, repeat)
	if err != nil {
		return err
	}
	rules, err := writeRules(dir, shared)
	if err != nil {
		return err
	}
	pipeline, err := writePipeline(dir, mapping)
	if err != nil {
		return err
	}
	engines := []engine{
		{"rsigma", func(rules, events string) []string {
			return []string{rsigma, "engine", "eval", "-r", rules, "-p", pipeline, "--output-format", "ndjson", "--quiet", "-e", "@" + events}
		}, "rule_id"},
		{"sluice", func(rules, events string) []string { return []string{sluice, "detect", "--rules", rules, events} }, "rule"},
	}
	fmt.Printf("%s, %d CPUs, %d events, %d rounds in turns; CPU of the whole process\n", runtime.GOARCH, runtime.NumCPU(), n, rounds)
	for _, set := range []struct {
		name, folder string
		aim          float64
	}{{"all rules", filepath.Join(rules, "rules"), 0.2}, {"Windows rules", filepath.Join(rules, "rules", "windows"), 0.3}} {
		of := map[string]*figures{}
		for range rounds {
			for _, e := range engines {
				if of[e.name] == nil {
					of[e.name] = &figures{short: time.Hour, long: time.Hour}
				}
				if err := of[e.name].round(e, set.folder, events); err != nil {
					return err
				}
			}
		}
		report(set.name, set.aim, of["rsigma"], of["sluice"], n, repeat)
	}
	return nil
}

// round runs an engine once over each file.
func (f *figures) round(e engine, rules string, events [2]string) error {
	out, spent, err := run(e.args(rules, events[0]))
	if err != nil {
		return err
	}
	f.short = min(f.short, spent)
	f.hits = map[string]int{}
	for line := range bytes.Lines(out) {
		var hit map[string]any
		if json.Unmarshal(line, &hit) == nil {
			if id, ok := hit[e.id].(string); ok {
				f.hits[id]++
			}
		}
	}
	if _, spent, err = run(e.args(rules, events[1])); err != nil {
		return err
	}
	f.long = min(f.long, spent)
	return nil
}

func run(args []string) ([]byte, time.Duration, error) {
	cmd := exec.Command(args[0], args[1:]...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, 0, fmt.Errorf("%v: %w\n%.1000s", args, err, errs.String())
	}
	use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return nil, 0, fmt.Errorf("this system does not tell the CPU of a process")
	}
	return out.Bytes(), time.Duration(use.Utime.Nano() + use.Stime.Nano()), nil
}

func report(name string, aim float64, theirs, ours *figures, n, repeat int) {
	event := func(f *figures) float64 { return float64((f.long - f.short).Microseconds()) / float64(n*(repeat-1)) }
	ratio := func(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }
	fmt.Printf("\n%-14s %12s %12s %8s\n", name, "rsigma", "sluice", "ratio")
	fmt.Printf("%-14s %12s %12s %8s\n", fmt.Sprintf("%d events", n), theirs.short.Round(time.Millisecond), ours.short.Round(time.Millisecond), ratio(ours.short.Seconds(), theirs.short.Seconds()))
	fmt.Printf("%-14s %12s %12s %8s  (aim: %.1f)\n", fmt.Sprintf("%d events", n*repeat), theirs.long.Round(time.Millisecond), ours.long.Round(time.Millisecond), ratio(ours.long.Seconds(), theirs.long.Seconds()), aim)
	fmt.Printf("%-14s %9.1f µs %9.1f µs %8s  (aim: %.1f)\n", "an event", event(theirs), event(ours), ratio(event(ours), event(theirs)), aim)
	both, onlyTheirs, onlyOurs := 0, 0, 0
	differ := map[string]int{}
	for id := range maps.Keys(union(theirs.hits, ours.hits)) {
		a, b := theirs.hits[id], ours.hits[id]
		both += min(a, b)
		onlyTheirs, onlyOurs = onlyTheirs+max(0, a-b), onlyOurs+max(0, b-a)
		differ[id] = max(a-b, b-a)
	}
	fmt.Printf("hits: %d both, %d only rsigma, %d only sluice\n", both, onlyTheirs, onlyOurs)
	ids := slices.SortedFunc(maps.Keys(differ), func(a, b string) int { return differ[b] - differ[a] })
	for _, id := range ids[:min(5, len(ids))] {
		if differ[id] > 0 {
			fmt.Printf("  %s: rsigma %d, sluice %d\n", id, theirs.hits[id], ours.hits[id])
		}
	}
}

func union(a, b map[string]int) map[string]int {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
