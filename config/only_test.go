package config_test

import (
	"testing"

	"sluice/config"
)

// TestParseOnly: one key is read, whatever stands under the others.
func TestParseOnly(t *testing.T) {
	f := func(text, want string, good bool) {
		t.Helper()
		file, err := config.ParseOnly("s.yml", []byte(text), config.Lookup{Env: func(name string) (string, bool) { return "/var", name == "SET" }}, "data")
		var got struct {
			Data string `yaml:"data"`
		}
		if err == nil {
			file.Only("data").Decode(&got)
			err = file.Err()
		}
		if got.Data != want || (err == nil) != good {
			t.Errorf("%q: %q, %v", text, got.Data, err)
		}
	}
	f("data: /d\nbogus: ${UNSET}\ninputs: [1]\n", "/d", true)
	f("inputs: {a: {b: '${'}}\ndata: ${SET}/d\n", "/var/d", true)
	f("bogus: 1\n", "", true)
	f("", "", true)
	f("data: [1]\n", "", false)
	f("data: ${UNSET}\n", "${UNSET}", false)
	f("data: /d\ninputs: [\n", "", false)
	f("- data\n", "", false)
}
