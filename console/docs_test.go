package console_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the answers into docs/api.md")

// A command of docs/api.md and the answer below it.
var example = regexp.MustCompile("(?s)```sh\n(.*?)```\n\n```json\n(.*?)```")

// Every command of docs/api.md is run by sh and curl, and answers what stands below it.
func TestExamplesOfTheDocumentation(t *testing.T) {
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the examples of docs/api.md need %s", tool)
		}
	}
	const name = "../docs/api.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	srv := httptest.NewServer(w.s)
	defer srv.Close()
	n := 0
	out := example.ReplaceAllStringFunc(string(text), func(block string) string {
		n++
		parts := example.FindStringSubmatch(block)
		cmd := exec.CommandContext(t.Context(), "sh", "-eu")
		cmd.Stdin = strings.NewReader(parts[1])
		cmd.Env = append(os.Environ(), "SLUICE="+srv.URL, "TOKEN="+w.token.Reveal(), "NO_PROXY=127.0.0.1")
		got, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v", parts[1], err)
			return block
		}
		if diff := cmp.Diff(decode(t, parts[2]), decode(t, string(got))); diff != "" && !*update {
			t.Errorf("%s(- documented + answered, run with -update to write it):\n%s", parts[1], diff)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, bytes.TrimSpace(got), "", "  "); err != nil {
			t.Errorf("%s: %v", parts[1], err)
		}
		return "```sh\n" + parts[1] + "```\n\n```json\n" + pretty.String() + "\n```"
	})
	if n < 5 || strings.Count(string(text), "```sh\n") != n {
		t.Errorf("%d examples were run of %d", n, strings.Count(string(text), "```sh\n"))
	}
	if *update {
		if err := os.WriteFile(name, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil && !*update {
		t.Errorf("no JSON: %v in %s", err, text)
	}
	return v
}
