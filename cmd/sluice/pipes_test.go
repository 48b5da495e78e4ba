package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/internal/app"
)

// TestPipes: what a shell's <(zcat old.gz) brings is read from its first byte on, and never taken for whole
// where it would be read twice.
func TestPipes(t *testing.T) {
	line := "<38>Nov 23 10:00:00 web1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
	rule := filepath.Join(t.TempDir(), "r.yml")
	if err := os.WriteFile(rule, []byte("id: r\ntitle: R\nlevel: low\nkind: match\nwhen: event.outcome == \"failure\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(brings string, want int, told string, args ...string) {
		t.Helper()
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		if _, err := writer.WriteString(brings); err != nil {
			t.Fatal(err)
		}
		writer.Close()
		name := fmt.Sprintf("/dev/fd/%d", reader.Fd())
		if _, err := os.Stat(name); err != nil {
			t.Skip("pipes have no names here: ", err)
		}
		for i, a := range args {
			args[i] = strings.ReplaceAll(a, "PIPE", name)
		}
		var stdout, stderr strings.Builder
		if got := run(args, strings.NewReader(""), &stdout, &stderr); got != want || !strings.Contains(stdout.String()+stderr.String(), told) {
			t.Errorf("%q ended with %d and said %.300q, %.300q", args, got, stdout.String(), stderr.String())
		}
	}
	f(line, exitOK, `"original":"<38>Nov 23`, "replay", "PIPE")
	f(line, exitOK, `"outcome":"failure"`, "normalize", "PIPE")
	f(line, exitOK, "match: yes", "rules", "why", "--rules", rule, "r", "PIPE")
	f(line, exitError, "is to be read twice", "rules", "diff", rule, rule, "PIPE")
	f("\xd4\xc3\xb2\xa1 and so on\n", exitError, "a capture is read from a file", "replay", "PIPE")
	f("", exitOK, "", "replay", "PIPE")
	f("", exitError, "standard input is /dev/stdin", "replay", "-")

	got := make(chan string, 1)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := make([]byte, len(line))
		n, _ := conn.Read(b)
		got <- string(b[:n])
	}()
	f(line, exitOK, "1 line sent", "replay", "--to", ln.Addr().String(), "PIPE")
	if sent := <-got; sent != line {
		t.Errorf("%q was sent", sent)
	}
}

// TestStoppedSaysSo: what a signal ended is told as that, whatever was at work, and not what is another end.
func TestStoppedSaysSo(t *testing.T) {
	over, stop := context.WithCancel(t.Context())
	stop()
	cancelled := errors.New("the index answers 503: task cancelled")
	f := func(ctx context.Context, err, want error) {
		t.Helper()
		if got := stopped(ctx, err); !errors.Is(got, want) {
			t.Errorf("%v became %v", err, got)
		}
	}
	f(t.Context(), cancelled, cancelled)
	f(over, cancelled, context.Canceled)
	f(over, nil, nil)
	f(over, errSilent, errSilent)
	f(over, errUnread, errUnread)
	fault := &app.ConfigError{Err: errors.New("s.yml:1:1: no")}
	f(over, fault, fault)
}

// TestDocumentsAreHarmless: as those of a search, the documents of normalize and replay turn no line of a
// terminal round.
func TestDocumentsAreHarmless(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "a.log")
	if err := os.WriteFile(log, []byte("<13>app: txt\u202egpj.exe \u009b31m \x7f\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"normalize", log}, {"replay", log}} {
		var stdout, stderr strings.Builder
		got := run(args, strings.NewReader(""), &stdout, &stderr)
		if got != exitOK || !strings.Contains(stdout.String(), `txt\u202egpj.exe \u009b31m \u007f`) || strings.ContainsAny(stdout.String(), "\u202e\u009b\x7f") {
			t.Errorf("%q ended with %d and printed %q, %s", args, got, stdout.String(), stderr.String())
		}
	}
}
