package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"sluice/internal/strictyaml"
	"sluice/internal/testbed"
)

// writeEvents writes the events once, and so many times.
func writeEvents(dir, shared string, repeat int) (files [2]string, n int, err error) {
	text, err := testbed.Gunzip(filepath.Join(shared, "corpus", "sigma", "evtx-events.jsonl.gz"))
	if err != nil {
		return files, 0, err
	}
	if text, err = testbed.Reshape(text, testbed.NXLog); err != nil {
		return files, 0, err
	}
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		var rec struct{ Event json.RawMessage }
		if err := json.Unmarshal(line, &rec); err != nil {
			return files, 0, err
		}
		out.Write(append(rec.Event, '\n'))
		n++
	}
	for i, times := range []int{1, repeat} {
		files[i] = filepath.Join(dir, fmt.Sprintf("events%d.ndjson", i))
		if err := os.WriteFile(files[i], bytes.Repeat(out.Bytes(), times), 0o600); err != nil {
			return files, 0, err
		}
	}
	return files, n, nil
}

// writeRules unpacks SigmaHQ's rules.
func writeRules(dir, shared string) (string, error) {
	root := filepath.Join(dir, "sigma")
	return root, testbed.UnpackRules(filepath.Join(shared, "corpus", "sigma", "sigmahq-rules-8eaafff.tar.gz"), root, "rules/")
}

// writePipeline says of Windows' log sources in the other engine's form what the mapping
// says in ours: which channel and which event numbers they are.
func writePipeline(dir, mapping string) (string, error) {
	text, err := os.ReadFile(mapping)
	if err != nil {
		return "", err
	}
	root, err := strictyaml.Parse(mapping, text)
	if err != nil {
		return "", err
	}
	var file struct {
		Sources []struct {
			Product, Category, Service string
			When                       any
		}
	}
	if err := root.Decode(&file); err != nil {
		return "", err
	}
	var steps []any
	for _, s := range file.Sources {
		when, ok := s.When.(map[string]any)
		if s.Product != "windows" || s.Category == "" && s.Service == "" || !ok && s.Category != "process_creation" {
			continue
		}
		if !ok { // two forms of the same: the events of Sysmon and of Security
			when = map[string]any{"EventID": []any{1, 4688}}
		}
		source := map[string]any{"type": "logsource", "product": s.Product}
		if s.Category != "" {
			source["category"] = s.Category
		}
		if s.Service != "" {
			source["service"] = s.Service
		}
		steps = append(steps, map[string]any{"id": fmt.Sprintf("source_%d", len(steps)), "type": "add_condition", "conditions": when, "rule_conditions": []any{source}})
	}
	out, err := json.Marshal(map[string]any{"name": "windows", "priority": 10, "transformations": steps}) // JSON is YAML
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "pipeline.yml")
	return path, os.WriteFile(path, out, 0o600)
}
