package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is generated")

// licences are those whose code may be part of a program under ours, by what their texts say. The
// first whose words all stand in a text is its.
var licences = []struct {
	name  string
	words []string
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}},
	{"MPL-2.0", []string{"Mozilla Public License", "2.0"}},
	{"MIT", []string{"Permission is hereby granted, free of charge, to any person obtaining a copy"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "endorse or promote products"}},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}},
	{"0BSD or ISC", []string{"Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"}},
}

const licenceHead = "Modules that the program is built from, and their licences:\n\n"

// TestLicences: every module that is in the program may be, and NOTICE names it.
func TestLicences(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/sluice")
	list.Dir, list.Env = "../..", append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{} // path -> folder
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Module *struct {
				Path, Dir string
				Main      bool
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && !p.Module.Main {
			modules[p.Module.Path] = p.Module.Dir
		}
	}
	var table strings.Builder
	table.WriteString(licenceHead)
	for _, path := range sortedKeys(modules) {
		name := licenceOf(modules[path])
		if name == "" {
			t.Errorf("%s has no licence that is known here", path)
		}
		fmt.Fprintf(&table, "%-55s %s\n", path, name)
	}
	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	before, has, _ := bytes.Cut(notice, []byte(licenceHead))
	if want := table.String(); licenceHead+string(has) != want {
		if !*update {
			t.Fatal("NOTICE does not name the modules as they are; go test ./internal/archtest -run TestLicences -update")
		}
		if err := os.WriteFile("../../NOTICE", append(before, want...), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// refused are licences that would be ours too, or forbid uses.
var refused = []string{"GNU GENERAL PUBLIC LICENSE", "GNU AFFERO", "GNU LESSER", "Business Source License", "Server Side Public License", "Elastic License"}

// licenceOf is the first licence that is known among a module's files; "" where there is none, or one that is refused.
func licenceOf(dir string) (name string) {
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		lower := strings.ToLower(f.Name())
		if !strings.HasPrefix(lower, "licen") && !strings.HasPrefix(lower, "copying") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			continue // a folder
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for _, r := range refused {
			if strings.Contains(words, r) {
				return ""
			}
		}
		for _, l := range licences {
			if name == "" && !slices.ContainsFunc(l.words, func(w string) bool { return !strings.Contains(words, w) }) {
				name = l.name
			}
		}
	}
	return name
}

func sortedKeys(m map[string]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
