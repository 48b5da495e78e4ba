package metrics

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNames: a metric is sluice_<component>_<what>, of the component that its file is named after,
// and ends in _total if it is a counter and only then; a histogram ends in its unit.
func TestNames(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`= *(counter|gauge|histogram)\("([^"]*)"`)
	shape := regexp.MustCompile(`^sluice(_[a-z0-9]+){2,}$`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			found++
			kind, name := m[1], m[2]
			if !shape.MatchString(name) || !strings.HasPrefix(name, "sluice_"+strings.TrimSuffix(file, ".go")+"_") {
				t.Errorf("%s: %s is not of this component", file, name)
			}
			if strings.HasSuffix(name, "_total") != (kind == "counter") {
				t.Errorf("%s: %s is a %s", file, name, kind)
			}
			if kind == "histogram" && !strings.HasSuffix(name, "_seconds") && !strings.HasSuffix(name, "_bytes") {
				t.Errorf("%s: %s has no unit", file, name)
			}
		}
	}
	if found < 50 {
		t.Errorf("%d metrics are declared in %v", found, files)
	}
}
