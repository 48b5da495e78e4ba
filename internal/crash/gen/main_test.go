package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPointsAreUpToDate(t *testing.T) {
	want, err := generate(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "points.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("internal/crash/points.go is stale: run go generate ./internal/crash")
	}
}

func TestFaultsAreFound(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		dir := t.TempDir()
		src := "package x\n\nfunc f(s string) {\n" + body + "\n}\n"
		if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := generate(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	f(`crash.Point(s)`, "must be a literal")
	f(`crash.Point("a"); crash.Point("a")`, "is also at")
}
