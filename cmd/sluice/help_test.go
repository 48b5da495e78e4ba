package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// words splits an example as a shell does, as far as the examples need it.
var words = regexp.MustCompile(`'[^']*'|\S+`)

// TestExamples: each command has an example in its help, and each example is one that the
// command line takes.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	var c cli
	k, err := newParser(&c, new(bytes.Buffer), new(bytes.Buffer), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(node *kong.Node, path string)
	walk = func(node *kong.Node, path string) {
		for _, child := range node.Children {
			name := strings.TrimSpace(path + " " + child.Name)
			walk(child, name)
			if len(child.Children) > 0 {
				continue
			}
			n++
			if !strings.Contains(child.Detail, "sluice "+name) {
				t.Errorf("sluice %s --help has no example", name)
			}
			for _, example := range examples[name] {
				takes(t, example)
			}
		}
	}
	walk(k.Model.Node, "")
	if n != len(examples) {
		t.Errorf("%d commands, %d have examples", n, len(examples))
	}
}

// takes parses an example, with the files and folders that it names.
func takes(t *testing.T, example string) {
	t.Helper()
	line, _, _ := strings.Cut(example, " > ")
	line, _, _ = strings.Cut(line, " | ")
	line = strings.TrimSuffix(strings.TrimPrefix(line, `eval "$(`), `)"`)
	args := words.FindAllString(line, -1)[1:]
	for i := range args {
		args[i] = strings.Trim(args[i], "'")
		switch {
		case strings.HasSuffix(args[i], "/") || strings.HasPrefix(args[i], "packs/"):
			if err := os.MkdirAll(args[i], 0o700); err != nil {
				t.Fatal(err)
			}
		case filepath.Ext(args[i]) == ".log" || filepath.Ext(args[i]) == ".pcap":
			if err := os.WriteFile(args[i], nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	var c cli
	k, err := newParser(&c, new(bytes.Buffer), new(bytes.Buffer), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse(args); err != nil {
		t.Errorf("%s: %v", example, err)
	}
}

// TestDefaultsAreTold: what a flag is without being given stands in its help, be it as what it
// takes (--size=100) or in words.
func TestDefaultsAreTold(t *testing.T) {
	var c cli
	k, err := newParser(&c, new(bytes.Buffer), new(bytes.Buffer), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var walk func(node *kong.Node)
	walk = func(node *kong.Node) {
		for _, child := range node.Children {
			walk(child)
		}
		for _, f := range node.Flags {
			if f.HasDefault && f.PlaceHolder != "" && !f.IsBool() && f.Default != "-1" && !strings.Contains(f.Help, f.Default) {
				t.Errorf("%s --%s: the help does not say that the default is %s", node.FullPath(), f.Name, f.Default)
			}
		}
	}
	walk(k.Model.Node)
}
