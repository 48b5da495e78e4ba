package app

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/internal/corpus"
	"sluice/pipeline"
	"sluice/rules"
)

// sigmaHQ is SigmaHQ's rules below a folder.
func sigmaHQ(tb testing.TB, below string) (files []rules.File) {
	corpus.SigmaHQ(tb, func(name string, text []byte) {
		if strings.HasPrefix(name, below) {
			files = append(files, rules.File{Name: name, Text: text})
		}
	})
	return files
}

// recorded are Windows events as evtx_dump writes them.
func recorded(tb testing.TB) (out [][]byte) {
	corpus.Lines(tb, "sigma/evtx-events.jsonl.gz", func(line []byte) {
		var w struct{ Event json.RawMessage }
		if err := json.Unmarshal(line, &w); err != nil {
			tb.Fatal(err)
		}
		out = append(out, w.Event)
	})
	return out
}

// sigmaSet is everything that ships with these rules in place of the library.
func sigmaSet(tb testing.TB, files []rules.File) *pipeline.Set {
	s, err := parseSettings("bench", []byte("rules: {library: false}"), systemLookup)
	if err != nil {
		tb.Fatal(err)
	}
	src, err := s.sources()
	if err != nil {
		tb.Fatal(err)
	}
	src.Rules = files
	set, _ := pipeline.Build(src)
	if set == nil {
		tb.Fatal("no set")
	}
	return set
}

// detect takes b.N events through decoding, normalizing and rules.
func detect(b *testing.B, set *pipeline.Set, events [][]byte) {
	w := set.NewWorker()
	hits, size := 0, 0
	last := ""
	now := time.Now()
	run := func(i int) {
		raw := event.Raw{ID: "1", Bytes: events[i%len(events)], Origin: batchOrigin, Namespace: defaultNamespace, Received: now, History: true}
		r := w.Process(pipeline.Input{Raw: &raw, Last: last, Now: now, OneLane: true})
		last = r.Pack
		hits += len(r.Matches)
		size += len(raw.Bytes)
	}
	for i := range min(len(events), 2000) {
		run(i)
	}
	hits, size = 0, 0
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		run(i)
	}
	b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
	b.ReportMetric(float64(size)/float64(b.N), "B/event")
}

// BenchmarkSigma is one recorded Windows event: decoded, normalized and put to so many of
// SigmaHQ's rules. docs/performance.md quotes it.
func BenchmarkSigma(b *testing.B) {
	events := recorded(b)
	all := sigmaHQ(b, "rules/")
	every := func(n int) (out []rules.File) {
		for i := range n {
			out = append(out, all[i*len(all)/n])
		}
		return out
	}
	windows := slices.DeleteFunc(slices.Clone(all), func(f rules.File) bool { return !strings.HasPrefix(f.Name, "rules/windows/") })
	for _, c := range []struct {
		name  string
		files []rules.File
	}{{"rules=0", nil}, {"rules=10", every(10)}, {"rules=100", every(100)}, {"rules=1000", every(1000)}, {"windows", windows}, {fmt.Sprintf("rules=%d", len(all)), all}} {
		set := sigmaSet(b, c.files)
		b.Run(c.name, func(b *testing.B) { detect(b, set, events) })
	}
}

// BenchmarkSigmaLoad is all of SigmaHQ's rules, from texts to what runs, packs included.
func BenchmarkSigmaLoad(b *testing.B) {
	all := sigmaHQ(b, "rules/")
	for b.Loop() {
		sigmaSet(b, all)
	}
}

// BenchmarkSigmaScript is a script block of 64 KiB that is made of the rules' own words:
// what an attacker would write to slow us down.
func BenchmarkSigmaScript(b *testing.B) {
	all := sigmaHQ(b, "rules/")
	var script strings.Builder
	word := regexp.MustCompile(`(?m)^ +- '([^'\n]{4,})'`)
	for _, f := range all {
		if !strings.Contains(f.Name, "powershell_script") {
			continue
		}
		for _, m := range word.FindAllStringSubmatch(string(f.Text), -1) {
			if script.Len() < 64<<10 {
				script.WriteString(m[1] + " ")
			}
		}
	}
	for i := 0; script.Len() < 64<<10; i++ {
		if m := word.FindSubmatch(all[i%len(all)].Text); m != nil {
			script.WriteString(string(m[1]) + " ")
		}
	}
	text, _ := json.Marshal(script.String()[:64<<10])
	line := fmt.Sprintf(`{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-PowerShell"}},"EventID":4104,"Channel":"Microsoft-Windows-PowerShell/Operational","Computer":"pc1","EventRecordID":7,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T08:00:00.000000Z"}}},"EventData":{"ScriptBlockText":%s}}}`, text)
	detect(b, sigmaSet(b, all), [][]byte{[]byte(line)})
}
