package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/internal/app"
	"sluice/internal/strictyaml"
	"sluice/internal/testbed"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sluice": main})
}

// TestScripts runs the command as a user does: processes, files, exit codes. Each
// script is one part of docs/cli.md.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"SYSLOG", "CONSOLE", "HEALTH"} {
				addr, err := testbed.FreePort()
				if err != nil {
					return err
				}
				e.Setenv(name, addr)
			}
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			return errors.Join(writeCapture(filepath.Join(e.WorkDir, "scan.pcap")), writeCertificate(e.WorkDir), writeLong(filepath.Join(e.WorkDir, "long.log")), writePoison(filepath.Join(e.WorkDir, "poison.log")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"capture":    capture,
			"eventually": eventually,
			"exits":      exits,
			"fields":     fields,
			"lines":      lines,
			"metric":     metric,
			"send":       send,
		},
		Condition: func(name string) (bool, error) {
			_, err := exec.LookPath(name)
			return err == nil, nil
		},
		ContinueOnError: true,
	})
}

// writeLong writes four lines, the second of which is longer than a buffer of bufio.Scanner.
func writeLong(path string) error {
	line := func(n int) string { return "valve " + strings.Repeat("7", n) + " opened\n" }
	return os.WriteFile(path, []byte(line(1)+line(100_000)+line(2)+line(3)), 0o644)
}

// writePoison writes two lines that no bus takes as events, since a control character is six bytes in JSON.
func writePoison(path string) error {
	line := func(who string) string {
		return "<13>poison: \x1b[2J " + who + " " + strings.Repeat("\x01", 1_000_000) + "\n"
	}
	return os.WriteFile(path, []byte(line("ann")+line("bob")), 0o644)
}

// exits CODE PROGRAM ARGS...: the program must end with that exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// capture NAME REGEXP: what the group matches in the last output becomes $NAME.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) != 2 {
		ts.Fatalf("%s is not in %s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], m[1])
}

// eventually TEXT PROGRAM ARGS...: the program is asked again until its output has the
// text, for two minutes.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if out := ts.ReadFile("stdout") + ts.ReadFile("stderr"); strings.Contains(out, args[0]) {
			return
		} else if time.Now().After(deadline) {
			ts.Fatalf("never said %q; in the end %v: %s", args[0], err, out)
		}
	}
}

// metric NAME VALUE: the sluice that runs on $HEALTH with the data in data is asked until
// the metric is so, for two minutes: that one process has sent is no sign that another
// has received.
func metric(ts *testscript.TestScript, _ bool, args []string) {
	ask, err := http.NewRequest(http.MethodGet, "http://"+ts.Getenv("HEALTH")+"/metrics", http.NoBody)
	ts.Check(err)
	ask.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile("data/token")))
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		text, err := answer(ask)
		if strings.Contains(text, args[0]+" "+args[1]+"\n") {
			return
		} else if time.Now().After(deadline) {
			ts.Fatalf("%s never was %s; in the end %v: %s", args[0], args[1], err, text)
		}
	}
}

func answer(ask *http.Request) (string, error) {
	got, err := http.DefaultClient.Do(ask)
	if err != nil {
		return "", err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return string(text), err
}

// lines N: the last output has so many lines.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	if got := strconv.Itoa(strings.Count(ts.ReadFile("stdout"), "\n")); got != args[0] {
		ts.Fatalf("%s lines, want %s:\n%s", got, args[0], ts.ReadFile("stdout"))
	}
}

// fields LINE KEY=VALUE...: that line of the last output, counted from 0, is a JSON
// object with these values as JSON under dotted keys.
func fields(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	all := strings.Split(ts.ReadFile("stdout"), "\n")
	if n >= len(all) {
		ts.Fatalf("there is no line %d", n)
	}
	var doc any
	ts.Check(json.Unmarshal([]byte(all[n]), &doc))
	for _, a := range args[1:] {
		key, want, _ := strings.Cut(a, "=")
		at := doc
		for _, name := range strings.Split(key, ".") {
			object, _ := at.(map[string]any)
			at = object[name]
		}
		got, err := json.Marshal(at)
		ts.Check(err)
		if string(got) != want {
			ts.Fatalf("%s = %s, want %s", key, got, want)
		}
	}
}

// send HOST:PORT FILE: the file's bytes over one TCP connection.
func send(ts *testscript.TestScript, _ bool, args []string) {
	conn, err := net.Dial("tcp", args[0])
	ts.Check(err)
	_, err = conn.Write([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Check(conn.Close())
}

// compileConfigSchema compiles the schema that the program prints.
func compileConfigSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := app.ConfigSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sluice.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sluice.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestConfigSchema: what the program accepts, an editor accepts; what it refuses for
// its keys, an editor marks.
func TestConfigSchema(t *testing.T) {
	schema := compileConfigSchema(t)
	f := func(name, text string, right bool) {
		t.Helper()
		err := schema.Validate(yamlValue(t, text))
		if right != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f("README.md", between(t, "../../README.md", "```yaml\n", "```"), true)
	f("docker-compose.yml", composeConfig(t), true)
	f("no file", app.NoFile, true)
	f("unknown section", "imputs: {}\n", false)
	f("unknown key of a section", "limits: {memroy: 1GiB}\n", false)
	f("unknown key of an input", "inputs: {a: {kind: syslog, upd: ':514'}}\n", false)
	f("unknown kind", "inputs: {a: {kind: sylog}}\n", false)
	f("no kind", "inputs: {a: {udp: ':514'}}\n", false)
	f("a namespace of an input", "inputs: {a: {kind: syslog, udp: ':514', namespace: b}}\n", true)
	f("a namespace of an archive", "archives: {a: {kind: file, path: /x, namespace: b}}\n", false)
	f("no duration", "lateness: soon\n", false)
	f("no word of those that a key takes", "ack: buss\n", false)
	f("a reference as a duration", "lateness: ${LATENESS}\n", true)
	f("a reference as a number", "inputs: {a: {kind: syslog, udp: ':514', max_line: '${MAX}'}}\n", true)
	f("a reference as a word", "ack: ${ACK}\n", true)
}

func between(t *testing.T, file, after, before string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), after)
	inside, _, closed := strings.Cut(rest, before)
	if !ok || !closed {
		t.Fatalf("%s has nothing between %q and %q", file, after, before)
	}
	return inside
}

// composeConfig is the configuration in docker-compose.yml, with Compose's $$ undone.
func composeConfig(t *testing.T) string {
	t.Helper()
	indented := between(t, "../../docker-compose.yml", "    content: |\n", "\nvolumes:")
	var b strings.Builder
	for line := range strings.Lines(indented) {
		b.WriteString(strings.TrimPrefix(line, "      "))
	}
	return strings.ReplaceAll(b.String(), "$$", "$")
}

// yamlValue is a YAML text as the JSON values that an editor checks.
func yamlValue(t *testing.T, text string) any {
	t.Helper()
	n, err := strictyaml.Parse("test.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return nodeValue(t, n)
}

func nodeValue(t *testing.T, n *strictyaml.Node) any {
	t.Helper()
	switch n.Kind {
	case strictyaml.Mapping:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = nodeValue(t, n.Content[i+1])
		}
		return m
	case strictyaml.Sequence:
		list := []any{}
		for _, c := range n.Content {
			list = append(list, nodeValue(t, c))
		}
		return list
	}
	switch n.Tag {
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!null":
		return nil
	}
	return n.Value
}
