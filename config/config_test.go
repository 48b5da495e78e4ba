package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var look = Lookup{
	Env: func(name string) (string, bool) {
		v, ok := map[string]string{"PORT": "6514", "EMPTY": "", "SECRET": "hunter2", "ECHOED": "hunter2\n", "BLANK": "\n"}[name]
		return v, ok
	},
	ReadFile: func(path string) ([]byte, error) {
		switch path {
		case "/run/secret":
			return []byte("from file\n"), nil
		case "/run/windows":
			return []byte("\ufefffrom file\r\n"), nil
		case "/run/empty":
			return []byte("\n"), nil
		}
		return nil, errors.New("no such file")
	},
}

func TestReferences(t *testing.T) {
	f := func(value, want string) {
		t.Helper()
		file, err := Parse("c.yml", []byte("a: {k: '"+value+"'}\n"), look)
		if err != nil {
			t.Errorf("%s: %v", value, err)
			return
		}
		var got struct {
			K string `yaml:"k"`
		}
		file.Section("a").Decode(&got)
		if got.K != want {
			t.Errorf("%s = %q, want %q", value, got.K, want)
		}
	}
	f("${PORT}", "6514")
	f("udp:${PORT}!", "udp:6514!")
	f("${NONE:-514}", "514")
	f("${EMPTY:-514}", "514")
	f("${EMPTY}", "")
	f("${ECHOED}", "hunter2")
	f("${BLANK:-514}", "514")
	f("${file:/run/secret}", "from file")
	f("${file:/run/windows}", "from file")
	f("$$HOME costs 5$", "$HOME costs 5$")
	f("${SECRET}${PORT}", "hunter26514")
}

func TestReferenceFaults(t *testing.T) {
	file, err := Parse("c.yml", []byte("a:\n  b: ${NONE}-${SECRET}\n  c: ${file:/no}\n  e: ${file:/run/empty}\n  d: x\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	var a struct {
		B int    `yaml:"b"` // no number either, which follows
		C string `yaml:"c"`
		E string `yaml:"e"`
	}
	file.Section("a").Decode(&a)
	want := "c.yml:2:6: the environment has no NONE; set it, or give a default: ${NONE:-value}\n" +
		"c.yml:3:6: ${file:/no}: no such file\n" +
		"c.yml:4:6: ${file:/run/empty}: the file is empty\n" +
		"c.yml:5:3: unknown key d (known here: b, c, e)"
	if err := file.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if a.C != "${file:/no}" {
		t.Errorf("c = %q", a.C)
	}
}

// TestReferenceOfNoVariable: its default is not taken either, and may be a secret, so it is not printed.
func TestReferenceOfNoVariable(t *testing.T) {
	file, err := Parse("c.yml", []byte("a: ${env:PORT:-hunter3}\nb: ${PORT-1}\nc: ${}\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		var s string
		file.Section(key).Decode(&s)
	}
	const form = " is no name of an environment variable: write ${NAME}, ${NAME:-value} or ${file:PATH}"
	want := "c.yml:1:4: \"env:PORT\"" + form + "\nc.yml:2:4: \"PORT-1\"" + form + "\nc.yml:3:4: \"\"" + form
	if err := file.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// TestUnclosed: a reference without its end is none, and what stands in it is not printed.
func TestUnclosed(t *testing.T) {
	file, err := Parse("c.yml", []byte("a: ${file:/run/secret\nb: pa$${ss\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Err(); err == nil || !strings.HasPrefix(err.Error(), "c.yml:1:4: a ${ without its }") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// TestReferenceOfNoEnd: a device is not read until memory is full.
func TestReferenceOfNoEnd(t *testing.T) {
	if text, err := System.ReadFile("/dev/zero"); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := System.ReadFile(name); err != nil || string(text) != "s3cret\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestEmptyFile: a file whose every line was commented out means the defaults.
func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "\n", "# inputs:\n\n  # x\n"} {
		if file, err := Parse("c.yml", []byte(text), look); err != nil || file.Section("inputs").Present() {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestNumbersFromReferences: a number that comes from the environment is one.
func TestNumbersFromReferences(t *testing.T) {
	file, err := Parse("c.yml", []byte("a:\n  port: ${PORT}\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Port int `yaml:"port"`
	}
	file.Section("a").Decode(&got)
	if file.Err() != nil || got.Port != 6514 {
		t.Errorf("port = %d, %v", got.Port, file.Err())
	}
}

func TestEntries(t *testing.T) {
	file, err := Parse("c.yml", []byte("inputs:\n  z: {kind: syslog, udp: x}\n  a: {kind: file_tail}\n  Bad Name: {kind: x}\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	parts := file.Entries("inputs")
	if len(parts) != 3 || parts[0].Name != "z" || parts[0].Kind != "syslog" || parts[1].Name != "a" {
		t.Errorf("parts = %+v", parts)
	}
	parts[0].Invalid(errors.Join(errors.New("udp: is no address"), errors.New("udp: nor is the second"), errors.New("other: x")))
	for _, want := range []string{`c.yml:4:3: "Bad Name" is no name`, "c.yml:2:26: z: udp: is no address", "c.yml:2:26: z: udp: nor is the second", "c.yml:2:6: z: other: x"} {
		if err := file.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// TestNoTexts: a list where a text belongs is a fault, and not as if nothing stood there.
func TestNoTexts(t *testing.T) {
	file, err := Parse("c.yml", []byte("inputs:\n  a: {kind: [syslog]}\n  b:\n    kind: syslog\n    namespace: [prod]\n  c: {kind: syslog, namespace: null}\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Entries("inputs") {
		p.Cut("namespace")
	}
	want := "c.yml:2:13: a: kind: expected a text\nc.yml:5:16: b: namespace: expected a text\n" +
		"c.yml:6:32: c: namespace: \"null\" is not a text; leave the key out for its default, or put the word in quotes"
	if err := file.Err(); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestKnown(t *testing.T) {
	file, err := Parse("c.yml", []byte("imputs: {}\n"), look)
	if err != nil {
		t.Fatal(err)
	}
	file.Known("inputs", "data")
	if err := file.Err(); err == nil || !strings.Contains(err.Error(), "c.yml:1:1: unknown section imputs; did you mean inputs?") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: ${X}\nb: {c: '${file:/x}'}\n")
	f.Fuzz(func(_ *testing.T, text string) {
		file, err := Parse("c.yml", []byte(text), look)
		if err == nil {
			file.Known("a")
			file.Entries("b")
		}
	})
}
