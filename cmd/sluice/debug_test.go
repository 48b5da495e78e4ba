package main

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// TestProfilesAgain: the socket that a process left does not keep the next one from starting; that of one
// that runs, and what is no socket, stays.
func TestProfilesAgain(t *testing.T) {
	e := &env{log: slog.New(slog.DiscardHandler)}
	path := filepath.Join(t.TempDir(), "p.sock")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	ln.Close()
	if err := serveProfiles(e, path); err != nil {
		t.Error(err)
	}
	if serveProfiles(e, path) == nil {
		t.Error("the socket of a process that runs was taken")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); serveProfiles(e, file) == nil || err != nil || string(text) != "x" {
		t.Errorf("a file was taken: %q, %v", text, err)
	}
}
