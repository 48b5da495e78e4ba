package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServiceManager: whoever set NOTIFY_SOCKET hears when all listens, of each reload, one that
// changed nothing too, and of the stop.
func TestServiceManager(t *testing.T) {
	dir := t.TempDir()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	next := func(want ...string) {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 4096)
		n, err := conn.Read(b)
		if err != nil {
			t.Fatalf("waiting for %q: %v", want, err)
		}
		lines := strings.Split(string(b[:n]), "\n")
		for i, w := range want {
			if i >= len(lines) || !strings.HasPrefix(lines[i], w) {
				t.Fatalf("told %q, want %q", lines, want)
			}
		}
	}
	config := filepath.Join(dir, "sluice.yml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte("data: "+filepath.Join(dir, "data")+"\ninputs: {}\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("console: {listen: \"127.0.0.1:0\"}\n")
	c := exec.Command("sluice", "run", "-c", config)
	c.Env = append(os.Environ(), "NOTIFY_SOCKET="+conn.LocalAddr().String(), "JOURNAL_STREAM=8:1234")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	signal := func(s os.Signal) {
		t.Helper()
		if err := c.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	next("READY=1", "STATUS=running")
	signal(syscall.SIGHUP)
	next("RELOADING=1", "MONOTONIC_USEC=")
	next("READY=1", "STATUS=running")
	put("consol: {}\n")
	signal(syscall.SIGHUP)
	next("RELOADING=1")
	next("READY=1", "STATUS=running with the old configuration")
	// A file that does not come back, as on a share that is away, keeps the reload and not the stop.
	if err := errors.Join(os.Remove(config), syscall.Mkfifo(config, 0o600)); err != nil {
		t.Fatal(err)
	}
	signal(syscall.SIGHUP)
	next("RELOADING=1")
	signal(syscall.SIGTERM)
	next("STOPPING=1")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	token, err := os.ReadFile(filepath.Join(dir, "data", "token"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stderr.Bytes(), bytes.TrimSpace(token)) || !strings.Contains(stderr.String(), "the token is in") {
		t.Errorf("the journal keeps what is said, and others read it:\n%s", stderr.String())
	}
}

// TestWatchdog: where the service manager wants to hear that we live, it does.
func TestWatchdog(t *testing.T) {
	e := &env{log: slog.New(slog.DiscardHandler)}
	if tick, _ := watchdog(e); tick != nil {
		t.Error("it ticks where nobody asked")
	}
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	tick, stop := watchdog(e)
	defer stop()
	<-tick
}

// TestServiceUnit: the commands of the shipped unit are commands.
func TestServiceUnit(t *testing.T) {
	f, err := os.Open("../../docs/sluice.service")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		key, command, _ := strings.Cut(s.Text(), "=")
		words := strings.Fields(command)
		if !strings.HasPrefix(key, "Exec") || filepath.Base(words[0]) != "sluice" {
			continue
		}
		found++
		var c cli
		k, err := newParser(&c, io.Discard, io.Discard, func(int) { t.Errorf("%s ends at once", command) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Parse(words[1:]); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	if found != 3 {
		t.Errorf("%d commands of ours, want the start and the checks before it and before a reload", found)
	}
}
