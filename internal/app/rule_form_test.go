package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sluice/internal/condition"
	"sluice/rules"
)

// TestForms: no sample of any pack has a value of a form that rules are told never to come.
func TestForms(t *testing.T) {
	files, err := filepath.Glob("../../normalize/packs/*/golden.jsonl")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d goldens, %v", len(files), err)
	}
	asked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			var doc map[string]any
			if json.Unmarshal(lines.Bytes(), &doc) != nil {
				continue
			}
			delete(doc, "sluice") // keys of the source under its own names
			leaves("", doc, func(field, text string) {
				asked++
				if odd := rules.OddForm(field, condition.Equal, text); odd != "" {
					t.Errorf("%s: %s: %q: %s", file, field, text, odd)
				}
			})
		}
	}
	if asked < 100_000 {
		t.Errorf("only %d values were asked", asked)
	}
}

// leaves calls do for each text of a document.
func leaves(at string, v any, do func(field, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			next := name
			if at != "" {
				next = at + "." + name
			}
			leaves(next, inner, do)
		}
	case []any:
		for _, one := range v {
			leaves(at, one, do)
		}
	case string:
		do(at, v)
	}
}
