package normalize_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPacksMAC: hardware addresses stand in the expected documents in the one form that ECS asks
// for, in whatever form the lines have them: who looks for an address finds it in every source.
func TestPacksMAC(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-F]{2}(-[0-9A-F]{2}){5,7}$`)
	owner := regexp.MustCompile(`^(client|destination|host|observer|server|source)\.mac$`)
	var walk func(path string, v any, see func(path, value string))
	walk = func(path string, v any, see func(path, value string)) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(strings.TrimPrefix(path+"."+k, "."), e, see)
			}
		case []any:
			for _, e := range v {
				walk(path, e, see)
			}
		case string:
			see(path, v)
		}
	}
	files, err := filepath.Glob("packs/*/golden.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no expected documents", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		s := bufio.NewScanner(f)
		s.Buffer(nil, 16<<20)
		for n := 1; s.Scan(); n++ {
			if !strings.Contains(s.Text(), `"mac":`) {
				continue
			}
			var doc any
			if err := json.Unmarshal(s.Bytes(), &doc); err != nil {
				t.Fatal(file, n, err)
			}
			walk("", doc, func(path, value string) {
				if owner.MatchString(path) && !form.MatchString(value) {
					t.Errorf("%s:%d: %s is %q", file, n, path, value)
				}
			})
		}
		if err := s.Err(); err != nil {
			t.Error(file, err)
		}
		f.Close()
	}
}
