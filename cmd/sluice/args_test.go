package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNamesThatAreNoText: a file is opened by the name that it has, and an error that tells it commands no
// terminal.
func TestNamesThatAreNoText(t *testing.T) {
	t.Chdir(t.TempDir())
	line := "<38>Nov 23 10:00:00 web1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
	name := "stra\xdfe \x1b[31m.log"
	for _, dir := range []string{".", "d\xe9"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(line), 0o600); err != nil {
			t.Skip("this file system takes no such name: ", err)
		}
	}
	f := func(want int, told string, args ...string) {
		t.Helper()
		var stderr strings.Builder
		if got := run(args, strings.NewReader(""), io.Discard, &stderr); got != want || !strings.Contains(stderr.String(), told) || strings.Contains(stderr.String(), "\x1b") {
			t.Errorf("%q ended with %d and said %q", args, got, stderr.String())
		}
	}
	f(exitOK, "", "normalize", name, "d\xe9/"+name)
	f(exitOK, "", "replay", name)
	f(exitOK, "", "packs", "draft", name, "-o", "d\xe9")
	f(exitOK, "", "packs", "test", "--update", "d\xe9")
	f(exitError, "no such file", "normalize", "\x1b[31m.log")
	f(exitError, "no such file", "replay", "\x1b[31m.log")
	f(exitConfig, "no such configuration file", "check", "-c", "\x1b[31m.yml")
	f(exitError, "the name is empty", "check", "-c", "")
	f(exitError, "is a directory", "replay", ".")
	f(exitError, "is no directory", "packs", "test", name)
	f(exitError, "unknown flag", "check", "--\x1b[31m")
}
