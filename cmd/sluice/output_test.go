package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sluice/internal/app"
)

// refusing is a reader of the output that is gone, or a disk that is full.
type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }

// TestOutputNobodyGets: commands that print line by line, and the help, do not report success when their
// output is lost, and do when its reader has seen enough.
func TestOutputNobodyGets(t *testing.T) {
	f := func(why error, want int, told string, args ...string) {
		t.Helper()
		var stderr strings.Builder
		if got := run(args, strings.NewReader(""), refusing{why}, &stderr); got != want || !strings.Contains(stderr.String(), told) || told == "" && stderr.Len() > 0 {
			t.Errorf("%v ended with %d and said %q", args, got, stderr.String())
		}
	}
	f(syscall.EPIPE, exitOK, "", "--help")
	f(syscall.EPIPE, exitOK, "", "search", "--help")
	f(syscall.EPIPE, exitOK, "", "version")
	f(syscall.ENOSPC, exitError, "no space left", "--help")
	f(syscall.ENOSPC, exitError, "no space left", "version")
	f(syscall.EPIPE, exitOK, "", "--version")
	f(syscall.ENOSPC, exitError, "no space left", "--version")
	f(syscall.ENOSPC, exitError, "no space left", "config", "schema")
}

// TestOutputKeepsTheFirstFault: what is written later may fit again, and the line between is lost.
func TestOutputKeepsTheFirstFault(t *testing.T) {
	o := &output{Writer: refusing{syscall.ENOSPC}}
	_, _ = io.WriteString(o, "lost")
	o.Writer = io.Discard
	if _, err := io.WriteString(o, "taken"); err != nil || !errors.Is(o.fault(), syscall.ENOSPC) {
		t.Errorf("%v, %v", err, o.fault())
	}
}

// TestExplainEndsWithItsReader: what is explained line by line ends when nobody reads it.
func TestExplainEndsWithItsReader(t *testing.T) {
	line := "<38>Nov 23 10:00:00 web1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
	in := strings.NewReader(strings.Repeat(line, 50_000))
	if got := run([]string{"normalize", "--explain"}, in, refusing{syscall.EPIPE}, io.Discard); got != exitOK || in.Len() == 0 {
		t.Errorf("ended with %d, %d bytes of the input unread", got, in.Len())
	}
}

// TestDetectEndsWithItsOutput: a disk that is full is no fault of each record that follows.
func TestDetectEndsWithItsOutput(t *testing.T) {
	rule := filepath.Join(t.TempDir(), "r.yml")
	if err := os.WriteFile(rule, []byte("id: r\ntitle: R\nlevel: low\nkind: match\nwhen: event.outcome == \"failure\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	line := "<38>Nov 23 10:00:00 web1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
	in := strings.NewReader(strings.Repeat(line, 50_000))
	var stderr strings.Builder
	if got := run([]string{"detect", "--rules", rule}, in, refusing{syscall.ENOSPC}, &stderr); got != exitError || in.Len() == 0 || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("ended with %d, %d bytes of the input unread, and said %.300q", got, in.Len(), stderr.String())
	}
}

// TestConnectionThatBreaks: that a listener goes has the same number as a reader of the output that goes, and
// is no success.
func TestConnectionThatBreaks(t *testing.T) {
	var stderr strings.Builder
	broken := &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	if got := exitCode(broken, &stderr); got != exitError || !strings.Contains(stderr.String(), "broken pipe") {
		t.Errorf("ended with %d and said %q", got, stderr.String())
	}
}

// endless is an input without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return copy(b, "a line\n"), nil }

// TestReadingHeedsSignals: the commands that read records end with the context, whatever they read.
func TestReadingHeedsSignals(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	e := &env{ctx: ctx, stdin: endless{}, stderr: io.Discard}
	err := (&reading{}).each(e, app.Reading{}, func(app.Record) error {
		stop()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// TestEndsWithoutHeed: a signal ends a command that waits where nothing wakes it, soon, and one that ends by
// itself is let.
func TestEndsWithoutHeed(t *testing.T) {
	f := func(takes time.Duration, want error) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			release := make(chan struct{})
			defer close(release)
			time.AfterFunc(time.Minute, stop)
			err := heeding(ctx, func() error {
				select {
				case <-time.After(takes):
				case <-release:
				}
				return nil
			})
			if !errors.Is(err, want) {
				t.Errorf("what takes %s ended with %v", takes, err)
			}
		})
	}
	f(time.Second, nil)
	f(time.Minute+patience/2, nil)
	f(time.Hour, context.Canceled)
}
